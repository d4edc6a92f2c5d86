"""`chorus replay`."""

import asyncio
from typing import Annotated

import typer
from rich.progress import MofNCompleteColumn, Progress, TextColumn

from graphdb.replay import NotEmpty, Report
from graphdb.replay import replay as rebuild
from server.app import open_store
from server.commands.telling import REFUSED, console, told_refusals
from server.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def replay(
    target: Annotated[str, typer.Argument(help="An empty store: sqlite:///path or neo4j://host:port.")],
) -> None:
    """Rebuild the graph from the log into an empty store, and compare."""
    try:
        with told_refusals():
            report = asyncio.run(_replay(Settings(), target))
    except NotEmpty as refusal:
        console.print(f"{target}: {refusal}", markup=False, soft_wrap=True)
        raise typer.Exit(REFUSED) from None
    typer.echo(f"{report.entries} entries of {report.organisms} organisms written into {target}")
    for difference in report.differences:
        typer.echo(f"differs: {difference}", err=True)
    if not report.same:
        raise typer.Exit(1)
    typer.echo("The rebuilt graph is the same.")


async def _replay(settings: Settings, target: str) -> Report:
    source = await open_store(settings)
    rebuilt = await open_store(settings.model_copy(update={"store": target}))
    try:
        with Progress(TextColumn("{task.description}"), MofNCompleteColumn(), console=console) as bar:
            task = bar.add_task("entries", total=await source.organisms.position())
            return await rebuild(source, rebuilt, lambda done: bar.update(task, completed=done))
    finally:
        await rebuilt.close()
        await source.close()
