"""Properties 2, 4 and 6 with a fault at each write: whichever of them fails, all of a commit is there or nothing.

On SQLite every SQL statement of the transaction fails once, the COMMIT included; on Neo4j every sending of the driver
is lost once with its connection.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest

from graphdb.errors import StoreUnavailable
from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore
from graphdb.sqlite.connection import Database
from graphdb.sqlite.store import SqliteStore
from graphdb.store import Commit, Store
from tests.contract.pages import log
from tests.contract.test_histories import check
from tests.graphdb.cutting import Wire, wire
from tests.neo4j_server import empty
from tests.worlds import World, agents

Decide = Callable[[World], Awaitable[tuple[str, Commit]]]


async def a_founding(world: World) -> tuple[str, Commit]:
    founder, other = agents(2)
    founding = world.founding(founder, other)
    return founding.organism, founding


async def a_speak(world: World) -> tuple[str, Commit]:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    return uri, await world.speaking(uri, speaker, *world.expression(speaker, "hello"))


async def a_verdict(world: World) -> tuple[str, Commit]:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    return uri, await world.judging(uri, other, await world.speak(uri, speaker, "hello"))


async def a_verdict_from_memory(world: World) -> tuple[str, Commit]:
    """As another member's before it made a process remember the expression."""
    speaker, first, other = agents(3)
    uri = await world.choir(speaker, first, other)
    url = await world.speak(uri, speaker, "hello")
    await world.verdict(uri, first, url)
    return uri, await world.judging(uri, other, url)


async def a_changed_verdict(world: World) -> tuple[str, Commit]:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    url = await world.speak(uri, speaker, "hello")
    await world.verdict(uri, other, url)
    return uri, await world.judging(uri, other, url, "reject")


async def an_admission(world: World) -> tuple[str, Commit]:
    founder, other = agents(2)
    uri = await world.found(founder, other)
    await world.speak(uri, founder, "hello")
    return uri, await world.joining(uri, other)


async def a_departure(world: World) -> tuple[str, Commit]:
    founder, other = agents(2)
    uri = await world.choir(founder, other)
    await world.verdict(uri, other, await world.speak(uri, founder, "hello"))
    return uri, await world.leaving(uri, other)


ACTS: dict[str, Decide] = {
    each.__name__: each
    for each in (a_founding, a_speak, a_verdict, a_verdict_from_memory, a_changed_verdict, an_admission, a_departure)
}


@dataclass
class Failing:
    """Lets so many SQL statements of the writer pass, and fails the next one."""

    left: int
    failed: bool = False

    def __call__(self, cursor: apsw.Cursor, statement: str, bindings: object) -> bool:
        self.left -= 1
        if self.left == -1:
            self.failed = True
            raise apsw.IOError("disk I/O error")
        return True


async def failing_at(database: Database, left: int) -> Failing:
    tracer = Failing(left + 1)  # the COMMIT of the transaction that sets it goes through

    def put(connection: apsw.Connection) -> None:
        connection.exec_trace = tracer

    await database.write(put)
    return tracer


async def found_sound(store: Store, uri: str) -> int:
    """The size of the organism's log, after all that the graph says was counted again from it."""
    return (await check(store, uri)).size if await store.organisms.organism(uri) else 0


@pytest.mark.parametrize("act", ACTS)
async def test_on_sqlite_a_fault_at_any_statement_leaves_nothing_of_a_commit(tmp_path: Path, act: str) -> None:
    database = Database(str(tmp_path / "chorus.db"))
    await database.open()
    store = SqliteStore(database)
    try:
        uri, commit = await ACTS[act](World(store))
        before = await found_sound(store, uri)
        faults = 0
        while True:
            tracer = await failing_at(database, faults)
            try:
                committed = await store.organisms.commit(commit)
            except StoreUnavailable:
                assert tracer.failed
                assert await found_sound(store, uri) == before
                faults += 1
            else:
                break

        assert not tracer.failed
        assert faults > 5
        assert not committed.repeated
        assert await found_sound(store, uri) == before + len(committed.entries)
    finally:
        await store.close()


@dataclass
class Wired:
    store: Neo4jStore
    wire: Wire


@pytest.fixture
async def wired(neo4j_5: LocalNeo4j) -> AsyncIterator[Wired]:
    empty(neo4j_5)
    async with wire(neo4j_5.port) as (cutting, uri):
        store = await Neo4jStore.open(uri)
        yield Wired(store, cutting)
        await store.close()


@pytest.mark.parametrize("act", ACTS)
async def test_on_neo4j_a_loss_at_any_sending_leaves_a_commit_written_once(wired: Wired, act: str) -> None:
    """The driver begins the transaction again; the commit is answered with its first outcome."""
    losses, world = 0, World(wired.store)
    while True:
        uri, commit = await ACTS[act](world)
        before = await found_sound(wired.store, uri)
        wired.wire.left, wired.wire.cuts = losses, 0

        committed = await wired.store.organisms.commit(commit)

        lost, wired.wire.left = wired.wire.cuts, None
        assert await found_sound(wired.store, uri) == before + len(committed.entries)
        assert (await log(wired.store, uri))[before:] == list(committed.entries)
        if not lost:
            break
        losses += 1
    assert losses == 1 if act == "a_verdict_from_memory" else losses > 2
