"""`chorus`, whichever command."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.__main__ import MODULES, app

ROOT = Path(__file__).parents[2]
RUN = "import sys; from server.__main__ import main\ntry: main()\nfinally: print(*sys.modules)"


def test_every_command_is_listed_with_what_it_does() -> None:
    listed = CliRunner().invoke(app, ["--help"]).output

    assert all(name in listed for name in MODULES)
    assert "Start the server" in listed


def test_it_says_which_version_it_is() -> None:
    told = CliRunner().invoke(app, ["--version"])

    assert (told.exit_code, told.output) == (0, f"chorus {version('chorus-graphql')}\n")


@pytest.mark.parametrize("name", MODULES)
def test_every_command_explains_itself(name: str) -> None:
    told = CliRunner().invoke(app, [name, "--help"])

    assert told.exit_code == 0, told.output
    assert f"{name} [OPTIONS]" in told.output


def test_a_mistyped_command_is_told_with_what_was_meant() -> None:
    refused = CliRunner().invoke(app, ["srve"])

    assert refused.exit_code == 2
    assert "Did you mean 'serve'?" in refused.output


def test_a_command_imports_no_part_of_the_server_that_it_does_not_need() -> None:
    imported = _imported("dna", "--help")

    assert "server.dna.lint" in imported
    assert not imported & {"strawberry", "uvicorn", "mcp", "numpy", "neo4j"}


def test_a_server_imports_the_model_context_protocol_only_for_whoever_asks_for_it() -> None:
    imported = _imported("serve", "--help")

    assert "server.mcp.endpoint" in imported
    assert "mcp" not in imported


def _imported(*words: str) -> set[str]:
    run = subprocess.run([sys.executable, "-c", RUN, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.split())
