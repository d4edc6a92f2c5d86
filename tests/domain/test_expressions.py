import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.canonical import Json, canonical
from domain.errors import InvalidExpression, InvalidJson, InvalidTimestamp, InvalidUrl
from domain.expressions import (
    Expression,
    Link,
    from_json,
    json_url,
    link_from_data,
    link_url,
    literal_from_url,
    literal_url,
    proof_valid,
    sign_expression,
    sign_message,
    signed_payload,
    verify_message,
)
from domain.identity import KeyPair, key_id
from domain.timestamp import format_millis
from tests.domain.agents import agent, agents
from tests.domain.json_values import texts, values_with_floats

KEYS = KeyPair.generate(bytes(range(32)))
AT = "2023-02-06T12:34:56.789Z"

# Made by an AD4M executor, and the literal URL that it gave; from the public sources of Flux.
RV_DID = "did:key:z6MkkH4fxefjLhRf476atrmyfdhJGtPrWBCsnGvNo9JdsVb3"
RV = Expression(
    author=RV_DID,
    timestamp="2024-03-30T19:23:52.143Z",
    data="Hello World James 2!",
    key=f"{RV_DID}#{RV_DID[8:]}",
    signature="9d97afef3db607e8d2c5d7c5a2ab21dd10a99fad60b2b4bd4b99949b551dadf1"
    "e18c503cd0a837743c7c34f00ca54921c88e991d8a20abdcfcc5c959d7134b0e",
)
RV_URL = (
    "literal://json:%7B%22author%22%3A%22did%3Akey%3Az6MkkH4fxefjLhRf476atrmyfdhJGtPrWBCsnGvNo9JdsVb3%22%2C"
    "%22timestamp%22%3A%222024-03-30T19%3A23%3A52.143Z%22%2C%22data%22%3A%22Hello%20World%20James%202%21%22%2C"
    "%22proof%22%3A%7B%22key%22%3A%22did%3Akey%3Az6MkkH4fxefjLhRf476atrmyfdhJGtPrWBCsnGvNo9JdsVb3%23"
    "z6MkkH4fxefjLhRf476atrmyfdhJGtPrWBCsnGvNo9JdsVb3%22%2C%22signature%22%3A%22"
    "9d97afef3db607e8d2c5d7c5a2ab21dd10a99fad60b2b4bd4b99949b551dadf1"
    "e18c503cd0a837743c7c34f00ca54921c88e991d8a20abdcfcc5c959d7134b0e%22%7D%7D"
)

# Data, digest and signature by KEYS at AT.
VECTORS: dict[str, tuple[Json, str, str]] = {
    "V1 link": (
        {
            "source": "ad4m://self",
            "predicate": "sioc://has_member",
            "target": "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH",
        },
        "84480da899d5edbb053b51ec58ca6193e7505c02b2115f4e9db71fedb60b6ed1",
        "2bc556bb39e01f7bc3b90ef3fa3f5afcf7b31c4ccc86f8eb864b58b252c0776f"
        "25b080fd2c4aa600f6dd17e48edee4763c17b46bd2e9a51b2bfb2264ae0c2409",
    ),
    "V2 link without predicate": (
        {"source": "ad4m://self", "predicate": None, "target": "literal://string:hi"},
        "e3690cdd2342e4a9b7dcd15857473d17419eb35d1ba0445fbadf5680b70e4e15",
        "6f48226c1406162320b1e4f3560b180fa0c1f0b26fda66ac9499def501ab1512"
        "7c840a135c2899b14671087e144be1a8e38c45b9d5a570b7fd0c1b5cdc38180f",
    ),
    "V3 nested": (
        {"title": "Grüße 😀", "n": 1.5, "body": {"z": 1, "a": [3, {"y": True, "b": None}]}},
        "4dfa355ee0aab1bada7152f3aad9a6bb16250a7c39024bfc2cb28126065ec10a",
        "aaffd3dae3afd10248140e7b899ebde01e36b710e45d2822dcb6a38f1ea748eb"
        "cac3bdd8dea7b2eb1167a0e2bb0a30533f2cc38c83d36b1031d11884238b7e09",
    ),
    "V4 string": (
        "Hello World",
        "7d3bf79a586ed6c84b65b3dbefcb10a9580386b078a9600b809d4f4bd7d77b8d",
        "098ea60a8173db3f568021341a9d0c566bb3121dad5ce3ff89303dc9ec63fcf4"
        "848d6d9fb632cdd420e612a46367b13b15b29865093bd0cf77cd546db5317b09",
    ),
}
V5 = (
    "c35c6676b04352a83d7ce5af765bf7a2efdfe10726cff4902e4fbbcddb52ebe3"
    "00b0b70091a276c57871163122db8144067ae33ea169285036977b9cb34e510d"
)

