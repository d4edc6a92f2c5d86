"""`chorus people`: what the server does about people by itself, done by hand, and histories brought along."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from domain.identity import Did, parse_did
from domain.people.ene_workspace import INDEX, read_workspace
from domain.people.interaction import By
from graphdb.store import Store
from resolvers.alliance.seed_state import Report, Source, import_seed_state
from resolvers.errors import NoAgent
from resolvers.people.importing import Imported, Importer
from resolvers.people.maintain import Round, maintain
from server.app import now_millis, open_observatory
from server.commands.telling import console, told_refusals
from server.settings import Settings

MOST_FILES = 100_000

app = typer.Typer(no_args_is_help=True, add_completion=False, help="People and trust.")


@app.callback()
def people() -> None:
    """People and trust, without a server."""


@app.command("maintain")
def maintain_people() -> None:
    """Do the daily round now: remember today's scores, look for tiers that time has changed. Again is harmless."""
    with told_refusals():
        done = asyncio.run(_maintain(Settings()))
    typer.echo(
        f"{done.people} people of {done.observers} observers: "
        f"{done.snapshots} scores remembered, {done.lapsed} had lapsed"
    )


async def _maintain(settings: Settings) -> Round:
    async with open_observatory(settings) as observatory:
        return await maintain(observatory)


@app.command("import-alliance")
def import_alliance(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An alliance_state.json.")],
    channel: Annotated[str, typer.Option(help="The platform that its user names belong to.")] = "moltbook",
    observer: Annotated[
        str | None, typer.Option(help="Whose history it is: a DID; the main agent's if not given.")
    ] = None,
    offset: Annotated[str, typer.Option(help="The zone of its times, which have none: Z or +hh:mm.")] = "Z",
    by: Annotated[By, typer.Option(help="Who replied and mentioned, which it does not say.")] = By.OBSERVER,
) -> None:
    """Read the history of an alliance of before. What is wrong is told and passed over; again adds nothing."""
    text = file.read_text(encoding="utf8", errors="replace")
    with told_refusals():
        report = asyncio.run(_import_alliance(Settings(), observer, text, Source(channel, offset, by)))
    typer.echo(f"{report.recorded} interactions with {report.people} people recorded, {report.repeated} were there")
    for what, lines in (("repaired", report.repaired), ("refused", report.refused)):
        for line in lines:
            typer.echo(f"{what}: {line}")


async def _import_alliance(settings: Settings, observer: str | None, text: str, source: Source) -> Report:
    async with open_observatory(settings) as observatory:
        whose = await _main_agent(observatory.store) if observer is None else parse_did(observer)
        return await import_seed_state(observatory, whose, text, source)


async def _main_agent(store: Store) -> Did:
    for agent in await store.accounts.agents():
        return agent.did
    raise NoAgent


@app.command("import-ene")
def import_ene(
    folder: Annotated[
        Path, typer.Argument(help="The folder with `index.json` and `people/`.", exists=True, file_okay=False)
    ],
    observer: Annotated[str, typer.Option(help="The DID of the agent that knows these people.")],
) -> None:
    """Take over an Ene workspace, damaged or not, and tell what was repaired or refused. Again adds nothing."""
    with told_refusals():
        done = asyncio.run(_import_ene(Settings(), folder, parse_did(observer)))
    for finding in done.findings:
        console.print(f"{finding.handling} {finding.file} {finding.path}: {finding.what}", markup=False, soft_wrap=True)
    typer.echo(
        f"{done.people} people; new: {done.accounts} accounts, {done.interactions} interactions, {done.notes} notes, "
        f"{done.connections} connections, {done.snapshots} snapshots"
    )


async def _import_ene(settings: Settings, folder: Path, observer: Did) -> Imported:
    index = folder / INDEX
    files = sorted((folder / "people").glob("*.json"))[:MOST_FILES]
    workspace = read_workspace(
        index.read_bytes() if index.is_file() else None,
        {file.name: file.read_bytes() for file in files if file.is_file()},
        now_millis(),
    )
    async with open_observatory(settings) as observatory:
        return await Importer(observatory, observer).take(workspace)
