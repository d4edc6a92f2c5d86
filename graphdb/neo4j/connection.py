"""The Neo4j database: one driver, one named database, errors translated once."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeVar

from neo4j import READ_ACCESS, WRITE_ACCESS, AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, AsyncSession
from neo4j.exceptions import (
    AuthError,
    ConnectionPoolError,
    DatabaseError,
    DriverError,
    Forbidden,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graphdb.errors import StoreUnavailable

ACQUISITION_SECONDS = 5.0
CONNECTION_SECONDS = 5.0
RETRY_SECONDS = 5.0
FIRST_RETRY_SECONDS = 0.05
IDLE_SECONDS = 30.0
AWAY_SECONDS = 1.0

Transaction = AsyncManagedTransaction
Session = AsyncSession
Row = tuple[Any, ...]  # Any: Neo4j's own types, named by the column lists of `queries`
Answer = TypeVar("Answer")
Work = Callable[[Transaction], Awaitable[Answer]]

# Setting a property to itself takes the node's write lock, and writes nothing. Neo4j is read-committed and
# applies a commit record by record in the sight of readers; whoever holds this lock sees all of every
# commit of the organism, or nothing of it, because a commit keeps its locks until it is applied.
LOCK_ORGANISMS = "UNWIND $uris AS uri MATCH (o:Organism {uri: uri}) SET o.turn = o.turn"


class Database:
    """Transactions on one database. Every query answers with one record: lists are collected into it.

    One record is 40 times cheaper to read than a thousand in the asynchronous driver.
    """

    def __init__(self, driver: AsyncDriver, name: str) -> None:
        self._driver = driver
        self._name = name
        self._away_until = 0.0
        self._running: set[asyncio.Task[Any]] = set()  # Any: each answers with something of its own

    @classmethod
    def connect(cls, uri: str, user: str | None, password: str | None, name: str) -> "Database":
        """Nothing is sent yet."""
        driver = AsyncGraphDatabase.driver(
            uri,
            auth=None if user is None else (user, password or ""),
            connection_acquisition_timeout=ACQUISITION_SECONDS,
            connection_timeout=CONNECTION_SECONDS,
            max_transaction_retry_time=0.0,  # `_retried` does it, for reads and lost answers too
            liveness_check_timeout=IDLE_SECONDS,
            telemetry_disabled=True,
            # An empty graph knows none of our properties, and would say so with every query.
            notifications_min_severity="OFF",
        )
        return cls(driver, name)

    async def close(self) -> None:
        """Waits for what runs."""
        if self._running:
            await asyncio.wait(self._running)
        await self._driver.close()

    async def read(self, query: str, /, **values: object) -> Row:
        """The one record of a query; routed to a reader, in one round trip."""

        async def attempt() -> Row:
            async with self._session(READ_ACCESS) as session:
                return _only(await (await session.run(query, values)).values())

        return await self._retried(attempt)

    async def locked(self, uris: Iterable[str], query: str, /, **values: object) -> Row:
        """As `read`, while no commit of these organisms is being applied: one snapshot of each.

        The query has a statement of its own: in a statement that writes, a seek in a unique index takes
        locks too, which could wait for a commit that waits for the organism.
        """
        order = sorted(set(uris))  # as commits take them: nobody waits in a circle

        async def work(transaction: Transaction) -> Row:
            await run(transaction, LOCK_ORGANISMS, uris=order)
            return await record(transaction, query, **values)

        return await self.write(work)

    async def write(self, work: Work[Answer]) -> Answer:
        """Runs `work` in one transaction, and again where it failed in passing.

        It also runs again after a COMMIT whose answer got lost, so it must notice what it has written.
        """

        return await self.in_session(lambda session: session.execute_write(work))

    async def in_session(self, work: Callable[[AsyncSession], Awaitable[Answer]]) -> Answer:
        """As `write`, for work that makes its own transactions."""

        async def attempt() -> Answer:
            async with self._session(WRITE_ACCESS) as session:
                return await work(session)

        return await self._retried(attempt)

    async def _retried(self, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        """Again after what passes: a lost connection, a deadlock, a COMMIT whose answer got lost.

        It ends also where nobody waits for it any more, such as a subscriber that left: the driver would throw its
        connection away, and leave the socket of one that is being opened to the collector of garbage.
        """
        running = asyncio.create_task(self._attempts(attempt))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return await asyncio.shield(running)

    async def _attempts(self, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        """Once somebody has waited in vain, others need not: they may be many, and wait for one another."""
        if time.monotonic() < self._away_until:
            raise StoreUnavailable("Neo4j: it did not answer a moment ago")
        give_up = time.monotonic() + RETRY_SECONDS
        with translated():
            for pause in pauses():
                try:
                    return await attempt()
                except (DriverError, Neo4jError) as exc:
                    passing = exc.is_retryable() or isinstance(exc, IncompleteCommit)
                    if not passing or time.monotonic() + pause > give_up:
                        self._note(exc)
                        raise
                await asyncio.sleep(pause)
        raise AssertionError("pauses never end")

    def _note(self, exc: Exception) -> None:
        if isinstance(exc, _AWAY):
            self._away_until = time.monotonic() + AWAY_SECONDS

    def _session(self, access: str) -> AsyncSession:
        return self._driver.session(
            database=self._name,
            default_access_mode=access,
            bookmark_manager=self._driver.execute_query_bookmark_manager,
        )


async def record(transaction: Transaction, query: str, /, **values: object) -> Row:
    """The one record that the query answers with."""
    return _only(await (await transaction.run(query, values)).values())


def _only(records: Sequence[Sequence[Any]]) -> Row:
    (found,) = records
    return tuple(found)


def pauses() -> Iterator[float]:
    """Seconds between attempts: longer and longer, and never the same for two that collided."""
    for attempt in count():
        yield min(1.0, FIRST_RETRY_SECONDS * 2**attempt) * random.uniform(0.5, 1.5)  # noqa: S311 -- no secret


async def run(transaction: Transaction, query: str, /, **values: object) -> None:
    """Runs a query that answers with nothing."""
    result = await transaction.run(query, values)
    await result.consume()


_AWAY = (ServiceUnavailable, SessionExpired, ConnectionPoolError)
_UNAVAILABLE = (
    *_AWAY,
    TransientError,
    DatabaseError,
    AuthError,
    Forbidden,
)


@contextmanager
def translated() -> Iterator[None]:
    """A statement that Neo4j does not understand stays what it is: a mistake of ours."""
    try:
        yield
    except _UNAVAILABLE as exc:
        why = exc.message if isinstance(exc, Neo4jError) else str(exc)
        raise StoreUnavailable(f"Neo4j: {why}") from exc
