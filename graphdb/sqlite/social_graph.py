"""The social graph in SQLite: a node is a person in the graph of one observer, and has a number."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import apsw

from domain.identity import Did
from domain.people.connection import Bond, Connection
from domain.people.errors import AlreadyMerged, UnknownPerson
from domain.people.interaction import PersonId
from graphdb.batching import Batcher
from graphdb.page import Page
from graphdb.social_graph import Circles
from graphdb.sqlite import knows, rows
from graphdb.sqlite.chain import shortest
from graphdb.sqlite.connection import Database

WRITE_BATCH = 128

Change = Callable[[apsw.Connection], object]

_NODE = "SELECT n.number FROM node n JOIN circle c ON c.number = n.circle WHERE n.person = ? AND c.observer = ?"
_DEGREE = "SELECT count(*) FROM knows WHERE node = ?"
_NEIGHBOURS = """
SELECT n.person, n.number FROM knows k JOIN node n ON n.number = k.neighbour
WHERE k.node = ?1 AND (?2 IS NULL OR n.person > ?2) ORDER BY n.person LIMIT ?3"""
# From the node with the fewer neighbours to the other: CROSS JOIN keeps the order.
_BOTH = "FROM knows k CROSS JOIN knows l ON l.node = ?2 AND l.neighbour = k.neighbour"
_MUTUALS = f"""
SELECT n.person {_BOTH} CROSS JOIN node n ON n.number = k.neighbour
WHERE k.node = ?1 AND (?3 IS NULL OR n.person > ?3) ORDER BY n.person LIMIT ?4"""
_COUNT_MUTUALS = f"SELECT count(*) {_BOTH} WHERE k.node = ?1"


class SqliteSocialGraph:
    """The `SocialGraph` protocol over the embedded database. Changes that arrive together share one flush."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changes: Batcher[Change, object] = Batcher(self._run, WRITE_BATCH)

    async def close(self) -> None:
        await self._changes.close()

    async def _run(self, changes: Sequence[Change]) -> Sequence[object | Exception]:
        return await self._database.write(lambda c: [_changed(c, change) for change in changes])

    async def connect(self, made: Connection) -> Connection:
        return await self._changes(lambda c: _connect(c, made))  # type: ignore[return-value]  # in order

    async def update(self, changed: Connection) -> bool:
        return bool(await self._changes(lambda c: _update(c, changed)))

    async def disconnect(self, observer: Did, one: PersonId, other: PersonId) -> None:
        await self._changes(lambda c: _disconnect(c, observer, one, other))

    async def connection(self, observer: Did, one: PersonId, other: PersonId) -> Connection | None:
        return await self._database.point(lambda c: _connection(c, observer, one, other))

    async def connections(
        self, observer: Did, person: PersonId, first: int, after: PersonId | None = None
    ) -> Page[Connection]:
        return await self._database.read(lambda c: _connections(c, observer, person, first, after))

    async def mutuals(
        self, observer: Did, one: PersonId, other: PersonId, first: int, after: PersonId | None = None
    ) -> Page[PersonId]:
        return await self._database.read(lambda c: _mutuals(c, observer, (one, other), first, after))

    async def chain(self, observer: Did, one: PersonId, other: PersonId, max_depth: int) -> tuple[PersonId, ...] | None:
        if one == other:
            return (one,)
        return await self._database.read(lambda c: _chain(c, observer, (one, other), max_depth))

    async def circles(self, observer: Did, one: PersonId, other: PersonId) -> Circles:
        return await self._database.point(lambda c: _circles(c, observer, one, other))


def _changed(connection: apsw.Connection, change: Change) -> object | Exception:
    """One change of a batch: where it is refused, the others go on."""
    connection.execute("SAVEPOINT change")
    try:
        return change(connection)
    except Exception as exc:  # noqa: BLE001 -- the caller of this change gets it
        connection.execute("ROLLBACK TO change")
        return exc
    finally:
        connection.execute("RELEASE change")


def _connect(connection: apsw.Connection, made: Connection) -> Connection:
    for person in (made.one, made.other):
        _require_known(connection, person)
    existing = _connection(connection, made.observer, made.one, made.other)
    if existing is not None:
        return existing
    circle = knows.circle(connection, made.observer)
    one, other = (knows.node(connection, circle, each) for each in (made.one, made.other))
    knows.add(connection, one, other, _words(made))
    return made


def _require_known(connection: apsw.Connection, person: PersonId) -> None:
    row = rows.fetch_one(connection, "SELECT state, merged_into FROM person WHERE id = ?", (person,))
    if row is not None and row[0] == "merged":
        raise AlreadyMerged(person, row[1])
    if row is None or row[0] != "known":
        raise UnknownPerson(person)


