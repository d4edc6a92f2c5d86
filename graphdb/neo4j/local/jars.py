"""Fetches the jars of a Neo4j release with Maven, once for each machine."""

import fcntl
import os
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from graphdb.neo4j.local import release
from graphdb.neo4j.local.errors import FetchFailed, NoMaven

_POM = Path(__file__).with_name("pom.xml")


def cache_folder() -> Path:
    """Where fetched releases are kept: `$CHORUS_CACHE`, else `chorus` in `$XDG_CACHE_HOME` or `~/.cache`."""
    chosen = os.environ.get("CHORUS_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "chorus"


def fetch(version: str, on_download: Callable[[], None] = lambda: None) -> Path:
    """The folder with the jars of that release, fetched first if need be (about 150 MB, a minute).

    `on_download` is called after each downloaded file. Fetches at the same time wait for one another, and a
    fetch that breaks off leaves nothing that a later one would take for whole.
    Raises `UnknownVersion`, `NoMaven`, `FetchFailed`.
    """
    jars = cache_folder() / f"neo4j-{release.find(version).version}"
    if not jars.is_dir():
        jars.parent.mkdir(parents=True, exist_ok=True)
        with _locked(jars.with_name(f"{jars.name}.lock")):
            if not jars.is_dir():
                _download(version, jars, on_download)
    return jars


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _download(version: str, jars: Path, on_download: Callable[[], None]) -> None:
    part = jars.with_name(f"{jars.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    command = _maven(version, part)
    last_lines: deque[str] = deque(maxlen=20)
    with subprocess.Popen(  # noqa: S603 - the command is our own
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            for line in process.stdout or ():
                last_lines.append(line)
                if line.startswith("[INFO] Downloaded from"):
                    on_download()
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise FetchFailed(version, "".join(last_lines))
    part.rename(jars)


def _maven(version: str, folder: Path) -> tuple[str, ...]:
    """The command that copies the jars of that release, with all they need, into the folder."""
    maven = shutil.which("mvn")
    if maven is None:
        raise NoMaven
    # --strict-checksums: a jar that differs from its published checksum ends the fetch.
    options = ("--batch-mode", "--strict-checksums", "-Dstyle.color=never", "--file", str(_POM))
    return (maven, *options, "dependency:copy-dependencies", f"-Dneo4j.version={version}", f"-Djars={folder}")
