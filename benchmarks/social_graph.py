"""Mutual connections and shortest chains among 100,000 people with 1,000,000 connections, on both stores.

Two of the people are hubs with 5,000 connections each, the others are connected at random. The graph is written in
bulk; every question goes through the store. Beside SQLite runs the original's method, breadth first from one end over
lists in memory; beside Neo4j its own `shortestPath` through the driver, on the same pairs in turn.
Run: python -m benchmarks.social_graph
"""

import random
import tempfile
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeVar

import apsw
import uvloop
from neo4j import READ_ACCESS, AsyncDriver, AsyncGraphDatabase, Driver, GraphDatabase

from benchmarks.report import Measured, show
from domain.identity import Did
from domain.people.interaction import PersonId
from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore
from graphdb.social_graph import SocialGraph
from graphdb.sqlite.store import SqliteStore

PEOPLE, CONNECTIONS, HUB = 100_000, 1_000_000, 5_000
RUNS, REPEATS, PAIRS, PEER_PAIRS, WARM = 5, 20, 200, 10, 200
DEPTH, FIRST, ORDINARY = 6, 100, 50_000
OBSERVER = Did("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")

PAGE_CACHE = "512m"
"""Holds this graph whole, as Neo4j's own advice is; a local server's usual 64 MB hold a part of it."""

Pair = tuple[int, int]
Ask = Callable[[], Awaitable[object]]
Item = TypeVar("Item")

BARE_CHAIN = f"""
MATCH (a:Person {{id: $one}}) MATCH (b:Person {{id: $other}})
MATCH p = shortestPath((a)-[:KNOWS*..{DEPTH}]-(b)) RETURN [n IN nodes(p) | n.id]"""
BARE_MUTUALS = f"""
MATCH (:Person {{id: $one}})-[:KNOWS]-(m)-[:KNOWS]-(:Person {{id: $other}})
WITH m.id AS id ORDER BY id LIMIT {FIRST} RETURN collect(id)"""


def person(number: int) -> PersonId:
    return PersonId(f"p_{number * 2_654_435_761 % 2**32:08x}")


def drawn(seed: int) -> list[Pair]:
    """Connections, from the lesser id."""
    chance = random.Random(seed)
    pairs: set[Pair] = {_in_order(hub, other) for hub in (0, 1) for other in chance.sample(range(2, 2 * HUB), HUB)}
    while len(pairs) < CONNECTIONS:
        one, other = chance.randrange(PEOPLE), chance.randrange(PEOPLE)
        if one != other:
            pairs.add(_in_order(one, other))
    return sorted(pairs)


def _in_order(one: int, other: int) -> Pair:
    return (one, other) if person(one) < person(other) else (other, one)


def fill_sqlite(path: Path, pairs: Sequence[Pair]) -> None:
    """Into the tables of a store that was opened once. A node's number is the person's plus one."""
    with closing(apsw.Connection(str(path))) as connection, connection:
        connection.execute("INSERT INTO circle VALUES (1, ?)", (OBSERVER,))
        nodes = ((number + 1, person(number)) for number in range(PEOPLE))
        connection.executemany("INSERT INTO node VALUES (?, 1, ?)", nodes)
        both = sorted([*pairs, *((other, one) for one, other in pairs)])
        connection.executemany("INSERT INTO knows VALUES (?, ?)", ((one + 1, other + 1) for one, other in both))
        told = ((min(pair) + 1, max(pair) + 1) for pair in pairs)
        connection.executemany("INSERT INTO connection VALUES (?, ?, 'friend', 'friend', '', 1, 0, 0)", told)


def fill_neo4j(driver: Driver, pairs: Sequence[Pair]) -> None:
    with driver.session(database="neo4j") as session:
        session.run("CREATE (:Circle {observer: $observer, number: 0})", observer=OBSERVER).consume()
        for some in _slices([person(number) for number in range(PEOPLE)], 20_000):
            session.run("UNWIND $ids AS id CREATE (:Person {id: id})", ids=some).consume()
        for told in _slices([[person(one), person(other)] for one, other in pairs], 20_000):
            query = (
                "UNWIND $pairs AS pair MATCH (one:Person {id: pair[0]}) MATCH (other:Person {id: pair[1]})"
                " CREATE (one)-[:KNOWS {circle: 0, one: pair[0], other: pair[1], observer: $observer, context: '',"
                " relationship: 'friend', inverse: 'friend', weight: 1.0, since: '1970-01-01T00:00:00.000Z',"
                " updatedAt: 0}]->(other)"
            )
            session.run(query, pairs=told, observer=OBSERVER).consume()


def _slices(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))


