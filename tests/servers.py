"""A real server on a free port of loopback, in the test's own event loop, and clients over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from server.app import create_app
from server.settings import Settings

Json = Any  # Any: answers are compared with literals


@dataclass(frozen=True)
class Chorus:
    """Where the server listens."""

    url: str
    server: uvicorn.Server = field(repr=False)

    async def post(self, query: str, variables: Json = None, token: str = "", **headers: str) -> Json:
        async with httpx.AsyncClient(base_url=self.url, timeout=30, verify=False) as client:
            body = {"query": query, "variables": variables}
            answer = await client.post("/graphql", json=body, headers={"authorization": token, **headers})
            return answer.json()

    async def ask(self, query: str, variables: Json = None, token: str = "") -> Json:
        """The data of an answer without errors."""
        answer = await self.post(query, variables, token)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def refusal(self, query: str, variables: Json = None, token: str = "") -> str:
        """The code of the one error."""
        answer = await self.post(query, variables, token)
        (error,) = answer["errors"]
        return str(error["extensions"]["code"])


@asynccontextmanager
async def chorus(data: Path, **settings: Json) -> AsyncIterator[Chorus]:
    config = uvicorn.Config(
        create_app(Settings(data=data, port=0, **settings)),
        port=0,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=settings.get("body_size", 2_000_000),
        log_config=None,
        lifespan="on",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # the test's process keeps its own
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), task.exception()
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Chorus(f"http://127.0.0.1:{port}", server)
    finally:
        server.should_exit = True
        await task


@dataclass
class Socket:
    """A client of graphql-transport-ws."""

    connection: ClientConnection
    number: int = 0

    async def send(self, message: Json) -> None:
        await self.connection.send(json.dumps(message))

    async def receive(self) -> Json:
        return json.loads(await asyncio.wait_for(self.connection.recv(), 20))

    async def subscribe(self, query: str, variables: Json = None) -> str:
        self.number += 1
        name = str(self.number)
        await self.send({"id": name, "type": "subscribe", "payload": {"query": query, "variables": variables}})
        return name

    async def event(self) -> Json:
        """The data of the next message, which must be an event."""
        message = await self.receive()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]


@asynccontextmanager
async def socket(server: Chorus, token: str = "", **options: Json) -> AsyncIterator[Socket]:
    url = server.url.replace("http", "ws", 1) + "/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], **options) as connection:
        client = Socket(connection)
        await client.send({"type": "connection_init", "payload": {"headers": {"authorization": token}}})
        assert (await client.receive())["type"] == "connection_ack"
        yield client
