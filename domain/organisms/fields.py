"""Which fields each type of statement has, and what each must look like whatever the state and the clock."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.address import is_organism_uri
from domain.canonical import Json, canonical
from domain.errors import InvalidDid, InvalidHead, InvalidStatement, InvalidTimestamp
from domain.identity import parse_did
from domain.organisms.log import head_from_json
from domain.timestamp import parse_millis


class StatementType(StrEnum):
    FOUND = "found"
    SPEAK = "speak"
    VERDICT = "verdict"
    PROPOSE = "propose"
    VOUCH = "vouch"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    JOIN = "join"
    LEAVE = "leave"
    RETRACT = "retract"


class ChangeKind(StrEnum):
    """What a proposal would change."""

    ADD = "add"
    REMOVE = "remove"
    DNA = "dna"
    PROFILE = "profile"


class Verdict(StrEnum):
    CONCUR = "concur"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a statement: characters, except `meta` (bytes of canonical JSON) and `invited` (DIDs)."""

    text: int = 262_144
    name: int = 200
    description: int = 4_000
    reason: int = 2_000
    address: int = 500
    expression: int = 65_536
    meta: int = 16_384
    invited: int = 1_000


Check = Callable[[Json, str, Limits], None]

_HASH = re.compile(r"[0-9a-f]{64}")
_NONCE = re.compile(r"[0-9a-f]{16,128}")
_URL = re.compile(r"[^:\s]+:[\s\S]+")

COMMON = ("type", "organism", "author", "timestamp")


def _did(value: Json, path: str, limits: Limits) -> None:
    if not isinstance(value, str):
        raise InvalidStatement(path, "a DID", value)
    try:
        parse_did(value)
    except InvalidDid as error:
        raise InvalidDid(value, str(error.facts["expected"]), path) from None


def _hash(value: Json, path: str, limits: Limits) -> None:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise InvalidStatement(path, "64 characters of lower-case hex", value)


def _epoch(value: Json, path: str, limits: Limits) -> None:
    if type(value) is not int or value < 0:
        raise InvalidStatement(path, "an integer from 0", value)


def _nonce(value: Json, path: str, limits: Limits) -> None:
    if not isinstance(value, str) or not _NONCE.fullmatch(value):
        raise InvalidStatement(path, "16 to 128 characters of lower-case hex", value)


def _timestamp(value: Json, path: str, limits: Limits) -> None:
    try:
        parse_millis(value)  # type: ignore[arg-type]  # refuses what is not a string
    except InvalidTimestamp as error:
        raise InvalidStatement(path, str(error.facts["expected"]), value) from None


def _text(value: Json, path: str, most: int) -> None:
    if not isinstance(value, str) or len(value) > most:
        raise InvalidStatement(path, f"a string of at most {most} characters", value)


def _name(value: Json, path: str, limits: Limits) -> None:
    _text(value, path, limits.name)
    if not value:
        raise InvalidStatement(path, "a name that is not empty", value)


def _description(value: Json, path: str, limits: Limits) -> None:
    _text(value, path, limits.description)


def _reason(value: Json, path: str, limits: Limits) -> None:
    _text(value, path, limits.reason)


def _address(value: Json, path: str, limits: Limits) -> None:
    _text(value, path, limits.address)
    if not value:
        raise InvalidStatement(path, "an address that is not empty", value)


def _expression(value: Json, path: str, limits: Limits) -> None:
    _text(value, path, limits.expression)
    if not isinstance(value, str) or not _URL.fullmatch(value):
        raise InvalidStatement(path, "an expression URL", value)


def _organism(value: Json, path: str, limits: Limits) -> None:
    if not isinstance(value, str) or not is_organism_uri(value):
        raise InvalidStatement(path, "an organism URI, so://Qmz…", value)


def _no_organism(value: Json, path: str, limits: Limits) -> None:
    if value != "":
        raise InvalidStatement(path, "the empty string: the organism gets its URI from this statement", value)


def _type(value: Json, path: str, limits: Limits) -> None:
    """Decided before the fields are known."""


def _invited(value: Json, path: str, limits: Limits) -> None:
    if not isinstance(value, list) or len(value) > limits.invited:
        raise InvalidStatement(path, f"a list of at most {limits.invited} DIDs", value)
    for index, did in enumerate(value):
        _did(did, f"{path}[{index}]", limits)
    if len(set(map(str, value))) < len(value):
        raise InvalidStatement(path, "each DID once")


