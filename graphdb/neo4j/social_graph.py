"""The social graph in Neo4j: `(:Person)-[:KNOWS {observer, relationship, ...}]->(:Person)`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

from domain.identity import Did
from domain.people.connection import Bond, Connection
from domain.people.errors import AlreadyMerged, UnknownPerson
from domain.people.interaction import PersonId
from domain.timestamp import format_millis, parse_millis
from graphdb.batching import Batcher
from graphdb.neo4j import knows
from graphdb.neo4j.connection import Database, Transaction, record, run
from graphdb.neo4j.people_log import PeopleLog
from graphdb.neo4j.rows import Columns
from graphdb.page import Page
from graphdb.social_graph import Circles

BATCH = 64
NUMBERS = 10_000
"""How many observers' numbers are kept at hand."""


class Neo4jSocialGraph:
    """The `SocialGraph` protocol over Neo4j. Connections that are made at once are written together.

    Under the lock of people nobody is merged or forgotten meanwhile, and circles are numbered one after the other.
    """

    def __init__(self, database: Database) -> None:
        self._database, self._log = database, PeopleLog(database)
        self._numbers: dict[Did, int] = {}
        self._connects: Batcher[Connection, Connection] = Batcher(self._connect_all, BATCH)

    async def close(self) -> None:
        await self._connects.close()

    async def connect(self, made: Connection) -> Connection:
        return await self._connects(made)

    async def _connect_all(self, connections: Sequence[Connection]) -> Sequence[Connection | Exception]:
        return await self._log.write(lambda transaction: _connect(transaction, connections))

    async def update(self, changed: Connection) -> bool:
        values = {"observer": changed.observer, "one": changed.one, "other": changed.other}
        kept = ("relationship", "inverse", "context", "weight", "updatedAt")
        words = {name: value for name, value in _words(changed, 0).items() if name in kept}

        async def work(transaction: Transaction) -> bool:
            await run(transaction, knows.UPDATE, **values, words=words)
            (found,) = await record(transaction, knows.FIND, **values)
            return bool(found)

        return await self._log.write(work)

    async def disconnect(self, observer: Did, one: PersonId, other: PersonId) -> None:
        async def work(transaction: Transaction) -> None:
            await run(transaction, knows.DISCONNECT, observer=observer, **_pair(one, other))

        await self._log.write(work)

    async def connection(self, observer: Did, one: PersonId, other: PersonId) -> Connection | None:
        (found,) = await self._database.read(knows.FIND, observer=observer, **_pair(one, other))
        return next((_connection(observer, columns) for columns in found), None)

    async def connections(
        self, observer: Did, person: PersonId, first: int, after: PersonId | None = None
    ) -> Page[Connection]:
        total, found = await self._database.read(
            knows.CONNECTIONS, observer=observer, person=person, after=after or "", limit=first + 1
        )
        kept = found[:first]
        items = tuple(_connection(observer, columns) for _, columns in kept)
        return Page(items, tuple(neighbour for neighbour, _ in kept), total, len(found) > first)

    async def mutuals(
        self, observer: Did, one: PersonId, other: PersonId, first: int, after: PersonId | None = None
    ) -> Page[PersonId]:
        total, found = await self._database.read(
            knows.MUTUALS, observer=observer, one=one, other=other, after=after or "", limit=first + 1
        )
        kept = tuple(PersonId(each) for each in found[:first])
        return Page(kept, kept, total, len(found) > first)

    async def chain(self, observer: Did, one: PersonId, other: PersonId, max_depth: int) -> tuple[PersonId, ...] | None:
        if one == other:
            return (one,)
        if max_depth == 0:
            return None
        circle = await self._circle(observer)
        if circle is None:
            return None
        (found,) = await self._database.read(knows.CHAINS[max_depth], circle=circle, one=one, other=other)
        return next((tuple(PersonId(each) for each in path) for path in found), None)

    async def _circle(self, observer: Did) -> int | None:
        """The observer's number, which never changes; None before its first connection."""
        if observer not in self._numbers:
            (found,) = await self._database.read(knows.CIRCLE, observer=observer)
            if not found:
                return None
            if len(self._numbers) >= NUMBERS:
                self._numbers.clear()
            self._numbers[observer] = int(found[0])
        return self._numbers[observer]

    async def circles(self, observer: Did, one: PersonId, other: PersonId) -> Circles:
        least, most = sorted((one, other))
        found, mutual = await self._database.read(
            knows.CIRCLES, observer=observer, one=one, other=other, least=least, most=most
        )
        first, second, direct = next(iter(found), (0, 0, 0))
        return Circles(first - direct, second - direct, mutual)


