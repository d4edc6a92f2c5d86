"""`chorus mcp`."""

import asyncio
from typing import Annotated

import typer

from server.commands.telling import told_refusals
from server.logs import configure
from server.mcp import stdio
from server.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def mcp(
    token: Annotated[
        str,
        typer.Option(envvar="CHORUS_TOKEN", help="The token of the agent; without one, the main agent if that may."),
    ] = "",
) -> None:
    """Give an agent its people as tools, by the Model Context Protocol over standard input and output."""
    settings = Settings()
    configure(settings.log_level, settings.log_format)
    with told_refusals():
        asyncio.run(stdio.serve(settings, token))
