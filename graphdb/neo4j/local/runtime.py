"""Finds an installed Java."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

_USUAL_PLACES = (("/usr/lib/jvm", "*"), ("/Library/Java/JavaVirtualMachines", "*/Contents/Home"))
_VERSION = re.compile(r'(?:JAVA_VERSION=|version )"(\d+(?:\.\d+)*)')


def java(minimum: int) -> Path | None:
    """The `java` to run a program that needs Java `minimum` or newer; None if there is none.

    `$JAVA_HOME` wins if it is new enough. Otherwise it is the oldest that is, since that is the nearest to what
    the program was built for; looked for on the PATH and where Linux and macOS keep them.
    """
    named = os.environ.get("JAVA_HOME")
    if named and _version(Path(named)) >= (minimum,):
        return Path(named) / "bin" / "java"
    homes = {_version(home): home for home in _homes()}
    suitable = [version for version in homes if version >= (minimum,)]
    return homes[min(suitable)] / "bin" / "java" if suitable else None


def _homes() -> Iterator[Path]:
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path).resolve().parent.parent
    for folder, pattern in _USUAL_PLACES:
        yield from sorted(Path(folder).glob(pattern))


def _version(home: Path) -> tuple[int, ...]:
    """The version of the Java in that folder; () if it is none."""
    program, release = home / "bin" / "java", home / "release"
    if not os.access(program, os.X_OK):
        return ()
    text = release.read_text(encoding="utf-8") if release.is_file() else _ask(program)
    found = _VERSION.search(text)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def _ask(program: Path) -> str:
    # Java answers on standard error.
    return subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
