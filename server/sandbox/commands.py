"""`chorus sandbox`: try rules on a simulated population."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from domain.sandbox.cost import cost
from domain.sandbox.figures import figures
from domain.sandbox.scenario import Profile, Scenario
from server.commands.telling import console
from server.sandbox import ablate_command, log_commands, organism_command, report_command, sweep_commands, telling
from server.sandbox.asking import (
    SHIPPED,
    Folder,
    ScenarioName,
    Settings,
    load,
    out,
    settings_of,
    told_errors,
    with_lengths,
)
from server.sandbox.engines import mentioned
from server.sandbox.folder import fresh, inside
from server.sandbox.running import Result, log_files, run_seeds, seeds_of
from server.sandbox.showing import show_results, watching
from server.sandbox.tabular import Row, write_rows

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Try rules on a simulated population before a group adopts them."
)
log_commands.add_to(app)
sweep_commands.add_to(app)
ablate_command.add_to(app)
report_command.add_to(app)
organism_command.add_to(app)


@app.command("list")
def list_() -> None:
    """The scenarios that come with Chorus."""
    for path in sorted(SHIPPED.glob("*.yaml")):
        scenario = load(str(path), {})
        kinds = ", ".join(f"{count} {kind}" for kind, count in telling.population(scenario).items())
        out.print(f"[bold]{path.stem}[/] ({scenario.profile}): {escape(scenario.description)}. {kinds}", soft_wrap=True)


@app.command()
def validate(scenario: ScenarioName, settings: Settings = []) -> None:  # noqa: B006  # typer reads it only
    """Check a scenario, and tell what running it would take."""
    with told_errors():
        found = load(scenario, settings_of(settings))
        if found.governance.membrane.on:
            mentioned(found.governance.membrane.text)  # a Social DNA that the engine does not take ends this here
        out.print(telling.opening(found, seeds_of(found, 1), cost(found)), soft_wrap=True)


@app.command()
def run(
    scenario: ScenarioName,
    seed: Annotated[int | None, typer.Option(help="Decides every draw.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many runs, with this seed and those after it.")] = 1,
    epochs: Annotated[int | None, typer.Option(help="How many epochs.")] = None,
    steps: Annotated[int | None, typer.Option(help="How many steps an epoch has.")] = None,
    log: Annotated[str | None, typer.Option(help="Write an event log; several runs take {seed} in its name.")] = None,
    table: Annotated[str | None, typer.Option(help="Write every epoch's figures, as .csv or .parquet.")] = None,
    settings: Settings = [],  # noqa: B006
    folder: Folder = Path(),
) -> None:
    """Run a scenario. Ends with 2 if it fails its own success criteria."""
    with told_errors():
        found = load(scenario, with_lengths(settings, seed, epochs, steps))
        numbers = seeds_of(found, seeds)
        logs = log_files(folder, log or found.outputs.event_log, numbers)
        csv = fresh(folder, table) if table else _asked_table(folder, found)
        out.print(telling.opening(found, numbers, cost(found, seeds, any(logs))), soft_wrap=True)
        with watching(found, 1 if not any(logs) and found.profile is Profile.STANDARD else seeds) as progress:
            results = run_seeds(found, seeds, logs, progress)
        for path in filter(None, (*logs, csv)):
            console.print(f"[dim]Written: {escape(str(path))}[/]", soft_wrap=True)
        if csv is not None:
            write_epochs(csv, results)
        show_results(results)


def _asked_table(folder: Path, scenario: Scenario) -> Path | None:
    """That the scenario itself asks for."""
    name = scenario.outputs.metrics_csv
    return None if name is None else inside(folder, name)


def write_epochs(path: Path, results: Sequence[Result]) -> None:
    rows: list[Row] = [
        {"run": result.header.run_id, "seed": result.seed, "epoch": number, **figures(metrics)}
        for result in results
        for number, metrics in enumerate(result.epochs)
    ]
    write_rows(path, list(rows[0]), rows)
