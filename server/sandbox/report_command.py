"""`chorus sandbox report`: one page that shows what runs did."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from domain.sandbox.report.gathered import Gathered, gathered
from domain.sandbox.report.page import page
from server.commands.telling import console
from server.sandbox.asking import Folder, LogFiles, out, told_errors
from server.sandbox.folder import fresh
from server.sandbox.logfile import BLOCK


def add_to(app: typer.Typer) -> None:
    app.command()(report)


def report(
    logs: LogFiles,
    to: Annotated[str, typer.Option(help="The page to write.")] = "report.html",
    folder: Folder = Path(),
) -> None:
    """Show runs of one scenario, seed by seed, on one HTML page that loads nothing from anywhere."""
    with told_errors():
        path = fresh(folder, to)
        with console.status("Reading the logs"):
            text = page([_gathered(log) for log in logs])
        path.write_text(text, encoding="utf8")
        out.print(f"{len(logs)} runs shown in {escape(str(path))}", soft_wrap=True)


def _gathered(log: Path) -> Gathered:
    with log.open("rb", buffering=BLOCK) as file:
        return gathered(file)