class InMemory:
    """The original's method: a list of neighbours for everybody, searched from one end."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._connections: dict[str, list[str]] = {person(number): [] for number in range(PEOPLE)}
        for one, other in pairs:
            self._connections[person(one)].append(person(other))
            self._connections[person(other)].append(person(one))

    def chain(self, one: str, other: str, max_depth: int) -> list[str] | None:
        waiting, seen = deque([[one]]), {one}
        while waiting:
            path = waiting.popleft()
            if path[-1] == other:
                return path
            if len(path) > max_depth:
                continue
            for neighbour in self._connections[path[-1]]:
                if neighbour not in seen:
                    seen.add(neighbour)
                    waiting.append([*path, neighbour])
        return None

    def mutuals(self, one: str, other: str) -> list[str]:
        return sorted(set(self._connections[one]) & set(self._connections[other]))


def pairs_to_ask(seed: int, count: int) -> list[tuple[PersonId, PersonId]]:
    chance = random.Random(seed)
    return [(person(one), person(other)) for one, other in (chance.sample(range(2, PEOPLE), 2) for _ in range(count))]


async def taken(ask: Ask) -> float:
    """Milliseconds."""
    started = perf_counter()
    await ask()
    return (perf_counter() - started) * 1000


def spent(work: Callable[[], object]) -> float:
    """Milliseconds of something that does not wait."""
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1000


async def chains(graph: SocialGraph, seed: int) -> tuple[float, float]:
    """Median and 95th percentile of the pairs of one run."""
    asked = pairs_to_ask(seed, PAIRS)
    times = sorted([await taken(partial(graph.chain, OBSERVER, *pair, DEPTH)) for pair in asked])
    return median(times), times[len(times) * 95 // 100]


async def mutuals(graph: SocialGraph, one: int, other: int) -> float:
    """Median of the runs, each that of some askings."""
    ask = partial(graph.mutuals, OBSERVER, person(one), person(other), FIRST)
    return median([median([await taken(ask) for _ in range(REPEATS)]) for _ in range(RUNS)])


async def on_sqlite(pairs: Sequence[Pair]) -> list[Measured]:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        path = Path(folder) / "chorus.db"
        await (await SqliteStore.open(str(path))).close()
        fill_sqlite(path, pairs)
        store = await SqliteStore.open(str(path))
        try:
            return await _measured_sqlite(store.social_graph, InMemory(pairs))
        finally:
            await store.close()


async def _measured_sqlite(graph: SocialGraph, peer: InMemory) -> list[Measured]:
    await chains(graph, -1)  # warm
    runs = [await chains(graph, seed) for seed in range(RUNS)]
    middle, late = median(run[0] for run in runs), median(run[1] for run in runs)
    ordinary, hubs = await mutuals(graph, 0, ORDINARY), await mutuals(graph, 0, 1)
    searched = sorted(spent(partial(peer.chain, *pair, DEPTH)) for pair in pairs_to_ask(0, PEER_PAIRS))
    one, other = (
        median(spent(partial(peer.mutuals, person(0), person(each))) for _ in range(RUNS)) for each in (ORDINARY, 1)
    )
    return [
        Measured("shortest chain, SQLite, median", middle, "ms", median(searched), "original's method", "≤ 5 ms"),
        Measured("shortest chain, SQLite, p95", late, "ms", searched[-1], "original's slowest", "≤ 30 ms"),
        Measured("mutuals of a hub and somebody, SQLite", ordinary, "ms", one, "original's method", "≤ 2 ms"),
        Measured("mutuals of two hubs, SQLite", hubs, "ms", other, "original's method", "≤ 8 ms"),
    ]


async def on_neo4j(pairs: Sequence[Pair]) -> list[Measured]:
    with closing(LocalNeo4j(settings={"server.memory.pagecache.size": PAGE_CACHE})) as server:
        server.start()
        store = await Neo4jStore.open(server.uri)
        try:
            with GraphDatabase.driver(server.uri, auth=server.auth) as driver:
                fill_neo4j(driver, pairs)
            async with AsyncGraphDatabase.driver(server.uri, notifications_min_severity="OFF") as driver:
                return await _measured_neo4j(store.social_graph, driver)
        finally:
            await store.close()


async def _measured_neo4j(graph: SocialGraph, driver: AsyncDriver) -> list[Measured]:
    async def bare(query: str, one: PersonId, other: PersonId) -> object:
        async with driver.session(database="neo4j", default_access_mode=READ_ACCESS) as session:
            return await (await session.run(query, one=one, other=other)).values()

    turns = count()

    async def in_turn(ours: Ask, raw: Ask) -> tuple[float, float]:
        """Each of them first every other time: whoever is first finds the pair's pages cold."""
        if next(turns) % 2:
            return await taken(ours), await taken(raw)
        second = await taken(raw)
        return await taken(ours), second

    async def chain(one: PersonId, other: PersonId) -> tuple[float, float]:
        return await in_turn(partial(graph.chain, OBSERVER, one, other, DEPTH), partial(bare, BARE_CHAIN, one, other))

    async def shared(one: PersonId, other: PersonId) -> tuple[float, float]:
        ours = partial(graph.mutuals, OBSERVER, one, other, FIRST)
        return await in_turn(ours, partial(bare, BARE_MUTUALS, one, other))

    for pair in pairs_to_ask(-1, WARM):
        await chain(*pair)
    asked = [pair for seed in range(RUNS) for pair in pairs_to_ask(seed, PAIRS // 2)]
    chains = [await chain(*pair) for pair in asked]
    ordinary = [await shared(person(0), person(ORDINARY)) for _ in range(RUNS * REPEATS)]
    hubs = [await shared(person(0), person(1)) for _ in range(RUNS * REPEATS)]
    return [
        Measured("shortest chain, Neo4j, median", *_medians(chains), "bare shortestPath", "ratio ≤ 2.00"),
        Measured("mutuals of a hub and somebody, Neo4j", *_medians(ordinary), "bare query"),
        Measured("mutuals of two hubs, Neo4j", *_medians(hubs), "bare query"),
    ]


def _medians(times: Sequence[tuple[float, float]]) -> tuple[float, str, float]:
    return median(ours for ours, _ in times), "ms", median(bare for _, bare in times)


async def main() -> None:
    pairs = drawn(1)
    rows = await on_sqlite(pairs) + await on_neo4j(pairs)
    show(f"The social graph: {PEOPLE:,} people, {len(pairs):,} connections, two hubs of {HUB:,}, depth {DEPTH}", rows)


if __name__ == "__main__":
    uvloop.run(main())