moments = st.integers(0, 4_102_444_800_000).map(format_millis)


def signed_as(json_text: str, data: Json, timestamp: str = AT) -> Expression:
    """An expression whose signature covers this JSON text."""
    digest = hashlib.sha256(f"{json_text}{AT}".encode()).digest()
    return Expression(KEYS.did, timestamp, data, key_id(KEYS.did), KEYS.sign(digest))


def changed(expression: Expression, **changes: Any) -> Expression:  # Any: a field of any type
    return Expression(**{name: getattr(expression, name) for name in expression.__slots__} | changes)


def test_a_proof_made_by_an_ad4m_executor_is_valid() -> None:
    assert proof_valid(RV)
    assert not proof_valid(changed(RV, data="Hello World James 3!"))
    assert literal_url(RV) == RV_URL
    assert from_json(literal_from_url(RV_URL)) == RV


@pytest.mark.parametrize("name", VECTORS)
def test_digests_and_signatures_are_ad4m_s(name: str) -> None:
    data, digest, signature = VECTORS[name]

    expression = sign_expression(KEYS, data, AT)

    assert signed_payload(data, AT).hex() == digest
    assert expression.signature == signature
    assert expression.key == key_id(KEYS.did)
    assert proof_valid(expression)


def test_signed_messages_are_ad4m_s() -> None:
    assert sign_message(KEYS, "hello ad4m") == V5
    assert verify_message(KEYS.did, "hello ad4m", V5)
    assert not verify_message(KEYS.did, "hello ad4n", V5)
    assert not verify_message(agent(1).did, "hello ad4m", V5)
    assert not verify_message("did:web:example.org", "hello ad4m", V5)
    assert not verify_message(KEYS.did, "\ud800", V5)


@given(agents, values_with_floats, moments)
def test_every_expression_signed_here_has_a_valid_proof(keys: KeyPair, data: Json, timestamp: str) -> None:
    expression = sign_expression(keys, data, timestamp)

    assert proof_valid(expression)
    assert from_json(expression.as_json()) == expression


@given(values_with_floats, values_with_floats)
def test_a_proof_holds_for_no_other_data(data: Json, other: Json) -> None:
    expression = sign_expression(KEYS, data, AT)

    assert proof_valid(changed(expression, data=other)) == (canonical(other) == canonical(data))


def test_a_proof_holds_for_no_other_author_or_instant() -> None:
    expression = sign_expression(KEYS, "data", AT)

    assert not proof_valid(changed(expression, author=agent(1).did))
    assert not proof_valid(changed(expression, timestamp="2023-02-06T12:34:56.788Z"))


@pytest.mark.parametrize("timestamp", ["2023-02-06T13:34:56.789+01:00", "2023-02-06T12:34:56.789000Z"])
def test_equal_instants_verify_in_other_notations(timestamp: str) -> None:
    assert proof_valid(changed(sign_expression(KEYS, "data", AT), timestamp=timestamp))


@pytest.mark.parametrize(
    "changes",
    [
        {
            "author": "did:key:zQ3shWhAZydqDE1s5Ka3gJTDpjdYg1Ajw6PFywSP7QJD8x8ki",
            "key": "#zQ3shWhAZydqDE1s5Ka3gJTDpjdYg1",
        },
        {"author": "did:web:example.org"},
        {"author": "<unknown>"},
        {"author": ""},
        {"timestamp": "<unknown>"},
        {"timestamp": ""},
        {"signature": ""},
        {"signature": "zz"},
        {"data": "\ud800"},
        {"data": float("nan")},
        {"data": {"\ud800": 1}},
    ],
)
def test_what_cannot_be_verified_is_false_and_no_error(changes: dict[str, Any]) -> None:
    assert not proof_valid(changed(sign_expression(KEYS, "data", AT), **changes))


