"""Which checks belong to which oracle file.

A file is a JSON object of sections. Its checks are found by its name, or, for a file with a name we do not know, by
having exactly the sections of one that we do, or by saying the same in `meta.what` as one that is committed.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from tests.oracles import alliance, literature, people, sandbox_formulas, sandbox_governance, sandbox_runs, statements

Content = dict[str, Any]  # Any: an oracle's rows are whatever JSON its file documents
Check = Callable[[Any, Content], None]
"""Takes a section and the whole file, and asserts."""

CHECKERS: Mapping[str, Mapping[str, Check]] = {
    "statements.json.gz": statements.CHECKS,
    "literature_vectors.json.gz": literature.CHECKS,
    **people.CHECKS,
    **alliance.CHECKS,
    "a_proxy*.json.gz": sandbox_formulas.PROXY_CHECKS,
    "b_payoff*.json.gz": sandbox_formulas.PAYOFF_CHECKS,
    "c_metrics*.json.gz": sandbox_formulas.METRIC_CHECKS,
    "d_governance*.json.gz": sandbox_governance.GOVERNANCE_CHECKS,
    "e_golden_*.json.gz": sandbox_runs.GOLDEN_CHECKS,
    "e_runs_*.json.gz": sandbox_runs.RUN_CHECKS,
    "f_policies*.json.gz": sandbox_runs.POLICY_CHECKS,
    "g_observables*.json.gz": sandbox_runs.OBSERVABLE_CHECKS,
}
"""By a pattern of the file's name."""

COMMITTED = Path(__file__).parent / "data"


@cache
def load(path: Path) -> Content:
    written = path.read_bytes()
    content: Content = json.loads(gzip.decompress(written) if path.suffix == ".gz" else written)
    return content


def oracle_files(folder: Path) -> list[Path]:
    """Every case file under the folder, compressed or not."""
    return sorted(path for path in folder.rglob("*") if path.name.endswith((".json", ".json.gz")))


def sections(content: Content) -> list[str]:
    """What there is to check; a file of sandbox runs also describes itself outside `meta`."""
    described = sandbox_runs.DESCRIPTORS if "scenario" in content else frozenset[str]()
    return [name for name in content if name != "meta" and name not in described]


def checks_for(path: Path) -> Mapping[str, Check] | None:
    """None for a file that nobody knows how to check."""
    named = _named(path)
    if named is not None:
        return named
    alike = [checks for checks in CHECKERS.values() if len(checks) > 1 and set(checks) == set(sections(load(path)))]
    return alike[0] if len(alike) == 1 else _checks_for_same_purpose(path)


def _named(path: Path) -> Mapping[str, Check] | None:
    return next((checks for pattern, checks in CHECKERS.items() if fnmatch(path.name, pattern)), None)


def _checks_for_same_purpose(path: Path) -> Mapping[str, Check] | None:
    purpose = _purpose(path)
    alike = [file for file in COMMITTED.rglob("*.json.gz") if purpose is not None and _purpose(file) == purpose]
    return _named(alike[0]) if len(alike) == 1 else None


def _purpose(path: Path) -> object:
    meta = load(path).get("meta")
    return meta.get("what") if isinstance(meta, dict) else None
