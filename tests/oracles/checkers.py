"""Which checks belong to which oracle file.

A file is a JSON object of sections. Its checks are found by its name, or, for a file with a name we do not know, by
saying in `meta` that it holds what a committed one holds, or by having exactly the sections of one that we know.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.oracles import alliance, statements

Content = dict[str, Any]  # Any: an oracle's rows are whatever JSON its file documents
Check = Callable[[Any, Content], None]
"""Takes a section and the whole file, and asserts."""

CHECKERS: Mapping[str, Mapping[str, Check]] = {
    "statements.json.gz": statements.CHECKS,
    **alliance.CHECKS,
}

COMMITTED = Path(__file__).parent / "data"


@cache
def load(path: Path) -> Content:
    content: Content = json.loads(gzip.decompress(path.read_bytes()))
    return content


def sections(content: Content) -> list[str]:
    return [name for name in content if name != "meta"]


def checks_for(path: Path) -> Mapping[str, Check] | None:
    """None for a file that nobody knows how to check."""
    if path.name in CHECKERS:
        return CHECKERS[path.name]
    told = [file.name for file in COMMITTED.rglob("*.json.gz") if _told(file) and _told(file) == _told(path)]
    if len(told) == 1:
        return CHECKERS.get(told[0])
    alike = [checks for checks in CHECKERS.values() if len(checks) > 1 and set(checks) == set(sections(load(path)))]
    return alike[0] if len(alike) == 1 else None


def _told(path: Path) -> object:
    """What the file says it holds; None where it does not say."""
    meta = load(path).get("meta")
    return meta.get("what") if isinstance(meta, dict) else None
