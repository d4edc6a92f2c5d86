"""Signals are the same counted at once or kept up one by one, in any order (P17, P18; E1, E9, E10, E11)."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.people.constants import SECOND
from domain.people.interaction import By, Interaction, Kind, distinct
from domain.people.signals import NEGATIVES, PRESENCE, Signals, count, iso_weeks, pardon, record, session_starts
from tests.domain.people.histories import START, at, histories, interaction, present, varied, violation


def sessions(signals: Signals) -> int:
    return session_starts(signals.present_days, None)


@given(histories, st.sampled_from([PRESENCE, PRESENCE | NEGATIVES]), st.randoms(use_true_random=False))
def test_p18_running_counters_equal_a_recount_in_any_order(
    history: list[Interaction], presence: frozenset[Kind], random: Any
) -> None:
    arriving = distinct(history)
    random.shuffle(arriving)

    running = count([], presence)
    for each in arriving:
        running = record(running, each)

    assert running == count(history, presence)


def test_p17_a_gap_of_1800_seconds_is_one_session_and_one_more_second_starts_another() -> None:
    together = count([interaction(0), interaction(1_800 * SECOND)])
    apart = count([interaction(0), interaction(1_801 * SECOND)])

    assert (sessions(together), sessions(apart)) == (1, 2)


def test_e1_the_first_session_counts_and_so_does_every_later_one() -> None:
    assert sessions(count([interaction(0)])) == 1
    assert sessions(count(present(range(365), [0, 5, 10, 15, 20]))) == 365 * 5


def test_a_session_across_midnight_started_once() -> None:
    signals = count([interaction(at(0, 23.9)), interaction(at(1, 0.1))])

    assert sessions(signals) == 1
    assert len(signals.present_days) == 2


def test_at_most_so_many_sessions_a_date_are_counted() -> None:
    signals = count(varied([0, 1], sessions=3))

    assert session_starts(signals.present_days, 2) == 4


def test_e9_dates_are_counted_not_guessed() -> None:
    signals = count([*(interaction(minute * 60_000) for minute in range(120)), interaction(at(60))])

    assert len(signals.present_days) == 2


def test_e10_weeks_need_presence_not_age() -> None:
    sunday_and_monday = count([interaction(at(6)), interaction(at(7))])

    assert iso_weeks(sunday_and_monday.present_days) == 2
    assert iso_weeks(count([interaction(at(0)), interaction(at(6)), interaction(at(180))]).present_days) == 2


def test_own_acts_are_standing_and_never_evidence() -> None:
    own = [
        interaction(at(1), Kind.UPVOTE_GIVEN),
        interaction(at(2), Kind.REPLY_POSITIVE, by=By.OBSERVER),
        interaction(at(3), Kind.DOWNVOTE_GIVEN),
    ]

    signals = count(own)

    assert (signals.positive, signals.negative, signals.days) == (0, 0, ())
    assert [act.by for act in signals.acts] == [By.OBSERVER]


def test_a_neutral_reply_is_presence_but_makes_no_good_date() -> None:
    signals = count([interaction(0, Kind.REPLY_NEUTRAL)])

    assert [(day.present, day.good) for day in signals.days] == [(True, False)]


def test_a_justified_answer_counts_nothing_and_the_provocation_does() -> None:
    provocation = interaction(at(0), Kind.MENTION_NEGATIVE)
    answered = interaction(at(1), Kind.REPLY_NEGATIVE, by=By.OBSERVER)
    answer_to_ours = count([interaction(at(0), Kind.DOWNVOTE_GIVEN), interaction(at(1), Kind.NEGATIVE)])

    assert [day.bad for day in count([provocation, answered]).days] == [1.0]
    assert (answer_to_ours.days, answer_to_ours.justified, answer_to_ours.negative) == ((), 1, 1)


def test_an_act_answers_only_one_and_only_within_seven_days() -> None:
    ours = interaction(at(0), Kind.DOWNVOTE_GIVEN)
    theirs = [interaction(at(1), Kind.NEGATIVE), interaction(at(2), Kind.NEGATIVE)]
    too_late = interaction(at(7) + 1, Kind.NEGATIVE)

    assert sum(day.bad for day in count([ours, *theirs]).days) == 1.0
    assert sum(day.bad for day in count([ours, too_late]).days) == 1.0
    assert not count([ours, interaction(at(7), Kind.NEGATIVE)]).days


def test_what_a_negative_act_weighs() -> None:
    weights = {
        Kind.NEGATIVE: 1.0,
        Kind.MENTION_NEGATIVE: 1.0,
        Kind.REPLY_NEGATIVE: 2 / 3,
        Kind.DOWNVOTE_RECEIVED: 1 / 3,
    }

    for kind, weight in weights.items():
        assert count([interaction(0, kind, weight=0.5)]).days[0].bad == weight * 0.5


def test_sentiment_is_the_mean_over_the_last_thirty_messages() -> None:
    old = [interaction(minute, sentiment=-1.0) for minute in range(5)]
    new = [interaction(100 + minute, sentiment=0.5 if minute % 2 else None) for minute in range(30)]

    assert count(old).sentiment == -1.0
    assert count([*new, *old]).sentiment == 0.5
    assert count([]).sentiment is None


def test_a_pardon_is_noted_once_and_at_its_time() -> None:
    signals = count([violation(at(0), id="v")])

    pardoned = pardon(pardon(signals, "v", START + at(1)), "v", START + at(2))

    assert [each.pardoned_at for each in pardoned.violations] == [START + at(1)]
    assert pardon(signals, "unknown", START) == signals
