"""`chorus sandbox sweep` and `compare`: what settings do, over many runs."""

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from domain.sandbox.scenario import Scenario
from domain.sandbox.study.design import Axis, InvalidSweep, Sweep, axis, grid, scattered, sweep_of
from domain.sandbox.study.work import NAMED, Row
from domain.sandbox.yaml_text import parse_yaml
from server.commands.telling import console
from server.sandbox import results, telling
from server.sandbox.asking import (
    Figures,
    Folder,
    ScenarioName,
    Settings,
    load,
    out,
    progress,
    told_errors,
    with_lengths,
)
from server.sandbox.folder import fresh, inside
from server.sandbox.sweeping import on_dask, on_processes, run_sweep
from server.sandbox.tabular import write_rows

Workers = Annotated[int | None, typer.Option(min=1, help="How many processes; as many as cores.")]
Cluster = Annotated[str | None, typer.Option(help="A Dask scheduler to run on, such as tcp://host:8786.")]
Baseline = Annotated[int, typer.Option(help="The condition to compare with, by number.")]


class Design(StrEnum):
    """How settings are chosen."""

    GRID = "grid"
    RANDOM = "random"


def add_to(app: typer.Typer) -> None:
    app.command()(sweep)
    app.command()(compare)


def sweep(
    scenario: ScenarioName,
    vary: Annotated[
        list[str], typer.Option(help="NAME=A,B,C, or NAME=LOW..HIGH for a random design. Can be repeated.")
    ],
    results_file: Annotated[str, typer.Option("--results", help="The file to write: .csv or .parquet.")],
    runs: Annotated[int, typer.Option(min=1, help="How many runs of each condition.")] = 10,
    design: Annotated[Design, typer.Option(help="Every combination, or random ones.")] = Design.GRID,
    conditions: Annotated[int, typer.Option(min=1, help="How many random combinations.")] = 20,
    independent: Annotated[bool, typer.Option("--independent", help="No seed twice, instead of paired seeds.")] = False,
    workers: Workers = None,
    on: Cluster = None,
    figures: Figures = [],  # noqa: B006  # typer reads it only
    baseline: Baseline = 0,
    seed: Annotated[int | None, typer.Option(help="The first seed.")] = None,
    epochs: Annotated[int | None, typer.Option(help="How many epochs.")] = None,
    steps: Annotated[int | None, typer.Option(help="How many steps an epoch has.")] = None,
    settings: Settings = [],  # noqa: B006
    folder: Folder = Path(),
) -> None:
    """Run a scenario under several settings and compare them. The same command again goes on where it was stopped."""
    with told_errors():
        base = load(scenario, with_lengths(settings, seed, epochs, steps))
        planned = _planned(base, _axes(vary), design, conditions, runs, not independent)
        path = fresh(folder, results_file)
        out.print(opening(planned), soft_wrap=True)
        kept = inside(folder, results_file + ".runs")
        rows = run_all(planned, kept, on, workers)
        write_rows(path, *_table(planned, rows))
        kept.unlink()
        console.print(f"[dim]Written: {escape(str(path))}[/]", soft_wrap=True)
        results.show(results.read([path]), figures, baseline)


def _axes(given: Sequence[str]) -> dict[str, Axis]:
    found: dict[str, Axis] = {}
    for name, values in map(_axis, given):
        if name in found:
            raise InvalidSweep(f"{name} varies once, over all its values")
        found[name] = values
    return found


def _axis(text: str) -> tuple[str, Axis]:
    name, sign, values = text.partition("=")
    if not sign or not name or not values:
        raise typer.BadParameter(f"{text!r} is not NAME=A,B,C or NAME=LOW..HIGH")
    low, dots, high = values.partition("..")
    if dots:
        ends = parse_yaml(f"[{low}, {high}]").data
        if isinstance(ends, list) and len(ends) == 2 and all(type(end) in (int, float) for end in ends):
            return name, axis(None, *ends)
        raise InvalidSweep(f"{values} is not a span of numbers, such as 0..0.5")
    listed = parse_yaml(f"[{values}]").data
    return name, tuple(listed) if isinstance(listed, list) else ()


def _planned(base: Scenario, axes: dict[str, Axis], design: Design, conditions: int, runs: int, paired: bool) -> Sweep:
    chosen = grid(axes) if design is Design.GRID else scattered(axes, conditions, base.simulation.seed)
    return sweep_of(base, chosen, runs, paired)


def opening(planned: Sweep) -> str:
    told, seeds = planned.cost(), "the same seeds" if planned.paired else "seeds of its own"
    count = len(planned.scenarios)
    return (
        f"{count} conditions with {planned.runs} runs each, {seeds}: {count * planned.runs:,} runs\n"
        f"[dim]{told.turns:,} turns: about {telling.duration(told.seconds)} of one core[/]"
    )


def run_all(planned: Sweep, kept: Path, address: str | None, workers: int | None) -> list[Row]:
    """With a bar while a person looks on."""
    where = on_processes(workers or os.cpu_count() or 1) if address is None else on_dask(address)
    with progress("runs") as bar:
        task = bar.add_task("runs", total=len(planned.scenarios) * planned.runs)
        return run_sweep(planned, kept, where, lambda done: bar.update(task, completed=done))


def _table(planned: Sweep, rows: Sequence[Row]) -> tuple[list[str], list[Row]]:
    """Columns, and rows with what was set."""
    whole: list[Row] = []
    for row in rows:
        set_ = {name: _plain(value) for name, value in planned.changes[int(row["condition"] or 0)].items()}
        whole.append({**{name: row[name] for name in NAMED}, **set_, **row})
    return list(dict.fromkeys(name for row in whole for name in row)), whole


def _plain(value: object) -> str | float | bool | None:
    return value if isinstance(value, str | int | float | None) else str(value)


def compare(
    files: Annotated[
        list[Path], typer.Argument(help="One results file of `sweep`, or event logs.", exists=True, dir_okay=False)
    ],
    figures: Figures = [],  # noqa: B006
    baseline: Baseline = 0,
    table: Annotated[str | None, typer.Option(help="Write the comparison as .csv or .parquet.")] = None,
    folder: Folder = Path(),
) -> None:
    """Compare conditions: means with 95 % intervals, differences with effect sizes, corrected for many questions."""
    with told_errors():
        path = None if table is None else fresh(folder, table)
        outcomes = results.show(results.read(files), figures, baseline)
        if path is not None:
            rows = [results.row(outcome) for outcome in outcomes]
            write_rows(path, list(rows[0]), rows)
