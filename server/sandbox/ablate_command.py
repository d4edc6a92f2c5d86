"""`chorus sandbox ablate`: what each lever does, and who pays for it."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from domain.sandbox.ablation import WORLDS, Contrast, Finding, findings
from domain.sandbox.study.comparing import runs_of
from domain.sandbox.study.plan import ablating
from server.commands.telling import console
from server.sandbox import telling
from server.sandbox.asking import Folder, ScenarioName, Settings, load, out, told_errors, with_lengths
from server.sandbox.folder import fresh, inside
from server.sandbox.sweep_commands import Cluster, Workers, opening, run_all
from server.sandbox.tabular import Row, write_rows

PAID = ("honest.real_payoff", "frozen_honest_epochs", "honest.flagged", "outside_honest_epochs")
"""What a lever costs those whom it is not meant for."""


def add_to(app: typer.Typer) -> None:
    app.command()(ablate)


def ablate(
    scenario: ScenarioName,
    runs: Annotated[int, typer.Option(min=2, help="How many runs of each condition.")] = 10,
    worlds: Annotated[
        int, typer.Option(min=0, max=len(WORLDS), help="In how many other hidden worlds to ask again.")
    ] = len(WORLDS),
    table: Annotated[str | None, typer.Option(help="Write every finding as .csv or .parquet.")] = None,
    workers: Workers = None,
    on: Cluster = None,
    seed: Annotated[int | None, typer.Option(help="The first seed.")] = None,
    epochs: Annotated[int | None, typer.Option(help="How many epochs.")] = None,
    steps: Annotated[int | None, typer.Option(help="How many steps an epoch has.")] = None,
    settings: Settings = [],  # noqa: B006  # typer reads it only
    folder: Folder = Path(),
) -> None:
    """Take the levers of a scenario apart: each alone and left out, who pays, and in how many hidden worlds it holds.

    With a table, the same command again goes on where it was stopped.
    """
    with told_errors(), ExitStack() as stack:
        plan = ablating(load(scenario, with_lengths(settings, seed, epochs, steps)), runs, worlds)
        path = None if table is None else fresh(folder, table)
        place = folder if table is not None else Path(stack.enter_context(TemporaryDirectory()))
        kept = inside(place, (table or "ablation") + ".runs")
        planned = plan.sweep()
        out.print(opening(planned), soft_wrap=True)
        rows = run_all(planned, kept, on, workers)
        found = findings(plan.scenario, WORLDS[:worlds], runs_of(plan.labels, rows))
        if path is not None:
            write_rows(path, list(row(found[0])), map(row, found))
            console.print(f"[dim]Written: {escape(str(path))}[/]", soft_wrap=True)
        kept.unlink()
        show(found)


def show(found: Sequence[Finding]) -> None:
    out.print(_moved(found))
    out.print(_paid(found))
    still = sorted({_name(each) for each in found} - {_name(each) for each in found if each.direction})
    if still:
        out.print(f"No effect that could not be chance: {', '.join(still)}")


def _moved(found: Sequence[Finding]) -> Table:
    table = Table(box=None, header_style="bold", title="what moved", title_justify="left", title_style="bold")
    for title in ("lever", "contrast", "figure"):
        table.add_column(title, no_wrap=True)
    for title in ("difference", "d", "p (Holm)", "same in"):
        table.add_column(title, justify="right", no_wrap=True)
    for each in found:
        if each.direction:
            told = (telling.signed(each.effect.difference), *telling.strength(each.effect.size, each.corrected_p))
            table.add_row(
                _name(each), each.contrast, each.figure, *told, f"{each.holds} of {each.worlds}" if each.worlds else "–"
            )
    return table


def _paid(found: Sequence[Finding]) -> Table:
    """Whether it moved or not: of each lever alone, and of all together."""
    asked = [name for name in PAID if any(each.figure == name for each in found)]
    table = Table(box=None, header_style="bold", title="who pays", title_justify="left", title_style="bold")
    table.add_column("lever", no_wrap=True)
    for name in asked:
        table.add_column(name, justify="right", no_wrap=True)
    alone = [each for each in found if each.contrast is not Contrast.ADDED]
    for lever in dict.fromkeys(map(_name, alone)):
        theirs = {each.figure: telling.signed(each.effect.difference) for each in alone if _name(each) == lever}
        table.add_row(lever, *(theirs[name] for name in asked))
    return table


def _name(finding: Finding) -> str:
    return finding.lever or "all"


def row(finding: Finding) -> Row:
    """For a file."""
    effect = finding.effect
    return {
        "lever": finding.lever,
        "contrast": finding.contrast,
        "figure": finding.figure,
        "runs": effect.difference.n,
        "difference": effect.difference.mean,
        "low": effect.difference.low,
        "high": effect.difference.high,
        "size": effect.size,
        "p": effect.p,
        "p_holm": finding.corrected_p,
        "direction": finding.direction,
        "holds": finding.holds,
        "worlds": finding.worlds,
    }
