"""Neo4j stopped and started under load: clear errors while it is away, everything there when it is back."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from graphdb.errors import StoreUnavailable
from graphdb.neo4j.connection import RETRY_SECONDS
from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore
from tests.faults.audit import audit
from tests.faults.line import STORE_UNAVAILABLE
from tests.faults.process import ServerProcess, serving
from tests.faults.stores import database
from tests.faults.watcher import Watcher
from tests.faults.world import found
from tests.graphdb.cutting import wire

LOAD = 8
WINDOW = 2


async def ready(server: ServerProcess) -> tuple[int, str]:
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        answer = await client.get("/readyz")
        return answer.status_code, answer.json()["status"]


@pytest.mark.timeout(900)
async def test_neo4j_goes_away_and_comes_back_under_load(tmp_path: Path) -> None:
    with database("neo4j") as under_test:
        neo4j = under_test.neo4j
        assert neo4j is not None
        async with serving(tmp_path, settle_interval=1, **under_test.settings) as server:
            world = await found(server.connect, seed=3)
            fleet = world.fleet
            fleet.window = WINDOW
            load = asyncio.ensure_future(fleet.run(server.connect))
            await fleet.answers(LOAD, load)

            await asyncio.to_thread(neo4j.stop)
            await fleet.refusals(STORE_UNAVAILABLE, LOAD, load)
            assert await ready(server) == (503, "store unavailable")
            await asyncio.to_thread(neo4j.start)
            await fleet.acceptances(LOAD, load)

            assert await ready(server) == (200, "ready")
            assert "INTERNAL" not in fleet.codes, "".join(server.output)
            server.process.terminate()
            assert await server.ended() == 0
            await load
            assert not server.unexpected(outage=True), server.unexpected(outage=True)
        async with serving(tmp_path, **under_test.settings) as server:
            await world.unlock(server.connect)
            await fleet.settle(server.connect)
            async with server.connect() as opened:
                for uri in world.organisms:
                    audited = await audit(opened, uri, fleet.ledger)
                    watcher = Watcher(uri, fleet.actors[0].token)
                    await watcher.watch(server, until=audited.counted.size)
                    assert watcher.seen == audited.texts


async def test_requests_do_not_wait_one_after_the_other_for_a_store_that_is_away(neo4j_5: LocalNeo4j) -> None:
    """Those in one organism take turns: if each waited its own time, the last would wait for minutes."""
    async with wire(neo4j_5.port) as (wired, uri):
        store = await Neo4jStore.open(uri)
        with wired.away():
            began = time.monotonic()
            for _ in range(10):
                with pytest.raises(StoreUnavailable):
                    await store.ready()
            waited = time.monotonic() - began
        while not await _answers(store):
            pass
        await store.close()

    assert waited < 3 * RETRY_SECONDS


async def _answers(store: Neo4jStore) -> bool:
    try:
        await store.ready()
    except StoreUnavailable:
        return False
    return True
