"""What may be recorded, and that the history decides whatever the order of arrival (P1, P18; E4)."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.constants import SECOND
from domain.people.errors import FutureInteraction, InvalidInteraction
from domain.people.interaction import (
    Arrival,
    By,
    Interaction,
    Kind,
    PersonId,
    accept,
    arrival,
    distinct,
    doer,
    merge_histories,
)
from tests.domain.people.histories import START, histories, interaction


@pytest.mark.parametrize(
    ("path", "kind", "fields"),
    [
        ("$.id", Kind.MESSAGE, {"id": ""}),
        ("$.id", Kind.MESSAGE, {"id": "a b"}),
        ("$.id", Kind.MESSAGE, {"id": "x" * 129}),
        ("$.person", Kind.MESSAGE, {"person": "p\u0000"}),
        ("$.observer", Kind.MESSAGE, {"observer": ""}),
        ("$.context", Kind.MESSAGE, {"context": "c" * 501}),
        ("$.context", Kind.MESSAGE, {"context": "a\nb"}),
        ("$.weight", Kind.NEGATIVE, {"weight": 0}),
        ("$.weight", Kind.NEGATIVE, {"weight": 1.01}),
        ("$.weight", Kind.NEGATIVE, {"weight": math.nan}),
        ("$.weight", Kind.NEGATIVE, {"weight": True}),
        ("$.severity", Kind.VIOLATION, {"severity": math.nan}),
        ("$.severity", Kind.VIOLATION, {"severity": -math.inf}),
        ("$.severity", Kind.VIOLATION, {"severity": -0.4}),
        ("$.severity", Kind.VIOLATION, {"severity": "0.1"}),
        ("$.severity", Kind.MESSAGE, {"severity": 0.1}),
        ("$.code", Kind.NEGATIVE, {"code": "flood"}),
        ("$.pardonedAt", Kind.VIOLATION, {"pardoned_at": -1}),
        ("$.sentiment", Kind.MESSAGE, {"sentiment": math.nan}),
        ("$.sentiment", Kind.MESSAGE, {"sentiment": 1.5}),
        ("$.sentiment", Kind.NEGATIVE, {"sentiment": 0.5}),
        ("$.by", Kind.MESSAGE, {"by": By.OBSERVER}),
        ("$.by", Kind.UPVOTE_GIVEN, {"by": By.PERSON}),
        ("$.by", Kind.MESSAGE, {"by": "person?"}),
    ],
)
def test_an_unsound_interaction_is_refused_where_it_is_wrong(path: str, kind: Kind, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInteraction) as refusal:
        interaction(0, kind, **fields)

    assert refusal.value.path == path


@pytest.mark.parametrize("moment", [-1, 1.5, True, math.nan, 10**18])
def test_a_moment_outside_the_calendar_is_refused(moment: Any) -> None:
    with pytest.raises(InvalidInteraction) as refusal:
        interaction(0)._replace(at=moment)

    assert refusal.value.path == "$.at"


def test_a_reply_must_say_whose_it_is_and_other_kinds_know() -> None:
    with pytest.raises(InvalidInteraction):
        doer(Kind.REPLY_POSITIVE)

    assert doer(Kind.REPLY_POSITIVE, By.OBSERVER) is By.OBSERVER
    assert doer(Kind.UPVOTE_GIVEN) is By.OBSERVER
    assert {doer(kind) for kind in (Kind.MESSAGE, Kind.UPVOTE_RECEIVED, Kind.VIOLATION)} == {By.PERSON}


def test_300_seconds_ahead_are_accepted_and_no_more() -> None:
    ahead = interaction(300 * SECOND)

    assert accept(ahead, START) is ahead
    with pytest.raises(FutureInteraction):
        accept(ahead, START - 1)


def test_the_first_of_a_repeated_id_or_likeness_counts() -> None:
    first = interaction(0, Kind.UPVOTE_RECEIVED, id="b", context="post 1")
    again = interaction(5, Kind.UPVOTE_RECEIVED, id="c", context="post 1")
    same_id = interaction(9, Kind.MESSAGE, id="b")
    elsewhere = interaction(9, Kind.UPVOTE_RECEIVED, id="d", context="post 2")

    assert distinct([elsewhere, same_id, again, first]) == [first, elsewhere]


def test_without_a_context_nothing_is_alike() -> None:
    empty = [interaction(moment, context="") for moment in range(3)]

    assert distinct(empty) == empty


def test_an_earlier_repeat_takes_the_place_of_the_counted_one() -> None:
    early, late = interaction(0, id="a", context="c"), interaction(9, id="b", context="c")

    assert arrival(late, None) is Arrival.COUNTS
    assert arrival(late, early) is Arrival.REPEATS
    assert arrival(early, late) is Arrival.REPLACES


WORDS: Any = ["m1", "a b", "", "é", "\n", "\u2003", "x" * 128, "x" * 129, "x" * 501, b"m1", None, 1]
NUMBERS: Any = [0, 1, 1.0, True, 0.5, -1.0, math.nan, math.inf, 10**15, None, "1"]
FIELDS: Any = {
    **dict.fromkeys(("id", "observer", "person", "context", "source", "code"), st.sampled_from(WORDS)),
    **dict.fromkeys(("at", "weight", "severity", "pardoned_at", "sentiment"), st.sampled_from(NUMBERS)),
    "kind": st.sampled_from([*Kind, "message", None]),
    "by": st.sampled_from([*By, "person", None]),
}
SOUND: Any = {"id": "m1", "observer": "did:key:z", "person": "p_1", "kind": Kind.MESSAGE, "by": By.PERSON, "at": START}


def problem(fields: dict[str, Any]) -> Any:
    """What is refused, and what was expected there; None where nothing is."""
    try:
        Interaction(**fields)
    except InvalidInteraction as refused:
        return refused.path, refused.expected
    return None


@given(st.fixed_dictionaries({}, optional=FIELDS))
def test_an_ordinary_interaction_is_one_that_every_rule_accepts(fields: dict[str, Any]) -> None:
    """The short way never accepts what the rules one by one refuse, nor says anything else about it."""
    at_once = problem({**SOUND, **fields})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("domain.people.interaction._is_ordinary", lambda _: False)
        one_by_one = problem({**SOUND, **fields})
    assert at_once == one_by_one


@given(histories, st.randoms(use_true_random=False))
def test_p18_neither_order_nor_repetition_changes_the_history(history: list[Interaction], random: Any) -> None:
    shuffled = history + history
    random.shuffle(shuffled)

    assert [each.key for each in distinct(shuffled)] == [each.key for each in distinct(history)]


@given(histories, histories)
def test_a_merge_is_the_union_under_one_person(one: list[Interaction], other: list[Interaction]) -> None:
    merged = merge_histories(one, other, PersonId("p_2"))

    assert {each.person for each in merged} <= {"p_2"}
    assert [each.key for each in merged] == [each.key for each in merge_histories(other, one, PersonId("p_2"))]
    assert {each.id for each in merged} <= {each.id for each in one + other}
