"""`chorus sandbox from-organism`: what another Social DNA or other levers would do to an organism that is there."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from domain.identity import Did, parse_did
from domain.organisms.templates import template
from domain.sandbox.cost import cost
from domain.sandbox.levers.membrane import MembraneTemplate
from domain.sandbox.living.alternatives import Alternative, Finding, Trial, other_dna, readings
from domain.sandbox.living.assumptions import assumptions
from domain.sandbox.living.organism import Course, OrganismFacts
from domain.sandbox.living.prior import InvalidMix, Mix, checked
from domain.sandbox.living.scenarios import Written, scenarios
from domain.sandbox.study.work import Row, scenario_of_unit
from graphdb.store import Store
from resolvers.sandbox.organism import facts_of
from server.app import open_observatory
from server.commands.telling import console
from server.sandbox import organism_telling, telling
from server.sandbox.asking import Figures, FileProblem, Folder, out, progress, settings_of, told_errors
from server.sandbox.engines import mentioned
from server.sandbox.folder import fresh
from server.sandbox.results import asked_figures
from server.sandbox.sweeping import on_processes
from server.sandbox.tabular import write_rows
from server.settings import Settings as ServerSettings

USUAL = ("true_toxicity", "real_welfare", "honest.real_payoff", "adversarial.real_payoff", "outside", "outside_honest")
TEMPLATES = tuple(each for each in MembraneTemplate if each is not MembraneTemplate.NONE)


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose knowledge is used: an agent's, the main agent's without one, or nobody's."""

    observer: str | None
    public: bool


def add_to(app: typer.Typer) -> None:
    app.command("from-organism")(from_organism)


