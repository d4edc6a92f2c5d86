import hashlib
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from domain.address import address
from domain.canonical import Json, canonical, parse
from domain.errors import InvalidDid, InvalidSignature, InvalidStatement
from domain.identity import KeyPair
from domain.organisms.log import verify_head
from domain.organisms.statement import (
    DOMAIN,
    ChangeKind,
    Limits,
    StatementType,
    Verdict,
    make_statement,
    organism_uri,
    parse_statement,
    signed_bytes,
    statement_id,
)
from tests.domain.agents import agent
from tests.domain.organisms.examples import (
    AT,
    AUTHOR,
    OPTIONAL,
    ORGANISM,
    OTHER_ORGANISM,
    SERVER,
    TYPES,
    example,
    fields,
    hash_of,
    head,
)


def sign(text: str, keys: KeyPair = AUTHOR) -> str:
    return keys.sign(signed_bytes(text))


def offence(text: str, limits: Limits | None = None) -> str:
    """The path at which a correctly signed text is refused."""
    with pytest.raises((InvalidStatement, InvalidDid)) as refusal:
        parse_statement(text, sign(text), limits or Limits())
    return str(refusal.value.facts["path"])


def offence_of(kind: str, **changes: Any) -> str:  # Any: JSON, right or wrong
    return offence(canonical(fields(kind, author=AUTHOR.did) | changes))


@pytest.mark.parametrize("kind", TYPES)
def test_a_statement_of_every_type_is_read_back(kind: str) -> None:
    statement = example(kind)

    assert parse_statement(statement.text, statement.signature) == statement
    assert statement.type == StatementType(kind)
    assert statement.author == AUTHOR.did
    assert (statement.timestamp, statement.millis) == (AT, 1772600767089)
    assert dict(statement.fields) | {
        "type": kind,
        "organism": statement.organism,
        "author": AUTHOR.did,
        "timestamp": AT,
    } == parse(statement.text)


def test_the_signed_bytes_and_the_id_are_those_of_the_protocol() -> None:
    statement = example("leave")
    expected = b"social-organism/1\x00" + statement.text.encode()

    assert DOMAIN == b"social-organism/1\x00"
    assert signed_bytes(statement.text) == expected
    assert statement.id == statement_id(statement.text) == hashlib.sha256(expected).hexdigest()


def test_the_uri_is_the_address_of_statement_and_signature() -> None:
    founding = example("found")
    both = canonical({"statement": parse(founding.text), "signature": founding.signature})

    assert organism_uri(founding) == f"so://{address(both)}"


def test_fields_have_typed_accessors() -> None:
    verdict, propose, found = example("verdict"), example("propose"), example("found")

    assert verdict.verdict is Verdict.CONCUR
    assert (verdict.epoch, verdict.content, verdict.dna) == (2, hash_of("content"), hash_of("dna"))
    assert verdict.expression.startswith("link:")
    assert verdict.reason == "It is so."
    assert propose.change is ChangeKind.ADD
    assert (propose.subject, propose.note) == (agent(1).did, "She knows roses.")
    assert (found.name, found.description) == ("Garden club 😀", "We grow things.")
    assert found.invited == (agent(1).did, agent(2).did)
    assert found.meta == {"colour": "green", "n": 1}
    assert example("speak").roster == hash_of("roster")
    assert example("vouch").proposal == hash_of("proposal")


def test_absent_optional_fields_are_none() -> None:
    join = make_statement(AUTHOR, {"type": "join", "organism": ORGANISM, "timestamp": AT, "epoch": 0})

    assert (join.proposal, join.reason, join.note, join.head, join.meta, join.description) == (None,) * 6


def test_the_head_of_a_statement_can_be_verified() -> None:
    seen = example("speak").head

    assert seen is not None
    verify_head(seen, SERVER.did)


def test_statements_cannot_be_changed() -> None:
    statement = example("leave")

    with pytest.raises(FrozenInstanceError):
        statement.organism = OTHER_ORGANISM  # type: ignore[misc]  # the point of the test
    with pytest.raises(TypeError):
        statement.fields["epoch"] = 3  # type: ignore[index]  # the point of the test


def test_nobody_writes_statements_for_somebody_else() -> None:
    with pytest.raises(InvalidStatement, match=r"\$\.author"):
        make_statement(AUTHOR, fields("leave", author=agent(1).did))


