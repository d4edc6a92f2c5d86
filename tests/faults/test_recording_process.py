"""The process that records beside a real server: whoever of the two dies, what was acknowledged is there, once."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw
import httpx
import psutil
import pytest

from tests.faults.process import ServerProcess, serving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process writes")

AT_ONCE = 64
PAGE = 4096
RECORD = """mutation ($i: PersonInteractionInput!) { personRecordInteraction(interaction: $i) { id tier } }"""
AGENT = 'mutation { agentGenerate(passphrase: "a long one") { did } }'


def recorders(server: ServerProcess) -> list[psutil.Process]:
    children = psutil.Process(server.pid).children()
    return [each for each in children if "graphdb.sqlite.recording_process" in each.cmdline()]


async def asked(client: httpx.AsyncClient, query: str, **variables: object) -> Any:  # Any: JSON
    answer = (await client.post("/graphql", json={"query": query, "variables": variables})).json()
    assert "errors" not in answer, answer
    return answer["data"]


async def at_once(client: httpx.AsyncClient) -> list[str]:
    """The ids of so many interactions, all asked for at the same moment."""
    happened = [{"platformId": f"chat:{number % 8}", "kind": "MESSAGE"} for number in range(AT_ONCE)]
    told = await asyncio.gather(*(asked(client, RECORD, i=each) for each in happened))
    return [each["personRecordInteraction"]["id"] for each in told]


async def with_its_process(client: httpx.AsyncClient, server: ServerProcess) -> list[str]:
    """What was recorded until the process had recorded something."""
    await asked(client, AGENT)
    recorded: list[str] = []
    while not any(each.io_counters().write_chars > PAGE for each in recorders(server)):
        recorded += await at_once(client)
    return recorded


def kept(data: Path) -> list[str]:
    connection = apsw.Connection(str(data / "chorus.db"))
    found = connection.execute("SELECT id FROM interaction WHERE kind = 'message'").fetchall()
    connection.close()
    return [name for (name,) in found]


def gone(processes: Sequence[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=20)
    return not alive


async def test_it_ends_with_the_server(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, httpx.AsyncClient(base_url=server.url) as client:
        recorded = await with_its_process(client, server)
        processes = recorders(server)
        for each in (*processes, psutil.Process(server.pid)):  # as a service manager stops them, all at once
            each.send_signal(signal.SIGTERM)

        status = await server.ended()

        assert status == 0
        assert gone(processes)
        assert not server.unexpected()
    assert sorted(kept(tmp_path)) == sorted(recorded)


async def test_its_death_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, httpx.AsyncClient(base_url=server.url) as client:
        recorded = await with_its_process(client, server)
        recording = [asyncio.create_task(at_once(client)) for _ in range(8)]
        await asyncio.wait(recording, return_when=asyncio.FIRST_COMPLETED)
        for each in recorders(server):
            each.kill()

        recorded += [name for told in await asyncio.gather(*recording) for name in told]

        assert not server.unexpected(), server.unexpected()
    assert sorted(kept(tmp_path)) == sorted(recorded)


async def test_it_does_not_outlive_a_server_that_is_killed(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, httpx.AsyncClient(base_url=server.url) as client:
        recorded = await with_its_process(client, server)
        recording = [asyncio.create_task(at_once(client)) for _ in range(8)]
        await asyncio.wait(recording, return_when=asyncio.FIRST_COMPLETED)
        processes = recorders(server)
        await server.kill()

        for told in await asyncio.gather(*recording, return_exceptions=True):
            recorded += told if isinstance(told, list) else []

        assert gone(processes)
    assert set(recorded) <= set(kept(tmp_path))
    assert len(set(kept(tmp_path))) == len(kept(tmp_path))
