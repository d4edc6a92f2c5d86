"""What the server and its verifying process say to each other.

A question has for each signature the length of the message, key, signature and message; its answer is one byte for
each, 1 where the equation holds.
"""

import struct
from collections.abc import Iterator, Sequence

from domain.identity import KEY_BYTES, SIGNATURE_BYTES, holds

Claim = tuple[bytes, bytes, bytes]
"""Key, signature and message."""

_LENGTH = struct.Struct("<I")


def question(claims: Sequence[Claim]) -> bytes:
    parts: list[bytes] = []
    for key, signature, message in claims:
        parts += (_LENGTH.pack(len(message)), key, signature, message)
    return b"".join(parts)


def asked(question: bytes) -> Iterator[Claim]:
    place = 0

    def part(size: int) -> bytes:
        nonlocal place
        place += size
        return question[place - size : place]

    while place < len(question):
        (length,) = _LENGTH.unpack(part(_LENGTH.size))
        yield part(KEY_BYTES), part(SIGNATURE_BYTES), part(length)


def answer(question: bytes) -> bytes:
    return bytes(holds(*claim) for claim in asked(question))
