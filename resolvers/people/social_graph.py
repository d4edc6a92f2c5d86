"""Connections between the people that an observer knows: made, changed, removed and searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.identity import Did
from domain.people import connection
from domain.people.card import Relation
from domain.people.connection import Bond, Connection
from domain.people.errors import NotConnected
from domain.people.interaction import PersonId
from domain.people.social_graph import check_depth, overlap
from graphdb.page import Page
from resolvers.context import Context, Observing
from resolvers.paging import decode_place, page_size
from resolvers.people.known import Known, among_known, known

CARD_CONNECTIONS = 20
"""How many connections a card shows."""

ALL_AT_ONCE = 1_000
"""How many connections are read at a time where all are wanted."""


@dataclass(frozen=True, slots=True)
class Told:
    """A connection as seen from one of the two people: `other` is the neighbour."""

    connection: Connection
    person: PersonId
    other: Known

    @property
    def bond(self) -> Bond:
        """What the neighbour is to the person, and the other way round."""
        return self.connection.bond if self.connection.one == self.person else self.connection.bond.turned()


@dataclass(frozen=True, slots=True)
class Words:
    """What a client says of a connection, seen from the first person; None for what it leaves out."""

    relationship: str | None = None
    inverse: str | None = None
    context: str | None = None
    weight: float | None = None

    def over(self, before: Bond) -> Bond:
        """These words, and those of before where they say nothing."""
        return Bond(
            before.relationship if self.relationship is None else self.relationship,
            before.inverse if self.inverse is None else self.inverse,
            before.context if self.context is None else self.context,
            before.weight if self.weight is None else self.weight,
        )


async def connect(context: Context, one: str, other: str, words: Bond) -> Told:
    """The same again changes nothing. Raises `UnknownPerson`, `InvalidConnection` and `AlreadyConnected`."""
    first, second = await known(context, "CREATE", one), await known(context, "CREATE", other)
    graph, at = context.services.store.social_graph, context.services.clock()
    kept = await graph.connection(first.observer, first.person.id, second.person.id)
    for event in connection.connect(first.observer, first.person, second.person, words, at=at, existing=kept):
        kept = await graph.connect(event.connection)
        # Somebody may have been quicker, with other words.
        connection.connect(first.observer, first.person, second.person, words, at=at, existing=kept)
    assert kept is not None
    return Told(kept, first.person.id, second)


async def update(context: Context, one: str, other: str, words: Words) -> Told:
    """What the words leave out stays. Raises `UnknownPerson`, `InvalidConnection` and `NotConnected`."""
    first, second = await known(context, "UPDATE", one), await known(context, "UPDATE", other)
    graph, at = context.services.store.social_graph, context.services.clock()
    kept = await graph.connection(first.observer, first.person.id, second.person.id)
    if kept is None:
        raise NotConnected(first.person.id, second.person.id)
    told = words.over(Told(kept, first.person.id, second).bond)
    for event in connection.update(kept, first.person, second.person, told, at=at):
        kept = event.connection
        if not await graph.update(kept):
            raise NotConnected(first.person.id, second.person.id)
    return Told(kept, first.person.id, second)


async def disconnect(context: Context, one: str, other: str) -> bool:
    """Whether the two were connected."""
    first, second = await known(context, "DELETE", one), await known(context, "DELETE", other)
    graph = context.services.store.social_graph
    kept = await graph.connection(first.observer, first.person.id, second.person.id)
    for _ in connection.disconnect(kept, at=context.services.clock()):
        await graph.disconnect(first.observer, first.person.id, second.person.id)
    return kept is not None


async def connections(context: Context, person: str, first: int | None, after: str | None) -> Page[Told]:
    """By the id of the neighbour."""
    found = await known(context, "READ", person)
    size, place = page_size(first, context.services.limits.page), _place(after)
    graph = context.services.store.social_graph
    page = await graph.connections(found.observer, found.person.id, size, place)
    return await _told(context.services, found.observer, found.person.id, page)


async def _told(services: Observing, observer: Did, person: PersonId, page: Page[Connection]) -> Page[Told]:
    """Without those whom the observer forgot in this moment."""
    others = await _people(services, observer, [each.neighbour(person) for each in page.items])
    told = [
        (Told(each, person, other), cursor)
        for each, other, cursor in zip(page.items, others, page.cursors, strict=True)
        if other is not None
    ]
    return Page(tuple(each for each, _ in told), tuple(cursor for _, cursor in told), page.total, page.more)


async def mutuals(context: Context, one: str, other: str, first: int | None, after: str | None) -> Page[Known]:
    """Those connected to both, by id."""
    here, there = await known(context, "READ", one), await known(context, "READ", other)
    size, place = page_size(first, context.services.limits.page), _place(after)
    graph = context.services.store.social_graph
    page = await graph.mutuals(here.observer, here.person.id, there.person.id, size, place)
    people = await _people(context.services, here.observer, page.items)
    found = [(each, cursor) for each, cursor in zip(people, page.cursors, strict=True) if each is not None]
    return Page(tuple(each for each, _ in found), tuple(cursor for _, cursor in found), page.total, page.more)


async def chain(context: Context, one: str, other: str, max_depth: int) -> tuple[Known, tuple[Told, ...]] | None:
    """A shortest way between two people: where it begins, and its connections. None if there is none that short.

    Raises `InvalidDepth` outside 0 to 12, and `UnknownPerson`.
    """
    check_depth(max_depth)
    here, there = await known(context, "READ", one), await known(context, "READ", other)
    graph, observer = context.services.store.social_graph, here.observer
    path = await graph.chain(observer, here.person.id, there.person.id, max_depth)
    if path is None:
        return None
    people = await _people(context.services, observer, path[1:])
    steps = [await graph.connection(observer, step, following) for step, following in pairwise(path)]
    told = tuple(
        Told(step, person, each)
        for step, person, each in zip(steps, path, people, strict=False)
        if step is not None and each is not None
    )
    # Somebody was disconnected or forgotten while the way was looked up.
    return (here, told) if len(told) == len(path) - 1 else None


@dataclass(frozen=True, slots=True)
class Tie:
    """How much the circles of two people overlap."""

    mutual: int
    either: int

    @property
    def strength(self) -> float:
        return overlap(self.mutual, self.either)


async def tie(context: Context, one: str, other: str) -> Tie:
    here, there = await known(context, "READ", one), await known(context, "READ", other)
    circles = await context.services.store.social_graph.circles(here.observer, here.person.id, there.person.id)
    return Tie(circles.mutual, circles.either)


async def card_relations(services: Observing, found: Known) -> tuple[Relation, ...]:
    """The connections that a card shows, the first ones by id."""
    person = found.person.id
    page = await services.store.social_graph.connections(found.observer, person, CARD_CONNECTIONS)
    told = await _told(services, found.observer, person, page)
    return tuple(Relation(each.other.person.display_name, each.bond.relationship) for each in told.items)


async def all_connections(services: Observing, found: Known) -> tuple[Connection, ...]:
    """By the id of the neighbour."""
    told: list[Connection] = []
    after: PersonId | None = None
    while True:
        graph, person = services.store.social_graph, found.person.id
        page = await graph.connections(found.observer, person, ALL_AT_ONCE, after)
        told += page.items
        if not page.more:
            return tuple(told)
        after = page.items[-1].neighbour(person)


async def _people(services: Observing, observer: Did, ids: Sequence[PersonId]) -> tuple[Known | None, ...]:
    return await among_known(services, observer, await services.store.people.persons(ids)) if ids else ()


def _place(after: str | None) -> PersonId | None:
    place = decode_place(after)
    return None if place is None else PersonId(place)
