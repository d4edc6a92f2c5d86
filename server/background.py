"""Work that outlives its request: tasks that are awaited at shutdown, a timer, and locks by name."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from weakref import WeakValueDictionary

import structlog

from graphdb.errors import StoreUnavailable

log = structlog.get_logger(__name__)


class Background:
    """Tasks of the process. What fails is logged; closing waits for what runs, then cancels the timers."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._timers: set[asyncio.Task[None]] = set()

    def spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Runs the work now and then again and again, `seconds` apart."""
        self._timers.add(asyncio.create_task(_repeat(seconds, work)))

    async def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        await asyncio.gather(*self._timers, return_exceptions=True)
        await self.idle()

    async def idle(self) -> None:
        """Waits until nothing that was spawned runs any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)


async def _logged(work: Awaitable[None]) -> None:
    try:
        await work
    except StoreUnavailable as exc:
        # Only timers let it through: they ask again. A traceback every time would hide what else happens meanwhile.
        log.warning("background_task_postponed", code=exc.code, why=exc.why)
    except Exception:
        log.exception("background_task_failed")


async def _repeat(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await _logged(work())
        await asyncio.sleep(seconds)


class Guards:
    """One lock for each name, kept while somebody holds or awaits it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __call__(self, name: str) -> AbstractAsyncContextManager[None]:
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock
