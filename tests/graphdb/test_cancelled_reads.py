"""Whoever stops waiting for Neo4j, as a subscriber that leaves does, leaves nothing behind."""

import asyncio
import gc
import warnings

import pytest

from graphdb.neo4j.connection import Database
from graphdb.neo4j.local import LocalNeo4j

STEPS = range(40)  # of the event loop; a connection is open after about 15


async def test_no_socket_is_left_open_wherever_a_read_is_broken_off(neo4j_5: LocalNeo4j) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        for steps in STEPS:
            await _broken_off(neo4j_5, steps)
        gc.collect()

    assert [str(warning.message) for warning in told] == []


async def _broken_off(neo4j: LocalNeo4j, steps: int) -> None:
    database = Database.connect(neo4j.uri, None, None, "neo4j")
    reading = asyncio.create_task(database.read("RETURN 1"))
    await _turns(steps)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await database.close()


async def _turns(steps: int) -> None:
    for _ in range(steps):
        await asyncio.sleep(0)
