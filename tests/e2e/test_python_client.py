"""The Python example client: its signatures against the shared vectors, and its main job against a real server."""

import hashlib
import importlib
import json
import sys
from contextlib import aclosing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.e2e.commands import run
from tests.faults.process import ServerProcess

EXAMPLES = Path(__file__).parents[2] / "client-examples"
PYTHON = EXAMPLES / "python"
VECTORS: dict[str, Any] = json.loads((EXAMPLES / "vectors.json").read_text(encoding="utf8"))  # Any: rows as documented

PROTOCOL = Subprotocol("graphql-transport-ws")
SERVICE_RESTART = 1012

MAIN_JOB = """\
Ada founds an organism: 1 member
Ben joins with a signature of his own: 2 members in epoch 1
Ben hears Ada, coherence 1/2
Ben concurs, coherence 2/2
Ben hears Ben: "and Buxtehude"
Ada catches up with "and Buxtehude"
Dora speaks: NOT_A_MEMBER
Dora reads literal://string:Bach by Ada
It is spoken for the organism: True
Its author signed it: True
Ada: CONCUR, verified offline: True
Ben: CONCUR, verified offline: True
Recounted 2/2, the server says 2/2
Roster root as stated
"""

SEAT = """\
Ben played 18 turns; before the last one honest_2 had 110.50 credits
honest_2 and the other honest agents gained 3.30 credits each
Without Ben they would have gained 0.33
"""


@pytest.fixture
def chorus_client(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PYTHON))
    return importlib.import_module("chorus_client")


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PYTHON))
    return importlib.import_module("identity")


def test_expressions_are_signed_as_ad4m_signs_them(identity: ModuleType) -> None:
    vectors = VECTORS["ad4m"]
    ada = identity.Identity.from_seed(bytes(range(32)))
    assert ada.did == vectors["did"]

    for row in vectors["expressions"]:
        expression = ada.expression(row["data"], vectors["timestamp"])

        assert expression["proof"]["signature"] == row["signature"], row["what"]
        assert identity.is_signed(expression)


def test_what_an_ad4m_executor_signed_is_verified(identity: ModuleType) -> None:
    executor = VECTORS["ad4m"]["executor"]

    assert identity.is_signed(executor)
    assert not identity.is_signed({**executor, "data": "Hello World James 3!"})


def test_contents_addresses_and_rosters_are_those_of_the_protocol(identity: ModuleType) -> None:
    assert all(identity.content_of(row["expression"]) == row["content"] for row in VECTORS["expressions"])
    assert all(identity.address(row["text"].encode()) == row["address"] for row in VECTORS["ad4m"]["addresses"])
    assert all(identity.roster_root(reversed(row["members"])) == row["root"] for row in VECTORS["rosters"])


@pytest.mark.parametrize("row", VECTORS["statements"], ids=lambda row: json.loads(row["statement"])["type"])
def test_statements_are_signed_as_the_protocol_has_it(identity: ModuleType, row: dict[str, Any]) -> None:
    signer = identity.Identity.from_seed(hashlib.sha256(f"vector key {row['signer']}".encode()).digest())

    signed = signer.statement(json.loads(row["statement"]))

    assert signed == {"statement": row["statement"], "signature": row["signature"]}
    assert identity.read_statement(signed) == json.loads(row["statement"])


@pytest.mark.parametrize("row", VECTORS["refused"], ids=lambda row: str(row["why"]))
def test_what_is_wrong_is_refused(identity: ModuleType, row: dict[str, Any]) -> None:
    assert identity.read_statement(row) is None


async def test_a_watch_goes_on_after_the_last_event_when_the_connection_was_lost(
    chorus_client: ModuleType,
) -> None:
    """Against a server of the protocol that restarts after each event."""
    asked_after: list[str] = []

    async def restart_after_an_event(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send('{"type": "connection_ack"}')
        subscription = json.loads(await socket.recv())
        asked_after.append(subscription["payload"]["variables"]["after"])
        data = {"soNewExpression": {"cursor": str(int(asked_after[-1]) + 1)}}
        await socket.send(json.dumps({"id": subscription["id"], "type": "next", "payload": {"data": data}}))
        await socket.close(SERVICE_RESTART)

    async with serve(restart_after_an_event, "127.0.0.1", 0, subprotocols=[PROTOCOL]) as server:
        port = server.sockets[0].getsockname()[1]
        async with (
            chorus_client.connected(f"http://127.0.0.1:{port}") as client,
            aclosing(client.new_expressions(after="0")) as events,
        ):
            cursors = [(await anext(events))["cursor"] for _ in range(3)]

    assert cursors == ["1", "2", "3"]
    assert asked_after == ["0", "1", "2"]


async def test_the_main_job_prints_what_it_should(chorus_server: ServerProcess) -> None:
    shown = await run(sys.executable, PYTHON / "main_job.py", chorus_server.url)

    assert shown == MAIN_JOB


async def test_somebody_is_trusted_wronged_and_heard(chorus_server: ServerProcess) -> None:
    shown = await run(sys.executable, PYTHON / "trust_somebody.py", chorus_server.url)

    assert shown == (EXAMPLES / "people.txt").read_text(encoding="utf8")


async def test_a_seat_is_taken_and_played_to_the_end(chorus_server: ServerProcess) -> None:
    shown = await run(sys.executable, PYTHON / "take_seat.py", chorus_server.url)

    assert shown == SEAT


async def test_the_example_is_typed() -> None:
    await run(sys.executable, "-m", "mypy", "--strict", "--cache-dir=/dev/null", ".", cwd=PYTHON)
