"""Threads that do blocking work for event loops."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from graphdb.threads import Threads


@pytest.fixture
def one() -> Iterator[Threads]:
    threads = Threads(1, "test")
    yield threads
    threads.close()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Work that waits for it keeps a thread busy."""
    event = threading.Event()
    yield event
    event.set()


async def test_work_is_done_elsewhere_in_the_order_given(one: Threads) -> None:
    order: list[int] = []

    def work(number: int) -> str:
        order.append(number)
        return threading.current_thread().name

    names = await asyncio.gather(*(one.do(lambda number=number: work(number)) for number in range(50)))

    assert order == list(range(50))
    assert set(names) == {"test_0"}


async def test_what_work_raises_is_its_answer_and_the_thread_goes_on(one: Threads) -> None:
    with pytest.raises(ZeroDivisionError):
        await one.do(lambda: 1 // 0)
    with pytest.raises(SystemExit):
        await one.do(lambda: exit(1))
    assert await one.do(lambda: "still here") == "still here"


async def test_each_thread_is_prepared_once() -> None:
    prepared: list[str] = []
    threads = Threads(2, "test", lambda: prepared.append(threading.current_thread().name))
    await asyncio.gather(*(threads.do(int) for _ in range(20)))
    threads.close()
    assert sorted(prepared) == ["test_0", "test_1"]


async def test_cancelled_work_that_waits_is_not_done(one: Threads, gate: threading.Event) -> None:
    done: list[str] = []
    running = one.do(gate.wait)
    waiting = one.do(lambda: done.append("cancelled"))
    waiting.cancel()
    last = one.do(lambda: done.append("last"))
    gate.set()
    await asyncio.gather(running, last)
    assert done == ["last"]


async def test_cancelled_work_that_runs_is_finished_and_nobody_is_told(one: Threads, gate: threading.Event) -> None:
    entered, finished = threading.Event(), threading.Event()

    def work() -> None:
        entered.set()
        gate.wait()
        finished.set()

    running = one.do(work)
    await asyncio.to_thread(entered.wait)
    running.cancel()
    gate.set()
    assert await one.do(finished.is_set)
    assert running.cancelled()


async def test_work_counts_until_its_thread_lets_go_of_it(one: Threads, gate: threading.Event) -> None:
    entered = threading.Event()
    running, waiting = one.do(lambda: entered.set() or gate.wait()), one.do(int)
    await asyncio.to_thread(entered.wait)

    running.cancel()
    waiting.cancel()

    assert one.unfinished == 2
    gate.set()
    await one.do(int)
    assert one.unfinished == 0


async def test_whoever_is_told_finds_the_work_over(one: Threads) -> None:
    left: list[int] = []
    for work in (int, lambda: 1 // 0):
        future = one.do(work)
        future.add_done_callback(lambda _: left.append(one.unfinished))
        await asyncio.gather(future, return_exceptions=True)
    assert left == [0, 0]


async def test_what_waits_at_the_close_is_done(gate: threading.Event) -> None:
    threads = Threads(1, "test")
    waiting = [threads.do(gate.wait), threads.do(lambda: "done")]
    closing = asyncio.create_task(asyncio.to_thread(threads.close))
    gate.set()
    await closing
    assert await asyncio.gather(*waiting) == [True, "done"]


async def test_or_is_cancelled_with_drop(gate: threading.Event) -> None:
    threads = Threads(1, "test")
    entered = threading.Event()
    running = threads.do(lambda: entered.set() or gate.wait())
    await asyncio.to_thread(entered.wait)
    waiting = threads.do(lambda: "never")
    closing = asyncio.create_task(asyncio.to_thread(threads.close, drop=True))
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.set()
    await closing
    assert await running
    assert threads.unfinished == 0


async def test_closed_threads_refuse_work_and_may_be_closed_again() -> None:
    threads = Threads(2, "test")
    threads.close()
    threads.close()
    with pytest.raises(RuntimeError, match="closed"):
        threads.do(int)


def test_an_answer_for_a_loop_that_is_gone_hurts_nobody(one: Threads, gate: threading.Event) -> None:
    async def leave() -> None:
        one.do(gate.wait)

    asyncio.run(leave())
    gate.set()

    async def ask() -> str:
        return await one.do(lambda: "still here")

    assert asyncio.run(ask()) == "still here"
