"""Standing (contrition): a negative act that answers one of the other side counts for nothing.

Walked in (at, id) order. An act answers, and removes, the oldest unanswered unjustified act of the other side that is
not older than 7 days; otherwise it is unjustified and opens a grievance (Wu and Axelrod 1995; spec section 10b).
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from domain.people.constants import STANDING_MEMORY
from domain.people.interaction import By, Interaction, Kind

BADNESS = {
    (By.PERSON, Kind.NEGATIVE): 1.0,
    (By.PERSON, Kind.MENTION_NEGATIVE): 1.0,
    (By.PERSON, Kind.REPLY_NEGATIVE): 2 / 3,
    (By.PERSON, Kind.DOWNVOTE_RECEIVED): 1 / 3,
    (By.OBSERVER, Kind.DOWNVOTE_GIVEN): 0.0,
    (By.OBSERVER, Kind.REPLY_NEGATIVE): 0.0,
    (By.OBSERVER, Kind.MENTION_NEGATIVE): 0.0,
}
"""The negative acts of both sides, and what one counts against the person. Own acts count only as standing."""


_OTHER_SIDE = {By.PERSON: By.OBSERVER, By.OBSERVER: By.PERSON}
_HOSTILE = frozenset(kind for _, kind in BADNESS)


class Act(NamedTuple):
    """A negative act; `badness` is what it takes from the person's record if it is unjustified.

    A tuple, as histories are long, and in order by (at, id).
    """

    at: int
    id: str
    by: By
    badness: float


Heard = TypeVar("Heard", Act, Interaction)


class _Open(Generic[Heard]):
    """The open grievances of both sides while acts are heard in order."""

    def __init__(self, acts: Iterable[Heard], memory: int) -> None:
        self._memory = memory
        self._oldest = 0
        self._by: dict[By, deque[Heard]] = {by: deque() for by in By}
        for act in acts:
            self._by[act.by].append(act)

    def hear(self, act: Heard) -> bool:
        """Whether the act, which is later than all before, is justified."""
        oldest = self._oldest = act.at - self._memory
        against = self._by[_OTHER_SIDE[act.by]]
        while against:
            if against.popleft().at >= oldest:
                return True
        self._by[act.by].append(act)
        return False

    def acts(self) -> tuple[Heard, ...]:
        """Those that can still be answered."""
        return tuple(sorted(act for acts in self._by.values() for act in acts if act.at >= self._oldest))


@dataclass(frozen=True, slots=True)
class Grievances:
    """The open unjustified acts, oldest first, all of one side or of both."""

    acts: tuple[Act, ...] = ()

    def hear(self, act: Act) -> tuple["Grievances", bool]:
        """The grievances after the act, which is later than all of these, and whether it was justified."""
        heard = _Open(self.acts, STANDING_MEMORY)
        justified = heard.hear(act)
        return Grievances(heard.acts()), justified


def negative_act(interaction: Interaction) -> Act | None:
    """The interaction as an act that standing looks at; None for every other kind."""
    badness = BADNESS.get((interaction.by, interaction.kind))
    if badness is None:
        return None
    return Act(interaction.at, interaction.id, interaction.by, badness * interaction.weight)


def unjustified(acts: Iterable[Act], memory: int = STANDING_MEMORY) -> tuple[tuple[Act, ...], Grievances]:
    """The acts that answer nothing, of both sides, in order; and the grievances open after the last.

    An act older than `memory` (ms) can no longer be answered.
    """
    heard = _Open[Act]((), memory)
    found = tuple(act for act in acts if not heard.hear(act))
    return found, Grievances(heard.acts())


def answers(ordered: Iterable[Interaction], memory: int = STANDING_MEMORY) -> frozenset[str]:
    """The ids of the acts that answer one of the other side, given a history in (at, id) order without repeats."""
    heard = _Open[Interaction]((), memory)
    return frozenset(each.id for each in ordered if each.kind in _HOSTILE and heard.hear(each))