def from_organism(
    organism: Annotated[str, typer.Argument(help="The organism's so:// URI.")],
    dna: Annotated[
        list[str], typer.Option(help="Another Social DNA: a file, or a template such as unanimous. Can be repeated.")
    ] = [],  # noqa: B006  # typer reads it only
    settings: Annotated[
        list[str],
        typer.Option("--set", help="Other levers, all of them together, such as governance.audit_enabled=true."),
    ] = [],  # noqa: B006
    mixes: Annotated[
        list[str],
        typer.Option("--mix", help="NAME=H,O,D,A: shares of honest, opportunistic, deceptive, adversarial members."),
    ] = [],  # noqa: B006
    observer: Annotated[
        str | None, typer.Option(help="Whose history is used: a DID; the main agent's if none.")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Use no history, only what everybody sees.")] = False,
    newcomers: Annotated[
        int | None, typer.Option(help="How many ask to join; one for four members if not given.")
    ] = None,
    epochs: Annotated[int, typer.Option(help="How many epochs.")] = 12,
    steps: Annotated[int, typer.Option(help="How many steps an epoch has.")] = 10,
    seed: Annotated[int, typer.Option(help="Decides types and every other draw.")] = 0,
    draws: Annotated[int, typer.Option(min=2, help="How often types are drawn for each mix.")] = 10,
    seeds: Annotated[int, typer.Option(min=1, help="How many runs each draw has.")] = 4,
    figures: Figures = [],  # noqa: B006
    workers: Annotated[int | None, typer.Option(min=1, help="How many processes; as many as cores.")] = None,
    write: Annotated[str | None, typer.Option(help="Write the scenarios into this folder.")] = None,
    table: Annotated[str | None, typer.Option(help="Write the comparison as .csv or .parquet.")] = None,
    folder: Folder = Path(),
) -> None:
    """Make scenarios of an organism; with other DNA or levers, run both and tell in how many mixes the answer holds."""
    with told_errors():
        asked, course = checked([_mix(text) for text in mixes]), Course(epochs, steps, newcomers)
        facts = asyncio.run(_facts(organism, Asker(observer, public)))
        facts = replace(facts, looks_at=mentioned(facts.dna))
        alternatives = _alternatives(facts, dna, settings)
        found = scenarios(facts, asked, course, seed)
        out.print(organism_telling.members(facts, asked), soft_wrap=True)
        out.print(organism_telling.assumed(assumptions(facts, course)), soft_wrap=True)
        if write is not None:
            _write(folder, write, found)
        if alternatives:
            trial = Trial(
                facts=facts, mixes=asked, alternatives=alternatives, course=course, seed=seed, draws=draws, runs=seeds
            )
            path = None if table is None else fresh(folder, table)
            findings = _compared(trial, figures, workers or os.cpu_count() or 1)
            if path is not None:
                rows = [organism_telling.row(each) for each in findings]
                write_rows(path, list(rows[0]), rows)


async def _facts(uri: str, asker: Asker) -> OrganismFacts:
    async with open_observatory(ServerSettings()) as observatory:
        return await facts_of(observatory, uri, await _observer(observatory.store, asker))


async def _observer(store: Store, asker: Asker) -> Did | None:
    if asker.public:
        return None
    if asker.observer is not None:
        return parse_did(asker.observer)
    return next((agent.did for agent in await store.accounts.agents()), None)


def _mix(text: str) -> Mix:
    name, _, shares = text.partition("=")
    try:
        honest, opportunistic, deceptive, adversarial = map(float, shares.split(","))
    except ValueError as exc:
        raise InvalidMix(f"{text!r:.80} is not NAME=H,O,D,A, such as cautious=0.7,0.1,0.1,0.1") from exc
    return Mix(name, (honest, opportunistic, deceptive, adversarial))


def _alternatives(facts: OrganismFacts, dna: Sequence[str], settings: Sequence[str]) -> tuple[Alternative, ...]:
    """Each Social DNA is one, and all settings together are one more. Raises `InvalidDna`."""
    found = [other_dna(f"dna={Path(name).stem}", _program(name), facts) for name in dna]
    if settings:
        found.append(Alternative(", ".join(map(_label, settings)), settings_of(settings)))
    return tuple(found)


def _label(setting: str) -> str:
    place, sign, value = setting.partition("=")
    return place.rpartition(".")[2] + sign + value


def _program(name: str) -> str:
    """A file's, or a template's with its defaults; compiled, so that what is wrong with it is told before any run."""
    if not Path(name).is_file() and name not in TEMPLATES:
        raise FileProblem(f"There is no file {name}; the templates are {', '.join(TEMPLATES)}")
    try:
        text = Path(name).read_text(encoding="utf8") if Path(name).is_file() else template(name).program
    except UnicodeDecodeError as exc:
        raise FileProblem(f"{name}: it is not UTF-8 text") from exc
    mentioned(text)
    return text


def _write(folder: Path, name: str, found: Sequence[Written]) -> None:
    for each in found:
        path = fresh(folder, Path(name) / f"{each.scenario.scenario_id}.yaml")
        path.write_text(each.yaml, encoding="utf8")
        console.print(f"[dim]Written: {escape(str(path))}[/]", soft_wrap=True)


def _compared(trial: Trial, asked: Sequence[str], workers: int) -> list[Finding]:
    rows = _run(trial, workers)
    there = {name for row in rows for name in row}
    figures = asked_figures(there, asked) if asked else [name for name in USUAL if name in there]
    findings = trial.findings(rows, figures)
    for name in figures:
        out.print(organism_telling.findings(name, [each for each in findings if each.figure == name]))
    out.print(f"Over {trial.draws} draws of types for each mix, with {trial.runs} runs of each.")
    for each in readings(findings):
        out.print(organism_telling.reading(each), highlight=False)
    return findings


def _run(trial: Trial, workers: int) -> list[Row]:
    units = list(trial.units())
    told = sum(cost(scenario_of_unit(unit), len(unit.seeds)).seconds for unit in units[:1]) * len(units)
    out.print(f"[dim]{len(units)} populations: about {telling.duration(told)} of one core[/]")
    rows: list[Row] = []
    with progress("populations") as bar:
        task = bar.add_task("populations", total=len(units))
        for found in on_processes(workers)(units):
            rows += found
            bar.advance(task)
    return rows
