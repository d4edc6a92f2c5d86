"""AD4M expressions and links: what is signed, how it is verified, and the URLs they get.

Follows rust-executor/src/agent/signatures.rs of AD4M 0.11.1: the signature covers SHA-256 of the data's JSON with
sorted keys followed by the timestamp. Author, key id and URL are not covered.
"""

import hashlib
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from json import JSONEncoder
from urllib.parse import quote, unquote

from domain.address import address
from domain.canonical import Json, canonical, parse, sha256_hex
from domain.errors import DomainError, InvalidExpression, InvalidJson, InvalidUrl
from domain.identity import KeyPair, key_id, parse_did, verify
from domain.timestamp import normalise, parse_millis

LINK_SCHEME = "link:"
JSON_SCHEME = "json://"
LITERAL_SCHEME = "literal://"

_ENCODE_SCALAR = JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_EXPRESSION_FIELDS = frozenset(("author", "timestamp", "data", "proof"))
_PROOF_FIELDS = frozenset(("key", "signature"))
_SERVED_WITH_PROOF = frozenset(("valid", "invalid"))
_LINK_FIELDS = frozenset(("source", "target", "predicate"))


@dataclass(frozen=True, slots=True)
class Expression:
    """Signed data. Whether the proof holds is `proof_valid`; the author may be a DID that we cannot verify."""

    author: str
    timestamp: str
    data: Json
    key: str
    signature: str

    def as_json(self) -> dict[str, Json]:
        """In AD4M's order of fields, without the computed `valid` and `invalid`."""
        proof: dict[str, Json] = {"key": self.key, "signature": self.signature}
        return {"author": self.author, "timestamp": self.timestamp, "data": self.data, "proof": proof}

    @property
    def content(self) -> str:
        """What statements name it by: hex SHA-256 of the canonical JSON of the signed expression."""
        return sha256_hex(canonical(self.as_json()).encode())


@dataclass(frozen=True, slots=True)
class Link:
    """A triple of a perspective. The ends are any strings; AD4M does not demand URIs."""

    source: str
    target: str
    predicate: str | None = None

    def as_data(self) -> dict[str, Json]:
        """The data of a link expression; a missing predicate is signed as null."""
        return {"source": self.source, "predicate": self.predicate, "target": self.target}


def from_json(value: Json) -> Expression:
    """Check the shape and drop `valid` and `invalid`, which servers compute. Raises InvalidExpression."""
    if not isinstance(value, dict) or value.keys() != _EXPRESSION_FIELDS:
        raise InvalidExpression("$", "an object with exactly author, data, proof, timestamp", value)
    proof = value["proof"]
    if not isinstance(proof, dict) or not _PROOF_FIELDS <= proof.keys() <= _PROOF_FIELDS | _SERVED_WITH_PROOF:
        raise InvalidExpression("$.proof", "an object with key and signature", proof)
    for name in _SERVED_WITH_PROOF & proof.keys():
        if not isinstance(proof[name], bool):
            raise InvalidExpression(f"$.proof.{name}", "true or false", proof[name])
    return Expression(
        author=_string(value["author"], "$.author"),
        timestamp=_string(value["timestamp"], "$.timestamp"),
        data=value["data"],
        key=_string(proof["key"], "$.proof.key"),
        signature=_string(proof["signature"], "$.proof.signature"),
    )


def _string(value: Json, path: str) -> str:
    if not isinstance(value, str):
        raise InvalidExpression(path, "a string", value)
    return value


# Signing


def signed_payload(data: Json, timestamp: str) -> bytes:
    """The 32 bytes that are signed: SHA-256 of the data's JSON and the timestamp, with nothing between."""
    return _digest(_signing_json(data), timestamp)


def _digest(text: str, timestamp: str) -> bytes:
    try:
        return hashlib.sha256(text.encode() + timestamp.encode()).digest()
    except UnicodeEncodeError:
        raise InvalidJson("$", "text without lone surrogates", ascii(text)) from None


def _signing_json(data: Json, integer: Callable[[int], str] = str) -> str:
    """Compact JSON as serde_json writes it, keys in byte order."""
    if isinstance(data, dict):
        members = (f"{_ENCODE_SCALAR(key)}:{_signing_json(data[key], integer)}" for key in sorted(data))
        return f"{{{','.join(members)}}}"
    if isinstance(data, list):
        return f"[{','.join(_signing_json(item, integer) for item in data)}]"
    if isinstance(data, float):
        return _signing_float(data, integer)
    if isinstance(data, int) and not isinstance(data, bool):
        return integer(data)
    return _ENCODE_SCALAR(data)


def _signing_float(number: float, integer: Callable[[int], str]) -> str:
    """The shortest digits, laid out as the Rust crate ryu does; whole numbers as integers, as JavaScript has them."""
    if not math.isfinite(number):
        raise InvalidJson("$", "a finite number", number)
    if number.is_integer():
        return integer(int(number))
    sign, digit_tuple, exponent = Decimal(repr(number)).as_tuple()
    digits = "".join(map(str, digit_tuple))
    point = len(digits) + int(exponent)
    if point > 0:
        text = f"{digits[:point]}.{digits[point:]}"
    elif point > -5:
        text = f"0.{'0' * -point}{digits}"
    else:
        text = f"{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}e{point - 1}"
    return f"-{text}" if sign else text


