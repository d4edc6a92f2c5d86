"""`chorus sandbox replay`, `resume`, `what-if` and `export`: what can be done with an event log."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from domain.sandbox.errors import InvalidScenario
from domain.sandbox.eventlog.header import Branch, Header, canonical
from domain.sandbox.eventlog.reading import End, Replay
from domain.sandbox.eventlog.records import Metrics
from domain.sandbox.figures import run_figures
from domain.sandbox.reading import changed
from domain.sandbox.statistics import holm, interval, paired_effect
from server.sandbox import logfile, telling
from server.sandbox.asking import Figures, Folder, LogFile, LogFiles, Settings, out, settings_of, told_errors
from server.sandbox.folder import fresh
from server.sandbox.results import asked_figures
from server.sandbox.running import Result, log_files, run_header
from server.sandbox.showing import show_results, watching
from server.sandbox.tabular import write_rows


def add_to(app: typer.Typer) -> None:
    app.command()(replay)
    app.command()(resume)
    app.command("what-if")(what_if)
    app.command()(export)


def replay(
    log: LogFile,
    again: Annotated[bool, typer.Option("--again", help="Run it again too, and compare every byte.")] = False,
) -> None:
    """Compute every metric of a run again from its event log; they have to be equal to the bit."""
    with told_errors():
        told = logfile.replay(log)
        if told.metrics:
            rows = [(number, [metrics]) for number, metrics in enumerate(told.metrics)]
            out.print(telling.epoch_table(told.header.scenario.profile, rows))
        out.print(f"{len(told.metrics)} epochs replayed; every metric is equal to the bit.")
        if again:
            out.print(f"Run again: {logfile.verify(log):,} lines are the same to the byte.")
        if told.end is not End.COMPLETE:
            why = told.failure or "`chorus sandbox resume` goes on with it"
            out.print(f"[yellow]{told.end} after {len(told.metrics)} epochs[/]: {escape(why)}", soft_wrap=True)


def resume(log: LogFile) -> None:
    """Go on with an interrupted run from its last complete epoch. Ends with 2 if it fails its success criteria."""
    with told_errors():
        header = logfile.surviving(log).header
        with watching(header.scenario, 1) as progress:
            spared = logfile.resume(log, lambda chapter: progress(chapter.epoch, [chapter.metrics]))
        out.print(f"Went on from epoch {spared}.")
        show_results([Result(header, logfile.replay(log).metrics)])


def what_if(
    logs: LogFiles,
    epoch: Annotated[int, typer.Option("--from", help="The first epoch under the other rules.")],
    settings: Settings,
    figures: Figures = [],  # noqa: B006  # typer reads it only
    new: Annotated[str | None, typer.Option("--log", help="Write the other course's log; {seed} for several.")] = None,
    folder: Folder = Path(),
) -> None:
    """Run what logs tell again with other rules from an epoch on, and compare the rest of the two courses."""
    with told_errors():
        told = _courses(logs)
        branch = Branch(epoch, settings_of(settings))
        headers = [Header(one.header.scenario, branch) for one in told]
        files = log_files(folder, new, [header.seed for header in headers])
        others = []
        for header, file in zip(headers, files, strict=True):
            with watching(header.scenario, 1) as progress:
                others.append(run_header(header, file, progress))
        before, after = [one.metrics[epoch:] for one in told], [other.epochs[epoch:] for other in others]
        out.print(_differences(before, after, figures), f"Over epochs {epoch} to {len(told[0].metrics) - 1}.")


def _courses(logs: Sequence[Path]) -> list[Replay]:
    """Pairs are by seed, so a run that came twice would count as two, and runs of two scenarios have no common mean."""
    told = [_complete(log) for log in logs]
    without_seed = {str(canonical(changed(one.header.scenario, {"simulation.seed": 0}))) for one in told}
    if len(without_seed) > 1 or len({one.header.seed for one in told}) < len(told):
        raise InvalidScenario("logs", "they are not runs of one scenario with a seed each")
    return told


def _complete(log: Path) -> Replay:
    told = logfile.replay(log)
    if told.end is not End.COMPLETE:
        raise InvalidScenario(str(log), "its run is not complete; resume it first")
    if told.header.branch is not None:
        raise InvalidScenario(str(log), "its run is a what-if itself; give the log that it began from")
    if told.header.seating is not None:
        raise InvalidScenario(str(log), "its run has seats, and nobody has played what would have come")
    return told


def _differences(
    before: Sequence[Sequence[Metrics]], after: Sequence[Sequence[Metrics]], figures: Sequence[str]
) -> Table:
    """Paired by seed: as it was, as it would have been, and the difference with its interval."""
    old, new = [run_figures(epochs) for epochs in before], [run_figures(epochs) for epochs in after]
    names = asked_figures({name for row in (*old, *new) for name in row}, figures)
    table = Table(box=None, header_style="bold")
    for title in ("", "as it was", "what if", "difference", "d", "p (Holm)"):
        table.add_column(title, justify="right" if title else "left", no_wrap=not title)
    effects = [paired_effect(_known(new, name), _known(old, name)) for name in names]
    for name, effect, p in zip(names, effects, holm([effect.p for effect in effects]), strict=True):
        one, other = (telling.number(interval(_known(rows, name))) for rows in (old, new))
        table.add_row(name, one, other, telling.signed(effect.difference), *telling.strength(effect.size, p))
    return table


def _known(rows: Sequence[dict[str, float | None]], name: str) -> list[float]:
    """The column; empty unless every row has the number, so that pairs stay pairs."""
    found = [value for row in rows if (value := row.get(name)) is not None]
    return found if len(found) == len(rows) else []


def export(
    log: LogFile,
    to: Annotated[str, typer.Option(help="The file to write: .csv, or .parquet where pyarrow is installed.")],
    folder: Folder = Path(),
) -> None:
    """Write the interactions of an event log as a table."""
    with told_errors():
        path = fresh(folder, to)
        with closing(logfile.interactions(log)) as first, closing(logfile.interactions(log)) as rows:
            count = write_rows(path, list(next(first, {})), rows)
        out.print(f"{count:,} interactions written to {escape(str(path))}", soft_wrap=True)
