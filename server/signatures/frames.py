"""What the server and its verifying process say to each other, over the process's standard input and output.

A question is a count, and for each signature the length of the message, key, signature and message; its answer is one
byte for each, 1 where the equation holds. READY comes before all of them.
"""

import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import BinaryIO

from domain.identity import KEY_BYTES, SIGNATURE_BYTES, holds

Claim = tuple[bytes, bytes, bytes]
"""Key, signature and message."""

READY = b"\x01"
_NUMBER = struct.Struct("<I")


def question(claims: Sequence[Claim]) -> bytes:
    parts = [_NUMBER.pack(len(claims))]
    for key, signature, message in claims:
        parts += (_NUMBER.pack(len(message)), key, signature, message)
    return b"".join(parts)


def answer(claims: Sequence[Claim]) -> bytes:
    return bytes(holds(*claim) for claim in claims)


def questions(given: BinaryIO) -> Iterator[list[Claim]]:
    """Each as it comes in, until the other side ends, if need be in the middle of one."""
    with suppress(EOFError):
        while True:
            count = _number(given)
            yield [_claim(given) for _ in range(count)]


def _claim(given: BinaryIO) -> Claim:
    length = _number(given)
    return _exactly(given, KEY_BYTES), _exactly(given, SIGNATURE_BYTES), _exactly(given, length)


def _number(given: BinaryIO) -> int:
    (number,) = _NUMBER.unpack(_exactly(given, _NUMBER.size))
    return int(number)


def _exactly(given: BinaryIO, size: int) -> bytes:
    read = given.read(size)
    if len(read) < size:
        raise EOFError
    return read
