"""Every test of this folder runs on every store: the embedded one, Neo4j 5.26 in Cypher 5, Neo4j 2026 in Cypher 25."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore
from graphdb.sqlite.store import SqliteStore
from graphdb.store import Store
from tests.neo4j_server import empty
from tests.worlds import World

Open = Callable[[], Awaitable[Store]]

STORES = ("sqlite", "neo4j_5", "neo4j_2026")


@pytest.fixture(params=STORES)
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the store under test, which is empty at first; a second call opens the same data again."""
    return opened(request, tmp_path)


def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    if request.param == "sqlite":
        return lambda: SqliteStore.open(str(tmp_path / "chorus.db"))
    server: LocalNeo4j = request.getfixturevalue(request.param)
    empty(server)
    return lambda: Neo4jStore.open(server.uri)


@pytest.fixture
async def store(opening: Open) -> AsyncIterator[Store]:
    opened = await opening()
    yield opened
    await opened.close()


@pytest.fixture
def world(store: Store) -> World:
    return World(store)
