"""Memory stays flat: idle sockets are cheap, and a subscriber that stops reading costs a fixed amount."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.faults import documents
from tests.faults.line import Json, Line, back_off
from tests.faults.process import ServerProcess, serving

SOCKETS = 200
KILOBYTES_EACH = 100
EVENTS = 90
WINDOW = 20
PING_SECONDS = 2
SUBSCRIPTIONS = 4
MEGABYTE = 1 << 20
GENERATE = 'mutation { agentGenerate(passphrase: "memory") { did } }'
WIDE = " ".join(f"text{number}: text" for number in range(45))
WIDE_EVENTS = f'subscription ($u: String) {{ soEvents(soURI: $u, after: "0") {{ entry {{ seq {WIDE} }} }} }}'


async def found(line: Line) -> str:
    await line.ask(GENERATE)
    return str((await line.ask(documents.CREATE, {"o": {"name": "Memory", "template": "open"}}))["soCreate"])


async def speak(server: ServerProcess, line: Line, uri: str, numbers: range) -> float:
    """Gives the least memory of the server meanwhile: each evaluation takes some 20 MB for a moment."""
    least = resident(server)
    for number in numbers:
        content = json.dumps(f"{number} {'-' * 500}")
        await line.ask(documents.SPEAK, {"u": uri, "content": content, "languageAddress": "literal"})
        least = min(least, resident(server))
    return least


def resident(server: ServerProcess) -> float:
    """Megabytes."""
    return psutil.Process(server.pid).memory_info().rss / MEGABYTE


@asynccontextmanager
async def subscribed(server: ServerProcess, query: str, uri: str, count: int = 1) -> AsyncIterator[ClientConnection]:
    """A socket with so many subscriptions that have begun."""
    url = server.url.replace("http", "ws", 1) + "/graphql"
    options: Json = {
        "subprotocols": ["graphql-transport-ws"],
        "compression": None,
        "ping_interval": None,
        "max_size": None,
        "close_timeout": 1,
    }
    async with connect(url, **options) as connection:
        await connection.send('{"type":"connection_init"}')
        await connection.recv()
        for number in range(count):
            payload = {"query": query, "variables": {"u": uri}}
            await connection.send(json.dumps({"id": str(number), "type": "subscribe", "payload": payload}))
        yield connection


async def test_an_idle_subscriber_costs_less_than_100_kilobytes(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, server.connect() as line, AsyncExitStack() as stack:
        uri = await found(line)
        query = documents.EVENTS
        first = [await stack.enter_async_context(subscribed(server, query, uri)) for _ in range(10)]
        before = resident(server)

        more = [await stack.enter_async_context(subscribed(server, query, uri)) for _ in range(SOCKETS)]
        await line.ask(documents.SPEAK, {"u": uri, "content": '"hello"', "languageAddress": "literal"})
        for connection in (*first, *more):
            assert json.loads(await connection.recv())["type"] == "next"

        assert (resident(server) - before) * 1024 / SOCKETS < KILOBYTES_EACH


async def test_a_subscriber_that_stops_reading_costs_a_fixed_amount_and_catches_up(tmp_path: Path) -> None:
    async with serving(tmp_path, ping_interval=600) as server, server.connect() as line:
        uri = await found(line)
        async with subscribed(server, WIDE_EVENTS, uri, SUBSCRIPTIONS) as stalled:
            stalled.transport.pause_reading()
            await speak(server, line, uri, range(EVENTS))  # fills the buffers between them, and the server's caches
            full = await speak(server, line, uri, range(EVENTS, EVENTS + WINDOW))
            await speak(server, line, uri, range(EVENTS + WINDOW, 2 * EVENTS))
            grown = await speak(server, line, uri, range(2 * EVENTS, 2 * EVENTS + WINDOW)) - full
            stalled.transport.resume_reading()

            received, bytes_received = await _received(stalled, 1 + 2 * EVENTS + WINDOW)

        assert received == {str(number): list(range(1, 2 + 2 * EVENTS + WINDOW)) for number in range(SUBSCRIPTIONS)}
        assert bytes_received > 50 * MEGABYTE
        assert grown < 10


async def _received(connection: ClientConnection, count: int) -> tuple[dict[str, list[int]], int]:
    """The numbers of so many entries for each subscription, and how many bytes they took."""
    seen: dict[str, list[int]] = {str(number): [] for number in range(SUBSCRIPTIONS)}
    size = 0
    while min(len(each) for each in seen.values()) < count:
        text = await connection.recv()
        message = json.loads(text)
        seen[message["id"]].append(message["payload"]["data"]["soEvents"]["entry"]["seq"])
        size += len(text)
    return seen, size


async def _only_one_socket(server: ServerProcess) -> None:
    """Returns once the server has let all others go."""
    async with asyncio.timeout(60), httpx.AsyncClient(base_url=server.url) as client:
        while "chorus_sockets 1.0" not in (await client.get("/metrics")).text:
            await back_off()


async def test_a_subscriber_that_answers_no_ping_is_let_go(tmp_path: Path) -> None:
    async with serving(tmp_path, ping_interval=PING_SECONDS) as server, server.connect() as line:
        uri = await found(line)
        async with subscribed(server, WIDE_EVENTS, uri, SUBSCRIPTIONS) as stalled:
            stalled.transport.pause_reading()
            await speak(server, line, uri, range(EVENTS))  # more than the buffers between them hold

            await _only_one_socket(server)

            stalled.transport.resume_reading()
            with pytest.raises(ConnectionClosed):
                await _received(stalled, 1 + EVENTS)


async def test_a_subscriber_that_misses_a_ping_is_told_so(tmp_path: Path) -> None:
    async with serving(tmp_path, ping_interval=PING_SECONDS) as server, server.connect() as line:
        uri = await found(line)
        async with subscribed(server, documents.EVENTS, uri) as stalled:
            stalled.transport.pause_reading()
            await _only_one_socket(server)
            stalled.transport.resume_reading()

            with pytest.raises(ConnectionClosed):
                await _received(stalled, 1)

            assert (stalled.close_code, stalled.close_reason) == (1011, "keepalive ping timeout")
