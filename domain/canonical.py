"""Strict JSON in, canonical JSON (RFC 8785) out."""

import hashlib
import json
import re
from json import JSONDecodeError, JSONDecoder
from typing import Any, NoReturn

import orjson
import rfc8785

from domain.errors import InvalidJson

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

LARGEST_INTEGER = 2**53 - 1
"""Beyond it two different integers are one number in JavaScript, so a signature would cover both."""

_INTEGER = f"an integer within ±{LARGEST_INTEGER}"
_NUMBER = f"a number within ±{LARGEST_INTEGER}"
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LAST_BMP = "\uffff"


class _Offence:
    """Stands in a decoded value where the text breaks a rule, so that a walk can tell the path."""

    def __init__(self, expected: str, value: str, key: str | None = None) -> None:
        self.expected = expected
        self.value = value
        self.key = key


class _OffenceFound(ValueError):
    """Ends the quick decoding; the slow one then tells where."""


def _integer(digits: str) -> int | _Offence:
    # The length first: converting a million digits takes seconds.
    if len(digits) <= 17 and -LARGEST_INTEGER <= (number := int(digits)) <= LARGEST_INTEGER:
        return number
    return _Offence(_INTEGER, digits)


def _float(digits: str) -> float | _Offence:
    number = float(digits)
    if not -LARGEST_INTEGER <= number <= LARGEST_INTEGER:
        return _Offence(_NUMBER, digits)
    # As in JavaScript and in RFC 8785, 9.0 and 9 are one number; two Python types would be signed as two.
    return int(number) if number.is_integer() else number


def _no_float(digits: str) -> _Offence:
    return _Offence("an integer without fraction or exponent", digits)


def _no_constant(name: str) -> _Offence:
    return _Offence("JSON, which has no such number", name)


def _object(pairs: list[tuple[str, Any]]) -> Any:  # Any: values may be offences until the walk is over
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # set.add
    return _Offence("each key once", twice, key=twice)


def _quick(make: Any) -> Any:  # Any: a hook of the json module, whatever it takes
    """The same hook, but it raises at the first offence."""

    def hook(found: Any) -> Any:
        value = make(found)
        if type(value) is _Offence:
            raise _OffenceFound
        return value

    return hook


def _decoder(*, floats: bool, quick: bool) -> JSONDecoder:
    wrapped = _quick if quick else (lambda hook: hook)
    return JSONDecoder(
        parse_int=wrapped(_integer),
        parse_float=wrapped(_float if floats else _no_float),
        parse_constant=wrapped(_no_constant),
        object_pairs_hook=wrapped(_object),
    )


_QUICK = {floats: _decoder(floats=floats, quick=True) for floats in (False, True)}
_TELLING = {floats: _decoder(floats=floats, quick=False) for floats in (False, True)}


def parse(text: str, *, floats: bool = False, max_length: int = 1_000_000, max_depth: int = 64) -> Json:
    """Decode strict JSON, or raise InvalidJson with the path of the first offence.

    Refused beyond what JSON itself refuses: duplicate keys, NaN and infinities, numbers outside ±(2^53-1), numbers
    with fraction or exponent unless `floats` (then 9.0 is the integer 9), lone surrogates, a byte order mark, and what
    is longer than `max_length` characters or deeper than `max_depth` arrays and objects.
    """
    if len(text) > max_length:
        raise InvalidJson("$", f"at most {max_length} characters", len(text))
    try:
        value: Json = _QUICK[floats].decode(text)
    except _OffenceFound:
        _tell(text, floats, max_depth)
    except JSONDecodeError as error:
        raise InvalidJson("$", f"JSON ({error.msg} at character {error.pos})", text) from None
    except RecursionError:
        raise InvalidJson("$", f"at most {max_depth} levels") from None
    if text.count("{") + text.count("[") > max_depth or _may_hold_surrogates(text):
        _inspect(value, "$", max_depth)
    return value


