"""`chorus serve`."""

import signal
import sys
from functools import partial
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import CodedError
from graphdb.errors import StoreUnavailable
from server.app import create_app
from server.commands.telling import REFUSED, console
from server.garbage import spare_the_collector
from server.identity import UnusableIdentity
from server.keepalive import SocketProtocol
from server.logs import configure
from server.origins import is_loopback
from server.settings import Settings, mistyped

GRACE_SECONDS = 10

app = typer.Typer(add_completion=False)


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
        raise typer.Exit(REFUSED)
    for each in mistyped():
        console.print(f"[yellow]{each}[/]")
    configure(settings.log_level, settings.log_format)
    _Server(_config(settings)).run()


def _config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        _Plainly(create_app(settings)),
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


class _Plainly:
    """Tells in one line what can be expected to keep a server from starting; all else comes with its traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, partial(_told, send) if scope["type"] == "lifespan" else send)


async def _told(send: Send, message: Message) -> None:
    """Called while the problem is handled."""
    problem = sys.exception()
    if message["type"] == "lifespan.startup.failed" and isinstance(problem, CodedError | UnusableIdentity | OSError):
        message = {**message, "message": problem.why if isinstance(problem, StoreUnavailable) else str(problem)}
    await send(message)


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