def _meta(value: Json, path: str, limits: Limits) -> None:
    if not isinstance(value, dict):
        raise InvalidStatement(path, "an object", value)
    if len(canonical(value).encode()) > limits.meta:
        raise InvalidStatement(path, f"at most {limits.meta} bytes of canonical JSON")


def _verdict(value: Json, path: str, limits: Limits) -> None:
    if not isinstance(value, str) or value not in _VERDICTS:
        raise InvalidStatement(path, "concur or reject", value)


def _change(value: Json, path: str, limits: Limits) -> None:
    if not isinstance(value, str) or value not in _CHANGES:
        raise InvalidStatement(path, "add, remove, dna or profile", value)


def _subject(value: Json, path: str, limits: Limits) -> None:
    if not isinstance(value, str):
        raise InvalidStatement(path, "a DID or a hash", value)


def _head(value: Json, path: str, limits: Limits) -> None:
    try:
        head_from_json(value, path)
    except InvalidHead as error:
        raise InvalidStatement(error.path, error.expected, value) from None


_VERDICTS = frozenset(Verdict)
_CHANGES = frozenset(ChangeKind)


@dataclass(frozen=True, slots=True)
class _Fields:
    required: frozenset[str]
    checks: Mapping[str, Check]


def _fields(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> _Fields:
    common = {"type": _type, "organism": _organism, "author": _did, "timestamp": _timestamp}
    checks = common | dict(required)
    return _Fields(frozenset(checks), checks | dict(optional or {}))


_SPOKEN: dict[str, Check] = {"expression": _expression, "content": _hash}
_VOTE = _fields({"proposal": _hash}, {"reason": _reason})

_FIELDS: dict[str, _Fields] = {
    StatementType.FOUND: _fields(
        {"organism": _no_organism, "name": _name, "invited": _invited, "dna": _hash, "nonce": _nonce},
        {
            "description": _description,
            "meta": _meta,
            "nucleusNeighbourhood": _address,
            "outputsNeighbourhood": _address,
            "inputsDMLanguage": _address,
        },
    ),
    StatementType.SPEAK: _fields(_SPOKEN | {"epoch": _epoch, "roster": _hash, "dna": _hash}, {"head": _head}),
    StatementType.VERDICT: _fields(
        _SPOKEN | {"epoch": _epoch, "verdict": _verdict, "dna": _hash}, {"reason": _reason, "head": _head}
    ),
    StatementType.PROPOSE: _fields({"change": _change, "subject": _subject, "epoch": _epoch}, {"note": _reason}),
    StatementType.VOUCH: _VOTE,
    StatementType.DECLINE: _VOTE,
    StatementType.WITHDRAW: _fields({"proposal": _hash}),
    StatementType.JOIN: _fields({"epoch": _epoch}, {"proposal": _hash}),
    StatementType.LEAVE: _fields({"epoch": _epoch}),
    StatementType.RETRACT: _fields(_SPOKEN, {"reason": _reason}),
}


def check_fields(statement: Mapping[str, Json], limits: Limits) -> None:
    """Raise InvalidStatement (or InvalidDid) for the first field that is unknown, missing or malformed."""
    kind = statement.get("type")
    if not isinstance(kind, str) or kind not in _FIELDS:
        raise InvalidStatement("$.type", f"one of {', '.join(StatementType)}", kind)
    fields = _FIELDS[kind]
    checks = fields.checks
    if not fields.required <= statement.keys():
        raise InvalidStatement(f"$.{min(fields.required - statement.keys())}", f"a field that every {kind} has")
    for name, value in statement.items():
        if name not in checks:
            raise InvalidStatement(f"$.{name}", f"no such field in {kind}")
        checks[name](value, f"$.{name}", limits)
    _check_together(statement, limits)


def check_profile(profile: Mapping[str, Json], limits: Limits) -> None:
    """Raise InvalidStatement for the first of name, description and meta that is missing or malformed."""
    for name, check in (("name", _name), ("description", _description), ("meta", _meta)):
        if name in profile or name == "name":
            check(profile.get(name), f"$.{name}", limits)


def _check_together(statement: Mapping[str, Json], limits: Limits) -> None:
    """What one field demands of another."""
    if "subject" in statement:
        names_a_member = statement["change"] in (ChangeKind.ADD, ChangeKind.REMOVE)
        (_did if names_a_member else _hash)(statement["subject"], "$.subject", limits)
    head = statement.get("head")
    if isinstance(head, dict) and head["organism"] != statement["organism"]:
        raise InvalidStatement("$.head.organism", "the organism of the statement", head["organism"])
