"""A report is true until the moment it names, and that moment is where it may first differ."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.constants import DAY
from domain.people.interaction import Interaction, Kind
from domain.people.report import Override
from domain.people.trust import signals_at, trust
from domain.people.validity import valid_until
from tests.domain.people.histories import START, at, interaction, interactions, varied, violation

FAR = 4_000


def validity(history: list[Interaction], now: int, **options: Any) -> int | None:  # Any: options of trust
    signals = signals_at(history, now)
    return valid_until(signals, trust(signals, now, **options))


@given(st.lists(interactions(), max_size=25), st.integers(0, 500), st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_nothing_differs_before(history: list[Interaction], day: int, places: list[float]) -> None:
    now = max([START + at(day), *(each.at for each in history)])
    signals = signals_at(history, now)
    report = trust(signals, now)
    until = valid_until(signals, report)
    last = now + FAR * DAY if until is None else until - 1

    for moment in (last, *(now + int(place * (last - now)) for place in places)):
        later = trust(signals, moment)
        assert (later.score, later.tier) == (report.score, report.tier)


@pytest.mark.parametrize(
    ("history", "day", "until"),
    [
        ([], 10, None),
        (varied(range(10)), 11, at(40, 21)),
        (varied(range(60)), 59, at(60, 0)),
        ([interaction(at(0), Kind.RESTRICTED_TOOL_ATTEMPT)], 3, at(90)),
        ([violation(at(0), 0.05)], 3, at(90)),
        ([violation(at(0), 0.05), violation(at(2), 0.15)], 3, at(92)),
        ([violation(at(0), 0.5)], 3, None),
        ([violation(at(0), 0.5, pardoned_at=START + at(5))], 3, at(5)),
    ],
)
def test_it_ends_with_what_changes_first(history: list[Interaction], day: int, until: int | None) -> None:
    found = validity(history, START + at(day, 23.9))

    assert found == (None if until is None else START + until)


def test_an_absence_takes_something_off_every_day_from_the_31st_to_the_90th() -> None:
    history = varied(range(100))
    last = max(each.at for each in history)

    assert validity(history, last + 3 * DAY) == last + 31 * DAY
    assert validity(history, last + 40 * DAY) == last + 41 * DAY
    assert validity(history, last + 90 * DAY) is None


def test_owners_and_overrides_stay_as_they_are() -> None:
    history = [violation(at(0), 0.05)]
    override = Override(0.7, "did:key:me", "met in person", until=START + at(9))

    assert validity(history, START + at(1), owner=True) is None
    assert validity(history, START + at(1), override=override) == START + at(9)
    assert validity(history, START + at(10), override=override) == START + at(90)
