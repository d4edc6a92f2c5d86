"""Memory as a run begins with it: empty, but for those whom the scenario says an agent knows already."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.acquaintance import Acquaintance
from domain.sandbox.errors import OutOfRange

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Knowing(Protocol):
    """A member of a population."""

    @property
    def agent_id(self) -> str: ...
    @property
    def knows(self) -> tuple[tuple[str, Acquaintance], ...]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Acquaintances:
    """One entry per slot of memory that is taken from the start, agents by rank."""

    rank: Ints
    slot: Ints
    partner: Ints
    trust: Floats
    met: Ints


def acquaintances(ranked: Iterable[Knowing], slots: int) -> Acquaintances:
    """Raises `OutOfRange` for more than there are slots for, and for who is not there or the agent itself."""
    members = list(ranked)
    ranks = {member.agent_id: rank for rank, member in enumerate(members)}
    rows: list[tuple[int, int, int, float, int]] = []
    for rank, member in enumerate(members):
        known = {ranks.get(other, rank): found for other, found in member.knows}
        if rank in known or len(known) > slots:
            raise OutOfRange("knows", f"at most {slots} other members", len(member.knows))
        rows += [(rank, slot, other, known[other].trust, known[other].met) for slot, other in enumerate(sorted(known))]
    table = np.array(rows, np.float64).reshape(-1, 5)
    rank_, slot_, partner, met = (table[:, column].astype(np.int64) for column in (0, 1, 2, 4))
    return Acquaintances(rank_, slot_, partner, table[:, 3], met)
