"""Standing (contrition): a negative act that answers one of the other side counts for nothing.

Walked in (at, id) order. An act answers, and removes, the oldest unanswered unjustified act of the other side that is
not older than 7 days; otherwise it is unjustified and opens a grievance (Wu and Axelrod 1995; spec section 10b).
"""

from collections.abc import Iterable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """A negative act; `badness` is what it takes from the person's record if it is unjustified."""

    at: int
    id: str
    by: By
    badness: float


@dataclass(frozen=True, slots=True)
class Grievances:
    """The open unjustified acts, oldest first, all of one side or of both."""

    acts: tuple[Act, ...] = ()

    def hear(self, act: Act) -> tuple["Grievances", bool]:
        """The grievances after the act, which is later than all of these, and whether it was justified."""
        remembered = [each for each in self.acts if act.at - each.at <= STANDING_MEMORY]
        answered = next((each for each in remembered if each.by is not act.by), None)
        if answered is None:
            return Grievances((*remembered, act)), False
        return Grievances(tuple(each for each in remembered if each is not answered)), True


def negative_act(interaction: Interaction) -> Act | None:
    """The interaction as an act that standing looks at; None for every other kind."""
    badness = BADNESS.get((interaction.by, interaction.kind))
    if badness is None:
        return None
    return Act(interaction.at, interaction.id, interaction.by, badness * interaction.weight)


def unjustified(acts: Iterable[Act]) -> tuple[tuple[Act, ...], Grievances]:
    """The acts that answer nothing, of both sides, in order; and the grievances open after the last."""
    found: list[Act] = []
    grievances = Grievances()
    for act in acts:
        grievances, justified = grievances.hear(act)
        if not justified:
            found.append(act)
    return tuple(found), grievances
