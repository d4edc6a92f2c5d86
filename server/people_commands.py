"""`chorus people`: what the server does about people by itself, done by hand."""

import asyncio

import typer

from resolvers.context import Observatory
from resolvers.people.maintain import Round, maintain
from server.app import now_millis, open_store
from server.settings import Settings

people_commands = typer.Typer(name="people", no_args_is_help=True, help="People and trust.")


@people_commands.callback()
def people() -> None:
    """People and trust, without a server."""


@people_commands.command("maintain")
def maintain_people() -> None:
    """Do the daily round now: remember today's scores, look for tiers that time has changed. Again is harmless."""
    done = asyncio.run(_maintain(Settings()))
    typer.echo(
        f"{done.people} people of {done.observers} observers: "
        f"{done.snapshots} scores remembered, {done.lapsed} had lapsed"
    )


async def _maintain(settings: Settings) -> Round:
    store = await open_store(settings)
    try:
        return await maintain(Observatory(store, now_millis, settings.people))
    finally:
        await store.close()
