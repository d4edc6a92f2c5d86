"""What the server writes about requests: lines that belong together are known by an id, and no secret is in them."""

import logging
from pathlib import Path

import pytest
import structlog

from tests.server.acts import hosted
from tests.server.log import Pipe, lines
from tests.servers import chorus, socket

NAMED = "mutation Open($p: String!) { agentUnlock(passphrase: $p) { did } }"
SECRET = "correct horse battery"


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
        logging.getLogger("a.library").exception("It failed: %s", "here")
    logging.getLogger("a.library").info("Started")

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
