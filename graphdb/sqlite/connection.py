"""The embedded database: one writer thread with group commit, a few reader threads, never the event loop.

Another process may write too (`graphdb.sqlite.recorder`), in turns with that thread.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import apsw

from graphdb.batching import Batcher
from graphdb.errors import StoreUnavailable
from graphdb.threads import Threads

READERS = 2
READ_BATCH = 64
BUSY_MILLISECONDS = 10_000
WAL_PAGES = 4_000
"""Of 4 KiB: after so many they are copied into the database, each once however often it was written meanwhile."""

MIGRATIONS = Path(__file__).parent / "migrations"

Answer = TypeVar("Answer")
Query = Callable[[apsw.Connection], Answer]


class Database:
    """One SQLite file in WAL mode, `synchronous=FULL`: what was acknowledged is on the disk.

    apsw brings a current SQLite of its own: the one in CPython 3.11 can corrupt a WAL file on reset.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._writer = Threads(1, "sqlite-writer")
        self._readers = Threads(READERS, "sqlite-reader")
        self._here = threading.local()
        self._opened: list[apsw.Connection] = []
        self._turn = asyncio.Lock()
        self._points: Batcher[Query[object], object] = Batcher(self._run_points, READ_BATCH)

    async def open(self) -> None:
        """Creates the file where it is missing and brings its tables up to date."""
        await self.write(_migrate)

    async def close(self) -> None:
        await self._points.close()
        await asyncio.to_thread(self._shut)

    async def write(self, query: Query[Answer]) -> Answer:
        """Runs the query in one durable transaction of the writer thread."""
        async with self._turn:
            return await self._writer.do(lambda: self._transact("IMMEDIATE", query))

    async def write_aside(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Has another process write, in its turn: two that wait for SQLite's own lock look for it now and then."""
        async with self._turn:
            return await ask()

    async def read(self, query: Query[Answer]) -> Answer:
        """Runs the query on one snapshot in a reader thread."""
        return await self._readers.do(lambda: self._transact("DEFERRED", query))

    async def point(self, query: Query[Answer]) -> Answer:
        """As `read`, for small queries: those that arrive together share one hop and one snapshot."""
        return await self._points(query)  # type: ignore[return-value]  # the batcher answers in order

    async def _run_points(self, queries: Sequence[Query[object]]) -> Sequence[object | Exception]:
        return await self.read(lambda connection: [_answered(query, connection) for query in queries])

    def _open_here(self) -> apsw.Connection:
        self._here.connection = connection = connect(self.path)
        self._opened.append(connection)
        return connection

    def _transact(self, kind: str, query: Query[Answer]) -> Answer:
        with translated():
            connection = getattr(self._here, "connection", None) or self._open_here()
            with transaction(connection, kind):
                return query(connection)

    def _shut(self) -> None:
        self._writer.close()
        self._readers.close()
        for connection in self._opened:
            connection.close(force=True)


def connect(path: str) -> apsw.Connection:
    """To a file in WAL mode, set up as everything here expects it."""
    connection = apsw.Connection(path)
    connection.set_busy_timeout(BUSY_MILLISECONDS)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"wal_autocheckpoint={WAL_PAGES}", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    # Else a statement whose plan might depend on its values is prepared anew for each of them: a join takes 2 µs
    # where that takes 13, and no query here is planned by its values.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    # SQLite's own lower() knows ASCII only.
    connection.create_scalar_function("lowered", _lowered, 1, deterministic=True)
    return connection


def _lowered(*values: object) -> str:
    return str(values[0]).lower()


def _answered(query: Query[object], connection: apsw.Connection) -> object | Exception:
    try:
        return query(connection)
    except Exception as exc:  # noqa: BLE001 -- the caller of this query gets it, the batch goes on
        return exc


@contextmanager
def transaction(connection: apsw.Connection, kind: str) -> Iterator[None]:
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # Also where the COMMIT itself failed: left open, the transaction would block every later one.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def translated() -> Iterator[None]:
    """What the disk refuses is the store's outage."""
    try:
        yield
    except (apsw.BusyError, apsw.IOError, apsw.CantOpenError, apsw.FullError, apsw.ReadOnlyError) as exc:
        raise StoreUnavailable(f"the embedded database: {exc}") from exc


def _migrate(connection: apsw.Connection) -> None:
    """Applies the numbered files that `user_version` has not seen yet, all in one transaction."""
    version = connection.pragma("user_version")
    for path in sorted(MIGRATIONS.glob("*.sql")):
        number = int(path.name.split("_")[0])
        if number > version:
            connection.execute(path.read_text(encoding="utf8"))
            connection.execute(f"PRAGMA user_version = {number}")
