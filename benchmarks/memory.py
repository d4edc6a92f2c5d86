"""What idle subscribers cost: the server's resident memory with 1,000 sockets, each with one `soEvents` subscription.

The server is a real process without compression on its sockets. Limit: 250 MB (2^20 bytes) in all.
Run: python -m benchmarks.memory
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import psutil
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.report import Measured, show

SOCKETS = 1_000
LIMIT = 250.0
MEGABYTE = 1 << 20
GENERATE = 'mutation { agentGenerate(passphrase: "memory") { did } }'
CREATE = 'mutation { soCreate(socialOrganism: {name: "Memory"}) }'
EVENTS = "subscription ($u: String) { soEvents(soURI: $u) { cursor entry { seq } } }"


@contextmanager
def serving() -> Iterator[tuple[psutil.Process, str]]:
    """A server of its own on a free port, and where it listens."""
    with tempfile.TemporaryDirectory() as data:
        command = (sys.executable, "-m", "server", "serve", "--port", "0")
        environment = {**os.environ, "CHORUS_DATA": data, "CHORUS_LOG_LEVEL": "ERROR"}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                listens = re.search(r"http(://\S+?/)graphql", process.stdout.readline())
                assert listens is not None, "the server did not start"
                yield psutil.Process(process.pid), f"ws{listens.group(1)}graphql"
            finally:
                process.kill()


async def ask(connection: ClientConnection, query: str) -> dict[str, str]:
    """The data of the answer to one operation."""
    await connection.send(json.dumps({"id": "ask", "type": "subscribe", "payload": {"query": query}}))
    answer = json.loads(await connection.recv())
    assert json.loads(await connection.recv())["type"] == "complete"
    return dict(answer["payload"]["data"])


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[ClientConnection]:
    options: dict[str, Any] = {"compression": None, "ping_interval": None, "close_timeout": 1}
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], **options) as connection:
        await connection.send('{"type":"connection_init"}')
        await connection.recv()
        yield connection


async def found(url: str) -> str:
    """The URI of an organism on an empty server."""
    async with connected(url) as connection:
        await ask(connection, GENERATE)
        return (await ask(connection, CREATE))["soCreate"]


@asynccontextmanager
async def subscribers(url: str, uri: str, count: int) -> AsyncIterator[None]:
    """So many sockets, each with one subscription that has begun."""
    async with AsyncExitStack() as stack:
        for _ in range(count):
            connection = await stack.enter_async_context(connected(url))
            payload = {"query": EVENTS, "variables": {"u": uri}}
            await connection.send(json.dumps({"id": "events", "type": "subscribe", "payload": payload}))
            await ask(connection, "{ __typename }")  # answered after the subscription has begun
        yield


async def main() -> None:
    with serving() as (process, url):
        uri = await found(url)
        async with subscribers(url, uri, 1):
            idle = process.memory_info().rss / MEGABYTE
        async with subscribers(url, uri, SOCKETS):
            full = process.memory_info().rss / MEGABYTE
    rows = [
        Measured("resident, no subscriber", idle, "MB"),
        Measured(f"resident, {SOCKETS:,} subscribers", full, "MB", LIMIT, "allowed", f"≤ {LIMIT:g} MB"),
        Measured("each subscriber", (full - idle) * 1024 / SOCKETS, "KB"),
    ]
    show("memory of idle subscribers", rows)
    sys.exit(full > LIMIT)


if __name__ == "__main__":
    uvloop.run(main())
