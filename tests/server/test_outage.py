"""A store that is away is told with its code at every door, like a refusal, though it is none."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

import httpx
import pytest
from mcp.server.mcpserver.exceptions import ToolError
from typer.testing import CliRunner

from domain.errors import DomainError
from graphdb.errors import StoreUnavailable
from resolvers.context import Authority, Context, Session
from server.__main__ import app
from server.app import open_services
from server.mcp.endpoint import endpoint
from server.mcp.tools import told
from server.schema import ChorusSchema
from server.settings import Settings
from tests.worlds import agent

OBSERVER = agent("observer").did
ROOT = Path(__file__).parents[2]
COMMANDS = [
    ("people", "maintain"),
    ("people", "import-alliance", "state.json", "--observer", OBSERVER),
    ("people", "import-ene", ".", "--observer", OBSERVER),
    ("sandbox", "from-organism", "so://nobody"),
]


class Away:
    """Looks tokens up in a store that cannot be reached."""

    async def session(self, token: str) -> Session:
        raise StoreUnavailable("it is away")


def test_an_outage_is_no_refusal() -> None:
    assert not issubclass(StoreUnavailable, DomainError)


async def test_fields_that_need_no_session_are_answered_and_the_others_say_why_not(tmp_path: Path) -> None:
    async with open_services(Settings(data=tmp_path), by_itself=False) as services:
        context = Context(replace(services, authority=cast("Authority", Away())), "a token")
        schema = ChorusSchema()

        needing = await schema.execute("{ allianceSummary { people } }", context_value=context)
        public = await schema.execute("{ runtimeInfo { isInitialized } }", context_value=context)

    assert [error.extensions for error in needing.errors or ()] == [{"code": "STORE_UNAVAILABLE"}]
    assert public.errors is None


async def test_the_tools_are_closed_for_now_and_not_forbidden(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    async with (
        open_services(settings, by_itself=False) as services,
        endpoint(replace(services, authority=cast("Authority", Away())), settings) as tools,
        httpx.AsyncClient(transport=httpx.ASGITransport(tools), base_url="http://127.0.0.1:12000") as http,
    ):
        answer = await http.post("/mcp", json={})

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "STORE_UNAVAILABLE")


async def test_a_tool_tells_the_code() -> None:
    @told
    async def tool() -> None:
        raise StoreUnavailable("it is away")

    with pytest.raises(ToolError, match="STORE_UNAVAILABLE: The store is not available"):
        await tool()


@pytest.mark.parametrize("command", COMMANDS[:3], ids=[" ".join(each[:2]) for each in COMMANDS[:3]])
def test_a_data_folder_that_is_none_is_told_in_a_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "state.json").write_text("{}", encoding="utf8")
    given = [str(tmp_path / each) if each in ("state.json", ".") else each for each in command]

    done = CliRunner().invoke(app, given, env={"CHORUS_DATA": str(tmp_path / "state.json")})

    assert done.exit_code == 2
    assert done.stderr == f"[Errno 17] File exists: '{tmp_path / 'state.json'}'\n"


@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(each[:2]) for each in COMMANDS])
def test_a_command_ends_with_the_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    (tmp_path / "data" / "chorus.db").mkdir(parents=True)  # a database that cannot be opened
    (tmp_path / "state.json").write_text("{}", encoding="utf8")
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(app, command, env={"CHORUS_DATA": str(tmp_path / "data")})

    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit)
    assert "The store is not available at the moment" in done.output


def test_a_server_that_cannot_start_says_why_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "chorus.db").mkdir()
    away = _started(tmp_path)

    (tmp_path / "chorus.db").rmdir()
    (tmp_path / "server.key").write_text("no keys", encoding="utf8")
    (tmp_path / "server.key").chmod(0o600)
    damaged = _started(tmp_path)
    misplaced = _started(tmp_path / "server.key")

    for done, why in (
        (away, "unable to open database file"),
        (damaged, "does not hold the server's keys"),
        (misplaced, "File exists"),
    ):
        assert done.returncode == 3
        assert why in done.stderr
        assert "Traceback" not in done.stderr


def _started(data: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "server", "serve", "--port", "0"]
    settings = {**os.environ, "CHORUS_DATA": str(data)}
    return subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60)
