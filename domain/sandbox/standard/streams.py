"""Random numbers that depend on nothing but seed, epoch, step, purpose and row.

Counter-based (Philox 4x64, Salmon et al. 2011): no state is carried from one draw to the next, so a run can be resumed,
advanced in a batch or started over with a changed rule, and every other draw stays what it was.
"""

import hashlib
import math
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.standard.philox import blocks

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
    NETWORK = 11
    PLACE = 12
    SHOCK = 13
    TASKS = 14
    WORK = 15
    ADAPT = 16
    TYPE = 17


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
        count = self._size * math.prod(shape)
        drawn = np.empty((len(self._generators), count), np.uint64)
        for row, generator, state in zip(drawn, self._generators, self._states, strict=True):
            state["state"]["counter"][:] = (0, purpose, self._step, self._epoch)
            generator.state = state
            row[:] = generator.random_raw(count)
        return drawn.reshape(len(self._generators) * self._size, *shape)

    def draw(self, purpose: Purpose, *shape: int) -> Floats:
        """Uniform on [0, 1)."""
        return unit(self.raw(purpose, *shape))

    def sequence(self, number: int, purpose: Purpose, count: int) -> Floats:
        """The first `count` draws of the seed with this number, for what belongs to no row."""
        generator, state = self._generators[number], self._states[number]
        state["state"]["counter"][:] = (0, purpose, self._step, self._epoch)
        generator.state = state
        return unit(generator.random_raw(count))


class StreamsById(Streams):
    """The draws of a row depend on its agent's id instead of its rank.

    So whoever is in two populations has the same draws in both: for what-ifs that change who takes part.
    """

    def __init__(self, seeds: tuple[int, ...], ids: tuple[str, ...]) -> None:
        super().__init__(seeds, len(ids))
        self._seeds = seeds
        self._first = np.array([_place(agent_id) for agent_id in ids], np.uint64)

    def raw(self, purpose: Purpose, *shape: int) -> Raw:
        count = math.prod(shape)
        each = -(-count // 4)
        counters = np.add(self._first[:, None], np.arange(each), dtype=np.uint64, casting="unsafe").ravel()
        found = [blocks((seed, KEY), (counters, purpose, self._step, self._epoch)) for seed in self._seeds]
        drawn = np.stack(found).reshape(len(self._seeds) * self._size, 4 * each)[:, :count]
        return np.ascontiguousarray(drawn).reshape(-1, *shape)


def _place(agent_id: str) -> int:
    """The first counter of an id; the lowest byte is left for the blocks of one draw."""
    return int.from_bytes(hashlib.sha256(agent_id.encode()).digest()[:8], "big") & ~0xFF


def unit(raw: Raw) -> Floats:
    """The upper 53 bits as a number in [0, 1)."""
    found: Floats = np.multiply(raw >> np.uint64(11), 2.0**-53, dtype=np.float64)
    return found


def pick(u: Floats, count: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """A whole number below `count`; 0 for a count of 0."""
    chosen: NDArray[np.int64] = np.minimum((u * count).astype(np.int64), np.maximum(np.asarray(count) - 1, 0))
    return chosen
