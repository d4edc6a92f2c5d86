"""The README's own commands, typed as they stand there."""

import os
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import needs

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf8")


def commands(heading: str) -> str:
    """The first shell block under a heading."""
    return re.split(r"```sh\n|```", README.split(f"## {heading}\n")[1])[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """`make serve` as a newcomer types it, but for the port and the folder, so that nothing of theirs is touched."""
    needs.web_bundle()
    with tempfile.TemporaryDirectory() as data:
        chosen = {**os.environ, "CHORUS_PORT": str(free_port()), "CHORUS_DATA": data}
        serving = subprocess.Popen(
            ["make", "serve"], cwd=ROOT, env=chosen, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            assert serving.stdout is not None
            assert any("Chorus listens on" in line for line in iter(serving.stdout.readline, ""))
            yield chosen
        finally:
            os.killpg(serving.pid, signal.SIGTERM)
            serving.communicate(timeout=30)


def test_a_newcomer_needs_six_commands_at_most() -> None:
    assert 1 + len(commands("Your first organism speaks").strip().splitlines()) <= 6


def test_the_first_organism_speaks(environment: dict[str, str]) -> None:
    typed = commands("Your first organism speaks")

    shown = subprocess.run(["bash", "-c", typed], env=environment, capture_output=True, text=True, timeout=60)

    assert "errors" not in shown.stdout, shown.stdout
    assert "We garden." in shown.stdout.splitlines()[-1]
    assert '"asSpoken":1.0' in shown.stdout.splitlines()[-1]
