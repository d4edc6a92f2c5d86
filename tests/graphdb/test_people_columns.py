"""Columns of a history are read at once as they would be one by one."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.people.columns import ordinary
from domain.people.interaction import ID_CHARACTERS, LATEST, Interaction
from graphdb.errors import DamagedRecord
from graphdb.people_columns import all_logged, logged, standing_interactions
from tests.domain.people.histories import OBSERVER, PERSON, histories, interaction, varied

PAIR = (OBSERVER, PERSON)
WIDTH = 14
ODD = [None, "", " ", "a b", "a\nb", "é", "\ud800", "x" * (ID_CHARACTERS + 1), "kindness", b"x", [], True, 7, -1, 0.5]
ODD += [float("nan"), float("inf"), LATEST + 1, "message", "observer"]


Read = TypeVar("Read")


def row(each: Interaction, sequence: int) -> tuple[Any, ...]:  # Any: a store's own types
    rest = each.at, each.context, each.source, each.weight, each.severity, each.code, each.pardoned_at, each.sentiment
    return (sequence, each.id, each.kind.value, each.by.value, *rest, 1_000 + sequence, None if sequence % 3 else 2_000)


def outcome(read: Callable[[], Read]) -> Read | str:
    try:
        return read()
    except DamagedRecord as refusal:
        return str(refusal)


@given(histories)
def test_all_rows_are_read_like_each(history: list[Interaction]) -> None:
    rows = [row(each, number) for number, each in enumerate(history, start=1)]

    found = all_logged(PAIR, rows)

    assert found == [logged(PAIR, each) for each in rows]
    assert [each.interaction for each in found] == history
    assert {type(each.interaction) for each in found} <= {Interaction}
    assert standing_interactions(PAIR, rows) == [each.interaction for each in found if each.retracted_at is None]


def test_a_retracted_one_does_not_stand_whenever_that_was() -> None:
    kept, gone = (row(each, number) for number, each in enumerate(varied([0], sessions=2), start=1))

    assert standing_interactions(PAIR, [kept, (*gone[:-1], 0)]) == varied([0], sessions=2)[:1]
    assert standing_interactions(PAIR, []) == []


@given(st.integers(1, WIDTH - 3), st.sampled_from(ODD), st.integers(0, 5))
@example(3, "observer", 2).via("a message that would be the observer's")
def test_what_is_damaged_among_ordinary_rows_is_told_alike(column: int, value: object, place: int) -> None:
    rows = [list(row(each, number)) for number, each in enumerate(varied(range(2)), start=1)]
    rows[place][column] = value

    one_by_one = outcome(lambda: [logged(PAIR, each) for each in rows])
    assert outcome(lambda: all_logged(PAIR, rows)) == one_by_one
    assert isinstance(outcome(lambda: standing_interactions(PAIR, rows)), str) == isinstance(one_by_one, str)


@pytest.mark.parametrize("pair", [("a b", PERSON), (OBSERVER, "x" * (ID_CHARACTERS + 1)), (OBSERVER, "")])
def test_parties_that_nobody_can_be_are_told(pair: Any) -> None:  # Any: what a database might hold
    with pytest.raises(DamagedRecord):
        all_logged(pair, [row(interaction(0), 1)])


def test_ordinary_ones_are_read_at_once() -> None:
    columns = list(zip(*(row(each, 1)[1:12] for each in varied(range(2))), strict=True))

    assert list(ordinary(OBSERVER, PERSON, columns) or ()) == varied(range(2))
