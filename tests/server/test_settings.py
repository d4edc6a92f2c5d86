"""Settings that do not fit are told by their names, without a traceback and without what was given."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from server.settings import Settings, complaint, mistyped

ROOT = Path(__file__).parents[2]
WRONG = {
    "CHORUS_PORT": ("70000", "less than or equal to 65535"),
    "CHORUS_PAGE": ("many", "valid integer"),
    "CHORUS_LOG_LEVEL": ("LOUD", "debug|info|warning|error"),
    "CHORUS_LOG_FORMAT": ("jsonx", "console|json"),
    "CHORUS_ALLOWED_HOSTS": ("example.org", "expected JSON"),
    "CHORUS_STORE": (
        "mysql://me:secret@there",
        "CHORUS_STORE: expected sqlite:///path or neo4j://host:port, got the scheme 'mysql'",
    ),
    "CHORUS_OWNERS": ('{"*": 1}', "valid tuple"),
}


def run(*words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    own = {name: value for name, value in os.environ.items() if not name.startswith("CHORUS_")}
    command = [sys.executable, "-m", "server", *words]
    return subprocess.run(command, cwd=ROOT, env=own | variables, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_told_by_its_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    value, expected = WRONG[name]
    monkeypatch.setenv(name, value)

    with pytest.raises(ValueError) as raised:  # noqa: PT011 -- pydantic's and its settings' errors have no more in common
        Settings()

    told = complaint(raised.value)
    assert told is not None
    assert told.startswith(name)
    assert expected in told
    assert "secret" not in told


def test_all_that_does_not_fit_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_PORT", "-1")
    monkeypatch.setenv("CHORUS_MEMBERS", "0")

    with pytest.raises(ValidationError) as raised:
        Settings()

    assert [line.split(":")[0] for line in str(complaint(raised.value)).splitlines()] == [
        "CHORUS_PORT",
        "CHORUS_MEMBERS",
    ]


def test_other_errors_are_none_of_the_settings() -> None:
    assert complaint(ValueError("something else")) is None


@pytest.mark.parametrize("level", ["debug", "INFO", "Warning", "ERROR"])
def test_levels_are_written_as_one_likes(level: str) -> None:
    assert Settings(log_level=level).log_level == level


def test_a_variable_that_is_no_setting_is_told_with_what_may_be_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CHORUS_")]:
        monkeypatch.delenv(name)
    for name in ("CHORUS_PROT", "CHORUS_XYZZY", "CHORUS_TOKEN", "CHORUS_PORT"):
        monkeypatch.setenv(name, "1")

    assert mistyped() == [
        "CHORUS_PROT is no setting; did you mean CHORUS_PORT?",
        "CHORUS_XYZZY is no setting",
    ]


def test_the_command_line_ends_with_a_message_and_no_traceback(tmp_path: Path) -> None:
    done = run("serve", CHORUS_DATA=str(tmp_path / "data"), CHORUS_PAGE="0")

    assert done.returncode == 2
    assert "CHORUS_PAGE: Input should be greater than or equal to 1" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_replay_into_no_store_ends_with_its_code(tmp_path: Path) -> None:
    done = run("replay", "mysql://there", CHORUS_DATA=str(tmp_path))

    assert done.returncode == 2
    assert "UNKNOWN_STORE" in done.stderr
    assert "Traceback" not in done.stderr
