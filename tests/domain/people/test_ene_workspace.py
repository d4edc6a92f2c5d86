"""An Ene workspace is read as far as it can be, and nothing disappears in silence (P19, E4, E5)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.ene_workspace import read_workspace
from domain.people.workspace import Handling, Workspace
from domain.timestamp import parse_millis

NOW = parse_millis("2026-11-01T00:00:00.000Z")
WHEN = "2026-10-01T12:00:00+00:00"


def person(**changes: Any) -> dict[str, Any]:
    return {
        "id": "p_ann123",
        "display_name": "Ann",
        "aliases": ["Ann", "Annie"],
        "platform_ids": {
            "discord:1": {"username": "ann", "display_name": "Ann", "first_seen": WHEN, "last_seen": WHEN}
        },
        "summary": "Likes maps.",
        "notes": [{"content": "Met at the fair", "added_at": WHEN}],
        "trust": {
            "score": 0.4,
            "signals": {"message_count": 9, "first_interaction": WHEN, "last_interaction": "2026-10-02T12:00:00Z"},
            "violations": [{"description": "spam", "severity": 0.3, "timestamp": WHEN}],
            "history": [{"date": "2026-10-02", "score": 0.2, "tier": "acquaintance"}],
        },
        "connections": [{"person_id": "p_bob", "relationship": "friend", "context": "school"}],
        "updated_at": WHEN,
    } | changes


def workspace(*people: dict[str, Any], index: bytes | None = None) -> Workspace:
    files = {f"{each['id']}.json": json.dumps(each).encode() for each in people}
    accounts = {account: each["id"] for each in people for account in each["platform_ids"]}
    return read_workspace(index or json.dumps({"version": 1, "platform_to_person": accounts}).encode(), files, NOW)


def test_what_is_sound_is_taken() -> None:
    read = workspace(person())

    (ann,) = read.people
    assert (ann.id, ann.display_name, ann.aliases, ann.summary) == ("p_ann123", "Ann", ("Ann", "Annie"), "Likes maps.")
    assert [(str(each.id), each.username) for each in ann.identities] == [("discord:1", "ann")]
    assert [note.content for note in ann.notes] == ["Met at the fair"]
    assert [(each.description, each.severity, each.at) for each in ann.violations] == [
        ("spam", 0.3, parse_millis("2026-10-01T12:00:00.000Z"))
    ]
    assert ann.met == (parse_millis("2026-10-01T12:00:00.000Z"), parse_millis("2026-10-02T12:00:00.000Z"))
    assert [(each.other, each.bond.relationship) for each in ann.connections] == [("p_bob", "friend")]
    assert [(each.score, each.tier) for each in ann.snapshots] == [(0.2, "acquaintance")]


def test_what_should_be_a_list_is_told_and_a_violation_in_it_stays() -> None:
    trust = {"violations": {"description": "spam", "severity": 0.5, "timestamp": WHEN}, "history": "none"}

    read = workspace(person(notes={"content": "lost"}, aliases="Ann", connections=3, trust=trust))

    assert [(each.description, each.severity) for each in read.people[0].violations] == [("spam", 0.5)]
    told = [each.path for each in read.findings if each.handling is Handling.REFUSED]
    assert told == ["$.aliases", "$.notes", "$.connections", "$.trust.history"]


def test_an_account_of_nobody_is_told() -> None:
    index = json.dumps({"platform_to_person": {"discord:1": "p_ann123", "discord:9": 5, "discord:8": ""}}).encode()

    read = workspace(person(), index=index)

    assert [each.path for each in read.findings if each.what == "does not name a person"] == [
        "$.platform_to_person[discord:9]",
        "$.platform_to_person[discord:8]",
    ]


def test_counters_without_dates_are_left_out_and_told() -> None:
    (finding,) = workspace(person()).findings

    assert (finding.handling, finding.path) == (Handling.LEFT_OUT, "$.trust.signals")
    assert "message_count" in finding.what


@pytest.mark.parametrize("index", [b'{"version": 1, "platform_to', b"", b"[]", b"\xff\xfe"])
def test_a_broken_index_makes_nobody_a_stranger(index: bytes) -> None:
    read = read_workspace(index, {"p_ann123.json": json.dumps(person()).encode()}, NOW)

    assert [str(each.id) for each in read.people[0].identities] == ["discord:1"]
    assert ("index.json", Handling.REPAIRED) in {(each.file, each.handling) for each in read.findings}


def test_a_broken_person_keeps_the_accounts_that_the_index_knows() -> None:
    index = json.dumps({"platform_to_person": {"discord:1": "p_ann123", "telegram:2": "p_ann123"}}).encode()

    read = read_workspace(index, {"p_ann123.json": b'{"id": "p_ann123", "trust": {"viol'}, NOW)

    assert [str(each.id) for each in read.people[0].identities] == ["discord:1", "telegram:2"]
    assert [each.handling for each in read.findings] == [Handling.REFUSED, Handling.REPAIRED]
    assert "notes and violations are lost" in read.findings[-1].what


@pytest.mark.parametrize(
    ("row", "severity"),
    [
        ({"severity": float("nan"), "timestamp": WHEN}, 0.15),
        ({"severity": float("-inf"), "timestamp": WHEN}, 0.15),
        ({"severity": -0.4, "timestamp": WHEN}, 0.15),
        ({"severity": 10**400, "timestamp": WHEN}, 0.15),
        ({"severity": "bad", "timestamp": WHEN}, 0.15),
        ({"severity": 3, "timestamp": WHEN}, 1.0),
        ({"severity": 0.3, "timestamp": "2999-01-01T00:00:00Z"}, 0.3),
        ({"severity": 0.3}, 0.3),
        ("nothing like it", 0.15),
    ],
)
def test_no_violation_is_lost_by_being_damaged(row: object, severity: float) -> None:
    read = workspace(person(trust={"violations": [row]}))

    (violation,) = read.people[0].violations
    assert violation.severity == severity
    assert violation.at <= NOW


def test_an_account_that_two_people_claim_is_whose_the_index_says() -> None:
    bob = person(id="p_bob", display_name="Bob")
    index = json.dumps({"platform_to_person": {"discord:1": "p_bob"}}).encode()

    read = workspace(person(), bob, index=index)

    assert [each.id for each in read.people] == ["p_bob"]
    refused = [each for each in read.findings if each.handling is Handling.REFUSED]
    assert [each.file for each in refused] == ["people/p_ann123.json"] * 2


def test_accounts_of_no_possible_platform_are_refused() -> None:
    read = workspace(person(platform_ids={"": {}, "discord:1": None, "DISCORD:2": {}}))

    assert [str(each.id) for each in read.people[0].identities] == ["discord:1"]
    assert [each.handling for each in read.findings if "platform_ids" in each.path].count(Handling.REFUSED) == 2


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(index=st.binary(max_size=40) | st.none(), content=st.binary(max_size=40))
def test_no_bytes_stop_the_reading(index: bytes | None, content: bytes) -> None:
    read_workspace(index, {"p_1.json": content}, NOW)


@given(changes=st.dictionaries(st.sampled_from(sorted(person())), json_values, max_size=4))
def test_no_field_of_another_shape_loses_the_person(changes: dict[str, Any]) -> None:
    changes.pop("id", None)
    changed = person(**changes)
    index = json.dumps({"platform_to_person": {"discord:1": "p_ann123"}}).encode()

    read = read_workspace(index, {"p_ann123.json": json.dumps(changed).encode()}, NOW)

    assert "discord:1" in [str(each.id) for each in read.people[0].identities]
