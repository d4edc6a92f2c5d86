"""What comes many at once is recorded by a process of its own, and nobody can tell."""

import asyncio
import resource
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import apsw
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import CodedError
from domain.people.interaction import Interaction, PersonId
from domain.people.report import Override
from domain.people.signals import count
from graphdb.beside import Beside, Lost
from graphdb.errors import StoreUnavailable
from graphdb.interactions import Moment, Recorded, RecordedBatch, Recording, RecordingBatch
from graphdb.sqlite.connection import Database
from graphdb.sqlite.recorder import FEW, Recorder
from graphdb.sqlite.store import SqliteStore
from tests.domain.people.histories import at, histories, varied
from tests.populace import ANN, BOB, CAT, ME, NOW, OTHER, Populace, act, spoken, with_person

MANY = 8 * FEW
NOBODY = PersonId("p_nobody")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "chorus.db")


@pytest.fixture
async def store(path: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqliteStore]:
    """One whose process is ready and gets everything, with two people."""
    monkeypatch.setattr("graphdb.sqlite.recorder.FEW", 0)
    database = Database(path)
    await database.open()
    recorder = Recorder(path)
    made = SqliteStore(database, recorder)
    await Populace(made).meet(ANN, BOB)
    await started(made, recorder)
    yield made
    await made.close()
    assert not processes()


async def started(store: SqliteStore, recorder: Recorder) -> None:
    await Populace(store).meet(CAT)
    while not recorder.has_process:
        await Populace(store).record(spoken(CAT, 0))


def processes() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if "graphdb.sqlite.recording_process" in each.cmdline()]


def process() -> psutil.Process:
    (child,) = processes()
    return child


async def at_once(store: SqliteStore, interactions: Sequence[Interaction]) -> list[Recorded]:
    answers = await asyncio.gather(*(Populace(store).record(each) for each in interactions))
    outcomes = [outcome for answer in answers for outcome in answer.outcomes]
    assert all(isinstance(each, Recorded) for each in outcomes)
    return [each for each in outcomes if isinstance(each, Recorded)]


async def kept(store: SqliteStore, person: PersonId = ANN) -> list[Interaction]:
    """What is recorded, of which the counters are a recount."""
    ((head, found),) = await store.interactions.histories(ME, [person])
    (grounds,) = await store.interactions.grounds(ME, [person])
    assert grounds.signals == count(found)
    assert grounds.head == head
    return list(found)


async def test_sixty_four_at_once_are_recorded_there(store: SqliteStore) -> None:
    before = process().io_counters().write_chars
    sent = [spoken(ANN, at(day)) for day in range(64)]

    recorded = await at_once(store, sent)

    assert sorted(each.sequence for each in recorded) == list(range(1, 65))
    assert sorted(await kept(store), key=lambda each: each.key) == sorted(sent, key=lambda each: each.key)
    assert process().io_counters().write_chars - before > 64 * 100


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(data=st.data())
async def test_the_answers_are_those_of_one_process(store: SqliteStore, tmp_path: Path, data: st.DataObject) -> None:
    """The same calls in the same order, refused ones among them, told and kept as by a store without a process."""
    alone = await SqliteStore.open(str(tmp_path / f"{data.draw(st.uuids())}.db"))
    person = PersonId(f"p_{data.draw(st.uuids()).hex}")
    for each in (store, alone):
        await Populace(each).meet(person)
    history = with_person(data.draw(histories), person)
    calls = _calls(data, [*history, *history[:3]])

    told = [[await each.interactions.record(call) for call in calls] for each in (store, alone)]

    assert plain(told[0]) == plain(told[1])
    assert await kept(store, person) == await kept(alone, person)
    await alone.close()


def _calls(data: st.DataObject, history: list[Interaction]) -> list[RecordingBatch]:
    size = data.draw(st.integers(1, 7))
    parts = [history[start : start + size] for start in range(0, len(history), size)]
    moment, whole = Moment(NOW), st.booleans()
    return [
        RecordingBatch(ME, tuple(_recording(data, each) for each in part), moment, data.draw(whole)) for part in parts
    ]


def _recording(data: st.DataObject, interaction: Interaction) -> Recording:
    to = data.draw(st.sampled_from([interaction.person, interaction.person, NOBODY]))
    key = data.draw(st.sampled_from([None, f"{interaction.person} 1", f"{interaction.person} 2"]))
    return Recording(interaction._replace(person=to), key, interaction.id)


