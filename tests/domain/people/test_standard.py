"""Profile `standard`: the properties of spec section 9 by number, and the simulated values of section 10b."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.constants import DAY, STANDARD
from domain.people.errors import InvalidOverride, SignalsFromLater
from domain.people.interaction import By, Interaction, Kind
from domain.people.report import Basis, Override, Profile, TrustReport
from domain.people.standard import evenness
from domain.people.tier import STEPS, Tier, tier_of, time_gate
from domain.people.trust import signals_at, trust
from tests.domain.people.histories import START, at, histories, interaction, present, varied, violation

LATE = 23.99
YEAR = 365


def report(history: list[Interaction], now: int, **options: Any) -> TrustReport:
    """The report at `START` plus so many milliseconds."""
    return trust(signals_at(history, START + now), START + now, **options)


def after(days: int, sessions: int = 3) -> TrustReport:
    """Late on the last of so many days with varied hours."""
    return report(varied(range(days), sessions), at(days - 1, LATE))


def seen(result: TrustReport) -> tuple[float, Tier]:
    return result.score, result.tier


@given(histories, st.integers(0, 5_000), st.floats(-1, 1))
def test_p1_every_score_lies_between_0_and_1(history: list[Interaction], day: int, modifier: float) -> None:
    result = report(history, at(day), modifier=modifier)

    assert all(0 <= number <= 1 for number in (result.score, result.base, result.rest, result.uncertainty))
    assert 0 <= result.interval[0] <= result.factors.beta <= result.interval[1] <= 1
    assert (result.profile, result.version) == (Profile.STANDARD, 1)


@given(histories, st.integers(0, 5_000))
def test_p2_an_owner_is_always_in_the_inner_circle(history: list[Interaction], day: int) -> None:
    awful = [
        *history,
        *(interaction(at(0) + n, Kind.NEGATIVE, id=f"n{n}") for n in range(100)),
        *(violation(at(1) + n, 0.5, id=f"v{n}") for n in range(10)),
    ]

    result = report(awful, at(day), owner=True, override=Override(0.0, "somebody", "a joke"))

    assert (*seen(result), result.basis) == (1.0, Tier.INNER_CIRCLE, Basis.OWNER)


def test_zero_evidence_is_0_005_and_a_stranger() -> None:
    assert seen(report([], 0)) == (0.005, Tier.STRANGER)
    assert report([], 0).uncertainty == 1


@pytest.mark.parametrize(
    ("days", "score", "tier"),
    [
        (7, 0.209, Tier.ACQUAINTANCE),
        (14, 0.340, Tier.ACQUAINTANCE),
        (15, 0.384, Tier.FAMILIAR),
        (31, 0.538, Tier.FAMILIAR),
        (200, 0.978, Tier.INNER_CIRCLE),
    ],
)
def test_the_simulated_scores_after_perfect_days(days: int, score: float, tier: Tier) -> None:
    assert seen(after(days)) == (score, tier)


def test_perfect_behaviour_reaches_the_tiers_on_days_4_14_60_and_180() -> None:
    reached: dict[Tier, int] = {}
    for day in range(182):
        reached.setdefault(after(day + 1).tier, day)

    assert list(reached.values()) == [0, 4, 14, 60, 180]


@given(st.integers(0, 3), st.integers(180, 400))
def test_p7_no_presence_of_one_kind_never_makes_familiar(which: int, days: int) -> None:
    full = after(days).factors
    floors = [1.0] * 4
    floors[which] = STANDARD.factor_floor

    best = round(full.beta * math.prod(floors) ** 0.25, 3) + STANDARD.sentiment

    assert best <= 0.339
    assert tier_of(best) is Tier.ACQUAINTANCE


def test_p7_somebody_at_one_hour_of_one_weekday_never_becomes_familiar() -> None:
    mondays = present(range(0, 7 * 200, 7), [9])

    result = report(mondays, at(7 * 199, LATE), modifier=0.03)

    assert result.factors.timing == 0
    assert seen(result) == (0.339, Tier.ACQUAINTANCE)


@given(histories)
def test_p8_one_more_good_date_lowers_no_factor_but_perhaps_evenness(history: list[Interaction]) -> None:
    newest = max((each.at for each in history), default=START) - START
    more = [*history, interaction(newest // DAY * DAY + DAY, id="one-more")]

    before, later = (report(each, at(800)).factors for each in (history, more))

    assert later.beta > before.beta
    assert later.tenure >= before.tenure
    assert later.consistency >= before.consistency
    assert later.sessions >= before.sessions


@given(
    histories,
    st.sampled_from([Kind.NEGATIVE, Kind.RESTRICTED_TOOL_ATTEMPT, Kind.VIOLATION, Kind.DOWNVOTE_RECEIVED]),
    st.integers(0, 400),
)
def test_p8_something_bad_more_never_raises_the_score(history: list[Interaction], kind: Kind, day: int) -> None:
    """Without acts of the observer, whose answer a bad act could otherwise be."""
    history = [each for each in history if each.by is By.PERSON]
    now = at(800)

    before, later = report(history, now), report([*history, interaction(at(day), kind, id="one-more")], now)

    assert later.score <= before.score
    assert later.tier.rank <= before.tier.rank


@pytest.mark.parametrize(("severity", "ceiling"), [(0.05, 0.95), (0.15, 0.85), (0.30, 0.70), (0.50, 0.50)])
def test_p11_a_violation_is_a_ceiling_at_once_and_until_it_expires(severity: float, ceiling: float) -> None:
    history = [*varied(range(250)), violation(at(200), severity)]

    before, at_once, later = (report(history, now) for now in (at(200) - 1, at(200), at(249, LATE)))

    assert before.score > 0.97
    assert at_once.score == pytest.approx(before.score - severity, abs=0.002)
    assert later.base <= ceiling


@pytest.mark.parametrize(("severity", "life"), [(0.10, 90), (0.15, 180), (0.30, 365)])
def test_p11_violations_expire_after_quiet_and_a_new_one_starts_their_life_again(severity: float, life: int) -> None:
    first, second = violation(at(0), severity), violation(at(60), 0.05)

    assert report([first], at(life, 12) - 1).evidence.violations == 1
    assert report([first], at(life, 12)).evidence.violations == 0
    assert report([first], at(1)).violations_until == START + at(life)
    assert report([first, second], at(life, 12)).evidence.severity == pytest.approx(severity, abs=0.051)
    assert report([first, second], at(60 + life)).evidence.violations == 0


def test_p11_half_a_point_caps_at_acquaintance_until_a_pardon() -> None:
    critical = violation(at(100), 0.5)
    pardoned = violation(at(100), 0.5, pardoned_at=START + at(199))

    capped = report([*varied(range(200)), critical], at(199, LATE))
    free = report([*varied(range(200)), pardoned], at(199, LATE))

    assert (capped.tier, capped.earned) == (Tier.ACQUAINTANCE, Tier.FAMILIAR)
    assert report([critical], at(100_000)).evidence.violations == 1
    assert seen(free) == (0.978, Tier.INNER_CIRCLE)
    assert report([*varied(range(150)), pardoned], at(150)).evidence.violations == 1  # not yet


def test_e14_a_burst_of_one_automatic_finding_is_one_violation() -> None:
    burst = [violation(at(3) + second * 1000, 0.10, code="flood") for second in range(10)]
    next_day = violation(at(4), 0.10, code="flood")
    other = violation(at(3, 13), 0.15, code="impersonation")

    assert report(burst, at(5)).evidence.severity == 0.10
    assert report([*burst, next_day, other], at(5)).evidence.violations == 3


def test_p12_three_attempts_cost_0_15_and_six_or_more_0_30_for_ninety_days() -> None:
    def attempts(number: int) -> list[Interaction]:
        return [interaction(at(0) + n, Kind.RESTRICTED_TOOL_ATTEMPT) for n in range(number)]

    penalties = [report(attempts(number), at(1)).factors.attempt_penalty for number in (0, 3, 6, 50)]

    assert penalties == pytest.approx([0, 0.15, 0.3, 0.3])
    assert report(attempts(6), at(90) + 5).factors.attempt_penalty == 0


@given(histories, st.floats(-1e9, 1e9), st.integers(0, 400))
def test_p13_sentiment_moves_the_score_by_0_03_at_most_and_never_the_tier(
    history: list[Interaction], modifier: float, day: int
) -> None:
    without, moved = report(history, at(day), modifier=0.0), report(history, at(day), modifier=modifier)

    assert abs(moved.score - without.score) <= 0.03 + 1e-9
    assert moved.tier is without.tier


def test_e15_sentiment_at_the_edge_of_familiar_changes_the_number_alone() -> None:
    warm = [interaction(each.at - START, sentiment=1.0) for each in varied(range(14))]

    result = report(warm, at(13, LATE))

    assert seen(result) == (0.37, Tier.ACQUAINTANCE)


@pytest.mark.parametrize(("day", "cap"), list(zip((2, 13, 59, 179), list(Tier)[:4], strict=True)))
def test_p14_the_time_gate_lowers_the_tier_and_leaves_the_number(day: int, cap: Tier) -> None:
    start = [interaction(at(200 - day, 0))]

    result = report(start, at(200, 1))

    assert result.gate is cap
    assert time_gate(day + 1) is list(Tier)[cap.rank + 1]
    assert result.score == result.rest


@pytest.mark.parametrize(
    ("idle", "score"), [(0, 0.978), (31, 0.967), (60, 0.692), (90, 0.489), (365, 0.489), (3650, 0.489)]
)
def test_p15_absence_takes_at_most_half_by_one_formula(idle: int, score: float) -> None:
    history = varied(range(200))
    last = max(each.at for each in history)

    assert report(history, last - START + idle * DAY).score == score


def test_e3_a_return_climbs_back_over_seven_dates() -> None:
    history = varied(range(200))
    first = 199 + 366

    scores = [report([*history, *varied(range(first, first + n))], at(first + n - 1, LATE)).score for n in range(1, 8)]

    assert scores[0] == 0.559
    assert scores == sorted(scores)
    assert scores[-1] == 0.978


@pytest.mark.parametrize(("negatives", "tier"), [(4, Tier.TRUSTED), (10, Tier.FAMILIAR), (28, Tier.ACQUAINTANCE)])
def test_e16_so_many_negatives_on_one_day_cost_a_tier(negatives: int, tier: Tier) -> None:
    def given_so_many(number: int) -> Tier:
        bad = [interaction(at(199, 23) + n, Kind.NEGATIVE) for n in range(number)]
        return report([*varied(range(200)), *bad], at(199, LATE)).tier

    assert given_so_many(negatives) is tier
    assert given_so_many(negatives - 1).rank == tier.rank + 1


@given(histories, st.integers(0, 400), st.randoms(use_true_random=False))
def test_p18_arrival_order_and_repeats_change_no_report(history: list[Interaction], day: int, random: Any) -> None:
    shuffled = history + history
    random.shuffle(shuffled)

    assert report(shuffled, at(day)) == report(history, at(day))


@pytest.mark.parametrize("gap", [20, 22.5, 5])
def test_p24_a_sleeper_with_nine_dates_stays_acquaintance(gap: float) -> None:
    dates = [0, *(180 - int(gap * n) for n in range(8))]

    result = report(varied(dates, sessions=1), at(180, LATE))

    assert result.score <= 0.242
    assert result.tier is Tier.ACQUAINTANCE


def test_p24_a_bot_at_one_hour_a_day_stays_below_familiar() -> None:
    assert seen(report(present(range(730), [9]), at(729))) == (0.309, Tier.ACQUAINTANCE)


def test_e20_what_is_asked_now_is_answered_as_of_now() -> None:
    history = varied(range(200))

    assert report(history, at(199, LATE)).tier is Tier.INNER_CIRCLE
    assert report(history, at(400)).tier is Tier.FAMILIAR
    assert report(history, at(30, LATE)).score == 0.538  # the past is asked with what had happened by then


def test_signals_that_hold_the_future_answer_nothing() -> None:
    with pytest.raises(SignalsFromLater):
        trust(signals_at(varied(range(3)), START + at(9)), START + at(1))


def test_an_override_that_holds_is_score_and_tier_without_gates() -> None:
    override = Override(0.85, "the owner", "my sister", until=START + at(5))

    during, afterwards = (report([], at(day), override=override) for day in (4, 5))

    assert (*seen(during), during.basis) == (0.85, Tier.INNER_CIRCLE, Basis.OVERRIDE)
    assert seen(afterwards) == (0.005, Tier.STRANGER)


@pytest.mark.parametrize(
    "fields", [(math.nan, "a", "r"), (1.01, "a", "r"), (True, "a", "r"), (0.5, "", "r"), (0.5, "a", " ")]
)
def test_an_override_needs_a_sound_score_an_author_and_a_reason(fields: Any) -> None:
    with pytest.raises(InvalidOverride):
        Override(*fields)


def test_e11_evenness_counts_spread_not_distinct_hours() -> None:
    assert evenness([0] * 24, 24, 12) == 0
    assert evenness([365, *[0] * 23], 24, 12) == 0
    assert evenness([2] * 12 + [0] * 12, 24, 12) == pytest.approx(1)
    assert evenness([1] * 12 + [0] * 12, 24, 12) == pytest.approx(0.5)  # one day of messages is half of it at most


@given(st.lists(st.integers(0, 400), min_size=24, max_size=24), st.integers(0, 23))
def test_p8_presence_at_one_more_date_and_hour_never_lowers_evenness(hours: list[int], hour: int) -> None:
    more = [count + (place == hour) for place, count in enumerate(hours)]

    assert evenness(more, 24, 12) >= evenness(hours, 24, 12) - 1e-9


def test_the_steps_are_those_of_the_seed() -> None:
    assert [(step.score, step.days) for step in STEPS] == [(0, 0), (0.15, 3), (0.35, 14), (0.60, 60), (0.80, 180)]
