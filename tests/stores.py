"""Servers on both stores."""

from typing import Any

import pytest

from graphdb.neo4j.local import LocalNeo4j
from tests.neo4j_server import empty


@pytest.fixture(params=["sqlite", "neo4j"])
def on_store(request: pytest.FixtureRequest) -> dict[str, Any]:  # Any: keyword arguments of Settings
    """Settings of the embedded store, and of a real Neo4j."""
    if request.param == "sqlite":
        return {}
    server: LocalNeo4j = request.getfixturevalue("neo4j_5")
    empty(server)
    return {"store": server.uri}
