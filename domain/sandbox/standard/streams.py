"""Random numbers that depend on nothing but seed, epoch, step, purpose and row.

Counter-based (Philox 4x64, Salmon et al. 2011): no state is carried from one draw to the next, so a run can be resumed,
advanced in a batch or started over with a changed rule, and every other draw stays what it was.
"""

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

KEY = 0x63686F727573
"""The second half of every key: "chorus"."""

Raw = NDArray[np.uint64]
Floats = NDArray[np.float64]


class Purpose(IntEnum):
    """What a draw decides; numbers are part of the profile."""

    ACTION = 0
    CANDIDATES = 1
    CHOICE = 2
    TREMBLE = 3
    INBOX = 4
    TRUTH = 5
    OBSERVABLES = 6
    DISGUISE = 7
    AUDIT = 8
    POST = 9
    VOTE = 10


class Streams:
    """The draws of several seeds for one step at a time; rows of the first seed come first."""

    def __init__(self, seeds: tuple[int, ...], size: int) -> None:
        self._size = size
        self._generators = [np.random.Philox(key=np.array([seed, KEY], np.uint64)) for seed in seeds]
        self._states: list[Any] = [generator.state for generator in self._generators]  # Any: numpy's state dictionary
        self._epoch = self._step = 0

    def at(self, epoch: int, step: int) -> None:
        """`step` counts from 0 in every epoch."""
        self._epoch, self._step = epoch, step

    def raw(self, purpose: Purpose, *shape: int) -> Raw:
        """64 bits per element: for every row, an array of this shape."""
        count = self._size * int(np.prod(shape, dtype=np.int64))
        drawn = np.empty((len(self._generators), count), np.uint64)
        for row, generator, state in zip(drawn, self._generators, self._states, strict=True):
            state["state"]["counter"][:] = (0, purpose, self._step, self._epoch)
            generator.state = state
            row[:] = generator.random_raw(count)
        return drawn.reshape(len(self._generators) * self._size, *shape)

    def draw(self, purpose: Purpose, *shape: int) -> Floats:
        """Uniform on [0, 1)."""
        return unit(self.raw(purpose, *shape))


def unit(raw: Raw) -> Floats:
    """The upper 53 bits as a number in [0, 1)."""
    found: Floats = np.multiply(raw >> np.uint64(11), 2.0**-53, dtype=np.float64)
    return found


def pick(u: Floats, count: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """A whole number below `count`; 0 for a count of 0."""
    chosen: NDArray[np.int64] = np.minimum((u * count).astype(np.int64), np.maximum(np.asarray(count) - 1, 0))
    return chosen
