"""The side of a process that answers: see `graphdb.beside`. It imports little, as the process does nothing else."""

import os
import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

LENGTH = struct.Struct("<I")


def answer_all(answer: Callable[[bytes], bytes]) -> None:
    """Answers until the other side ends, however it does: its ends of the pipes are closed then."""
    for each in (signal.SIGINT, signal.SIGTERM):  # which are meant for the server, and reach all its processes
        signal.signal(each, signal.SIG_IGN)
    told = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever is printed is no answer
    with suppress(EOFError, BrokenPipeError):
        _send(told, b"")
        while True:
            _send(told, answer(_received(sys.stdin.buffer)))


def _send(told: BinaryIO, answer: bytes) -> None:
    told.write(LENGTH.pack(len(answer)) + answer)
    told.flush()


def _received(given: BinaryIO) -> bytes:
    (length,) = LENGTH.unpack(_exactly(given, LENGTH.size))
    return _exactly(given, length)


def _exactly(given: BinaryIO, size: int) -> bytes:
    read = given.read(size)
    if len(read) < size:
        raise EOFError
    return read