async def merge(transaction: Transaction, kept: PersonId, absorbed: PersonId) -> None:
    """Everybody's connections of the absorbed person become those of the kept one, whose own words stay."""
    (found,) = await record(transaction, knows.OF_PERSON, person=absorbed)
    await _remove(transaction, found)
    moved = [(_connection(Did(observer), columns), circle) for observer, circle, columns in found]
    told = [_words(_moved(each, kept, absorbed), circle) for each, circle in moved if each.neighbour(absorbed) != kept]
    await run(transaction, knows.CONNECT, told=told)


def _moved(connection: Connection, kept: PersonId, absorbed: PersonId) -> Connection:
    neighbour = connection.neighbour(absorbed)
    words = connection.bond if connection.one == absorbed else connection.bond.turned()
    one, other = sorted((kept, neighbour))
    return replace(connection, one=one, other=other, bond=words if one == kept else words.turned())


async def forget(transaction: Transaction, person: PersonId, observer: Did | None = None) -> bool:
    """Removes a person from the graph of an observer, or from everybody's; whether they were in one."""
    query = knows.OF_PERSON if observer is None else knows.OF_OBSERVER
    (found,) = await record(transaction, query, person=person, observer=observer)
    await _remove(transaction, found)
    return bool(found)


async def _remove(transaction: Transaction, found: Sequence[Columns]) -> None:
    await run(transaction, knows.REMOVE, pairs=[[circle, *columns[:2]] for _, circle, columns in found])


async def _connect(transaction: Transaction, connections: Sequence[Connection]) -> list[Connection | Exception]:
    ids, observers = (
        {each for made in connections for each in (made.one, made.other)},
        {c.observer for c in connections},
    )
    people, circles, count = await record(transaction, knows.READY, persons=list(ids), observers=list(observers))
    refusals = [_refusal(made, {person: rest for person, *rest in people}) for made in connections]
    sound = [made for made, refusal in zip(connections, refusals, strict=True) if refusal is None]
    numbers = await _circles(transaction, [made.observer for made in sound], dict(circles), count)
    await run(transaction, knows.CONNECT, told=[_words(made, numbers[made.observer]) for made in sound])
    places = [[numbers[made.observer], made.one, made.other, index] for index, made in enumerate(sound)]
    (found,) = await record(transaction, knows.FIND_ALL, places=places)
    kept = (_connection(sound[index].observer, columns) for index, columns in sorted(found, key=itemgetter(0)))
    return [next(kept) if refusal is None else refusal for refusal in refusals]


def _refusal(made: Connection, states: Mapping[PersonId, Sequence[Any]]) -> Exception | None:  # Any: properties
    for person in (made.one, made.other):
        state, merged_into = states.get(person, ("unknown", None))
        if state == "merged":
            return AlreadyMerged(person, merged_into)
        if state != "known":
            return UnknownPerson(person)
    return None


async def _circles(
    transaction: Transaction, observers: Sequence[Did], known: Mapping[Did, int], count: int
) -> dict[Did, int]:
    """The number of each observer, drawn with its first connection."""
    new = [each for each in dict.fromkeys(observers) if each not in known]
    drawn = {observer: count + index for index, observer in enumerate(new)}
    await run(transaction, knows.NEW_CIRCLES, circles=[list(each) for each in drawn.items()])
    return {**known, **drawn}


def _pair(one: PersonId, other: PersonId) -> dict[str, PersonId]:
    least, most = sorted((one, other))
    return {"one": least, "other": most}


def _words(connection: Connection, circle: int) -> dict[str, Any]:  # Any: properties of a relationship
    bond = connection.bond
    return {
        "circle": circle,
        "observer": connection.observer,
        "one": connection.one,
        "other": connection.other,
        "relationship": bond.relationship,
        "inverse": bond.inverse,
        "context": bond.context,
        "weight": float(bond.weight),
        "since": format_millis(connection.since),
        "updatedAt": connection.updated_at,
    }


def _connection(observer: Did, columns: Columns) -> Connection:
    one, other, *words, since, updated_at = columns
    return Connection(observer, PersonId(one), PersonId(other), Bond(*words), parse_millis(since), updated_at)
