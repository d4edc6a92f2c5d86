"""Relationships as a store keeps them: what each observer held of each person when it was last looked at.

They are a projection of the history and the ignore marks, for lists and for whoever follows changes; `basis` says what
a relationship was found from. Every method is one atomic, retry-safe transaction under one observer's DID.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from domain.alliance.history import IgnoreMark
from domain.alliance.policy import Policy, Relationship
from domain.identity import Did
from domain.people.interaction import PersonId
from graphdb.interactions import NOTHING_RECORDED, Head


@dataclass(frozen=True, slots=True)
class Regard:
    """A relationship as it was found at `at` (ms): without anything new it holds until `valid_until`.

    `score` is the exact one, 1200 to a unit of weight.
    """

    relationship: Relationship
    score: int
    at: int
    valid_until: int | None
    basis: str


@dataclass(frozen=True, slots=True)
class Stance:
    """Where an observer stands with a person: the history's head, the ignore marks, and the relationship last found."""

    person: PersonId
    head: Head = NOTHING_RECORDED
    marks: tuple[IgnoreMark, ...] = ()
    regard: Regard | None = None

    def basis(self, policy: Policy) -> str:
        """What a relationship under that policy is found from, in short."""
        marks = blake2b(repr(self.marks).encode(), digest_size=8).hexdigest()
        return f"{policy.profile}/{policy.version}/{self.head.sequence}/{self.head.era}/{marks}"

    def settled(self, policy: Policy, now: int) -> bool:
        """Whether the relationship last found still holds."""
        regard = self.regard
        if regard is None or regard.basis != self.basis(policy):
            return False
        return regard.at <= now and (regard.valid_until is None or now < regard.valid_until)


@dataclass(frozen=True, slots=True)
class RelationshipChange:
    """An entry of an observer's log: a person became something else, or rather was found to be, at `at` (ms)."""

    position: int
    person: PersonId
    before: Relationship
    after: Relationship
    score: int
    at: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """A relationship that was found; written only where the one before is still `before`."""

    person: PersonId
    before: Regard | None
    after: Regard

    @property
    def changes(self) -> bool:
        """Whether the relationship is another one; whoever was never looked at was unknown."""
        return self._was is not self.after.relationship

    @property
    def _was(self) -> Relationship:
        return Relationship.UNKNOWN if self.before is None else self.before.relationship

    def logged(self, position: int) -> RelationshipChange:
        after = self.after
        return RelationshipChange(position, self.person, self._was, after.relationship, after.score, after.at)


class Alliances(Protocol):
    """What observers hold of people."""

    async def stances(self, observer: Did, persons: Sequence[PersonId]) -> tuple[Stance, ...]:
        """Persons are given by the id that was kept in merges; with a stranger nothing is recorded."""
        ...

    async def circle(self, observer: Did) -> tuple[Stance, ...]:
        """Everybody with whom something was ever recorded, or who was ever marked, by id."""
        ...

    async def mark(self, observer: Did, person: PersonId, marks: Sequence[IgnoreMark]) -> int:
        """Adds these ignore marks to those there are: how many were new."""
        ...

    async def settle(self, observer: Did, settlements: Sequence[Settlement]) -> tuple[RelationshipChange, ...]:
        """Writes what was found, and logs where the relationship is another one.

        What was found from a relationship that was settled anew meanwhile is
        passed over.
        """
        ...

    async def relationship_changes(self, observer: Did, position: int, first: int) -> tuple[RelationshipChange, ...]:
        """The observer's log after a position."""
        ...

    async def position(self) -> int:
        """The newest position in the logs of all observers."""
        ...
