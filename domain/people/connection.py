"""Connections between people, as one observer knows them: directed labels, dated, changeable (E21).

A pair has one connection per observer. `relationship` is what `other` is to `one`, `inverse` what `one` is to `other`.
"""

import unicodedata
from dataclasses import dataclass, replace

from domain.errors import shown
from domain.identity import Did
from domain.people.errors import AlreadyConnected, AlreadyMerged, InvalidConnection, NotConnected
from domain.people.interaction import PersonId, finite
from domain.people.person import Person

RELATIONSHIP_CHARACTERS = 80
CONTEXT_CHARACTERS = 500
FULL_WEIGHT = 1.0


@dataclass(frozen=True, slots=True)
class Bond:
    """What a connection says; raises `InvalidConnection`. `weight` is how close the two are to the observer's mind."""

    relationship: str
    inverse: str
    context: str = ""
    weight: float = FULL_WEIGHT

    def __post_init__(self) -> None:
        for path, text, longest in (
            ("$.relationship", self.relationship, RELATIONSHIP_CHARACTERS),
            ("$.inverse", self.inverse, RELATIONSHIP_CHARACTERS),
            ("$.context", self.context or " ", CONTEXT_CHARACTERS),
        ):
            _check_text(path, text, longest)
        if not finite(self.weight) or not 0 < self.weight <= FULL_WEIGHT:
            raise InvalidConnection("$.weight", "a number above 0, at most 1", self.weight)
        for path, text in (("$.relationship", self.relationship), ("$.inverse", self.inverse)):
            if not text.strip():
                raise InvalidConnection(path, "a word for what they are to each other", text)

    def turned(self) -> "Bond":
        """The same, told from the other side."""
        return replace(self, relationship=self.inverse, inverse=self.relationship)


@dataclass(frozen=True, slots=True)
class Connection:
    """`one` is the lesser id. Times are milliseconds since 1970."""

    observer: Did
    one: PersonId
    other: PersonId
    bond: Bond
    since: int
    updated_at: int

    def label(self, person: PersonId) -> str:
        """What the neighbour of this person is to them."""
        return self.bond.relationship if person == self.one else self.bond.inverse

    def neighbour(self, person: PersonId) -> PersonId:
        return self.other if person == self.one else self.one


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionEvent:
    """What happened to the connection of a pair, `at` in milliseconds."""

    connection: Connection
    at: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(ConnectionEvent):
    """The observer connected two people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionUpdated(ConnectionEvent):
    """The connection reads differently from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected(ConnectionEvent):
    """The connection is gone; `connection` is what it was."""


def bond(relationship: str, inverse: str | None = None, context: str = "", *, weight: float = FULL_WEIGHT) -> Bond:
    """What `other` is to `one`, and the other way round: the same word unless one is given."""
    return Bond(relationship, relationship if inverse is None else inverse, context, weight)


def connect(
    observer: Did, one: Person, other: Person, words: Bond, *, at: int, existing: Connection | None = None
) -> tuple[ConnectionEvent, ...]:
    """Two people become connected. The same again changes nothing; other words for a pair are `AlreadyConnected`."""
    made = _connection(observer, one, other, words, at)
    if existing is None:
        return (Connected(connection=made, at=at, actor=observer),)
    if existing.bond != made.bond:
        raise AlreadyConnected(one.id, other.id)
    return ()


def update(
    existing: Connection | None, one: Person, other: Person, words: Bond, *, at: int
) -> tuple[ConnectionEvent, ...]:
    """Other words for a connected pair, as seen from `one`."""
    if existing is None:
        raise NotConnected(one.id, other.id)
    changed = replace(_connection(existing.observer, one, other, words, existing.since), updated_at=at)
    if changed.bond == existing.bond:
        return ()
    return (ConnectionUpdated(connection=changed, at=at, actor=existing.observer),)


def disconnect(existing: Connection | None, *, at: int) -> tuple[ConnectionEvent, ...]:
    """The pair is connected no more; a pair that is not connected stays so."""
    return () if existing is None else (Disconnected(connection=existing, at=at, actor=existing.observer),)


def _connection(observer: Did, one: Person, other: Person, words: Bond, at: int) -> Connection:
    for person in (one, other):
        if person.merged_into is not None:
            raise AlreadyMerged(person.id, person.merged_into)
    if one.id == other.id:
        raise InvalidConnection("$.other", "somebody else", other.id)
    if other.id < one.id:
        one, other, words = other, one, words.turned()
    return Connection(observer, one.id, other.id, words, at, at)


def _check_text(path: str, text: object, longest: int) -> None:
    if not isinstance(text, str) or len(text) > longest:
        raise InvalidConnection(path, f"at most {longest} characters", shown(text))
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise InvalidConnection(path, "no control characters", shown(ascii(text)))