def sign_expression(keys: KeyPair, data: Json, timestamp: str) -> Expression:
    """Signed as an AD4M executor does. `timestamp` is in the strict notation, else InvalidTimestamp."""
    parse_millis(timestamp)
    return Expression(keys.did, timestamp, data, key_id(keys.did), keys.sign(signed_payload(data, timestamp)))


def sign_message(keys: KeyPair, text: str) -> str:
    """AD4M's `agentSignMessage`: Ed25519 over SHA-256 of the UTF-8 text, in hex."""
    return keys.sign(_digest(text, ""))


# Verification


def proof_valid(expression: Expression) -> bool:
    """Whether the author signed the data at the timestamp; false for a DID of another method or curve. Never raises."""
    try:
        parse_did(expression.author)
        timestamp = normalise(expression.timestamp)
        digests = (_digest(text, timestamp) for text in _distinct(_encodings(expression.data)))
        return any(_is_signed(expression.author, digest, expression.signature) for digest in digests)
    except (DomainError, RecursionError):
        return False


def _distinct(texts: Iterator[str]) -> Iterator[str]:
    seen: set[str] = set()
    for text in texts:
        if text not in seen:
            seen.add(text)
            yield text


def verify_message(did: str, text: str, signature: str) -> bool:
    """Whether the DID signed the text with `sign_message`."""
    try:
        return _is_signed(did, _digest(text, ""), signature)
    except DomainError:
        return False


def _is_signed(did: str, digest: bytes, signature: str) -> bool:
    try:
        verify(parse_did(did), digest, signature)
    except DomainError:
        return False
    return True


def _encodings(data: Json) -> Iterator[str]:
    """Every JSON that AD4M's implementations may have signed for this data; mostly they are one."""
    for form in _predicate_forms(data):
        yield _signing_json(form)
        yield _signing_json(form, _wide_integer_as_float)
        yield canonical(form)  # AD4M's specification 1.0 (pull request 819)


def _wide_integer_as_float(number: int) -> str:
    """The executor's bridge from JavaScript hands integers beyond 32 bits over as floats."""
    return str(number) if -(2**31) <= number < 2**32 else f"{number}.0"


def _predicate_forms(data: Json) -> Iterator[Json]:
    """The client signs an empty predicate for a link without one; the executor stores null."""
    yield data
    if not isinstance(data, dict) or not {"source", "target"} <= data.keys() <= _LINK_FIELDS:
        return
    if data.get("predicate") in (None, ""):
        yield data | {"predicate": None}
        yield data | {"predicate": ""}


# Links and URLs


def link_from_data(data: Json) -> Link:
    """The link that a link expression's data is; an empty predicate is none. Raises InvalidExpression."""
    if not isinstance(data, dict) or not data.keys() <= _LINK_FIELDS:
        raise InvalidExpression("$.data", "an object with source, target and predicate only", data)
    predicate = data.get("predicate")
    return Link(
        source=_string(data.get("source"), "$.data.source"),
        target=_string(data.get("target"), "$.data.target"),
        predicate=None if predicate is None else _string(predicate, "$.data.predicate") or None,
    )


def link_url(expression: Expression) -> str:
    """`link:` and 32 hex digits, as AD4M's specification has it.

    The parts are joined without separators, so two links can share a URL; `content` tells them apart.
    """
    link = link_from_data(expression.data)
    parts = (expression.author, link.source, link.predicate or "", link.target, expression.timestamp)
    return LINK_SCHEME + sha256_hex("".join(parts).encode())[:32]


def json_url(expression: Expression) -> str:
    """The content address of an expression that the server stores."""
    return JSON_SCHEME + address(canonical(expression.as_json()))


def literal_url(expression: Expression) -> str:
    """The whole signed expression in a URL, as ad4m 0.11.1's `expressionCreate(content, "literal")` writes it."""
    proof = f'{{"key":{_ENCODE_SCALAR(expression.key)},"signature":{_ENCODE_SCALAR(expression.signature)}}}'
    author, timestamp = _ENCODE_SCALAR(expression.author), _ENCODE_SCALAR(expression.timestamp)
    text = f'{{"author":{author},"timestamp":{timestamp},"data":{canonical(expression.data)},"proof":{proof}}}'
    # quote leaves what encodeURIComponent leaves, less the !'()* that AD4M escapes as well.
    return f"{LITERAL_SCHEME}json:{quote(text, safe='')}"


def text_literal_url(text: str) -> str:
    """A bare text in a URL, as ad4m's `Literal.from(text).toUrl()` writes it."""
    return f"{LITERAL_SCHEME}string:{quote(text, safe='')}"


def literal_from_url(url: str) -> Json:
    """The string, number, boolean or JSON in a `literal://` URL. Raises InvalidUrl."""
    match = re.fullmatch(r"literal://(string|number|boolean|json):(.*)", url, re.DOTALL)
    if match is None:
        raise InvalidUrl(url, "literal:// and string:, number:, boolean: or json:")
    kind, encoded = match.groups()
    try:
        text = unquote(encoded, errors="strict")
        value = text if kind == "string" else parse(text, floats=True)
    except (UnicodeDecodeError, InvalidJson):
        raise InvalidUrl(url, f"an encoded {kind}") from None
    if (kind == "boolean" and not isinstance(value, bool)) or (kind == "number" and not _is_number(value)):
        raise InvalidUrl(url, f"an encoded {kind}")
    return value


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
