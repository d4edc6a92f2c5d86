"""Philox 4x64 with ten rounds for many counters at once (Salmon et al. 2011), equal to numpy's generator to the bit.

numpy's own walks one counter at a time; where every row has a counter of its own, that would be a generator per row.
"""

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

ROUNDS = 10
MULTIPLIERS = (np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157))
WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
MASK = 2**64 - 1
HALF = np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)


def blocks(key: tuple[int, int], counters: tuple[Words, int, int, int]) -> Words:
    """(n, 4): the four words of each counter; the first words differ, the other three are the same for all."""
    first, *rest = counters
    c0, (c1, c2, c3) = first, (np.full(len(first), word, np.uint64) for word in rest)
    for number in range(ROUNDS):
        k0, k1 = (np.uint64((word + number * step) & MASK) for word, step in zip(key, WEYL, strict=True))
        (high0, low0), (high1, low1) = _product(MULTIPLIERS[0], c0), _product(MULTIPLIERS[1], c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
    return np.stack((c0, c1, c2, c3), axis=1)


def _product(factor: np.uint64, words: Words) -> tuple[Words, Words]:
    """The upper and lower half of the 128 bits."""
    a_high, a_low = factor >> HALF, factor & LOW
    b_high, b_low = words >> HALF, words & LOW
    middle = a_high * b_low + (a_low * b_low >> HALF)
    upper = a_low * b_high + (middle & LOW)
    return a_high * b_high + (middle >> HALF) + (upper >> HALF), factor * words
