"""The command line: `chorus serve`, `mcp`, `schema`, `replay`, `dna`, `people`, `sandbox`."""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

MODULES = {
    "serve": "server.commands.serve",
    "mcp": "server.commands.mcp",
    "schema": "server.commands.schema",
    "replay": "server.commands.replay",
    "dna": "server.commands.dna",
    "people": "server.commands.people",
    "sandbox": "server.sandbox.commands",
}
"""The module of each command, with its `app`."""


class _Commands(Mapping[str, Any]):  # Any: a command, whose type is typer's own
    """Each read when it is asked for: all parts of the server take seconds to import, most commands need few."""

    def __getitem__(self, name: str) -> Any:
        command = get_command(import_module(MODULES[name]).app)
        command.name = name
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


class _Group(TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands()  # type: ignore[assignment]  # nobody adds one


app = typer.Typer(cls=_Group, no_args_is_help=True, add_completion=False)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chorus {version('chorus-graphql')}")
        raise typer.Exit


@app.callback()
def chorus(
    told: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is, and exit.")
    ] = False,
) -> None:
    """A GraphQL server for social organisms.

    Settings come from CHORUS_… variables; the README lists them.
    """


def main() -> None:
    try:
        app()
    except ValueError as error:
        from server.settings import complaint  # not before it is needed

        told = complaint(error)
        if told is None:
            raise
        typer.echo(f"The settings do not fit:\n{told}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