def test_nothing_malformed_is_signed() -> None:
    with pytest.raises(InvalidStatement, match=r"\$\.epoch"):
        make_statement(AUTHOR, fields("leave", epoch=-1))


@pytest.mark.parametrize("kind", TYPES)
def test_every_field_is_needed_or_optional_as_the_protocol_says(kind: str) -> None:
    whole = fields(kind, author=AUTHOR.did)
    for name in whole:
        text = canonical({key: value for key, value in whole.items() if key != name})
        if name in OPTIONAL[kind]:
            assert parse_statement(text, sign(text)).type == kind
        else:
            assert offence(text) == f"$.{name}"


@pytest.mark.parametrize("kind", TYPES)
def test_every_field_of_another_type_is_refused(kind: str) -> None:
    own = fields(kind, author=AUTHOR.did)
    foreign = {name: value for other in TYPES for name, value in fields(other).items() if name not in own}
    for name, value in (foreign | {"colour": "green"}).items():
        assert offence_of(kind, **{name: value}) == f"$.{name}"


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("wrong", [None, True, [], {}, 3.0, [1], {"a": 1}, "\x00", -1], ids=repr)
def test_no_field_takes_a_value_of_the_wrong_kind(kind: str, wrong: Json) -> None:
    free_text = {
        "name",
        "description",
        "reason",
        "note",
        "nucleusNeighbourhood",
        "outputsNeighbourhood",
        "inputsDMLanguage",
    }
    for name in fields(kind, author=AUTHOR.did):
        right = (
            (name in free_text and isinstance(wrong, str))
            or (name == "meta" and isinstance(wrong, dict))
            or (name == "invited" and wrong == [])
            or (name == "epoch" and wrong == 3.0)
        )
        if not right:
            assert offence_of(kind, **{name: wrong}).startswith(f"$.{name}")


@pytest.mark.parametrize(
    ("kind", "changes", "path"),
    [
        ("leave", {"organism": ""}, "$.organism"),
        ("leave", {"organism": ORGANISM[:-1]}, "$.organism"),
        ("leave", {"organism": ORGANISM.replace("so://", "os://")}, "$.organism"),
        ("found", {"organism": ORGANISM}, "$.organism"),
        ("leave", {"epoch": 9007199254740992 // 2 * -1}, "$.epoch"),
        ("leave", {"timestamp": "2026-03-04T05:06:07.089+00:00"}, "$.timestamp"),
        ("leave", {"timestamp": "2026-02-29T05:06:07.089Z"}, "$.timestamp"),
        ("leave", {"author": "did:web:example.org"}, "$.author"),
        ("leave", {"type": "bless"}, "$.type"),
        ("leave", {"type": "Leave"}, "$.type"),
        ("found", {"name": ""}, "$.name"),
        ("found", {"name": "n" * 201}, "$.name"),
        ("found", {"description": "d" * 4_001}, "$.description"),
        ("found", {"invited": [agent(1).did, agent(1).did]}, "$.invited"),
        ("found", {"invited": [agent(1).did, "did:web:example.org"]}, "$.invited[1]"),
        ("found", {"invited": [agent(1).did, None]}, "$.invited[1]"),
        ("found", {"invited": [agent(1).did] * 1_001}, "$.invited"),
        ("found", {"dna": "A" * 64}, "$.dna"),
        ("found", {"dna": "a" * 63}, "$.dna"),
        ("found", {"nonce": "a" * 15}, "$.nonce"),
        ("found", {"nonce": "a" * 129}, "$.nonce"),
        ("found", {"nonce": "A" * 32}, "$.nonce"),
        ("found", {"meta": {"a": "m" * 16_377}}, "$.meta"),
        ("found", {"inputsDMLanguage": ""}, "$.inputsDMLanguage"),
        ("found", {"outputsNeighbourhood": "n" * 501}, "$.outputsNeighbourhood"),
        ("speak", {"expression": "no colon"}, "$.expression"),
        ("speak", {"expression": ":no scheme"}, "$.expression"),
        ("speak", {"expression": "no rest:"}, "$.expression"),
        ("speak", {"expression": "link:" + "e" * 65_536}, "$.expression"),
        ("speak", {"content": hash_of("") + "\n"}, "$.content"),
        ("speak", {"head": head(OTHER_ORGANISM)}, "$.head.organism"),
        ("speak", {"head": head() | {"size": -1}}, "$.head.size"),
        ("speak", {"head": head() | {"size": True}}, "$.head.size"),
        ("speak", {"head": head() | {"epoch": "2"}}, "$.head.epoch"),
        ("speak", {"head": head() | {"root": "00"}}, "$.head.root"),
        ("speak", {"head": head() | {"timestamp": "now"}}, "$.head.timestamp"),
        ("speak", {"head": head() | {"signature": "00"}}, "$.head.signature"),
        ("speak", {"head": head() | {"organism": "so://"}}, "$.head.organism"),
        ("speak", {"head": head() | {"note": 1}}, "$.head"),
        ("speak", {"head": {}}, "$.head"),
        ("verdict", {"verdict": "abstain"}, "$.verdict"),
        ("verdict", {"reason": "r" * 2_001}, "$.reason"),
        ("propose", {"change": "rename"}, "$.change"),
        ("propose", {"change": "remove", "subject": hash_of("dna")}, "$.subject"),
        ("propose", {"change": "dna"}, "$.subject"),
        ("propose", {"change": "profile"}, "$.subject"),
        ("propose", {"note": "n" * 2_001}, "$.note"),
        ("join", {"proposal": None}, "$.proposal"),
    ],
)
def test_malformed_fields_are_refused_with_their_path(kind: str, changes: dict[str, Json], path: str) -> None:
    assert offence_of(kind, **changes) == path


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("found", {"name": "n" * 200, "description": "", "invited": [], "meta": {}}),
        ("found", {"nonce": "a" * 16}),
        ("found", {"meta": {"a": "m" * 16_376}}),
        ("found", {"name": "\x00 line\nbreak \u2028 עברית é 😀"}),
        ("speak", {"expression": "literal://string:hi%20there"}),
        ("speak", {"expression": agent(1).did}),
        ("verdict", {"verdict": "reject", "reason": ""}),
        ("propose", {"change": "remove"}),
        ("propose", {"change": "dna", "subject": hash_of("dna")}),
        ("propose", {"change": "profile", "subject": hash_of("profile")}),
        ("leave", {"epoch": 2**53 - 1}),
    ],
)
def test_values_at_the_limits_are_accepted(kind: str, changes: dict[str, Json]) -> None:
    statement = make_statement(AUTHOR, fields(kind, **changes))

    assert parse_statement(statement.text, statement.signature) == statement


