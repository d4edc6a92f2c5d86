"""The command line: `chorus serve`, `mcp`, `schema`, `replay`, `dna`, `sandbox`, `people`."""

import asyncio
import difflib
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn

from domain.errors import CodedError
from graphdb.replay import Report
from graphdb.replay import replay as rebuild
from server.app import create_app, open_store
from server.dna_commands import dna_commands
from server.garbage import spare_the_collector
from server.keepalive import SocketProtocol
from server.logs import configure
from server.mcp import stdio
from server.origins import is_loopback
from server.people_commands import people_commands
from server.sandbox.commands import app as sandbox
from server.schema import ChorusSchema
from server.settings import Settings

SCHEMA_FILE = Path(__file__).parent.parent / "schema" / "schema.graphql"
GRACE_SECONDS = 10

app = typer.Typer(no_args_is_help=True, add_completion=False, help="A GraphQL server for social organisms.")
app.add_typer(dna_commands, name="dna")
app.add_typer(people_commands)
app.add_typer(sandbox, name="sandbox")
console = Console(stderr=True, emoji=False)


@app.callback()
def chorus() -> None:
    """Settings come from CHORUS_… variables; the README lists them."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one.")] = None,
) -> None:
    """Start the server, with GraphiQL at `/`."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = Settings(**given)  # type: ignore[arg-type]  # pydantic checks them
    if not is_loopback(settings.host) and not settings.admin_credential:
        console.print(
            f"[red]Refusing to listen on {settings.host} without an admin credential.[/] Everybody who reaches the "
            "server could act as its main agent. Set CHORUS_ADMIN_CREDENTIAL, or listen on 127.0.0.1."
        )
        raise typer.Exit(2)
    configure(settings.log_level, settings.log_format)
    _Server(_config(settings)).run()


def _config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws=SocketProtocol,
        ws_max_size=settings.body_size,
        ws_per_message_deflate=False,
        ws_ping_interval=settings.ping_interval,
        ws_ping_timeout=settings.ping_interval,
        timeout_graceful_shutdown=GRACE_SECONDS,
        log_config=None,
        access_log=False,
        lifespan="on",
    )


class _Server(uvicorn.Server):
    """uvicorn, saying where it listens once it does: with port 0 nobody knows before.

    Asked to stop, it ends with 0 once it has stopped; uvicorn would then let the signal end the process.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]  # as uvicorn passes them
        spare_the_collector()
        for server in self.servers:
            for socket in server.sockets:
                host, port = socket.getsockname()[:2]
                name = f"[{host}]" if ":" in host else host
                typer.echo(f"Chorus listens on http://{name}:{port}/ (GraphQL: http://{name}:{port}/graphql)")
                sys.stdout.flush()


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


@app.command()
def schema(check: Annotated[bool, typer.Option(help="Fail if the committed schema is stale.")] = False) -> None:
    """Write schema/schema.graphql from the code, or check that it is current."""
    current = ChorusSchema().as_str() + "\n"
    if not check:
        SCHEMA_FILE.write_text(current, encoding="utf8")
        return
    committed = SCHEMA_FILE.read_text(encoding="utf8") if SCHEMA_FILE.exists() else ""
    if committed != current:
        difference = difflib.unified_diff(
            committed.splitlines(), current.splitlines(), "committed", "code", lineterm=""
        )
        typer.echo("\n".join(list(difference)[:60]), err=True)
        typer.echo("schema/schema.graphql is stale: run `make schema`", err=True)
        raise typer.Exit(1)


@app.command()
def replay(
    target: Annotated[str, typer.Argument(help="An empty store: sqlite:///path or neo4j://host:port.")],
) -> None:
    """Rebuild the graph from the log into an empty store, and compare."""
    report = asyncio.run(_replay(Settings(), target))
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


def main() -> None:
    app()


if __name__ == "__main__":
    main()
