"""Properties 1 and 3 of the protocol, as far as they hold without state or clock.

A statement serves for nothing but what it says; a key has one spelling.
"""

import random
from collections.abc import Iterator, Mapping

import base58
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.canonical import Json, canonical, parse
from domain.errors import DomainError, InvalidDid, InvalidSignature
from domain.identity import Did, did_of, parse_did, public_key
from domain.organisms.statement import Statement, parse_statement
from tests.domain.agents import agent
from tests.domain.json_values import values
from tests.domain.organisms.examples import FIELDS, OTHER_ORGANISM, TYPES, example, fields, hash_of, head

MUTATIONS = 10_000

ELSEWHERE: dict[str, list[Json]] = {
    "organism": [OTHER_ORGANISM],
    "author": [agent(1).did, agent(2).did],
    "timestamp": ["2026-03-04T05:06:07.090Z", "2027-03-04T05:06:07.089Z"],
    "expression": ["link:ffeeddccbbaa99887766554433221100", "literal://string:hi"],
    "content": [hash_of("other content")],
    "epoch": [0, 1, 3],
    "roster": [hash_of("other roster")],
    "dna": [hash_of("other dna")],
    "proposal": [hash_of("other proposal")],
    "verdict": ["reject"],
    "subject": [agent(3).did],
    "change": ["remove"],
    "name": ["Garden clubs"],
    "description": [""],
    "invited": [[], [agent(2).did, agent(1).did]],
    "meta": [{}, {"colour": "green", "n": 2}],
    "nonce": ["ffeeddccbbaa99887766554433221100"],
    "nucleusNeighbourhood": ["neighbourhood://other"],
    "outputsNeighbourhood": ["neighbourhood://other"],
    "inputsDMLanguage": ["other"],
    "reason": ["", "It is not so."],
    "note": ["", "She does not."],
    "head": [head() | {"size": 8}, head() | {"root": hash_of("other root")}],
}
"""Other values that would be well-formed, so that nothing but the signature can refuse them."""

SIBLINGS = {"vouch": ["decline"], "decline": ["vouch"]}
"""Types with the same fields: between these nothing but the signed `type` tells them apart."""


def value_of(statement: Statement) -> dict[str, Json]:
    value = parse(statement.text)
    assert isinstance(value, dict)
    return value


def mutations_with_good_shape(kind: str) -> Iterator[tuple[str, dict[str, Json]]]:
    original = value_of(example(kind))
    for name in original.keys() - {"type"}:
        if not (kind == "found" and name == "organism"):
            yield from ((name, original | {name: other}) for other in ELSEWHERE[name])
    yield from (("type", original | {"type": sibling}) for sibling in SIBLINGS.get(kind, []))
    if kind == "join":
        yield "proposal", {name: value for name, value in original.items() if name != "proposal"}


@pytest.mark.parametrize("kind", TYPES)
def test_a_statement_for_one_thing_is_not_accepted_for_another(kind: str) -> None:
    signature = example(kind).signature
    for name, mutated in mutations_with_good_shape(kind):
        if kind != "found" and name == "organism" and "head" in mutated:
            mutated = mutated | {"head": head(OTHER_ORGANISM)}
        with pytest.raises(InvalidSignature):
            parse_statement(canonical(mutated), signature)


def mutate(value: Json, choose: random.Random) -> Json:
    """Change one thing somewhere in the value."""
    if isinstance(value, dict) and value:
        name = choose.choice(sorted(value))
        return value | {name: mutate(value[name], choose)}
    if isinstance(value, list) and value:
        index = choose.randrange(len(value))
        return [*value[:index], mutate(value[index], choose), *value[index + 1 :]]
    if isinstance(value, int):
        return value + choose.choice([-1, 1, 2**20])
    if isinstance(value, str) and value:
        index = choose.randrange(len(value))
        other = choose.choice([letter for letter in "0aZf9😀 " if letter != value[index]])
        return value[:index] + choose.choice([other, "", value[index] + other]) + value[index + 1 :]
    return "mutated"


def mutate_a_field(
    statement: dict[str, Json], choose: random.Random, elsewhere: Mapping[str, list[Json]] = ELSEWHERE
) -> dict[str, Json]:
    name = choose.choice(sorted(statement))
    if choose.random() < 0.05:
        return {key: value for key, value in statement.items() if key != name}
    if choose.random() < 0.05:
        return statement | {f"{name}x": statement[name]}
    if name in elsewhere and choose.random() < 0.3:
        return statement | {name: choose.choice(elsewhere[name])}
    return statement | {name: mutate(statement[name], choose)}


