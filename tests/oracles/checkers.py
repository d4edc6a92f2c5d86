"""Which checks belong to which oracle file.

A file is a JSON object of sections. Its checks are found by its name, or, for a file with a name we do not know, by
having exactly the sections of one that we do, or by saying the same in `meta.what` as one that is committed.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.oracles import literature, people, statements

Content = dict[str, Any]  # Any: an oracle's rows are whatever JSON its file documents
Check = Callable[[Any, Content], None]
"""Takes a section and the whole file, and asserts."""

CHECKERS: Mapping[str, Mapping[str, Check]] = {
    "statements.json.gz": statements.CHECKS,
    "literature_vectors.json.gz": literature.CHECKS,
    **people.CHECKS,
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
    alike = [checks for checks in CHECKERS.values() if len(checks) > 1 and set(checks) == set(sections(load(path)))]
    return alike[0] if len(alike) == 1 else _checks_for_same_purpose(path)


def _checks_for_same_purpose(path: Path) -> Mapping[str, Check] | None:
    purpose = _purpose(path)
    names = [name for name in CHECKERS if purpose is not None and _purpose(COMMITTED / name) == purpose]
    return CHECKERS[names[0]] if len(names) == 1 else None


def _purpose(path: Path) -> object:
    meta = load(path).get("meta")
    return meta.get("what") if isinstance(meta, dict) else None
