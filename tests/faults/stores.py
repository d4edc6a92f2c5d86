"""The databases that the fault tests run on: SQLite, and a real Neo4j of their own, to be killed."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from graphdb.neo4j.local import LocalNeo4j
from tests.neo4j_server import short_lived, start


@dataclass(frozen=True)
class Database:
    """What the server keeps its graph in; `neo4j` is None for SQLite, which lives in the data folder."""

    neo4j: LocalNeo4j | None = None

    @property
    def settings(self) -> dict[str, str]:
        return {} if self.neo4j is None else {"store": self.neo4j.uri}

    async def crash(self) -> None:
        """The database dies of SIGKILL and comes up again on what it had on its disk."""
        if self.neo4j is not None:
            self.neo4j.kill()
            await asyncio.to_thread(self.neo4j.start)


@contextmanager
def database(kind: str) -> Iterator[Database]:
    """On `sqlite` or `neo4j`; skips the test where there is no Neo4j to be had."""
    if kind == "sqlite":
        yield Database()
        return
    with closing(short_lived()) as neo4j:
        start(neo4j)
        yield Database(neo4j)
