"""Verifying by a process beside the server's, when many signatures come at once.

libsodium's verification is a quarter of what a concurrence takes of the event loop, and a processor beside it is often
idle. Threads would not do: each verification ends with waiting for Python's lock.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress

import structlog

from domain.identity import Did, decoded, forged, holds
from graphdb.batching import Batcher
from server.signatures.frames import READY, Claim, question

FEW = 4
"""So many are verified at once here, sooner than they could be sent to the process."""

MOST = 32
MOST_BYTES = 1 << 20
PATIENCE_SECONDS = 5.0
RETRY_SECONDS = 10.0

log = structlog.get_logger()


class Verifier:
    """`verify` for many requests at once; closed by `close`.

    The process is started when many come at once for the first time. While it is not there, and wherever it fails,
    signatures are verified here, as they all are with `aside` false.
    """

    def __init__(self, *, aside: bool = True) -> None:
        self._aside = aside and len(os.sched_getaffinity(0)) > 1
        self._batches: Batcher[Claim, bool] = Batcher(self._answers, MOST_BYTES, _weight)
        self._starting: asyncio.Task[Process] | None = None
        self._not_before = 0.0

    async def verify(self, did: Did, message: bytes, signature_hex: str) -> None:
        """Strict Ed25519, as `domain.identity.verify`. Raises InvalidDid or InvalidSignature."""
        claim = (*decoded(did, signature_hex), message)
        if not (await self._batches(claim) if self._aside else holds(*claim)):
            raise forged(did, signature_hex)

    @property
    def has_process(self) -> bool:
        """Whether it is ready."""
        return self._starting is not None and self._starting.done() and self._starting.exception() is None

    async def close(self) -> None:
        await self._batches.close()
        if self._starting is not None:
            await asyncio.wait({self._starting})
            if self._starting.exception() is None:
                await _end(self._starting.result())

    async def _answers(self, claims: Sequence[Claim]) -> list[bool]:
        process = self._process() if len(claims) > FEW else None
        if process is not None:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return await _ask(process, claims)
            except (OSError, asyncio.IncompleteReadError) as exc:  # a time-out is an OSError
                self._retry_later(exc)
                await _kill(process)
        return [holds(*claim) for claim in claims]

    def _process(self) -> Process | None:
        """The process if it is ready. If it is not there it is started, for those who come later."""
        if self._starting is None and asyncio.get_running_loop().time() >= self._not_before:
            self._starting = asyncio.create_task(_start())
        if self._starting is None or not self._starting.done():
            return None
        failure = self._starting.exception()
        if failure is not None:
            self._retry_later(failure)
            return None
        return self._starting.result()

    def _retry_later(self, failure: BaseException) -> None:
        log.warning("verifying_process_lost", error=repr(failure))
        self._starting = None
        self._not_before = asyncio.get_running_loop().time() + RETRY_SECONDS


def _weight(claim: Claim) -> int:
    return max(len(claim[2]), MOST_BYTES // MOST)


async def _start() -> Process:
    without_settings = {name: value for name, value in os.environ.items() if not name.startswith("CHORUS_")}
    command = (sys.executable, "-m", "server.signatures")
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env=without_settings)
    try:
        assert process.stdout is not None
        await process.stdout.readexactly(len(READY))
    except BaseException:
        await _kill(process)
        raise
    return process


async def _ask(process: Process, claims: Sequence[Claim]) -> list[bool]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(question(claims))
    await process.stdin.drain()
    told = await process.stdout.readexactly(len(claims))
    return [byte == 1 for byte in told]


async def _end(process: Process) -> None:
    """By the end of its input, of which it has had all by now."""
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


async def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
