"""`chorus schema`."""

import difflib
from pathlib import Path
from typing import Annotated

import typer

from server.schema import ChorusSchema

SCHEMA_FILE = Path(__file__).parents[2] / "schema" / "schema.graphql"

app = typer.Typer(add_completion=False)


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
