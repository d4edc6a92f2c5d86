"""The protocol of the social graph: who is connected to whom, as each observer knows them."""

from dataclasses import dataclass
from typing import Protocol

from domain.identity import Did
from domain.people.connection import Connection
from domain.people.interaction import PersonId
from graphdb.page import Page


@dataclass(frozen=True, slots=True)
class Circles:
    """How many people are connected to each of two, and to both; the two themselves are not counted."""

    one: int
    other: int
    mutual: int

    @property
    def either(self) -> int:
        return self.one + self.other - self.mutual


class SocialGraph(Protocol):
    """Connections between people. Every observer has a graph of its own, which no question about another one's reaches.

    Nothing here decides: `domain.people.connection` does. People come by id; those whom nobody knows have no
    connections. Lists are ordered by person id, and `after` is one.
    """

    async def connect(self, made: Connection) -> Connection:
        """Keeps the connection unless the observer has one of that pair; gives the one that is kept now.

        Raises `UnknownPerson` for people who are not there (any more), and `AlreadyMerged` for those who became others.
        """
        ...

    async def update(self, changed: Connection) -> bool:
        """Other words for the pair; `since` stays. False where the pair is not connected (any more)."""
        ...

    async def disconnect(self, observer: Did, one: PersonId, other: PersonId) -> None:
        """Whatever order the two are named in."""
        ...

    async def connection(self, observer: Did, one: PersonId, other: PersonId) -> Connection | None: ...

    async def connections(
        self, observer: Did, person: PersonId, first: int, after: PersonId | None = None
    ) -> Page[Connection]:
        """By the id of the neighbour."""
        ...

    async def mutuals(
        self, observer: Did, one: PersonId, other: PersonId, first: int, after: PersonId | None = None
    ) -> Page[PersonId]:
        """Those connected to both; never the two themselves."""
        ...

    async def chain(self, observer: Did, one: PersonId, other: PersonId, max_depth: int) -> tuple[PersonId, ...] | None:
        """A shortest path with both ends, of at most `max_depth` connections; None if there is none."""
        ...

    async def circles(self, observer: Did, one: PersonId, other: PersonId) -> Circles: ...
