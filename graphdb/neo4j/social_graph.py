"""The social graph in Neo4j: `(:Person)-[:KNOWS {observer, relationship, ...}]->(:Person)`."""

from typing import Any

from domain.identity import Did
from domain.people.connection import Bond, Connection
from domain.people.interaction import PersonId
from domain.timestamp import format_millis, parse_millis
from graphdb.neo4j import knows
from graphdb.neo4j.connection import Database, Transaction, record, run
from graphdb.neo4j.rows import Columns
from graphdb.page import Page
from graphdb.social_graph import Circles


class Neo4jSocialGraph:
    """The `SocialGraph` protocol over Neo4j."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def connect(self, made: Connection) -> Connection:
        values = {"observer": made.observer, "one": made.one, "other": made.other}

        async def work(transaction: Transaction) -> Connection:
            circle = await _circle(transaction, made.observer)
            await run(transaction, knows.CONNECT, **values, circle=circle, words=_words(made))
            (found,) = await record(transaction, knows.FIND, **values)
            return _connection(made.observer, found[0])

        return await self._database.write(work)

    async def update(self, changed: Connection) -> bool:
        values = {"observer": changed.observer, "one": changed.one, "other": changed.other}
        words = _words(changed)
        del words["since"]

        async def work(transaction: Transaction) -> bool:
            await run(transaction, knows.UPDATE, **values, words=words)
            (found,) = await record(transaction, knows.FIND, **values)
            return bool(found)

        return await self._database.write(work)

    async def disconnect(self, observer: Did, one: PersonId, other: PersonId) -> None:
        async def work(transaction: Transaction) -> None:
            await run(transaction, knows.DISCONNECT, observer=observer, **_pair(one, other))

        await self._database.write(work)

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
        (found,) = await self._database.read(knows.CHAINS[max_depth], observer=observer, one=one, other=other)
        return next((tuple(PersonId(each) for each in path) for path in found), None)

    async def circles(self, observer: Did, one: PersonId, other: PersonId) -> Circles:
        least, most = sorted((one, other))
        found, mutual = await self._database.read(
            knows.CIRCLES, observer=observer, one=one, other=other, least=least, most=most
        )
        first, second, direct = next(iter(found), (0, 0, 0))
        return Circles(first - direct, second - direct, mutual)


async def _circle(transaction: Transaction, observer: Did) -> int:
    """The observer's number, drawn with its first connection."""
    (found,) = await record(transaction, knows.CIRCLE, observer=observer)
    if not found:
        await run(transaction, knows.LOCK)
        await run(transaction, knows.NEW_CIRCLE, observer=observer)
        (found,) = await record(transaction, knows.CIRCLE, observer=observer)
    return int(found[0])


def _pair(one: PersonId, other: PersonId) -> dict[str, PersonId]:
    least, most = sorted((one, other))
    return {"one": least, "other": most}


def _words(connection: Connection) -> dict[str, Any]:  # Any: properties of a relationship
    bond = connection.bond
    return {
        "observer": connection.observer,
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