def test_bottomless_data_is_false_and_no_error() -> None:
    data: Json = []
    for _ in range(100_000):
        data = [data]

    assert not proof_valid(changed(sign_expression(KEYS, "data", AT), data=data))


@pytest.mark.parametrize("predicate", ["null", '""'])
@pytest.mark.parametrize("data_predicate", [None, ""])
def test_a_link_without_predicate_verifies_in_either_form(predicate: str, data_predicate: str | None) -> None:
    text = f'{{"predicate":{predicate},"source":"a","target":"b"}}'

    assert proof_valid(signed_as(text, {"source": "a", "target": "b", "predicate": data_predicate}))


def test_a_predicate_is_not_taken_for_none() -> None:
    text = '{"predicate":null,"source":"a","target":"b"}'

    assert not proof_valid(signed_as(text, {"source": "a", "target": "b", "predicate": "p"}))
    assert not proof_valid(signed_as(text, {"source": "a", "target": "b", "predicate": False}))


def test_data_that_only_resembles_a_link_keeps_its_predicate() -> None:
    text = '{"extra":1,"predicate":null,"source":"a","target":"b"}'

    assert not proof_valid(signed_as(text, {"source": "a", "target": "b", "predicate": "", "extra": 1}))


def test_wide_integers_and_specification_1_numbers_verify() -> None:
    assert proof_valid(signed_as("1700000000000.0", 1700000000000))
    assert proof_valid(signed_as("1700000000000", 1700000000000))
    assert proof_valid(signed_as("0.000001", 0.000001))
    assert proof_valid(signed_as("1e-6", 0.000001))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.5, "1.5"),
        (-0.25, "-0.25"),
        (0.1, "0.1"),
        (1e-5, "0.00001"),
        (1.234e-5, "0.00001234"),
        (1e-6, "1e-6"),
        (1.25e-7, "1.25e-7"),
        (-2.5e-10, "-2.5e-10"),
        (123456789012345.6, "123456789012345.6"),
        (5.0, "5"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
    ],
)
def test_numbers_are_signed_as_the_executor_writes_them(number: float, text: str) -> None:
    assert signed_payload(number, AT) == hashlib.sha256(f"{text}{AT}".encode()).digest()


def test_nothing_is_signed_that_has_no_json_or_no_strict_timestamp() -> None:
    with pytest.raises(InvalidJson):
        sign_expression(KEYS, float("inf"), AT)
    with pytest.raises(InvalidJson):
        sign_expression(KEYS, "\ud800", AT)
    with pytest.raises(InvalidTimestamp):
        sign_expression(KEYS, "data", "2023-02-06T12:34:56Z")


def test_computed_validity_is_read_and_dropped() -> None:
    served = RV.as_json() | {"proof": {"key": RV.key, "signature": RV.signature, "valid": False, "invalid": True}}

    assert from_json(served) == RV


def without(name: str) -> dict[str, Json]:
    return {key: value for key, value in RV.as_json().items() if key != name}


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (None, "$"),
        ([], "$"),
        (without("data"), "$"),
        (without("proof"), "$"),
        (RV.as_json() | {"status": "shared"}, "$"),
        (RV.as_json() | {"author": None}, "$.author"),
        (RV.as_json() | {"timestamp": 5}, "$.timestamp"),
        (RV.as_json() | {"proof": None}, "$.proof"),
        (RV.as_json() | {"proof": {"key": "k"}}, "$.proof"),
        (RV.as_json() | {"proof": {"key": "k", "signature": "s", "more": 1}}, "$.proof"),
        (RV.as_json() | {"proof": {"key": 1, "signature": "s"}}, "$.proof.key"),
        (RV.as_json() | {"proof": {"key": "k", "signature": None}}, "$.proof.signature"),
        (RV.as_json() | {"proof": {"key": "k", "signature": "s", "valid": "yes"}}, "$.proof.valid"),
    ],
)
def test_other_shapes_are_refused_with_the_path(value: Json, path: str) -> None:
    with pytest.raises(InvalidExpression) as refusal:
        from_json(value)

    assert refusal.value.path == path


