"""Statements: the signed acts of agents in an organism.

`parse_statement` refuses everything that can be refused whatever the state and the clock, so whoever holds its
`Statement` knows that its author signed exactly this text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from domain.address import ORGANISM_SCHEME, address
from domain.canonical import Json, canonical, parse_canonical, sha256_hex
from domain.errors import InvalidJson, InvalidStatement
from domain.identity import Did, KeyPair, verify
from domain.organisms.fields import COMMON, ChangeKind, Limits, StatementType, Verdict, check_fields
from domain.organisms.log import Head, head_from_json
from domain.timestamp import parse_millis

__all__ = [
    "DOMAIN",
    "ChangeKind",
    "Limits",
    "Statement",
    "StatementType",
    "Verdict",
    "make_statement",
    "organism_uri",
    "parse_statement",
    "signed_bytes",
    "statement_id",
    "unverified_statement",
]

DOMAIN = b"social-organism/1\0"

_DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Statement:
    """A well-formed statement with its author's valid signature. `fields` are those beyond the common four.

    An accessor for a field that the type does not have raises KeyError; optional fields are None when absent.
    """

    text: str
    signature: str
    id: str
    type: StatementType
    organism: str
    author: Did
    timestamp: str
    millis: int
    fields: Mapping[str, Json]

    @property
    def epoch(self) -> int:
        return cast(int, self.fields["epoch"])

    @property
    def expression(self) -> str:
        return cast(str, self.fields["expression"])

    @property
    def content(self) -> str:
        return cast(str, self.fields["content"])

    @property
    def dna(self) -> str:
        return cast(str, self.fields["dna"])

    @property
    def roster(self) -> str:
        return cast(str, self.fields["roster"])

    @property
    def verdict(self) -> Verdict:
        return Verdict(cast(str, self.fields["verdict"]))

    @property
    def change(self) -> ChangeKind:
        return ChangeKind(cast(str, self.fields["change"]))

    @property
    def subject(self) -> str:
        return cast(str, self.fields["subject"])

    @property
    def proposal(self) -> str | None:
        """The id of the `propose` (or asking `join`) statement; None in a join that names none."""
        return self._optional("proposal")

    @property
    def reason(self) -> str | None:
        return self._optional("reason")

    @property
    def note(self) -> str | None:
        return self._optional("note")

    @property
    def head(self) -> Head | None:
        """The newest head that the author has seen; whether the server signed it is for the caller to check."""
        return head_from_json(self.fields["head"]) if "head" in self.fields else None

    @property
    def name(self) -> str:
        return cast(str, self.fields["name"])

    @property
    def description(self) -> str | None:
        return self._optional("description")

    @property
    def invited(self) -> tuple[Did, ...]:
        return tuple(cast(list[Did], self.fields["invited"]))

    @property
    def meta(self) -> dict[str, Json] | None:
        return cast(dict[str, Json] | None, self.fields.get("meta"))

    def _optional(self, name: str) -> str | None:
        return cast(str | None, self.fields.get(name))


def signed_bytes(text: str) -> bytes:
    """What the author signs: the domain, then the canonical text."""
    return DOMAIN + text.encode()


def statement_id(text: str) -> str:
    """Lower-case hex SHA-256 of the signed bytes."""
    return sha256_hex(signed_bytes(text))


def parse_statement(text: str, signature: str, limits: Limits = _DEFAULT_LIMITS) -> Statement:
    """The statement, or InvalidStatement, InvalidDid or InvalidSignature, with the path of the offence."""
    statement = unverified_statement(text, signature, limits)
    verify(statement.author, signed_bytes(text), signature)
    return statement


def make_statement(keys: KeyPair, fields: Mapping[str, Json]) -> Statement:
    """Write and sign a statement of these fields; `author` may be left out."""
    statement = dict(fields)
    if statement.setdefault("author", keys.did) != keys.did:
        raise InvalidStatement("$.author", keys.did, statement["author"])
    text = canonical(statement)
    if len(text) > _DEFAULT_LIMITS.text:
        check_fields(statement, _DEFAULT_LIMITS)  # names the field that makes it so long
    return unverified_statement(text, keys.sign(signed_bytes(text)))


def unverified_statement(text: str, signature: str, limits: Limits = _DEFAULT_LIMITS) -> Statement:
    """As `parse_statement`, for whoever verifies the signature before it is used."""
    try:
        value = parse_canonical(text, max_length=limits.text)
    except InvalidJson as error:
        raise InvalidStatement(error.path, error.expected, error.facts.get("value", text)) from None
    if not isinstance(value, dict):
        raise InvalidStatement("$", "an object", value)
    check_fields(value, limits)
    timestamp = cast(str, value["timestamp"])
    return Statement(
        text=text,
        signature=signature,
        id=statement_id(text),
        type=StatementType(cast(str, value["type"])),
        organism=cast(str, value["organism"]),
        author=cast(Did, value["author"]),
        timestamp=timestamp,
        millis=parse_millis(timestamp),
        fields=MappingProxyType({name: member for name, member in value.items() if name not in COMMON}),
    )


def organism_uri(statement: Statement) -> str:
    """The URI of the organism that this `found` statement founds."""
    # Both members are canonical already and "signature" sorts first.
    founding = f'{{"signature":"{statement.signature}","statement":{statement.text}}}'
    return ORGANISM_SCHEME + address(founding)
