"""A process beside this one: each question gets its own answer, and its loss is told."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator

import psutil
import pytest

from graphdb.beside import Beside, Lost

MODULE = "tests.graphdb.asked"
OWNER = f"""
import asyncio
from graphdb.beside import Beside
from tests.graphdb.test_beside import process, started
async def main():
    beside = Beside({MODULE!r})
    await started(beside)
    print(process().pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.fixture
async def beside() -> AsyncIterator[Beside]:
    made = Beside(MODULE)
    await started(made)
    yield made
    await made.close()
    assert not processes()


async def started(beside: Beside) -> None:
    while not beside.ready():
        await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()}, return_when=asyncio.FIRST_COMPLETED)


def processes() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if MODULE in each.cmdline()]


def process() -> psutil.Process:
    (child,) = processes()
    return child


@pytest.mark.parametrize("size", [0, 1, 70_000, 5_000_000])
async def test_questions_of_any_size_are_answered(beside: Beside, size: int) -> None:
    question = bytes(range(256)) * (size // 256) + b"." * (size % 256)

    for _ in range(2):
        assert await beside.ask(question) == question[::-1]


async def test_what_it_prints_is_no_answer(beside: Beside) -> None:
    assert await beside.ask(b"print") == b"tnirp"


async def test_it_is_told_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_ADMIN_CREDENTIAL", "a secret")
    beside = Beside(MODULE)
    await started(beside)

    assert await beside.ask(b"settings") == b""

    await beside.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_what_is_meant_for_the_server_does_not_end_it(beside: Beside, how: signal.Signals) -> None:
    process().send_signal(how)

    assert await beside.ask(b"again") == b"niaga"


async def test_its_end_is_told(beside: Beside) -> None:
    with pytest.raises(Lost):
        await beside.ask(b"end")

    assert not beside.ready()
    assert not processes()


async def test_one_that_ended_between_two_questions_is_told(beside: Beside) -> None:
    child = process()
    child.kill()

    with pytest.raises(Lost):
        await beside.ask(b"again")


async def test_one_that_takes_too_long_is_ended(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphdb.beside.PATIENCE_SECONDS", 0.1)

    with pytest.raises(Lost):
        await beside.ask(b"wait")

    assert not processes()


async def test_one_that_does_not_end_by_itself_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    beside = Beside(MODULE)
    await started(beside)
    process().send_signal(signal.SIGSTOP)
    monkeypatch.setattr("graphdb.beside.PATIENCE_SECONDS", 0.1)

    await beside.close()

    assert not processes()


async def test_another_one_is_started_later(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphdb.beside.RETRY_SECONDS", 0)
    first = process()
    with pytest.raises(Lost):
        await beside.ask(b"end")

    await started(beside)

    assert process() != first
    assert await beside.ask(b"again") == b"niaga"


async def test_an_answer_that_nobody_waits_for_any_more_is_given_to_nobody_else(beside: Beside) -> None:
    asking = asyncio.create_task(beside.ask(b"wait"))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    await started(beside)

    assert await beside.ask(b"again") == b"niaga"


async def test_one_that_cannot_be_started_is_never_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    beside = Beside(MODULE)

    for _ in range(100):
        assert not beside.ready()
        await asyncio.sleep(0)

    await beside.close()


async def test_it_ends_with_whoever_asks_however_that_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:  # noqa: ASYNC220
        assert owner.stdout is not None
        child = psutil.Process(int(owner.stdout.readline()))
        owner.kill()

    psutil.wait_procs([child], timeout=20)

    assert not child.is_running()