def test_content_covers_every_field() -> None:
    contents = {
        expression.content
        for expression in (
            RV,
            changed(RV, author="a"),
            changed(RV, timestamp="t"),
            changed(RV, data=None),
            changed(RV, key="k"),
            changed(RV, signature="s"),
        )
    }

    assert len(contents) == 6


def test_an_empty_predicate_is_none() -> None:
    assert link_from_data({"source": "a", "target": "b", "predicate": ""}) == Link("a", "b", None)
    assert link_from_data({"source": "a", "target": "b"}) == Link("a", "b")
    assert link_from_data({"source": "a", "target": "b", "predicate": "p"}) == Link("a", "b", "p")
    assert Link("a", "b").as_data() == {"source": "a", "predicate": None, "target": "b"}


@pytest.mark.parametrize(
    "data",
    [
        None,
        "link",
        {},
        {"source": "a"},
        {"source": "a", "target": None},
        {"source": 1, "target": "b"},
        {"source": "a", "target": "b", "predicate": 1},
        {"source": "a", "target": "b", "status": "shared"},
    ],
)
def test_what_is_not_a_link_is_refused(data: Json) -> None:
    with pytest.raises(InvalidExpression):
        link_from_data(data)


def test_a_link_gets_its_url_from_author_ends_and_time() -> None:
    link = sign_expression(KEYS, Link("a", "b", "p").as_data(), AT)
    expected = hashlib.sha256(f"{KEYS.did}apb{AT}".encode()).hexdigest()[:32]

    assert link_url(link) == f"link:{expected}"
    assert link_url(sign_expression(KEYS, Link("a", "c", "p").as_data(), AT)) != link_url(link)


def test_links_that_share_a_url_are_told_apart_by_content() -> None:
    link = sign_expression(KEYS, Link("a", "b", "p").as_data(), AT)
    other = sign_expression(KEYS, Link("a", "pb").as_data(), AT)

    assert link_url(link) == link_url(other)
    assert link.content != other.content


def test_a_stored_expression_gets_the_address_of_its_canonical_json() -> None:
    assert json_url(RV).startswith("json://QmzSYwd")
    assert json_url(RV) == json_url(from_json(dict(reversed(RV.as_json().items()))))
    assert json_url(RV) != json_url(changed(RV, signature="s"))


@given(agents, values_with_floats)
def test_every_expression_is_read_back_from_its_literal_url(keys: KeyPair, data: Json) -> None:
    expression = sign_expression(keys, data, AT)

    again = from_json(literal_from_url(literal_url(expression)))

    assert again == expression
    assert proof_valid(again)


@given(texts)
def test_literal_urls_hold_nothing_that_a_url_may_not(text: str) -> None:
    url = literal_url(sign_expression(KEYS, text, AT))

    assert url.isascii()
    assert not set(url) & set(" !'()*\"<>\\^`{|}\n")


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("literal://string:hi%20there", "hi there"),
        ("literal://string:", ""),
        ("literal://string:Gr%C3%BC%C3%9Fe%21", "Grüße!"),
        ("literal://string:a+b:c", "a+b:c"),
        ("literal://number:3.5", 3.5),
        ("literal://number:-7", -7),
        ("literal://boolean:true", True),
        ("literal://boolean:false", False),
        ("literal://json:%7B%22a%22%3A%5B1%5D%7D", {"a": [1]}),
    ],
)
def test_literals_are_decoded(url: str, value: Json) -> None:
    assert literal_from_url(url) == value


@pytest.mark.parametrize(
    "url",
    [
        "",
        "literal://",
        "literal://hi",
        "literal:string:hi",
        "literal://date:2023",
        "literal://string:%ff",
        "literal://number:true",
        "literal://number:abc",
        "literal://number:NaN",
        "literal://boolean:1",
        "literal://boolean:True",
        "literal://json:%7B",
        "literal://json:%7B%22a%22%3A1%2C%22a%22%3A2%7D",
        "ad4m://string:hi",
    ],
)
def test_what_is_not_a_literal_is_refused(url: str) -> None:
    with pytest.raises(InvalidUrl):
        literal_from_url(url)
