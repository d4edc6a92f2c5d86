"""Answers to somebody who has gone: nothing is wrong with the server, and its log says nothing."""

import asyncio
import json
from pathlib import Path

import pytest
from starlette.types import Message, Scope

from server.app import create_app
from server.settings import Settings
from tests.server.log import Pipe

SCOPE: Scope = {
    "type": "websocket",
    "path": "/graphql",
    "raw_path": b"/graphql",
    "root_path": "",
    "query_string": b"",
    "headers": [(b"host", b"127.0.0.1"), (b"sec-websocket-protocol", b"graphql-transport-ws")],
    "subprotocols": ["graphql-transport-ws"],
}
ASKED = ({"type": "connection_init"}, {"id": "1", "type": "subscribe", "payload": {"query": "{ __typename }"}})


class Gone:
    """A client as an ASGI server shows it: asks, and is gone when the answer comes."""

    def __init__(self, told: Exception) -> None:
        self._told = told
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._messages.put_nowait({"type": "websocket.connect"})
        for message in ASKED:
            self._messages.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})
        self.answered = 0

    async def receive(self) -> Message:
        return await self._messages.get()

    async def send(self, message: Message) -> None:
        if message["type"] != "websocket.send" or json.loads(message["text"])["type"] == "connection_ack":
            return
        self.answered += 1
        self._messages.put_nowait({"type": "websocket.disconnect", "code": 1006})
        raise self._told


@pytest.mark.parametrize(
    "told",
    [OSError("gone"), RuntimeError("Unexpected ASGI message 'websocket.send', after sending 'websocket.close'.")],
    ids=["it left", "it was closed on"],
)
async def test_an_answer_to_somebody_who_has_gone_is_no_error(
    tmp_path: Path, told: Exception, caplog: pytest.LogCaptureFixture, written: Pipe
) -> None:
    app, client = create_app(Settings(data=tmp_path)), Gone(told)

    async with app.router.lifespan_context(app):
        await app(SCOPE, client.receive, client.send)

    assert client.answered
    assert not caplog.records
    assert "Traceback" not in written.getvalue()
