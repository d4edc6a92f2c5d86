"""The real server as a process of its own, on a free port, to be killed and started again."""

import asyncio
import ctypes
import os
import re
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.line import Line, line

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 60
KEPT_LINES = 2_000
_LISTENS = re.compile(r"Chorus listens on (http://\S+?)/ ")


class DidNotListen(Exception):
    """The process ended, or did not listen in time; carries what it wrote."""


@dataclass
class ServerProcess:
    """One run of `python -m server serve`; `url` is where it listens."""

    process: asyncio.subprocess.Process
    url: str = ""
    output: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    _reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process.returncode is None

    def connect(self, token: str = "") -> AbstractAsyncContextManager[Line]:
        return line(self.url, token)

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.ended()

    async def ended(self) -> int:
        """The exit status, negative for a signal."""
        status = await self.process.wait()
        if self._reading is not None:
            await self._reading
        return status

    async def _listens(self) -> None:
        assert self.process.stdout is not None
        async for written in self.process.stdout:
            self.output.append(written.decode())
            found = _LISTENS.search(self.output[-1])
            if found is not None:
                self.url = found.group(1)
                self._reading = asyncio.create_task(self._read())
                return
        raise DidNotListen("".join(self.output))

    async def _read(self) -> None:
        """Keeps the pipe empty: a full one would stop the server."""
        assert self.process.stdout is not None
        async for written in self.process.stdout:
            self.output.append(written.decode())

    def unexpected(self, *, outage: bool = False) -> str:
        """What it wrote, from the first error on that it masks or, unless its database was away, task that failed."""
        words = ["unexpected_error", "never retrieved", "never awaited"]
        words += [] if outage else ["background_task_failed", "Traceback"]
        lines = list(self.output)
        first = (number for number, each in enumerate(lines) if any(word in each for word in words))
        return "".join(lines[next(first, len(lines)) :])


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def _die_with_us() -> None:
    """A test run that is itself killed leaves no server behind; elsewhere than on Linux it might."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


async def spawn(data: Path, **settings: object) -> ServerProcess:
    """The process, not yet listening. Settings as in `server/settings.py`, by their names there."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CHORUS_")}
    given = {f"CHORUS_{name.upper()}": str(value) for name, value in settings.items()}
    command = (sys.executable, "-m", "server", "serve", "--port", "0")
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**own, "CHORUS_DATA": str(data), **given},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=1 << 22,
        preexec_fn=_die_with_us,
    )
    return ServerProcess(process)


async def start(data: Path, **settings: object) -> ServerProcess:
    """The process, listening. Raises `DidNotListen`."""
    server = await spawn(data, **settings)
    try:
        async with asyncio.timeout(START_SECONDS):
            await server._listens()
    except BaseException:
        await server.kill()
        raise
    return server


@asynccontextmanager
async def serving(data: Path, **settings: object) -> AsyncIterator[ServerProcess]:
    """A server that is gone afterwards, whatever happened to it."""
    server = await start(data, **settings)
    try:
        yield server
    finally:
        await server.kill()
