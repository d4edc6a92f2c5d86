"""The event bus of one process: a wake-up and nothing more. Streams read what happened from the log."""

import asyncio


class Bus:
    """Wakes whoever waits for the log to grow. A wake-up may be spurious; none is lost."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()
        self._generation = 0

    @property
    def generation(self) -> int:
        """Grows with every wake-up: read it before reading the log, then wait for the next one."""
        return self._generation

    def wake(self) -> None:
        self._generation += 1
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def grown(self, generation: int) -> None:
        """Returns at once if the bus woke since `generation`, else at the next wake-up."""
        if generation != self._generation:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
