"""What a person at a terminal sees of runs: a live table, then results and verdicts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from domain.sandbox.eventlog.records import Metrics
from domain.sandbox.scenario import Profile, Scenario
from server.commands.telling import console
from server.sandbox import running, telling
from server.sandbox.asking import CRITERIA_FAILED, out
from server.sandbox.running import Result

LATEST_ROWS = 12


@contextmanager
def watching(scenario: Scenario, courses: int) -> Iterator[running.Progress]:
    """A live table of the latest epochs with a bar, while a person looks on."""
    bar = Progress(
        TextColumn("epochs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True
    )
    task = bar.add_task("epochs", total=scenario.simulation.n_epochs * courses)
    rows: list[tuple[int, Sequence[Metrics]]] = []

    def progress(epoch: int, metrics: Sequence[Metrics]) -> None:
        rows.append((epoch, metrics))
        bar.advance(task)
        live.update(Group(telling.epoch_table(scenario.profile, rows[-LATEST_ROWS:]), bar))

    with Live(bar, console=console, transient=True, refresh_per_second=8) as live:
        yield progress


def show_results(results: Sequence[Result]) -> None:
    """Tables and verdicts; exit 2 if a criterion failed."""
    scenario = results[0].header.scenario
    epochs = list(enumerate(zip(*(result.epochs for result in results), strict=True)))
    out.print(telling.epoch_table(scenario.profile, epochs))
    out.print(telling.total_table(results))
    if scenario.profile is Profile.STANDARD:
        out.print(telling.type_table(results))
    lines, met = telling.verdicts(results)
    for line in lines:
        out.print(line, highlight=False)
    if not met:
        raise typer.Exit(CRITERIA_FAILED)
