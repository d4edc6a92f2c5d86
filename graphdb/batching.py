"""Group commit: calls that arrive while one batch runs form the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import accumulate, takewhile
from typing import Generic, TypeVar

Call = TypeVar("Call")
Answer = TypeVar("Answer")
Waiting = list[tuple[Call, asyncio.Future[Answer]]]

FEWEST = 16
"""So many calls are not halved any more: a batch has its own costs."""


class Batcher(Generic[Call, Answer]):
    """Runs calls in batches of at most `limit`, one batch at a time, in order of arrival.

    A call counts as `weight` says, 1 unless given; the first of a batch runs whatever it weighs. With `halves` a batch
    leaves as many calls for the next one as it takes, so that one half is answered while the other runs.

    `run` answers every call of its batch, in order, with a value or an exception of its own. An
    exception that `run` raises is the answer to all calls of that batch.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Call]], Awaitable[Sequence[Answer | Exception]]],
        limit: int,
        weight: Callable[[Call], int] | None = None,
        *,
        halves: bool = False,
    ) -> None:
        self._run = run
        self._limit = limit
        self._weight = weight
        self._halves = halves
        self._running = 0
        """Calls of the batch that runs, or ran last: answered, they come again."""
        self._waiting: Waiting[Call, Answer] = []
        self._worker: asyncio.Task[None] | None = None

    async def __call__(self, call: Call) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await future

    async def close(self) -> None:
        """Waits until every call that was made has its answer."""
        while self._worker is not None and not self._worker.done():
            await asyncio.wait({self._worker})

    async def _work(self) -> None:
        while self._waiting:
            size = min(self._batch_size(), self._half()) if self._halves else self._batch_size()
            batch, self._waiting = self._waiting[:size], self._waiting[size:]
            self._running = len(batch)
            try:
                answers = await self._run([call for call, _ in batch])
            except Exception as exc:  # noqa: BLE001 -- every caller of the batch gets it
                answers = [exc] * len(batch)
            if self._waiting:  # the next batch begins before the answers, which keep the event loop busy for a while
                asyncio.get_running_loop().call_soon(_resolve, batch, answers)
            else:
                _resolve(batch, answers)

    def _half(self) -> int:
        return max(FEWEST, (self._running + len(self._waiting) + 1) // 2)

    def _batch_size(self) -> int:
        if self._weight is None:
            return self._limit
        sums = accumulate(self._weight(call) for call, _ in self._waiting)
        return max(1, sum(1 for _ in takewhile(lambda weight: weight <= self._limit, sums)))


async def together_or_alone(
    run: Callable[[Sequence[Call]], Awaitable[Sequence[Answer | Exception]]],
    calls: Sequence[Call],
    *refusals: type[Exception],
) -> list[Answer | Exception]:
    """All calls in one transaction; each in one of its own where one of them is refused and would fail the others."""
    try:
        return list(await run(calls))
    except refusals as exc:
        if len(calls) == 1:
            return [exc]
        return [answer for call in calls for answer in await together_or_alone(run, [call], *refusals)]


def _resolve(batch: Waiting[Call, Answer], answers: Sequence[Answer | Exception]) -> None:
    for (_, future), answer in zip(batch, answers, strict=True):
        if future.cancelled():
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
