"""Trust over time (P16, E3, E19)."""

from hypothesis import given
from hypothesis import strategies as st

from domain.people.history import Snapshot, remember, snapshot
from domain.people.report import Profile
from domain.people.tier import Tier
from domain.people.trust import signals_at, trust
from tests.domain.people.histories import START, at, varied


def taken(date: int, score: float = 0.5) -> Snapshot:
    return Snapshot(date, score, Tier.FAMILIAR, Profile.STANDARD, 1)


def test_a_snapshot_names_the_utc_date_and_the_profile() -> None:
    report = trust(signals_at(varied(range(20)), START + at(19, 23.99)), START + at(19, 23.99))

    assert snapshot(report) == Snapshot(START // 86_400_000 + 19, report.score, report.tier, Profile.STANDARD, 1)


@given(st.lists(st.integers(0, 800), max_size=900))
def test_p16_one_snapshot_per_date_at_most_365_in_order(dates: list[int]) -> None:
    history: tuple[Snapshot, ...] = ()
    for date in dates:
        history = remember(history, taken(date))

    kept = [each.date for each in history]
    assert kept == sorted(set(dates))[-365:]


def test_p16_the_same_date_twice_changes_nothing() -> None:
    history = remember(remember((), taken(1)), taken(2))

    assert remember(history, taken(2, score=0.9)) == history
