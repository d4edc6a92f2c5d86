"""A client's one socket of graphql-transport-ws: operations overlap, and each is answered or lost."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Json = Any  # Any: answers are compared with literals

ANSWER_SECONDS = 60
BACK_OFF_SECONDS = 0.5
STORE_UNAVAILABLE = "STORE_UNAVAILABLE"


class Lost(Exception):
    """The connection ended before the answer came: nobody knows whether the request was carried out."""


class Refused(Exception):
    """The answer is an error; `code` is that of the first one."""

    def __init__(self, errors: Json) -> None:
        super().__init__(str(errors))
        self.code = str(errors[0]["extensions"]["code"])
        self.facts = errors[0]["extensions"]


async def back_off() -> None:
    """As any client does that has to ask again: asking on and on would only hold up what it waits for."""
    await asyncio.sleep(BACK_OFF_SECONDS)


class Asks(Protocol):
    """Whatever GraphQL can be asked over."""

    async def ask(self, query: str, variables: Json = None) -> Json:
        """The data of the answer. Raises `Refused` and `Lost`."""
        ...


Connect = Callable[[str], AbstractAsyncContextManager[Asks]]
"""Opens a connection with a token. Raises `Lost`."""


class Line:
    """Opened by `line`."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._answers: dict[str, asyncio.Queue[Json]] = {}
        self._open = True

    async def ask(self, query: str, variables: Json = None) -> Json:
        """The data of the answer. Raises `Refused` and `Lost`."""
        name, answers = await self._begin(query, variables)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return _data(await answers.get())
        finally:
            self._answers.pop(name, None)

    async def events(self, query: str, variables: Json = None) -> AsyncGenerator[Json, None]:
        """The data of each event. Raises `Refused` and, when the connection ends, `Lost`."""
        name, answers = await self._begin(query, variables)
        try:
            while (message := await answers.get()) is None or message["type"] != "complete":
                yield _data(message)
        finally:
            self._answers.pop(name, None)

    async def _begin(self, query: str, variables: Json) -> tuple[str, asyncio.Queue[Json]]:
        if not self._open:
            raise Lost
        name, answers = str(next(self._numbers)), asyncio.Queue[Json]()
        self._answers[name] = answers
        payload = {"query": query, "variables": variables}
        try:
            await self._connection.send(orjson.dumps({"id": name, "type": "subscribe", "payload": payload}), text=True)
        except ConnectionClosed as exc:
            raise Lost from exc
        return name, answers

    async def read(self) -> None:
        """Hands every message to whoever asked, until the connection ends."""
        try:
            async for text in self._connection:
                message = orjson.loads(text)
                if message["type"] == "ping":
                    await self._connection.send('{"type":"pong"}')
                elif message.get("id") in self._answers:
                    self._answers[message["id"]].put_nowait(message)
        except ConnectionClosed:
            pass
        finally:
            self._open = False
            for answers in self._answers.values():
                answers.put_nowait(None)

    @property
    def close_code(self) -> int | None:
        return self._connection.close_code


def _data(message: Json) -> Json:
    if message is None:
        raise Lost
    if message["type"] == "error":
        raise Refused(message["payload"])
    if message["payload"].get("errors"):
        raise Refused(message["payload"]["errors"])
    return message["payload"]["data"]


@asynccontextmanager
async def line(url: str, token: str = "") -> AsyncIterator[Line]:
    """A connection with this token to the server at `url`. Raises `Lost` where there is none to be had."""
    address = url.replace("http", "ws", 1) + "/graphql"
    options: Json = {"subprotocols": ["graphql-transport-ws"], "compression": None, "max_size": None}
    try:
        connection = await connect(address, ping_interval=None, close_timeout=5, **options)
    except OSError as exc:
        raise Lost from exc
    try:
        await connection.send(orjson.dumps({"type": "connection_init", "payload": _init(token)}), text=True)
        await connection.recv()
    except ConnectionClosed as exc:
        raise Lost from exc
    opened = Line(connection)
    reading = asyncio.create_task(opened.read())
    try:
        yield opened
    finally:
        await connection.close()
        await reading


def _init(token: str) -> Json:
    return {"headers": {"authorization": token}}
