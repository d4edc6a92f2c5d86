"""What sweeps and logs left, read again by condition, and compared."""

import csv
import importlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from domain.sandbox.errors import SandboxError
from domain.sandbox.figures import run_figures
from domain.sandbox.study.comparing import Outcome, Runs, called_by, compared, conditions_of, usual
from domain.sandbox.study.work import NAMED
from server.sandbox import logfile, telling
from server.sandbox.asking import out
from server.sandbox.tabular import NoParquet, Row


class UnknownResults(SandboxError):
    code = "UNKNOWN_RESULTS"


def read(files: Sequence[Path]) -> list[Runs]:
    """One file of a sweep, or logs; raises `UnknownResults` or `DamagedLog`."""
    logs = [path for path in files if path.suffix == ".jsonl"]
    if len(logs) == len(files):
        return _of_logs(logs)
    if len(files) > 1:
        raise UnknownResults("Give one results file, or event logs (.jsonl) only")
    return _of_sweep(files[0])


def _of_sweep(path: Path) -> list[Runs]:
    rows = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    if not rows or not {"condition", "seed"} <= set(rows[0]):
        raise UnknownResults(f"{path} does not hold the results of a sweep")
    names = list(rows[0])
    varied = names[names.index("met") + 1 : names.index(_first_figure(names))]
    found: dict[int, list[Mapping[str, str]]] = {}
    for row in rows:
        found.setdefault(int(row["condition"]), []).append(row)
    differing = [name for name in varied if len({row[name] for row in rows}) > 1]
    return [_runs(found[number], varied, differing) for number in sorted(found)]


def _first_figure(names: Sequence[str]) -> str:
    """After what was set; those of an epoch come in the same order in every row."""
    return next((name for name in names if name in ("proposed", "total_interactions")), names[-1])


def _runs(rows: Sequence[Mapping[str, str]], varied: Sequence[str], differing: Sequence[str]) -> Runs:
    called = called_by(differing)
    label = tuple(f"{called[name]}={rows[0][name]}" for name in differing)
    figures = [{name: _number(text) for name, text in row.items() if name not in (*NAMED, *varied)} for row in rows]
    return Runs(label, tuple(int(row["seed"]) for row in rows), tuple(figures))


def _number(text: str) -> float | None:
    return float(text) if text else None


def _csv(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf8", newline="") as file:
        return list(csv.DictReader(file))


def _parquet(path: Path) -> list[Mapping[str, str]]:
    try:
        parquet: Any = importlib.import_module("pyarrow.parquet")  # Any: it has no types
    except ImportError as exc:
        raise NoParquet from exc
    rows = parquet.read_table(path).to_pylist()
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]


def _of_logs(logs: Sequence[Path]) -> list[Runs]:
    told = [logfile.replay(log) for log in logs]
    return conditions_of([(one.header, run_figures(one.metrics)) for one in told])


def asked_figures(there: Collection[str], asked: Sequence[str]) -> list[str]:
    """Those that were asked for, else the usual ones; raises `UnknownResults` for one that is not there."""
    missing = [name for name in asked if name not in there]
    if missing:
        raise UnknownResults(f"There is no figure {missing[0]} in these results")
    return list(asked) or usual(there)


def show(conditions: Sequence[Runs], figures: Sequence[str], baseline: int) -> list[Outcome]:
    """Prints the comparison. Raises `UnknownResults` for a figure or condition that is not there."""
    there = {name for runs in conditions for row in runs.figures for name in row}
    asked = asked_figures(there, figures)
    if not 0 <= baseline < len(conditions):
        raise UnknownResults(f"There is no condition {baseline} in these results")
    outcomes = compared(conditions, asked, baseline)
    for name in asked:
        out.print(_table(name, [one for one in outcomes if one.figure == name]))
    return outcomes


def _table(name: str, outcomes: Sequence[Outcome]) -> Table:
    paired = any(one.effect is not None and one.effect.paired for one in outcomes)
    table = Table(box=None, header_style="bold", title=name, title_justify="left", title_style="bold")
    for title in ("condition", "runs", "mean", "difference", "d" if paired else "g", "p (Holm)"):
        table.add_column(title, justify="left" if title == "condition" else "right", no_wrap=title == "condition")
    for one in outcomes:
        effect = one.effect
        compared_ = (
            ("baseline", "", "")
            if effect is None
            else (telling.signed(effect.difference), *telling.strength(effect.size, one.corrected_p))
        )
        label = escape(", ".join(one.condition)) or "as it was"
        table.add_row(label, str(one.found.n), telling.number(one.found), *compared_)
    return table


def row(outcome: Outcome) -> Row:
    """For a file."""
    found, effect = outcome.found, outcome.effect
    difference = None if effect is None else effect.difference
    return {
        "condition": ", ".join(outcome.condition),
        "figure": outcome.figure,
        "runs": found.n,
        "mean": found.mean,
        "sd": found.sd,
        "low": found.low,
        "high": found.high,
        "difference": None if difference is None else difference.mean,
        "difference_low": None if difference is None else difference.low,
        "difference_high": None if difference is None else difference.high,
        "size": None if effect is None else effect.size,
        "p": None if effect is None else effect.p,
        "p_holm": outcome.corrected_p,
        "paired": None if effect is None else effect.paired,
    }
