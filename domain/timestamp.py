"""Times as they are signed: RFC 3339 in UTC with exactly three fractional digits and `Z`."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from domain.errors import InvalidTimestamp

_STRICT = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z",
    re.ASCII,
)
_LENIENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(?:([Zz])|([+-])(\d\d):([0-5]\d))",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
FORMATTED = 4_096
"""Moments whose text is kept: lists show the same ones again and again."""

_EXPECTED = "RFC 3339 in UTC, milliseconds, Z"


def parse_millis(text: str) -> int:
    """Milliseconds since 1970. A date that is not in the calendar, and any other notation, is an InvalidTimestamp."""
    if not isinstance(text, str) or not _STRICT.fullmatch(text):
        raise InvalidTimestamp(text, _EXPECTED)
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // _MILLISECOND
    except ValueError:
        raise InvalidTimestamp(text, "a date in the calendar") from None


@lru_cache(FORMATTED)
def format_millis(ms: int) -> str:
    """The one strict notation of `parse_millis`."""
    try:
        moment = _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        raise InvalidTimestamp(ms, "a year from 1 to 9999") from None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def normalise(text: str) -> str:
    """Any RFC 3339 notation in the strict one, cut (not rounded) to milliseconds, as AD4M does before it verifies."""
    match = _LENIENT.fullmatch(text)
    if match is None:
        raise InvalidTimestamp(text, "RFC 3339")
    *numbers, fraction, _zulu, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    millis = int(((fraction or "") + "000")[:3])
    try:
        zone = timezone(-offset if sign == "-" else offset)
        moment = datetime(*map(int, numbers), millis * 1000, tzinfo=zone).astimezone(UTC)  # type: ignore[misc, arg-type]
    except (ValueError, OverflowError):
        raise InvalidTimestamp(text, "a date in the calendar") from None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
