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


class Pipe(io.StringIO):
    """What is logged, for as long as somebody reads it."""

    broken = False

    def write(self, text: str) -> int:
        if self.broken:
            raise BrokenPipeError
        return super().write(text)


@pytest.fixture
def written() -> Iterator[Pipe]:
    """What is logged meanwhile, as a server would write it."""
    before, names = structlog.get_config(), ("", "neo4j", "chorus")
    levels, handlers = {name: logging.getLogger(name).level for name in names}, logging.root.handlers
    logging.root.handlers = []  # set aside, not closed
    stream = Pipe()
    configure("DEBUG", "json", stream)
    yield stream
    structlog.configure(**before)
    logging.root.handlers = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def lines(written: Pipe) -> list[Json]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


async def test_a_refused_request_is_a_line_with_its_id_and_without_what_was_sent(written: Pipe, tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "Ada")
        for _ in range(2):
            await server.post(NAMED, {"p": SECRET}, token)

    refused = [line for line in lines(written) if line["event"] == "answered_with_errors"]

    assert [(line["operation"], line["codes"]) for line in refused] == [("Open", ["WRONG_PASSPHRASE"])] * 2
    assert len({line["request_id"] for line in refused}) == 2
    assert SECRET not in written.getvalue()
    assert token not in written.getvalue()


async def test_operations_of_one_socket_have_ids_of_their_own(written: Pipe, tmp_path: Path) -> None:
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
def test_a_value_that_is_called_a_secret_is_not_written(written: Pipe, name: str) -> None:
    structlog.get_logger("test").warning("something", **{name: SECRET})

    (line,) = lines(written)
    assert line[name] == "(not logged)"


def test_what_a_library_says_is_a_line_like_others(written: Pipe) -> None:
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("It failed: %s", "here")
    logging.getLogger("uvicorn.error").info("Started")

    (line,) = lines(written)
    assert (line["event"], line["level"]) == ("It failed: here", "error")
    assert line["exception"].endswith("ValueError: why")


async def test_a_request_is_answered_though_nobody_reads_the_log_any_more(
    written: Pipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "Ada")
        written.broken = True
        answer = await server.post(NAMED, {"p": SECRET}, token)

    assert answer["errors"][0]["extensions"]["code"] == "WRONG_PASSPHRASE"
    assert SECRET not in capsys.readouterr().err