def test_limits_are_settings() -> None:
    found = example("found")

    assert offence(found.text, Limits(name=5)) == "$.name"
    assert offence(found.text, Limits(invited=1)) == "$.invited"
    assert offence(found.text, Limits(meta=10)) == "$.meta"
    assert offence(found.text, Limits(text=100)) == "$"


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", '"text"', "5", "[{}]", "{}", "{", "\ufeff{}", "[" * 100_000],
)
def test_what_is_no_statement_at_all_is_refused(text: str) -> None:
    assert offence(text) in ("$", "$.type")


def test_the_text_must_be_canonical() -> None:
    text = example("retract").text
    value = parse(text)
    assert isinstance(value, dict)
    backwards = "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in sorted(value, reverse=True)) + "}"

    for other in (f" {text}", f"{text}\n", text.replace(":", ": ", 1), text.replace("I was", "\\u0049 was"), backwards):
        assert offence(other) == "$"


def test_strict_json_offences_keep_their_path() -> None:
    text = example("leave").text

    assert offence(text.replace('"epoch":2', '"epoch":2.0')) == "$.epoch"
    assert offence(text.replace('"epoch":2', '"epoch":2,"epoch":2')) == "$.epoch"
    assert offence(text.replace('"epoch":2', '"epoch":NaN')) == "$.epoch"
    assert offence(text.replace('"epoch":2', '"epoch":9007199254740992')) == "$.epoch"
    with pytest.raises(InvalidStatement, match=r"\$\.epoch"):  # a text that cannot even be encoded
        parse_statement(text.replace('"epoch":2', '"epoch":"\ud800"'), sign(text))


def test_signatures_over_anything_but_the_signed_bytes_are_refused() -> None:
    text = example("leave").text.encode()
    for signed in (
        text,
        hashlib.sha256(DOMAIN + text).digest(),
        b"social-organism-head/1\0" + text,
        DOMAIN[:-1] + text,
    ):
        with pytest.raises(InvalidSignature):
            parse_statement(text.decode(), AUTHOR.sign(signed))


def test_a_signature_by_another_agent_is_refused() -> None:
    text = example("leave").text

    with pytest.raises(InvalidSignature):
        parse_statement(text, sign(text, agent(1)))
