"""Pages and cursors: what clients ask for, checked, and what stores get."""

import base64
import binascii
import re
from enum import Enum

from resolvers.errors import InvalidArgument, InvalidCursor

_PREFIX = "chorus:"


def page_size(first: int | None, limit: int) -> int:
    """`first`, or the limit where it was not given; raises `InvalidArgument` outside 1 to the limit."""
    if first is None:
        return limit
    if not 1 <= first <= limit:
        raise InvalidArgument("first", f"1 to {limit}", first)
    return first


def encode(key: str) -> str:
    """A place in a list as clients see it."""
    text = binascii.b2a_base64(f"{_PREFIX}{key}".encode(), newline=False).decode()
    return text.rstrip("=").replace("+", "-").replace("/", "_")


class Place(Enum):
    """What the places of a list look like."""

    POSITION = re.compile(r"[0-9]{1,15}")
    DID = re.compile(r"did:key:z[1-9A-HJ-NP-Za-km-z]{47}")
    SCORE = re.compile(r"[01]\.[0-9]{1,17}:[!-~]{1,128}")
    """A score, then a person's id."""
    MOMENT = re.compile(r"[0-9]{1,15}:[!-~]{1,128}")
    """Milliseconds, then an interaction's id."""


def decode(cursor: str | None, *, place: Place = Place.POSITION) -> str | None:
    """The place that a cursor names; raises `InvalidCursor` for what `encode` never wrote."""
    key = decode_place(cursor)
    if key is not None and not place.value.fullmatch(key):
        raise InvalidCursor("after", "a cursor from an earlier answer", cursor)
    return key


def decode_place(cursor: str | None) -> str | None:
    """As `decode`, for whoever looks at the place itself."""
    if cursor is None:
        return None
    key = _key(cursor)
    if key is None:
        raise InvalidCursor("after", "a cursor from an earlier answer", cursor)
    return key


def _key(cursor: str) -> str | None:
    """The inverse of `encode`; the decoder alone would skip characters that do not belong there."""
    try:
        text = base64.urlsafe_b64decode(cursor[:400] + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        return None
    key = text.removeprefix(_PREFIX)
    return key if encode(key) == cursor else None


def event_position(after: str | None, newest: int) -> int:
    """Where a subscription begins: None is now, "0" the start, else just after the event with that cursor."""
    if after is None:
        return newest
    if after == "0":
        return 0
    position = int(decode(after) or 0)
    if position > newest:
        raise InvalidCursor("after", "a cursor of an event that happened", after)
    return position
