"""A fault while something about people is written: all of it is there or nothing, and never twice.

On SQLite every SQL statement of the transaction fails once; on Neo4j the COMMIT or its answer is lost.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from domain.people.registry import merge, rename
from domain.people.report import Override
from domain.people.signals import count
from graphdb.errors import StoreUnavailable
from graphdb.interactions import Moment, Recorded
from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore
from graphdb.people import Note
from graphdb.sqlite.connection import Database
from graphdb.sqlite.store import SqliteStore
from graphdb.store import Store
from tests.domain.people.histories import at, varied, violation
from tests.graphdb.cutting import Cut, Wire, wire
from tests.graphdb.test_fault_at_each_write import failing_at
from tests.neo4j_server import empty
from tests.populace import ANN, BOB, CAT, ME, NOW, Populace, act, encounter, spoken, with_person

Act = Callable[[Store], Awaitable[Any]]  # Any: compared with None

TABLES = (
    *("person", "person_identity", "person_name", "person_event", "relation", "interaction", "signals", "tier_change"),
    *("note", "people_audit", "kept_violation", "interaction_key"),
)


async def a_recording(store: Store) -> Any:
    early = spoken(ANN, at(2, 1), context="c")
    return await Populace(store).record(early, violation(at(3), person=BOB, observer=ME), spoken(ANN, at(9)))


async def a_meeting(store: Store) -> Any:
    return await store.people.meet(encounter(CAT, "Ann"))


async def a_renaming(store: Store) -> Any:
    ann = await Populace(store).known(ANN)
    return await Populace(store).commit(rename(ann.person, "Hannah", act()), ann)


async def a_merge(store: Store) -> Any:
    ann, bob = await Populace(store).known(ANN), await Populace(store).known(BOB)
    return await Populace(store).commit(merge(ann.person, bob.person, act()), ann, bob)


async def a_retraction(store: Store) -> Any:
    return await store.interactions.retract(ME, ANN, spoken(ANN, at(8), context="c").id, act(), Moment(NOW))


async def an_override(store: Store) -> Any:
    return await store.interactions.set_override(ME, BOB, Override(0.5, ME, "so"), act(), Moment(NOW))


async def a_forgetting(store: Store) -> Any:
    return await store.people.forget(ANN, act())


ACTS: dict[str, Act] = {
    each.__name__: each
    for each in (a_recording, a_meeting, a_renaming, a_merge, a_retraction, an_override, a_forgetting)
}


async def begin(store: Store) -> None:
    populace = Populace(store)
    await populace.meet(ANN, BOB)
    await populace.record(*with_person(varied(range(3)), ANN), violation(at(1), person=ANN, observer=ME))
    await populace.record(spoken(ANN, at(8), context="c"), spoken(BOB, at(1)), spoken(BOB, at(8), context="c"))
    await store.people.add_note(ME, BOB, Note("n", "friendly", ME, NOW))


async def sound(store: Store) -> None:
    """What is counted equals a recount."""
    for person in (ANN, BOB):
        (grounds,) = await store.interactions.grounds(ME, [person])
        ((head, recorded),) = await store.interactions.histories(ME, [person])
        assert grounds.signals == count(recorded)
        assert grounds.head == head


@pytest.mark.parametrize("name", ACTS)
async def test_on_sqlite_a_fault_at_any_statement_leaves_nothing(tmp_path: Path, name: str) -> None:
    database = Database(str(tmp_path / "chorus.db"))
    await database.open()
    store = SqliteStore(database)
    await begin(store)

    async def everything() -> list[Any]:
        return await database.read(lambda c: [c.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES])

    before, faults = await everything(), 0
    while True:
        tracer = await failing_at(database, faults)
        try:
            assert await ACTS[name](store) is not None
        except StoreUnavailable:
            assert tracer.failed
            assert await everything() == before
            faults += 1
        else:
            break

    assert faults > 5
    assert await everything() != before
    await sound(store)
    await store.close()


@pytest.fixture
async def wired(neo4j_5: LocalNeo4j) -> AsyncIterator[tuple[Store, Wire]]:
    empty(neo4j_5)
    async with wire(neo4j_5.port) as (cutting, uri):
        store = await Neo4jStore.open(uri)
        await begin(store)
        yield store, cutting
        await store.close()


@pytest.mark.parametrize("cut", Cut)
async def test_on_neo4j_a_lost_answer_is_given_again(wired: tuple[Store, Wire], cut: Cut) -> None:
    store, cutting = wired
    answers = []
    for write in (a_recording, a_meeting, a_renaming, a_retraction, an_override, a_merge):
        cutting.next = cut
        answers.append(await write(store))
        await sound(store)

    recording, meeting, _, retraction, _, _ = answers
    assert cutting.cuts == len(answers)
    assert [each.repeated for each in recording.outcomes if isinstance(each, Recorded)] == [False] * 3
    assert [change.position for change in recording.changes] == [None, None]
    assert (meeting.registered, retraction is not None) == (True, True)
    assert (await store.people.audit(ME, 9, None)).total == 2
    assert (await store.people.people(9, None)).total == 2
    assert [entry.number for entry in (await store.people.trail(ANN, 9, None)).items] == [1, 2, 3]