def _may_hold_surrogates(text: str) -> bool:
    return not _is_encodable(text) or ("\\u" in text and _ESCAPED_SURROGATE.search(text) is not None)


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _tell(text: str, floats: bool, max_depth: int) -> NoReturn:
    try:
        _inspect(_TELLING[floats].decode(text), "$", max_depth)
    except JSONDecodeError as error:
        raise InvalidJson("$", f"JSON ({error.msg} at character {error.pos})", text) from None
    except RecursionError:
        raise InvalidJson("$", f"at most {max_depth} levels") from None
    raise AssertionError("the two decoders disagree")


def _inspect(value: object, path: str, levels: int) -> None:
    """Raise InvalidJson for the first offence in document order."""
    if isinstance(value, _Offence):
        raise InvalidJson(path if value.key is None else _member(path, value.key), value.expected, value.value)
    if isinstance(value, str) and not _is_encodable(value):
        raise InvalidJson(path, "text without lone surrogates", ascii(value))
    if isinstance(value, dict | list) and levels == 0:
        raise InvalidJson(path, "fewer levels")
    if isinstance(value, dict):
        for key, member in value.items():
            _inspect(key, _member(path, key), levels - 1)
            _inspect(member, _member(path, key), levels - 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _inspect(item, f"{path}[{index}]", levels - 1)


def _member(path: str, key: str) -> str:
    return f"{path}.{key}" if _PLAIN_KEY.fullmatch(key) else f"{path}[{json.dumps(key)}]"


def _encoded(value: object) -> str:
    """RFC 8785 of a simple value whose keys sort alike by code point and by UTF-16 unit.

    orjson writes the same short escapes, lower-case \\u00xx for the other control characters, and everything else as it
    is. A property test holds it equal to the library, which takes 30 times as long.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def canonical(value: Json) -> str:
    """RFC 8785. InvalidJson for what it cannot express: NaN, infinities, wide integers, lone surrogates.

    So is a value nested so deeply that nothing could read it again.
    """
    try:
        if _is_simple(value):
            text = _encoded(value)
            if text.isascii() or max(text) <= _LAST_BMP:
                return text
    except orjson.JSONEncodeError:  # a lone surrogate, or so many levels that only the library comes to their end
        pass
    except RecursionError:
        raise InvalidJson("$", "fewer levels") from None
    return _by_the_library(value)


def _by_the_library(value: Json) -> str:
    try:
        return rfc8785.dumps(value).decode()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:  # the latter for a lone surrogate in a key
        raise InvalidJson("$", f"a value with a canonical form ({error})") from None
    except RecursionError:
        raise InvalidJson("$", "fewer levels") from None


def _is_simple(value: object) -> bool:
    """Only strings, booleans, null and safe integers, in lists and in dicts with string keys."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return -LARGEST_INTEGER <= value <= LARGEST_INTEGER  # type: ignore[operator]  # kind says it is an int
    if kind is dict:
        for key, member in value.items():  # type: ignore[attr-defined]  # kind says it is a dict
            if type(key) is not str or not (type(member) is str or _is_simple(member)):
                return False
        return True
    return kind is list and all(map(_is_simple, value))  # type: ignore[call-overload]


def parse_canonical(text: str, *, max_length: int = 1_000_000, max_depth: int = 64) -> Json:
    """As `parse` without floats, and the text must be the canonical encoding of its value."""
    if text.isascii() and len(text) <= max_length and text.count("{") + text.count("[") <= max_depth:
        value = _plainly_read(text)
        if value is not None:
            return value
    value = parse(text, max_length=max_length, max_depth=max_depth)
    if canonical(value) != text:
        raise InvalidJson("$", "the canonical encoding (RFC 8785) of the same value")
    return value


def _plainly_read(text: str) -> Json:
    """The value whose canonical encoding the text is: whatever a strict parser refuses is no such text.

    None, which also stands for null, where only `parse` can tell.
    """
    try:
        value: Json = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if _is_simple(value) and _encoded(value) == text else None


def sha256_hex(data: bytes) -> str:
    """Lower-case hex SHA-256."""
    return hashlib.sha256(data).hexdigest()
