"""The databases that the fault tests run on: SQLite always, a real Neo4j once there is one to be had."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec

import pytest

from graphdb.neo4j.local import LONG_TERM, LocalNeo4j, NoJava, java


def _neo4j_missing() -> str | None:
    """Why there is no Neo4j here; None where there is one."""
    if find_spec("graphdb.neo4j.store") is None:
        return "the Neo4j store is not built yet"
    return None if java(17) is not None else str(NoJava(17))


NEO4J = pytest.mark.skipif(_neo4j_missing() is not None, reason=_neo4j_missing() or "")


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
    if kind == "sqlite":
        yield Database()
        return
    with LocalNeo4j(LONG_TERM) as neo4j:
        yield Database(neo4j)
