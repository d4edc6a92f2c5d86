"""A small GraphQL server that serves the GraphiQL page, so that the page is tested apart from Chorus.

It knows songs: anyone may sing one, and a subscription hears those after a cursor.
"""

import asyncio
import itertools
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from tests.e2e import needs

# The policy of client-examples/web/README.md.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
SERVICE_RESTART = 1012


@dataclass(frozen=True)
class Choir:
    """What the small server knows: the songs sung so far, and the cursors its listeners came with."""

    songs: list[str] = field(default_factory=list)
    asked_after: list[str] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def sing(self, song: str) -> None:
        async with self.changed:
            self.songs.append(song)
            self.changed.notify_all()

    async def listeners(self, count: int) -> None:
        """Waits until so many have come to listen."""
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.asked_after) >= count)

    async def since(self, cursor: str) -> AsyncIterator[tuple[int, str]]:
        """The songs after a cursor with their own, past ones and then new ones, without end."""
        async with self.changed:
            self.asked_after.append(cursor)
            self.changed.notify_all()
        for place in itertools.count(int(cursor) + 1):
            await self._reaches(place)
            yield place, self.songs[place - 1]

    async def _reaches(self, place: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.songs) >= place)


Info: TypeAlias = strawberry.Info[dict[str, object], Choir]


@strawberry.type
class Song:
    cursor: str
    title: str
    heard_as: str


@strawberry.type
class Query:
    @strawberry.field
    def who_am_i(self, info: Info) -> str:
        connection = info.context["request"]
        assert isinstance(connection, HTTPConnection)
        return connection.headers.get("authorization", "nobody")


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def sing(self, info: Info, title: str) -> int:
        await info.root_value.sing(title)
        return len(info.root_value.songs)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def songs(self, info: Info, after: str = "0") -> AsyncGenerator[Song, None]:
        async for heard, title in info.root_value.since(after):
            yield Song(cursor=str(heard), title=title, heard_as=_agent_of(info))
            if title == "the curtain falls":
                await _socket_of(info).close(SERVICE_RESTART)


def _agent_of(info: Info) -> str:
    params = info.context["connection_params"]
    assert isinstance(params, dict)
    return str(params["headers"].get("authorization", "nobody"))


def _socket_of(info: Info) -> WebSocket:
    connection = info.context["request"]
    assert isinstance(connection, WebSocket)
    return connection


class ChoirEndpoint(GraphQL[dict[str, object], Choir]):
    """The `/graphql` endpoint, with the choir as its root value."""

    def __init__(self, choir: Choir) -> None:
        schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
        super().__init__(schema, graphql_ide=None, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])
        self.choir = choir

    async def get_root_value(self, request: Request | WebSocket) -> Choir:
        return self.choir

    async def on_ws_connect(self, context: dict[str, object]) -> UnsetType | dict[str, object] | None:
        if context["connection_params"] == {"headers": {"authorization": "expired"}}:
            raise ConnectionRejectionError
        return await super().on_ws_connect(context)


class WithPolicy:
    """Sends the page's content security policy with every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", POLICY.encode())]
            await send(message)

        await self.app(scope, receive, send_with_policy)


class AnnouncedServer(uvicorn.Server):
    """A server that says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def choir_server(choir: Choir) -> AsyncIterator[str]:
    """The address of the page, for as long as the choir is to be heard."""
    page = StaticFiles(directory=needs.web_bundle(), html=True)
    endpoint = ChoirEndpoint(choir)
    app = WithPolicy(
        Starlette(routes=[Route("/graphql", endpoint), WebSocketRoute("/graphql", endpoint), Mount("/", page)])
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = AnnouncedServer(uvicorn.Config(app, lifespan="off", log_level="warning"))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listener]))
            await server.up.wait()
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
            finally:
                server.should_exit = True
