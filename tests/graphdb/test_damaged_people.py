"""Damaged rows are told, never taken for nothing: no violation is lost, nobody is met anew (P19)."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import apsw
import pytest

from domain.people.interaction import Interaction
from domain.people.signals import count
from graphdb.errors import DamagedRecord
from graphdb.interactions import Moment, Recorded, Recording, RecordingBatch
from graphdb.ledger import SNAPSHOT_EVERY
from graphdb.sqlite.store import SqliteStore
from tests.domain.people.histories import at, varied, violation
from tests.populace import ANN, BOB, ME, NOW, Populace, act, encounter, spoken, with_person

HISTORY = [*with_person(varied(range(5)), ANN), violation(at(1), 0.5, person=ANN, observer=ME)]

DAMAGED_ROWS = [
    "UPDATE interaction SET kind = 'kindness' WHERE sequence = 3",
    "UPDATE interaction SET done_by = x'00' WHERE sequence = 3",
    "UPDATE interaction SET at = 'yesterday' WHERE sequence = 3",
    "UPDATE interaction SET severity = 9e999 WHERE kind = 'violation'",
    "UPDATE interaction SET severity = -1 WHERE kind = 'violation'",
    "DELETE FROM interaction WHERE kind = 'violation'",
    "UPDATE relation SET override = '{'",
    "UPDATE relation SET tier = 'emperor'",
]
DAMAGED_PEOPLE = [
    "UPDATE person SET record = substr(record, 1, 40) WHERE id = 'p_ann'",
    "UPDATE person SET record = '' WHERE id = 'p_ann'",
    "UPDATE person SET record = replace(record, 'p_ann', 'p_eve') WHERE id = 'p_ann'",
    "UPDATE person SET record = replace(record, '[', '{') WHERE id = 'p_ann'",
    "DELETE FROM person WHERE id = 'p_ann'",
]


@pytest.fixture
async def path(tmp_path: Path) -> str:
    """A store with a person and a history, closed."""
    path = str(tmp_path / "chorus.db")
    store = await SqliteStore.open(path)
    await Populace(store).meet(ANN, BOB)
    await Populace(store).record(*HISTORY)
    await store.close()
    return path


def damage(path: str, statement: str) -> None:
    connection = apsw.Connection(path)
    connection.execute(statement)
    assert connection.changes()
    connection.close()


def batch(interaction: Interaction) -> RecordingBatch:
    return RecordingBatch(ME, (Recording(interaction),), Moment(NOW))


async def tells_damage(*calls: Callable[[], Awaitable[object]]) -> None:
    """Each of the calls."""
    for call in calls:
        with pytest.raises(DamagedRecord):
            await call()


@pytest.mark.parametrize("statement", DAMAGED_ROWS)
async def test_p19_a_damaged_history_is_told(path: str, statement: str) -> None:
    damage(path, statement)
    store = await SqliteStore.open(path)
    interactions = store.interactions

    await tells_damage(lambda: interactions.grounds(ME, [ANN]), lambda: interactions.export(ME, ANN, act()))
    done = await Populace(store).record(spoken(ANN, 1), spoken(BOB, 1))

    assert isinstance(done.outcomes[0], DamagedRecord)
    assert isinstance(done.outcomes[1], Recorded)
    assert [each.after.person for each in done.changes] == [BOB]
    await store.close()


async def test_one_damaged_history_does_not_stop_what_others_record(path: str) -> None:
    """Also where it is only found out when the rows are counted again."""
    store = await SqliteStore.open(path)
    await Populace(store).record(spoken(ANN, at(9), context="c"))  # its signals are kept in process from now on
    damage(path, "UPDATE interaction SET kind = 'kindness' WHERE sequence = 3")
    populace = Populace(store)

    early, fine = await store.interactions._record_all([batch(spoken(ANN, at(8), context="c")), batch(spoken(BOB, 1))])

    assert isinstance(early, DamagedRecord)
    assert not isinstance(fine, Exception)
    assert isinstance(fine.outcomes[0], Recorded)
    assert (await populace.record(spoken(BOB, 2))).changes[0].after.interactions == 2
    await store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signals SET signals = x'00'",
        "UPDATE signals SET signals = substr(signals, 1, length(signals) / 2)",
        "UPDATE signals SET signals = cast(replace(cast(signals AS TEXT), '0.5', '0.0') AS BLOB)",
        "DELETE FROM signals",
    ],
)
async def test_damaged_counters_are_counted_again(path: str, statement: str) -> None:
    more = [spoken(ANN, at(9, hour / 100)) for hour in range(SNAPSHOT_EVERY)]
    store = await SqliteStore.open(path)
    await Populace(store).record(*more)
    await store.close()
    damage(path, statement)

    store = await SqliteStore.open(path)

    assert (await store.interactions.grounds(ME, [ANN]))[0].signals == count([*HISTORY, *more])
    await store.close()


@pytest.mark.parametrize("statement", DAMAGED_PEOPLE)
async def test_p19_a_damaged_person_is_not_met_for_the_first_time(path: str, statement: str) -> None:
    damage(path, statement)
    store = await SqliteStore.open(path)

    fresh = encounter(BOB, platform_id=encounter(ANN).sighting.platform_id)
    await tells_damage(
        lambda: store.people.meet(fresh), lambda: store.people.by_platform_ids([fresh.sighting.platform_id])
    )

    assert (await store.people.persons([BOB]))[0] is not None
    await store.close()


async def test_a_damaged_person_cannot_be_changed_or_forgotten(path: str) -> None:
    damage(path, DAMAGED_PEOPLE[0])
    store = await SqliteStore.open(path)

    await tells_damage(lambda: store.people.forget(ANN, act()), lambda: store.people.people(5, None))

    (grounds,) = await store.interactions.grounds(ME, [ANN])
    assert grounds.signals == count(HISTORY)
    await store.close()
