"""Threads that do blocking work for event loops.

A hand-off costs a quarter of what it does through `concurrent.futures`, whose futures can be waited for from anywhere:
on the path of a request that is 10 µs of every store call and evaluation, under the lock that all threads share.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

Answer = TypeVar("Answer")
Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any]]


class Threads:
    """`count` threads, started at once, which take work in the order in which it is given; safe from several loops.

    `prepare` is run once by each. Closed by `close`, which blocks.
    """

    def __init__(self, count: int, name: str, prepare: Callable[[], None] | None = None) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._prepare = prepare
        self._closing = threading.Lock()
        self._closed = False
        self._given = 0
        self._ended = [0] * count
        """Of each thread, which alone writes its number: counting so takes no lock."""
        self._threads = [
            threading.Thread(target=self._work, args=(number,), name=f"{name}_{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def unfinished(self) -> int:
        """How many were given that run or wait. Who is cancelled counts until a thread is done with the work."""
        return self._given - sum(self._ended)

    def do(self, work: Callable[[], Answer]) -> "asyncio.Future[Answer]":
        """What the work returns or raises, for the running loop. Work that waits is dropped where this is cancelled."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        with self._closing:
            if self._closed:
                raise RuntimeError("the threads are closed")
            self._given += 1
            self._jobs.put((loop, future, work))
        return future

    def close(self, *, drop: bool = False) -> None:
        """Waits for what runs, and does what waits, or cancels it with `drop`. Twice is as good as once."""
        with self._closing:
            first, self._closed = not self._closed, True
        if first:
            if drop:
                self._drop()
            for _ in self._threads:
                self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _drop(self) -> None:
        with contextlib.suppress(Empty):
            while job := self._jobs.get_nowait():
                self._given -= 1  # nobody gives any more: they are closed
                loop, future, _ = job
                _tell(loop, future.cancel)

    def _work(self, number: int) -> None:
        if self._prepare is not None:
            self._prepare()
        while (job := self._jobs.get()) is not None:
            self._do(number, *job)
            del job  # nothing of it stays alive while the thread waits

    def _do(
        self,
        number: int,
        loop: asyncio.AbstractEventLoop,
        future: "asyncio.Future[Any]",
        work: Callable[[], Any],
    ) -> None:
        try:
            try:
                if future.cancelled():
                    return
                answer = work()
            finally:
                self._ended[number] += 1  # before anybody is told: who is told finds its place free
        except BaseException as exc:  # noqa: BLE001 -- whoever gave the work gets it
            _tell(loop, _fail, future, exc)
        else:
            _tell(loop, _succeed, future, answer)


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[..., object], *arguments: object) -> None:
    with contextlib.suppress(RuntimeError):  # a loop that is closed waits for nothing any more
        loop.call_soon_threadsafe(what, *arguments)


def _succeed(future: "asyncio.Future[Any]", answer: object) -> None:
    if not future.done():
        future.set_result(answer)


def _fail(future: "asyncio.Future[Any]", error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
