"""What the server writes about requests: lines that belong together are known by an id, and no secret is in them."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from server.logs import configure
from tests.server.acts import hosted
from tests.servers import Json, chorus, socket

NAMED = "mutation Open($p: String!) { agentUnlock(passphrase: $p) { did } }"
SECRET = "correct horse battery"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged meanwhile, as a server would write it."""
    before, levels = structlog.get_config(), {name: logging.getLogger(name).level for name in ("", "neo4j")}
    stream = io.StringIO()
    configure("DEBUG", "json", stream)
    yield stream
    structlog.configure(**before)
    for name, level in levels.items():
        logging.getLogger(name or None).setLevel(level)


def lines(written: io.StringIO) -> list[Json]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


async def test_a_refused_request_is_a_line_with_its_id_and_without_what_was_sent(
    written: io.StringIO, tmp_path: Path
) -> None:
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "Ada")
        for _ in range(2):
            await server.post(NAMED, {"p": SECRET}, token)

    refused = [line for line in lines(written) if line["event"] == "answered_with_errors"]

    assert [(line["operation"], line["codes"]) for line in refused] == [("Open", ["WRONG_PASSPHRASE"])] * 2
    assert len({line["request_id"] for line in refused}) == 2
    assert SECRET not in written.getvalue()
    assert token not in written.getvalue()


async def test_operations_of_one_socket_have_ids_of_their_own(written: io.StringIO, tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "Ada")
        async with socket(server, token) as client:
            for _ in range(2):
                await client.subscribe(NAMED, {"p": SECRET})
                await client.receive()
                await client.receive()

    refused = [line for line in lines(written) if line["event"] == "answered_with_errors"]

    assert len({line["request_id"] for line in refused}) == 2
    assert SECRET not in written.getvalue()
    assert token not in written.getvalue()


@pytest.mark.parametrize("name", ["passphrase", "new_passphrase", "token", "store_password", "admin_credential"])
def test_a_value_that_is_called_a_secret_is_not_written(written: io.StringIO, name: str) -> None:
    structlog.get_logger("test").warning("something", **{name: SECRET})

    (line,) = lines(written)
    assert line[name] == "(not logged)"