def _update(connection: apsw.Connection, changed: Connection) -> bool:
    existing = _connection(connection, changed.observer, changed.one, changed.other)
    if existing is None:
        return False
    one, other = _nodes(connection, changed.observer, (changed.one, changed.other))
    assert one is not None
    assert other is not None
    knows.remove(connection, one, other)
    knows.add(connection, one, other, _words(replace(changed, since=existing.since)))
    return True


def _disconnect(connection: apsw.Connection, observer: Did, one: PersonId, other: PersonId) -> None:
    node, neighbour = _nodes(connection, observer, (one, other))
    if node is not None and neighbour is not None:
        knows.remove(connection, node, neighbour)


def _words(connection: Connection) -> knows.Words:
    """As told from the lesser id."""
    bond = connection.bond
    return bond.relationship, bond.inverse, bond.context, bond.weight, connection.since, connection.updated_at


def _nodes(connection: apsw.Connection, observer: Did, people: Sequence[PersonId]) -> list[int | None]:
    found = (rows.fetch_one(connection, _NODE, (person, observer)) for person in people)
    return [None if row is None else int(row[0]) for row in found]


def _connection(connection: apsw.Connection, observer: Did, one: PersonId, other: PersonId) -> Connection | None:
    node, neighbour = _nodes(connection, observer, (one, other))
    if node is None or neighbour is None:
        return None
    return _between(connection, observer, (one, node), (other, neighbour))


def _between(
    connection: apsw.Connection, observer: Did, one: tuple[PersonId, int], other: tuple[PersonId, int]
) -> Connection | None:
    """As the domain tells it: from the lesser id."""
    (first, node), (second, neighbour) = sorted((one, other))
    words = knows.words(connection, node, neighbour)
    return None if words is None else Connection(observer, first, second, Bond(*words[:4]), words[4], words[5])


def _connections(
    connection: apsw.Connection, observer: Did, person: PersonId, first: int, after: PersonId | None
) -> Page[Connection]:
    (node,) = _nodes(connection, observer, (person,))
    if node is None:
        return Page((), (), 0, False)
    found = rows.fetch(connection, _NEIGHBOURS, (node, after, first + 1))
    (degree,) = rows.fetch(connection, _DEGREE, (node,))
    kept = found[:first]
    told = [_between(connection, observer, (person, node), (PersonId(row[0]), row[1])) for row in kept]
    items = tuple(each for each in told if each is not None)
    assert len(items) == len(kept), "knows and connection tell the same"
    return Page(items, tuple(row[0] for row in kept), degree[0], len(found) > first)


def _mutuals(
    connection: apsw.Connection, observer: Did, people: tuple[PersonId, PersonId], first: int, after: PersonId | None
) -> Page[PersonId]:
    nodes = _fewest_first(connection, observer, people)
    if nodes is None:
        return Page((), (), 0, False)
    found = rows.fetch(connection, _MUTUALS, (*nodes, after, first + 1))
    total = len(found) if after is None and len(found) <= first else _count_mutuals(connection, nodes)
    kept = tuple(PersonId(row[0]) for row in found[:first])
    return Page(kept, kept, total, len(found) > first)


def _fewest_first(
    connection: apsw.Connection, observer: Did, people: tuple[PersonId, PersonId]
) -> tuple[int, int] | None:
    node, neighbour = _nodes(connection, observer, people)
    if node is None or neighbour is None:
        return None
    return (node, neighbour) if _degree(connection, node) <= _degree(connection, neighbour) else (neighbour, node)


def _degree(connection: apsw.Connection, node: int) -> int:
    (row,) = rows.fetch(connection, _DEGREE, (node,))
    return int(row[0])


def _count_mutuals(connection: apsw.Connection, nodes: tuple[int, int]) -> int:
    (row,) = rows.fetch(connection, _COUNT_MUTUALS, nodes)
    return int(row[0])


def _chain(
    connection: apsw.Connection, observer: Did, people: tuple[PersonId, PersonId], max_depth: int
) -> tuple[PersonId, ...] | None:
    node, target = _nodes(connection, observer, people)
    if node is None or target is None:
        return None
    path = shortest(connection, node, target, max_depth)
    return None if path is None else tuple(_person(connection, each) for each in path)


def _person(connection: apsw.Connection, node: int) -> PersonId:
    (row,) = rows.fetch(connection, "SELECT person FROM node WHERE number = ?", (node,))
    return PersonId(row[0])


def _circles(connection: apsw.Connection, observer: Did, one: PersonId, other: PersonId) -> Circles:
    node, neighbour = _nodes(connection, observer, (one, other))
    degrees = [0 if each is None else _degree(connection, each) for each in (node, neighbour)]
    if node is None or neighbour is None:
        return Circles(degrees[0], degrees[1], 0)
    direct = int(_between(connection, observer, (one, node), (other, neighbour)) is not None)
    fewest = (node, neighbour) if degrees[0] <= degrees[1] else (neighbour, node)
    return Circles(degrees[0] - direct, degrees[1] - direct, _count_mutuals(connection, fewest))
