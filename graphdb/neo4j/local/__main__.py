"""Runs a local Neo4j in the foreground: `python -m graphdb.neo4j.local`."""

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import FrameType

from rich.console import Console

from graphdb.neo4j.local.config import CYPHER_25
from graphdb.neo4j.local.errors import LocalNeo4jError
from graphdb.neo4j.local.jars import fetch
from graphdb.neo4j.local.release import LONG_TERM, RELEASES
from graphdb.neo4j.local.server import LocalNeo4j


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a server until Ctrl-C or SIGTERM; the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.cypher_25 and not RELEASES[options.version].cypher_25:
        parser.error(f"Neo4j {options.version} has no Cypher 25")
    for each in (signal.SIGINT, signal.SIGTERM):  # in the background of a script the first is ignored unless asked for
        signal.signal(each, _interrupt)
    console = Console(highlight=False)
    try:
        return _run(options, console)
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0
    except LocalNeo4jError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m graphdb.neo4j.local", description="Run a Neo4j Community server.")
    parser.add_argument("--version", choices=tuple(RELEASES), default=LONG_TERM, help="default: %(default)s")
    parser.add_argument("--port", type=int, default=7687, help="Bolt port on 127.0.0.1 (default: %(default)s)")
    parser.add_argument("--data", type=Path, help="folder to keep the data in (default: a temporary one)")
    parser.add_argument("--cypher-25", action="store_true", help="make Cypher 25 the default language")
    return parser


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _run(options: argparse.Namespace, console: Console) -> int:
    _fetch(options.version, console)
    settings = CYPHER_25 if options.cypher_25 else {}
    server = LocalNeo4j(options.version, data=options.data, port=options.port, settings=settings)
    with closing(server):
        with console.status(f"Starting Neo4j {server.version}"):
            server.start()
        kept = f"data in {server.home}" if options.data else "temporary data: --data FOLDER keeps them"
        console.print(f"Neo4j {server.version} at {server.uri} ({kept}). Ctrl-C stops it.", soft_wrap=True)
        console.print(f"CHORUS_STORE={server.uri}", soft_wrap=True)
        status = server.wait()
        console.print(
            f"Neo4j ended with exit status {status}:\n{server.log()}", style="red", markup=False, soft_wrap=True
        )
        return 1


def _fetch(version: str, console: Console) -> None:
    files = 0
    with console.status(f"Looking for Neo4j {version}") as status:

        def count() -> None:
            nonlocal files
            files += 1
            status.update(f"Fetching Neo4j {version}, once: {files} files")

        fetch(version, on_download=count)


if __name__ == "__main__":
    sys.exit(main())
