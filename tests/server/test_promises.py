"""What the documents promise is what the code has: settings, error codes, the command line."""

import ast
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from domain.errors import CodedError
from server.settings import Settings

ROOT = Path(__file__).parents[2]
ABSTRACT = {"CODED_ERROR", "DOMAIN_ERROR", "REFUSED", "INVALID_SHAPE"}
"""Codes of bases that are never raised themselves."""


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    table = re.findall(
        r"^\| `(CHORUS_\w+)` \| (.+?) \| (.+?) \|$", (ROOT / "README.md").read_text("utf8"), re.MULTILINE
    )

    assert table == [_row(name, field) for name, field in Settings.model_fields.items()]


def _row(name: str, field: FieldInfo) -> tuple[str, str, str]:
    default = list(field.default) if isinstance(field.default, tuple) else field.default
    return f"CHORUS_{name.upper()}", "(empty)" if default == "" else f"`{default}`", str(field.description)


def test_the_protocol_lists_every_error_code_once_and_no_other() -> None:
    section = (ROOT / "docs" / "protocol.md").read_text("utf8").partition("## Error codes")[2].partition("\n## ")[0]
    rows = [row.split("|") for row in section.splitlines() if row.startswith("| `")]
    listed = [code for row in rows for code in re.findall(r"`([A-Z][A-Z_]+)`", row[1])]

    assert sorted(listed) == sorted(set(_codes()) - ABSTRACT)
    assert all(len(row[2].strip()) > 5 for row in rows)


def _codes() -> Iterator[str]:
    for package in ("domain", "graphdb", "resolvers", "schema", "server", "subscriptions"):
        found = importlib.import_module(package)
        for module in pkgutil.walk_packages(found.__path__, f"{package}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    waiting: list[type[CodedError]] = [CodedError]
    while waiting:
        each = waiting.pop()
        yield each.code
        waiting += each.__subclasses__()
    for source in (ROOT / "server").glob("*.py"):
        yield from re.findall(r'"code": "([A-Z_]+)"', source.read_text("utf8"))
        yield from re.findall(r'^[A-Z_]+ = "(BAD_[A-Z_]+)"$', source.read_text("utf8"), re.MULTILINE)
        yield from re.findall(r'BadRequest\(\s*\d+,\s*"([A-Z_]+)"', source.read_text("utf8"))


def test_every_property_of_the_protocol_has_tests_that_name_it() -> None:
    table = (ROOT / "docs" / "reliability.md").read_text("utf8").partition("## The protocol's properties")[2]
    rows = {int(number): row for number, row in re.findall(r"^\| (\d)\. (.+)$", table, re.MULTILINE)}

    assert list(rows) == list(range(1, 9))
    for number, row in rows.items():
        named = re.findall(r"`(tests/[\w/]+\.py)`", row)
        assert named
        for path in named:
            assert number in _properties((ROOT / path).read_text("utf8")), f"{path} does not name property {number}"


def _properties(test: str) -> set[int]:
    """The properties that a test's module says it is about."""
    docstring = ast.get_docstring(ast.parse(test)) or ""
    named = re.findall(r"propert(?:y|ies) (\d(?:(?:, | and )\d)*)", docstring, re.IGNORECASE)
    return {int(number) for each in named for number in re.findall(r"\d", each)}


def test_other_hosts_than_loopback_want_an_admin_credential(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "server", "serve", "--host", "0.0.0.0", "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CHORUS_")}
    environment |= {"CHORUS_DATA": str(tmp_path / "data"), "COLUMNS": "400"}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)

    assert done.returncode == 2
    assert "Refusing to listen on 0.0.0.0 without an admin credential" in done.stderr
    assert "CHORUS_ADMIN_CREDENTIAL" in done.stderr
    assert not (tmp_path / "data").exists()
