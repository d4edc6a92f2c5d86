"""Work by a process beside this one, where threads would only take Python's lock from each other.

The process is a module of ours that calls `graphdb.answering.answer_all`. Both sides send frames over its standard
input and output: a length, and so many bytes. It sends an empty one when it is ready, and one for each that it is sent.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress

import structlog

from graphdb.answering import LENGTH

PATIENCE_SECONDS = 15.0
RETRY_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Lost(Exception):
    """The process ended, or was ended because it took too long. Nobody knows how far it got with the question."""


class Beside:
    """A process of a module that answers questions, one at a time; closed by `close`.

    It is started when somebody asks whether it is `ready`. Until it is, and for a while after it was lost, whoever has
    a question answers it.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = (sys.executable, "-m", module, *arguments)
        self._starting: asyncio.Task[Process] | None = None
        self._not_before = 0.0

    @property
    def has_process(self) -> bool:
        return self._starting is not None and self._starting.done() and self._starting.exception() is None

    def ready(self) -> bool:
        """Whether there is a process to be asked; if there is none it is started, for those who come later."""
        if self._starting is None and asyncio.get_running_loop().time() >= self._not_before:
            self._starting = asyncio.create_task(_start(self._command))
        if self._starting is None or not self._starting.done():
            return False
        failure = self._starting.exception()
        if failure is not None:
            self._retry_later(failure)
        return failure is None

    async def ask(self, question: bytes) -> bytes:
        """Its answer, of a process that is ready. Raises `Lost`."""
        assert self._starting is not None, "it is ready"
        process = self._starting.result()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await _ask(process, question)
        except (OSError, RuntimeError, asyncio.IncompleteReadError) as exc:  # a time-out is an OSError
            self._retry_later(exc)
            await _kill(process)
            raise Lost from exc
        except asyncio.CancelledError:  # else its answer would be taken for that to the next question
            self._starting = None
            with suppress(ProcessLookupError):
                process.kill()
            raise

    async def close(self) -> None:
        """Waits until it has ended."""
        if self._starting is not None:
            await asyncio.wait({self._starting})
            if self._starting.exception() is None:
                await _end(self._starting.result())

    def _retry_later(self, failure: BaseException) -> None:
        log.warning("process_lost", module=self._command[2], error=repr(failure))
        self._starting = None
        self._not_before = asyncio.get_running_loop().time() + RETRY_SECONDS


async def _start(command: tuple[str, ...]) -> Process:
    without_settings = {name: value for name, value in os.environ.items() if not name.startswith("CHORUS_")}
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env=without_settings)
    try:
        assert process.stdout is not None
        await process.stdout.readexactly(LENGTH.size)
    except BaseException:
        await _kill(process)
        raise
    return process


async def _ask(process: Process, question: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(LENGTH.pack(len(question)) + question)
    await process.stdin.drain()
    (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
    return await process.stdout.readexactly(length)


async def _end(process: Process) -> None:
    """By the end of its input, of which it has had all by now; or else by force."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await process.wait()
    except TimeoutError:
        await _kill(process)


async def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
