"""Which tokens are dead, and whoever waits for one to die."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog

from graphdb.errors import StoreUnavailable
from graphdb.store import Accounts

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5


class Revocations:
    """Revoked here: at once. Revoked by another process, or expired: at the next look, twice a second.

    One task looks for all sockets. While the store cannot be reached, what other processes revoke meanwhile is noticed
    late.
    """

    def __init__(self, accounts: Accounts, clock: Callable[[], int]) -> None:
        self._accounts = accounts
        self._clock = clock
        self._dead: set[str] = set()
        self._seen = 0
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}
        self._ends: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.look()
        self._task = asyncio.create_task(self._keep_looking())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def is_dead(self, token_id: str, expires_at: int) -> bool:
        return token_id in self._dead or expires_at <= self._clock()

    def until_dead(self, token_id: str, expires_at: int) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.is_dead(token_id, expires_at):
            future.set_result(None)
            return future
        self._waiting.setdefault(token_id, set()).add(future)
        self._ends[token_id] = expires_at
        future.add_done_callback(lambda done: self._forget(token_id, done))
        return future

    @property
    def waiting(self) -> int:
        """How many wait for a token to die."""
        return sum(map(len, self._waiting.values()))

    async def look(self) -> None:
        """Takes in what was revoked anywhere, and tells whoever waits for it."""
        newly = await self._accounts.dead_tokens(self._seen)
        self._dead |= newly.ids
        self._seen = max(self._seen, newly.count)
        for token_id in [each for each in self._waiting if self.is_dead(each, self._ends[each])]:
            for future in self._waiting[token_id]:
                if not future.done():
                    future.set_result(None)

    def _forget(self, token_id: str, future: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(token_id, set())
        waiting.discard(future)
        if not waiting:
            self._waiting.pop(token_id, None)
            self._ends.pop(token_id, None)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.look()
            except StoreUnavailable:
                log.warning("revocations_not_read")
