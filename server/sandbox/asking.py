"""What a command line asks for: a scenario by name or file, with other values set."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from domain.errors import CodedError, DomainError
from domain.sandbox.errors import InvalidScenario
from domain.sandbox.reading import changed, read_scenario
from domain.sandbox.scenario import Scenario
from domain.sandbox.yaml_text import Data, parse_yaml
from server.commands.telling import console, plain

SHIPPED = Path(__file__).parents[2] / "scenarios"
FAILED, CRITERIA_FAILED = 1, 2
PIPED_WIDTH = 160
"""Columns of a table that no terminal limits."""

ScenarioName = Annotated[str, typer.Argument(help="A scenario's YAML file, or the name of one from `list`.")]
LogFile = Annotated[Path, typer.Argument(help="The event log of a run.", exists=True, dir_okay=False)]
LogFiles = Annotated[list[Path], typer.Argument(help="Event logs of runs.", exists=True, dir_okay=False)]
Settings = Annotated[
    list[str], typer.Option("--set", help="Another value, such as governance.audit_probability=0.2. Can be repeated.")
]
Figures = Annotated[
    list[str], typer.Option("--figure", help="What to compare, such as honest.real_payoff. Can be repeated.")
]
Folder = Annotated[Path, typer.Option("--folder", help="Files are written below this folder only.")]

out = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, emoji=False)


def progress(what: str) -> Progress:
    """A bar that counts, for a person who looks on."""
    columns = TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console, transient=True)


class FileProblem(DomainError):
    """A problem with what a file says, and which file it is."""

    code = "UNREADABLE_SCENARIO"


@contextmanager
def told_errors() -> Iterator[None]:
    """Ends the command with the message of what was refused, or of a store that is away."""
    try:
        yield
    except CodedError as exc:
        _complain(exc.message)
        raise typer.Exit(FAILED) from exc
    except OSError as exc:
        _complain(f"{exc.filename}: {exc.strerror}" if exc.filename else str(exc))
        raise typer.Exit(FAILED) from exc


def _complain(problem: str) -> None:
    console.print(f"[red]{escape(plain(problem))}[/]", highlight=False, soft_wrap=True)


def scenario_file(name: str) -> Path:
    """A file, or the name of one of the scenarios that come with Chorus."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return path
    return SHIPPED / f"{name}.yaml"


def load(name: str, changes: dict[str, Data]) -> Scenario:
    """Raises `DomainError` with the file and line, `OSError` if there is no such file."""
    path = scenario_file(name)
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in SHIPPED.glob("*.yaml")))
        raise FileProblem(f"There is no scenario {name}; those that come with Chorus are {known}")
    try:
        scenario = read_scenario(path.read_text(encoding="utf8"))
    except InvalidScenario as exc:
        raise FileProblem(f"{path}: {exc.message}", **exc.facts) from exc
    except UnicodeDecodeError as exc:
        raise FileProblem(f"{path}: it is not UTF-8 text") from exc
    return changed(scenario, changes) if changes else scenario


def settings_of(given: Iterable[str]) -> dict[str, Data]:
    """From `governance.audit_probability=0.2`; the value is YAML."""
    found: dict[str, Data] = {}
    for text in given:
        place, sign, value = text.partition("=")
        if not sign or not place:
            raise typer.BadParameter(f"{text!r} is not NAME=VALUE, such as governance.audit_probability=0.2")
        found[place] = parse_yaml(value).data
    return found


def with_lengths(given: Iterable[str], seed: int | None, epochs: int | None, steps: int | None) -> dict[str, Data]:
    """What `--set` sets, and the options that have a name of their own."""
    own = {"simulation.seed": seed, "simulation.n_epochs": epochs, "simulation.steps_per_epoch": steps}
    return {**settings_of(given), **{place: value for place, value in own.items() if value is not None}}
