"""Group commit: who is called with whom, who is answered with what, and when the next batch begins."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphdb.batching import FEWEST, Batcher


class Slow:
    """Answers a batch when it is let; a negative call is refused by itself, 13 with its whole batch."""

    def __init__(self) -> None:
        self.begun: list[list[int]] = []
        self._let = asyncio.Event()

    async def __call__(self, calls: Sequence[int]) -> list[int | Exception]:
        await asyncio.sleep(0)  # as whatever begins with a task of its own
        self.begun.append(list(calls))
        self._let.clear()
        await self._let.wait()
        if 13 in calls:
            raise LookupError
        return [ValueError(call) if call < 0 else 2 * call for call in calls]

    def let(self) -> None:
        self._let.set()


async def settled() -> None:
    """Whatever can go on has gone on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_next_batch_begins_before_the_last_one_is_answered() -> None:
    run = Slow()
    batcher: Batcher[int, int] = Batcher(run, 2)
    seen: list[int] = []

    async def call(number: int) -> None:
        await batcher(number)
        seen.append(len(run.begun))

    calls = [asyncio.create_task(call(number)) for number in range(4)]
    await settled()
    assert run.begun == [[0, 1]]
    run.let()
    await settled()
    run.let()
    await asyncio.gather(*calls)

    assert seen == [2, 2, 2, 2]
    assert run.begun == [[0, 1], [2, 3]]


@given(st.lists(st.integers(-3, 14), max_size=12), st.integers(1, 5))
def test_everybody_gets_its_own_answer(numbers: list[int], limit: int) -> None:
    async def everything() -> tuple[Slow, list[int | BaseException]]:
        run = Slow()
        batcher: Batcher[int, int] = Batcher(run, limit)
        calls = asyncio.gather(*map(batcher, numbers), return_exceptions=True)
        while not calls.done():
            await settled()
            run.let()
        await batcher.close()
        return run, await calls

    run, answers = asyncio.run(everything())

    assert [number for batch in run.begun for number in batch] == numbers
    assert all(0 < len(batch) <= limit for batch in run.begun)
    told = iter(answers)
    for batch in run.begun:
        for number, answer in zip(batch, told, strict=False):
            if 13 in batch:
                assert isinstance(answer, LookupError)
            elif number < 0:
                assert isinstance(answer, ValueError)
            else:
                assert answer == 2 * number


async def test_halves_keep_one_half_of_those_who_come_again_running() -> None:
    run = Slow()
    batcher: Batcher[int, int] = Batcher(run, 1_000, halves=True)

    async def client(number: int) -> None:
        for _ in range(10):
            assert await batcher(number) == 2 * number

    clients = asyncio.gather(*map(client, range(100, 164)))
    while not clients.done():
        await settled()
        run.let()

    sizes = [len(batch) for batch in run.begun]
    assert sum(sizes) == 640
    assert max(sizes) == 32
    assert sizes.count(32) >= 18


async def test_few_are_not_halved() -> None:
    run = Slow()
    batcher: Batcher[int, int] = Batcher(run, 1_000, halves=True)
    calls = asyncio.gather(*map(batcher, range(100, 100 + FEWEST)))
    await settled()
    run.let()
    await calls

    assert [len(batch) for batch in run.begun] == [FEWEST]


async def test_who_stops_waiting_keeps_nobody_else_from_an_answer() -> None:
    run = Slow()
    batcher: Batcher[int, int] = Batcher(run, 8)
    first, second = (asyncio.create_task(batcher(number)) for number in (1, 2))
    await settled()
    first.cancel()
    run.let()

    assert await second == 4
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_closing_waits_for_every_answer() -> None:
    run = Slow()
    batcher: Batcher[int, int] = Batcher(run, 1)
    calls = [asyncio.create_task(batcher(number)) for number in (1, 2)]
    await settled()
    closing = asyncio.create_task(batcher.close())
    for _ in calls:
        assert not closing.done()
        run.let()
        await settled()
    await closing

    assert [each.done() for each in calls] == [True, True]
