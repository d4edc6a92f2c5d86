"""Profile `ene`: the seed's numbers, by the properties of spec section 9; and its defects, which we do not have."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.constants import DAY
from domain.people.ene import EneSignals, apply_violation, calculate, decayed, read_ene_signals
from domain.people.errors import InvalidSignals
from domain.people.interaction import Interaction, Kind
from domain.people.report import Profile, TrustReport
from domain.people.tier import Tier
from domain.people.trust import signals_at, trust
from tests.domain.people.histories import START, at, histories, interaction, present, violation

FULL = EneSignals(
    positive=50,
    days_known=200,
    days_active=60,
    sessions=30,
    hours=frozenset(range(12)),
    weekdays=frozenset(range(5)),
)

sound = st.builds(
    EneSignals,
    positive=st.integers(0, 10**6),
    negative=st.integers(0, 10**6),
    days_known=st.integers(0, 4_000),
    days_active=st.integers(0, 4_000),
    sessions=st.integers(0, 4_000),
    hours=st.frozensets(st.integers(0, 23)),
    weekdays=st.frozensets(st.integers(0, 6)),
    attempts=st.integers(0, 100),
    severities=st.lists(st.floats(0, 1), max_size=12).map(tuple),
    sentiment=st.floats(-1e6, 1e6),
)


def report(history: list[Interaction], now: int, **options: Any) -> TrustReport:
    return trust(signals_at(history, START + now, Profile.ENE), START + now, profile=Profile.ENE, **options)


def seen(signals: EneSignals) -> tuple[float, Tier]:
    result = calculate(signals)
    return result.score, result.tier


def beta_of(positive: int, negative: int) -> float:
    return calculate(replace(FULL, positive=positive, negative=negative)).beta


@given(sound)
def test_p1_every_sound_input_scores_between_0_and_1(signals: EneSignals) -> None:
    assert 0 <= calculate(signals).score <= 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), -1, 1.5, True, "5", None])
@pytest.mark.parametrize("name", ["positive", "negative", "days_known", "days_active", "sessions", "attempts"])
def test_e4_bad_counts_are_refused_and_never_scored(name: str, value: Any) -> None:
    with pytest.raises(InvalidSignals):
        replace(FULL, **{name: value})


@pytest.mark.parametrize(
    "fields",
    [
        {"hours": frozenset({24})},
        {"weekdays": frozenset({-1})},
        {"severities": (float("nan"),)},
        {"severities": (-0.4,)},
        {"sentiment": float("nan")},
    ],
)
def test_e4_impossible_values_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidSignals):
        replace(FULL, **fields)


def test_e4_a_stored_record_with_repeated_hours_is_refused() -> None:
    with pytest.raises(InvalidSignals):
        read_ene_signals({"unique_hours": [9] * 12}, 0)


def test_a_violation_without_a_severity_counts_0_15() -> None:
    signals = read_ene_signals({"violations": [{}, "shouted", {"severity": 0.3}]}, 0)

    assert signals.severities == (0.15, 0.15, 0.3)


@given(histories, st.integers(0, 4_000))
def test_p2_an_owner_is_always_in_the_inner_circle(history: list[Interaction], day: int) -> None:
    result = report(history, at(day), owner=True)

    assert (result.score, result.tier) == (1.0, Tier.INNER_CIRCLE)


def test_p3_zero_evidence() -> None:
    assert seen(EneSignals()) == (0.009, Tier.STRANGER)
    assert report([], 0).score == 0.009


def test_p4_one_day_of_flooding_stays_a_stranger() -> None:
    flood = EneSignals(positive=500, days_active=1, sessions=1, hours=frozenset({1}), weekdays=frozenset({1}))

    assert seen(flood) == (0.030, Tier.STRANGER)
    assert seen(replace(flood, sessions=48, hours=frozenset(range(24)))) == (0.100, Tier.STRANGER)


def test_p5_a_perfect_week_and_a_perfect_month() -> None:
    week = replace(FULL, positive=100, days_known=7, days_active=7, sessions=14)
    endless = replace(FULL, positive=10**6, days_known=13, days_active=14)
    month = replace(FULL, positive=1000, days_known=30, days_active=31)

    assert seen(week) == (0.212, Tier.ACQUAINTANCE)
    assert seen(endless) == (0.360, Tier.ACQUAINTANCE)
    assert seen(replace(endless, days_known=14, days_active=15)) == (0.373, Tier.FAMILIAR)
    assert calculate(month).tier is Tier.FAMILIAR


@pytest.mark.parametrize(("sessions", "days"), [(3, [4, 14, 60, 180]), (1, [6, 18, 60, 180])])
def test_p6_the_earliest_days_of_the_tiers(sessions: int, days: list[int]) -> None:
    reached: dict[Tier, int] = {}
    for day in range(181):
        so_many = sessions * (day + 1)
        perfect = replace(FULL, positive=so_many, days_known=day, days_active=day + 1, sessions=so_many)
        reached.setdefault(calculate(perfect).tier, day)

    assert list(reached.values())[1:] == days


@pytest.mark.parametrize("fields", [{"days_known": 0}, {"days_active": 0}, {"sessions": 0}])
def test_p7_one_missing_kind_of_presence_is_never_familiar(fields: dict[str, Any]) -> None:
    perfect = replace(replace(FULL, positive=10**9, days_known=10_000, sentiment=0.03), **fields)

    assert calculate(perfect).score <= 0.346
    assert not calculate(perfect).tier.reaches(Tier.FAMILIAR)


@given(sound, st.sampled_from(["positive", "days_known", "days_active", "sessions"]), st.integers(1, 50))
def test_p8_more_good_signals_never_lower_the_score(signals: EneSignals, name: str, more: int) -> None:
    better = replace(signals, **{name: getattr(signals, name) + more})

    assert calculate(better).score >= calculate(signals).score


@given(sound, st.integers(0, 23), st.integers(0, 6))
def test_p8_more_hours_and_weekdays_never_lower_the_score(signals: EneSignals, hour: int, weekday: int) -> None:
    more = replace(signals, hours=signals.hours | {hour}, weekdays=signals.weekdays | {weekday})

    assert calculate(more).score >= calculate(signals).score


@given(sound, st.integers(1, 9), st.floats(0, 1))
def test_p8_more_bad_signals_never_raise_the_score(signals: EneSignals, more: int, severity: float) -> None:
    worse = [
        replace(signals, negative=signals.negative + more),
        replace(signals, attempts=signals.attempts + more),
        replace(signals, severities=(*signals.severities, severity)),
    ]

    assert all(calculate(each).score <= calculate(signals).score for each in worse)


def test_p9_one_negative_outweighs_three_positives() -> None:
    loss = beta_of(50, 0) - beta_of(50, 1)

    assert round(loss, 3) == 0.053
    assert loss > beta_of(53, 0) - beta_of(50, 0)


@given(st.integers(0, 10_000))
def test_p10_the_first_negative_is_repaid_by_3p_plus_3_positives(positive: int) -> None:
    repaid = positive + 3 * positive + 3

    assert beta_of(repaid, 1) == pytest.approx(beta_of(positive, 0), rel=1e-12)
    assert beta_of(repaid - 1, 1) < beta_of(positive, 0)


@given(sound, st.sampled_from([(0.05, 0.95), (0.15, 0.85), (0.30, 0.70), (0.50, 0.50)]))
def test_p11_a_violation_is_a_ceiling_for_ever(signals: EneSignals, step: tuple[float, float]) -> None:
    severity, ceiling = step

    assert calculate(replace(signals, severities=(severity,), sentiment=0)).score <= ceiling


def test_p11_a_violation_takes_effect_at_once() -> None:
    history = present(range(30), [9, 12, 15])

    before, after = report(history, at(29, 16)), report([*history, violation(at(29, 15.5), 0.3)], at(29, 16))

    assert apply_violation(0.685, 0.30) == 0.385
    assert after.score == pytest.approx(before.score - 0.3, abs=0.001)
    assert after.tier.rank < before.tier.rank


def test_p12_attempts_cost_0_05_each_and_0_30_at_most() -> None:
    penalties = [calculate(replace(FULL, attempts=attempts)).tool_penalty for attempts in (0, 3, 6, 60)]

    assert penalties == pytest.approx([0, 0.15, 0.30, 0.30])


@given(sound)
def test_p13_sentiment_moves_the_score_by_0_03_at_most(signals: EneSignals) -> None:
    assert abs(calculate(signals).score - calculate(replace(signals, sentiment=0)).score) <= 0.0311


@pytest.mark.parametrize(("days", "cap"), list(zip((2, 13, 59, 179), list(Tier)[:4], strict=True)))
def test_p14_the_time_gate_lowers_the_tier_and_never_the_number(days: int, cap: Tier) -> None:
    rich = replace(FULL, positive=10**9, days_known=days, sentiment=0.03)

    result = calculate(rich)

    assert result.tier.rank <= cap.rank
    assert result.score == min(1.0, round(result.raw + 0.03, 3))


@pytest.mark.parametrize(("idle", "score"), [(31, 0.791), (60, 0.566), (90, 0.400), (365, 0.400)])
def test_p15_decay_is_one_formula_of_the_base(idle: int, score: float) -> None:
    assert decayed(0.8, idle) == score


@given(st.integers(0, 1000).map(lambda thousandths: thousandths / 1000), st.integers(0, 10_000))
def test_p15_the_floor_is_half(score: float, idle: int) -> None:
    assert round(score / 2, 3) <= decayed(score, idle) <= score


def test_e2_e3_asking_often_or_a_new_message_compounds_nothing() -> None:
    history = present(range(40), [9, 12, 15])

    first = report(history, at(39, 15) + 60 * DAY)
    again = report(history, at(39, 15) + 60 * DAY)

    assert first == again
    assert first.rest == decayed(first.base, 60)
    assert first.base > first.rest


def test_e1_sessions_count_and_familiar_can_be_reached() -> None:
    year = [interaction(at(day, (day + hour) % 24)) for day in range(365) for hour in (1, 5, 9, 13, 17)]

    result = report(year, at(365))

    assert result.tier is Tier.INNER_CIRCLE
    assert result.factors.sessions == 1


def test_the_seed_counts_negative_acts_as_presence_too() -> None:
    rude = [interaction(at(day), Kind.NEGATIVE) for day in range(10)]

    assert report(rude, at(9)).evidence.presence_dates == 10
    assert trust(signals_at(rude, START + at(9)), START + at(9)).evidence.presence_dates == 0


def test_every_combination_of_floors_keeps_the_modulator_in_range() -> None:
    for known, active, sessions in product((0, 180), (0, 60), (0, 30)):
        result = calculate(replace(FULL, days_known=known, days_active=active, sessions=sessions))
        assert 0.01**0.75 <= result.modulator <= 1
