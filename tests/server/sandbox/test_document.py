"""docs/sandbox.md: every command in it runs, and prints what the document shows."""

import asyncio
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate
from typer.testing import CliRunner

from server.__main__ import app
from server.sandbox.commands import app as sandbox
from tests.server.sandbox.test_organism import found_club, record
from tests.servers import chorus

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "sandbox.md").read_text()
SHOWN = " chorus sandbox "


@dataclass
class Example:
    """A command, and lines of what it prints."""

    command: str
    lines: list[str] = field(default_factory=list)


def examples() -> Iterator[Example]:
    for block in re.findall(r"```console\n(.*?)```", DOCUMENT, re.DOTALL):
        found: list[Example] = []
        for line in block.splitlines():
            if line.startswith("$" + SHOWN):
                found.append(Example(line.removeprefix("$" + SHOWN)))
            else:
                found[-1].lines.append(line)
        yield from found


async def reading_circle(data: Path) -> str:
    """The organism that the document asks about: eight members, of whom the main agent knows three."""
    async with chorus(data) as server:
        club = await found_club(server, size=8)
        for member, kind, days in ((1, "MESSAGE", 25), (2, "MESSAGE", 6), (3, "NEGATIVE", 5)):
            await record(server, club.tokens[0], club.dids[member], kind, days)
    return club.uri


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_every_command_runs_in_turn_and_prints_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (village,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    (tmp_path / "village.yaml").write_text(village)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ORGANISM", asyncio.run(reading_circle(tmp_path / "data")))
    for example in examples():
        if example.command == "resume interrupted.jsonl":
            whole = (tmp_path / "base-2.jsonl").read_bytes()
            (tmp_path / "interrupted.jsonl").write_bytes(whole[: len(whole) // 2])

        found = CliRunner().invoke(app, ["sandbox", *shlex.split(os.path.expandvars(example.command))])

        assert found.exit_code in (0, 2), f"{example.command}: {found.output}"
        assert (found.exit_code == 2) == ("FAIL" in found.stdout), found.output
        printed = words(found.stdout)
        assert [line for line in example.lines if line.split() not in printed] == [], found.stdout


def test_every_command_is_in_the_document() -> None:
    shown = {example.command.split()[0] for example in examples()}

    names = {one.name or (one.callback.__name__ if one.callback else "") for one in sandbox.registered_commands}

    assert shown == names


def test_every_operation_fits_the_schema() -> None:
    schema = build_schema((ROOT / "schema" / "schema.graphql").read_text(encoding="utf8"))
    operations = re.findall(r"```graphql\n(.*?)```", DOCUMENT, re.DOTALL)

    assert operations
    assert [problem.message for text in operations for problem in validate(schema, parse(text))] == []
