"""`chorus mcp`."""

import asyncio
import sys
from typing import Annotated

import typer
from rich.console import Console

from domain.errors import CodedError
from server.logs import configure
from server.mcp import stdio
from server.settings import Settings

app = typer.Typer(add_completion=False)
console = Console(stderr=True, emoji=False)


@app.command()
def mcp(
    token: Annotated[
        str,
        typer.Option(envvar="CHORUS_TOKEN", help="The token of the agent; without one, the main agent if that may."),
    ] = "",
) -> None:
    """Give an agent its people as tools, by the Model Context Protocol over standard input and output."""
    settings = Settings()
    configure(settings.log_level, settings.log_format, sys.stderr)
    try:
        asyncio.run(stdio.serve(settings, token))
    except CodedError as refusal:
        console.print(f"{refusal.code}: {refusal}", markup=False)
        raise typer.Exit(2) from None
