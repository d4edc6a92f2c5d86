"""The embedded store: nothing to install, one file."""

import os
from contextlib import suppress

from graphdb.sqlite.accounts import SqliteAccounts
from graphdb.sqlite.alliances import SqliteAlliances
from graphdb.sqlite.connection import Database
from graphdb.sqlite.expressions import SqliteExpressions
from graphdb.sqlite.interactions import SqliteInteractions
from graphdb.sqlite.organisms import SqliteOrganisms
from graphdb.sqlite.people import SqlitePeople
from graphdb.sqlite.recorder import Recorder
from graphdb.sqlite.runs import SqliteRuns
from graphdb.sqlite.social_graph import SqliteSocialGraph


class SqliteStore:
    """The `Store` protocol over one SQLite file; open it with `await SqliteStore.open(path)`."""

    def __init__(self, database: Database, recorder: Recorder | None = None) -> None:
        self._database = database
        self.organisms = SqliteOrganisms(database)
        self.expressions = SqliteExpressions(database)
        self.accounts = SqliteAccounts(database)
        self.people = SqlitePeople(database)
        self.interactions = SqliteInteractions(database, recorder)
        self.social_graph = SqliteSocialGraph(database)
        self.alliances = SqliteAlliances(database)
        self.runs = SqliteRuns(database)

    @classmethod
    async def open(cls, path: str, *, record_aside: bool = False) -> "SqliteStore":
        """`record_aside`: what comes many at once is recorded by a process of its own."""
        # A new file is its owner's only; SQLite gives the files beside it the same rights.
        with suppress(OSError):  # SQLite says what is wrong with the path
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        database = Database(path)
        await database.open()
        return cls(database, Recorder(path) if record_aside else None)

    async def ready(self) -> None:
        await self._database.read(lambda c: c.execute("SELECT position FROM log").fetchall())

    async def close(self) -> None:
        await self.organisms.close()
        await self.people.close()
        await self.interactions.close()
        await self.social_graph.close()
        await self._database.close()