def is_accepted(text: str, signature: str) -> bool:
    try:
        parse_statement(text, signature)
    except DomainError:
        return False
    return True


def test_ten_thousand_mutations_of_one_field_are_all_refused() -> None:
    choose, tried, accepted = random.Random(20260304), 0, []
    originals = [example(kind) for kind in TYPES]
    while tried < MUTATIONS:
        original = originals[tried % len(originals)]
        mutated = canonical(mutate_a_field(value_of(original), choose))
        if mutated == original.text:
            continue
        tried += 1
        if is_accepted(mutated, original.signature):
            accepted.append(mutated)

    assert not accepted


@given(st.sampled_from(TYPES), st.data())
def test_no_field_can_take_any_other_value(kind: str, data: st.DataObject) -> None:
    original = example(kind)
    name = data.draw(st.sampled_from(sorted(value_of(original))))
    mutated = canonical(value_of(original) | {name: data.draw(values)})
    assume(mutated != original.text)

    assert not is_accepted(mutated, original.signature)


@given(st.sampled_from(TYPES), st.data())
def test_no_character_of_the_text_can_change(kind: str, data: st.DataObject) -> None:
    original = example(kind)
    index = data.draw(st.integers(0, len(original.text) - 1))
    letter = data.draw(st.characters(exclude_categories=["Cs"]))
    mutated = original.text[:index] + letter + original.text[index + data.draw(st.integers(0, 1)) :]
    assume(mutated != original.text)

    assert not is_accepted(mutated, original.signature)


@pytest.mark.parametrize("kind", TYPES)
def test_no_signature_serves_another_statement_or_agent(kind: str) -> None:
    statement = example(kind)
    for other in TYPES:
        if other != kind:
            assert not is_accepted(statement.text, example(other).signature)
    assert not is_accepted(statement.text, example(kind, agent(1)).signature)


def spellings(did: Did) -> Iterator[str]:
    """Other ways to write the same key that some decoder takes."""
    key = public_key(did)
    multicodec = b"\xed\x01" + key
    digits = base58.b58encode(multicodec).decode()
    yield from (f"did:key:z{'1' * ones}{digits}" for ones in (1, 2, 50))
    yield from (f"did:key:z{digits}{tail}" for tail in (" ", "\n", "\t", "\0", "#", f"#z{digits}", "?", "/", ";v=1"))
    yield from (f"{lead}{did}" for lead in (" ", "\n", "\ufeff"))
    yield from (did.replace("did", "DID"), did.replace("key", "KEY"), did.upper(), did.lower(), did.replace(":", "%3A"))
    yield f"did:key:Z{digits}"
    yield f"did:key:1.1:z{digits}"
    yield f"did:key:f{multicodec.hex()}"
    yield f"did:key:F{multicodec.hex().upper()}"
    yield f"did:key:z{base58.b58encode(multicodec, alphabet=base58.RIPPLE_ALPHABET).decode()}"
    yield f"did:key:z{base58.b58encode(bytes([0xED, 0x81, 0x00]) + key).decode()}"
    yield f"did:key:z{base58.b58encode(bytes(1) + multicodec).decode()}"
    yield f"did:key:z{base58.b58encode(key).decode()}"
    yield f"did:key:z{base58.b58encode(multicodec + bytes(1)).decode()}"
    yield digits
    yield key.hex()


@given(st.integers(0, 99))
def test_a_key_has_one_did(number: int) -> None:
    did = agent(number).did

    for spelling in spellings(did):
        with pytest.raises(InvalidDid):
            parse_did(spelling)


@given(
    st.integers(0, 99),
    st.integers(0, 55),
    st.sampled_from("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
)
def test_a_did_of_other_letters_is_of_another_key(number: int, index: int, letter: str) -> None:
    did = agent(number).did
    other = did[:index] + letter + did[index + 1 :]
    assume(other != did)

    try:
        key = public_key(parse_did(other))
    except InvalidDid:
        return
    assert key != public_key(did)
    assert did_of(key) == other


@pytest.mark.parametrize("spelling", list(spellings(agent(1).did)), ids=ascii)
def test_nobody_is_invited_under_another_spelling(spelling: str) -> None:
    text = canonical(fields("found", author=agent(0).did, invited=[agent(1).did, spelling]))

    with pytest.raises(InvalidDid) as refusal:
        parse_statement(text, example("found").signature)

    assert refusal.value.facts["path"] == "$.invited[1]"


def test_the_table_of_other_values_covers_every_field() -> None:
    assert {name for kind in TYPES for name in FIELDS[kind]} <= ELSEWHERE.keys()