def plain(answers: Sequence[RecordedBatch]) -> list[Any]:  # Any: outcomes and refusals, to be compared
    return [
        ([vars(each) if isinstance(each, CodedError) else each for each in answer.outcomes], _moves(answer))
        for answer in answers
    ]


def _moves(answer: RecordedBatch) -> list[Any]:  # Any: to be compared
    """The changes without the positions, which number all changes of a store."""
    return [(each.before, each.after, each.position is None) for each in answer.changes]


async def test_others_write_in_between(store: SqliteStore) -> None:
    async def scores() -> None:
        for number in range(20):
            override = Override(number / 20, ME, "because", NOW + 1_000)
            await store.interactions.set_override(OTHER, BOB, override, act(), Moment(NOW))

    sent = [spoken(ANN, at(day)) for day in range(200)]
    recorded, _ = await asyncio.gather(at_once(store, sent), scores())

    assert sorted(each.sequence for each in recorded) == list(range(1, 201))
    assert len(await kept(store)) == 200
    ((_, told),) = await store.interactions.histories(OTHER, [BOB])
    assert told == ()


async def test_nothing_is_lost_with_the_process_or_recorded_twice(store: SqliteStore) -> None:
    sent = [spoken(ANN, at(day)) for day in range(300)]
    recording = [asyncio.create_task(at_once(store, [each])) for each in sent]
    await asyncio.wait(recording, return_when=asyncio.FIRST_COMPLETED)
    process().kill()

    recorded = [each for told in await asyncio.gather(*recording) for each in told]

    assert sorted(each.sequence for each in recorded) == list(range(1, 301))
    assert sorted(await kept(store), key=lambda each: each.key) == sorted(sent, key=lambda each: each.key)


async def test_what_was_recorded_before_it_was_lost_is_found(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Beside.ask

    async def lost(self: Beside, question: bytes) -> bytes:
        await ask(self, question)
        raise Lost

    monkeypatch.setattr(Beside, "ask", lost)
    sent = [spoken(ANN, at(day)) for day in range(MANY)]

    recorded = await at_once(store, sent)

    assert {each.repeated for each in recorded} == {True}
    assert sorted(each.sequence for each in recorded) == list(range(1, MANY + 1))
    assert len(await kept(store)) == MANY


async def test_a_damaged_record_is_told_to_those_who_touch_it(store: SqliteStore, path: str) -> None:
    await Populace(store).record(*with_person(varied(range(5)), BOB))
    connection = apsw.Connection(path)
    connection.execute("UPDATE relation SET override = '{' WHERE person = 'p_bob'")
    connection.close()

    told = await asyncio.gather(*(Populace(store).record(spoken(each, 1)) for each in (ANN, BOB, ANN)))

    assert [type(each.outcomes[0]).__name__ for each in told] == ["Recorded", "DamagedRecord", "Recorded"]


async def test_a_disk_that_refuses_is_the_stores_outage(
    store: SqliteStore, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = resource.RLIMIT_FSIZE
    whole = resource.prlimit(process().pid, limit)
    resource.prlimit(process().pid, limit, (4096, whole[1]))
    with pytest.raises(StoreUnavailable):
        await Populace(store).record(spoken(ANN, 1))

    resource.prlimit(process().pid, limit, whole)

    assert (await Populace(store).record(spoken(ANN, 1))).outcomes == (Recorded(spoken(ANN, 1).id, ANN, 1),)


async def test_what_it_does_not_expect_is_told_with_its_place(store: SqliteStore, path: str) -> None:
    connection = apsw.Connection(path)
    connection.execute("ALTER TABLE interaction RENAME TO moved")
    connection.close()

    with pytest.raises(apsw.SQLError, match="interaction") as told:
        await Populace(store).record(spoken(ANN, 1))

    assert "record_all" in told.value.__notes__[0]


async def test_few_are_recorded_here(path: str) -> None:
    store = await SqliteStore.open(path, record_aside=True)
    await Populace(store).meet(ANN)

    await Populace(store).record(*(spoken(ANN, at(day)) for day in range(FEW)))

    assert not processes()
    await store.close()
