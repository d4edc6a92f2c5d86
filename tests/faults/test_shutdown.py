"""A server that is asked to stop finishes what it began, says goodbye with a code, and ends with 0."""

import asyncio
import time
from pathlib import Path

import httpx

from server.commands.serve import GRACE_SECONDS
from tests.faults import documents
from tests.faults.audit import audit
from tests.faults.process import ServerProcess, serving
from tests.faults.world import World, found

SERVICE_RESTART = 1012


async def stop(server: ServerProcess) -> tuple[int, float]:
    """The exit status after SIGTERM, and how many seconds it took."""
    began = time.monotonic()
    server.process.terminate()
    return await server.ended(), time.monotonic() - began


async def test_what_was_acknowledged_before_a_shutdown_is_there_after_it(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        world = await found(server.connect, seed=1)
        load = asyncio.ensure_future(world.fleet.run(server.connect))
        await world.fleet.answers(100, load)

        status, seconds = await stop(server)

        await load
        assert status == 0, server.output
        assert seconds < GRACE_SECONDS
        assert not server.unexpected(), server.unexpected()
    async with serving(tmp_path) as server:
        await _audited(server, world)
        await world.unlock(server.connect)
        await world.fleet.settle(server.connect)
        await _audited(server, world)


async def _audited(server: ServerProcess, world: World) -> None:
    async with server.connect() as opened:
        for uri in world.organisms:
            await audit(opened, uri, world.fleet.ledger)


async def test_sockets_are_told_that_the_server_restarts(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, server.connect() as idle, server.connect() as subscribed:
        events = subscribed.events("subscription { agentStatusChanged { did } }")
        listening = asyncio.ensure_future(anext(events))
        await subscribed.ask("{ agentStatus { did } }")  # answered, so the subscription before it has begun

        status, _ = await stop(server)

        await asyncio.wait({listening})
        await events.aclose()
        assert status == 0
        assert idle.close_code == subscribed.close_code == SERVICE_RESTART


async def test_mutations_under_way_are_answered_and_durable(tmp_path: Path) -> None:
    names = [f"agent {number}" for number in range(5)]
    async with serving(tmp_path) as server, httpx.AsyncClient(timeout=30) as client:
        asked = [asyncio.ensure_future(_host(client, server.url, name)) for name in names]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)  # keys are derived one after the other

        status, _ = await stop(server)

        tokens = dict(zip(names, await asyncio.gather(*asked), strict=True))
        assert status == 0
    async with serving(tmp_path) as server:
        for name, token in tokens.items():
            async with server.connect(token) as opened:
                unlocked = await opened.ask(documents.UNLOCK, {"p": name})
            assert unlocked["agentUnlock"]["isUnlocked"]


async def _host(client: httpx.AsyncClient, url: str, name: str) -> str:
    answer = await client.post(f"{url}/graphql", json={"query": documents.HOST, "variables": {"n": name}})
    return str(answer.json()["data"]["agentCreateHosted"]["token"])
