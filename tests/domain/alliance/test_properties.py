"""The properties Q1 to Q20 of the alliance, each by its number; of the standard profile unless the name says `seed`."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.alliance.draw import draw
from domain.alliance.engagement import Context, Reason, should_engage, strategy
from domain.alliance.exchange import export_histories, import_histories
from domain.alliance.history import History, Link, gather, ignore, merge, unignore
from domain.alliance.policy import POLICIES, SEED, STANDARD, UNIT, Policy, Relationship
from domain.alliance.publication import policy_data, policy_text
from domain.alliance.relationship import assess, classify
from domain.alliance.replay import digest, replay, replay_data
from domain.alliance.score import contribution
from domain.alliance.standard import holds
from domain.canonical import Json, canonical, parse
from domain.people.constants import DAY, HOUR
from domain.people.interaction import By, Interaction, Kind, PersonId, in_order
from tests.domain.alliance.games import always_defect, cyclic, gain, predicting, self_play
from tests.domain.alliance.worlds import NOW, O, P, event, histories, history, name_drawn, recent_histories, times

both = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: str(policy.profile))
CONTEXTS = st.builds(
    Context,
    post_id=st.text(max_size=5).filter(str.isascii),
    is_relevant_topic=st.booleans(),
    mentions_us=st.booleans(),
    is_negative=st.booleans(),
    high_visibility=st.booleans(),
)


@both
@given(known=histories, context=CONTEXTS, order=st.randoms())
def test_q1_arrival_order_and_repeats_change_no_answer(
    policy: Policy, known: History, context: Context, order: Random
) -> None:
    arrived = [*known.interactions, *known.interactions[:5]]
    order.shuffle(arrived)

    again = should_engage(replace(known, interactions=tuple(arrived)), context, NOW, policy)

    assert again == should_engage(known, context, NOW, policy)


@both
@given(known=histories, context=CONTEXTS)
def test_q1_the_replay_data_give_the_same_answer(policy: Policy, known: History, context: Context) -> None:
    sent = parse(canonical(replay_data(known, policy)), floats=True)

    assert replay(sent, context, NOW) == should_engage(known, context, NOW, policy)


@given(known=histories, order=st.randoms())
def test_q1_equal_histories_have_one_digest(known: History, order: Random) -> None:
    arrived = list(known.interactions)
    order.shuffle(arrived)

    assert digest(replace(known, interactions=tuple(arrived))) == digest(known)


IN_ANOTHER_PROCESS = """
import sys
from domain.alliance.engagement import Context
from domain.alliance.replay import replay
from domain.canonical import parse
data = parse(sys.stdin.read(), floats=True)
print([replay(data, Context(post_id=str(n)), int(sys.argv[1])).reason.value for n in range(50)])
"""


def test_q1_every_process_and_zone_answers_alike() -> None:
    data = canonical(replay_data(history([event(Kind.UPVOTE_RECEIVED)])))
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, str(NOW)]
    places = [("1", "UTC"), ("2", "Pacific/Auckland"), ("random", "America/St_Johns")]

    answers = {
        subprocess.run(
            command,
            input=data,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": os.getcwd()},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in places
    }

    assert len(answers) == 1
    assert "neutral_probabilistic_skip" in answers.pop()


@both
def test_q2_whoever_has_no_history_is_engaged_warmly(policy: Policy) -> None:
    decision = should_engage(history(), Context(), NOW, policy)

    assert decision.engage
    assert decision.reason is Reason.UNKNOWN_USER_START_COOPERATIVE
    assert (decision.strategy.tone, decision.strategy.priority) == ("warm", "medium")


@both
def test_q3_the_worked_scores(policy: Policy) -> None:
    hostile = [kind for kind in (Kind.DOWNVOTE_RECEIVED, Kind.MENTION_NEGATIVE) for _ in range(4)]

    three, two = (assess(history(times(number, Kind.UPVOTE_RECEIVED)), NOW, policy) for number in (3, 2))
    four_and_four = assess(history(event(kind) for kind in hostile), NOW, policy)

    assert (three.score, three.relationship) == (6.0, Relationship.ALLY)
    assert (two.score, two.relationship) == (4.0, Relationship.NEUTRAL)
    assert (four_and_four.score, four_and_four.relationship) == (-20.0, Relationship.RIVAL)


@given(weight=st.integers(-3, 3), days=st.integers(0, 200))
def test_q4_no_sign_changes_and_nothing_grows_with_age(weight: int, days: int) -> None:
    today, tomorrow = contribution(weight, days), contribution(weight, days + 1)

    assert today * weight >= 0
    assert abs(tomorrow) <= abs(today)


@given(weight=st.integers(-3, 3), days=st.integers(0, 90))
def test_q4_the_integer_form_is_the_formula_of_the_seed(weight: int, days: int) -> None:
    forgiven = weight if weight >= 0 else min(0, weight + 0.1 * days)
    fading = 0.5 + 0.5 * max(0, 1 - days / 60)

    assert contribution(weight, days) / UNIT == pytest.approx(forgiven * fading, abs=1e-12)


def test_q4_negatives_end_after_ten_twenty_and_thirty_days() -> None:
    ends = {weight: next(day for day in range(91) if contribution(weight, day) == 0) for weight in (-1, -2, -3)}

    assert ends == {-1: 10, -2: 20, -3: 30}


@given(ahead=st.integers(1, 200 * DAY))
def test_q4_seed_what_lies_in_the_future_is_of_age_zero(ahead: int) -> None:
    assert assess(history([event(Kind.DOWNVOTE_RECEIVED, NOW + ahead)]), NOW, SEED).score == -2.0


@both
def test_q5_counted_on_day_90_and_not_on_day_91(policy: Policy) -> None:
    known = history(times(5, Kind.UPVOTE_RECEIVED, NOW))

    last, gone = (assess(known, NOW + 91 * DAY - before, policy).score for before in (1, 0))

    assert (last, gone) == (5.0, 0.0)


@both
@settings(max_examples=40)
@given(known=histories, context=CONTEXTS, later=st.integers(0, 100 * DAY))
def test_q6_an_answer_that_is_kept_equals_a_fresh_one(
    policy: Policy, known: History, context: Context, later: int
) -> None:
    kept = should_engage(known, context, NOW, policy)
    assume(kept.valid_until is None or NOW + later < kept.valid_until)

    fresh = should_engage(known, context, NOW + later, policy)

    assert (fresh.reason, fresh.engage, fresh.strategy) == (kept.reason, kept.engage, kept.strategy)
    assert fresh.assessment.tally == kept.assessment.tally


@both
@settings(max_examples=25)
@given(known=recent_histories, steps=st.lists(st.integers(1, 40 * HOUR), min_size=1, max_size=30))
def test_q6_a_tracker_that_lives_for_months_equals_a_fresh_one(
    policy: Policy, known: History, steps: list[int]
) -> None:
    now, kept = NOW, assess(known, NOW, policy)
    for step in steps:
        now += step
        if kept.valid_until is not None and kept.valid_until <= now:
            kept = assess(known, now, policy)

        assert (kept.relationship, kept.tally) == (
            classify(known, now, policy),
            assess(known, now, policy).tally,
        )


@both
def test_q7_the_thresholds_belong_to_the_class(policy: Policy) -> None:
    friendly = history(map(event, (Kind.REPLY_POSITIVE, Kind.UPVOTE_RECEIVED, Kind.REPLY_NEUTRAL)))
    hostile = history(map(event, (Kind.MENTION_NEGATIVE, Kind.DOWNVOTE_RECEIVED, Kind.REPLY_NEUTRAL)))

    ally, rival = assess(friendly, NOW, policy), assess(hostile, NOW, policy)

    assert (ally.score, ally.relationship) == (5.0, Relationship.ALLY)
    assert (rival.score, rival.relationship) == (-5.0, Relationship.RIVAL)


def test_q8_a_hundred_upvotes_given_make_no_ally() -> None:
    assert classify(history(times(100, Kind.UPVOTE_GIVEN)), NOW) is Relationship.NEUTRAL


@given(known=histories)
def test_q8_own_acts_alone_never_make_an_ally_or_a_rival(known: History) -> None:
    own = [each for each in known.interactions if each.by is By.OBSERVER]

    assert classify(history(own), NOW) in (Relationship.NEUTRAL, Relationship.UNKNOWN)


def test_q9_the_same_act_on_the_same_post_counts_once() -> None:
    repeated = history(event(Kind.UPVOTE_RECEIVED, NOW - n, context="post1") for n in range(3))

    assert (assess(repeated, NOW).score, classify(repeated, NOW)) == (2.0, Relationship.NEUTRAL)


@given(known=histories, context=CONTEXTS)
def test_q9_repeats_of_anything_with_a_context_change_nothing(known: History, context: Context) -> None:
    later = [each._replace(id="x" + each.id, at=NOW) for each in in_order(known.interactions) if each.context]

    again = should_engage(known.with_interactions(*later), context, NOW)

    assert again.reason is should_engage(known, context, NOW).reason


def credit_then_hostility() -> list[Interaction]:
    return [*times(10, Kind.UPVOTE_RECEIVED), *times(5, Kind.MENTION_NEGATIVE)]


def test_q10_ten_upvotes_do_not_outweigh_five_hostile_mentions_today() -> None:
    assert classify(history(credit_then_hostility()), NOW) is Relationship.RIVAL


def test_q10_one_upvote_a_day_mends_it_on_day_15() -> None:
    upvotes = [event(Kind.UPVOTE_RECEIVED, NOW + day * DAY) for day in range(1, 40)]
    known = history([*credit_then_hostility(), *upvotes])

    first = next(day for day in range(40) if classify(known, NOW + day * DAY) is Relationship.ALLY)

    assert first == 15


def test_q10_one_hostile_act_costs_an_ally_a_pause_of_24_hours_and_no_more() -> None:
    act = event(Kind.MENTION_NEGATIVE, name=name_drawn(forgiven=False))
    known = history([*times(3, Kind.REPLY_POSITIVE, NOW - DAY), *times(3, Kind.REPLY_POSITIVE, NOW - 2 * DAY), act])

    during, after = (should_engage(known, Context(), NOW + DAY - before) for before in (1, 0))

    assert (during.reason, during.valid_until) == (Reason.PROVOKED_PAUSE, NOW + DAY)
    assert after.reason is Reason.ALLY_PRIORITIZE


def test_q10_a_forgiven_act_costs_no_pause() -> None:
    act = event(Kind.MENTION_NEGATIVE, name=name_drawn(forgiven=True))
    known = history([*times(3, Kind.REPLY_POSITIVE, NOW - DAY), *times(3, Kind.REPLY_POSITIVE, NOW - 2 * DAY), act])

    assert should_engage(known, Context(), NOW).reason is Reason.ALLY_PRIORITIZE


def test_q10_a_justified_answer_costs_nothing() -> None:
    ours = event(Kind.REPLY_NEGATIVE, NOW - DAY, by=By.OBSERVER)
    theirs = event(Kind.MENTION_NEGATIVE, name=name_drawn(forgiven=False))

    assessment = assess(history([ours, theirs]), NOW)

    assert (assessment.score, assessment.provoked, assessment.tally.justified) == (0.0, False, 1)


@pytest.mark.parametrize("kind", [Kind.MENTION_NEGATIVE, Kind.NEGATIVE, Kind.VIOLATION])
def test_q11_a_single_negative_makes_no_rival(kind: Kind) -> None:
    known = history([event(Kind.REPLY_NEUTRAL), event(kind, severity=0.5 if kind is Kind.VIOLATION else None)])

    assert classify(known, NOW) is Relationship.NEUTRAL


def test_q11_two_copies_at_one_percent_error_cooperate() -> None:
    assert self_play(seed=5, rounds=1500, error=0.01) >= 0.95


@pytest.mark.parametrize("error", [0.0, 0.01])
def test_q12_always_defecting_gains_little(error: float) -> None:
    assert gain(5, 200, always_defect, error) <= 1.13


@pytest.mark.parametrize(("cooperations", "defections"), [(1, 1), (2, 1), (3, 1), (5, 1), (8, 1), (3, 2), (1, 4)])
def test_q12_defecting_in_cycles_gains_less_than_cooperating(cooperations: int, defections: int) -> None:
    assert gain(5, 600, cyclic(cooperations, defections)) <= 3.0


def test_q12_predicting_the_forgiveness_gains_less_than_cooperating() -> None:
    assert gain(5, 600, predicting) <= 3.0


def test_q13_strangers_who_praise_us_or_one_another_raise_nobody_else() -> None:
    sybils = [event(Kind.UPVOTE_RECEIVED, person=f"person:sybil{n}") for n in range(200)]
    between = [event(Kind.UPVOTE_RECEIVED, person=P, observer=f"person:sybil{n}") for n in range(200)]

    known = gather(O, P, [event(Kind.UPVOTE_RECEIVED), *sybils, *between])

    assert assess(known, NOW).score == 2.0


@given(number=st.integers(3, 60), dates=st.integers(1, 5))
def test_q13_one_identity_earns_six_a_day_and_twelve_in_all(number: int, dates: int) -> None:
    praise = [each for date in range(dates) for each in times(number, Kind.REPLY_POSITIVE, NOW - date * DAY)]

    score = assess(history(praise), NOW).score

    assert score <= min(12, 6 * dates)


@both
@given(known=histories, context=CONTEXTS)
def test_q14_the_ignored_are_never_engaged(policy: Policy, known: History, context: Context) -> None:
    decision = should_engage(ignore(known, NOW), context, NOW, policy)

    assert (decision.engage, decision.reason) == (False, Reason.IGNORE_LIST)
    assert (decision.strategy.tone, decision.strategy.priority) == ("none", "none")


@both
def test_q14_a_mark_begins_ends_and_is_lifted_as_set(policy: Policy) -> None:
    marked = ignore(history(), NOW, until=NOW + DAY)
    lifted = unignore(marked, NOW + HOUR)

    assert [classify(marked, NOW + hours * HOUR, policy) for hours in (-1, 0, 23, 24)] == [
        Relationship.UNKNOWN,
        Relationship.IGNORE,
        Relationship.IGNORE,
        Relationship.UNKNOWN,
    ]
    assert classify(lifted, NOW, policy) is Relationship.IGNORE
    assert classify(lifted, NOW + HOUR, policy) is Relationship.UNKNOWN


def test_q15_a_score_that_swings_at_the_threshold_changes_the_class_once() -> None:
    scores = [0, 2, 4, *([5, 4] * 20)]

    sides = [holds((score * UNIT for score in reversed(scores[: n + 1])), STANDARD) for n in range(len(scores))]

    assert sum(before != after for before, after in pairwise(sides)) == 1
    assert sides[-1]


@given(scores=st.lists(st.integers(-7, 7), min_size=1))
def test_q15_a_class_is_entered_at_five_and_left_below_four(scores: list[int]) -> None:
    expected = False
    for score in scores:
        expected = score >= 5 or (expected and score >= 4)

    assert holds((score * UNIT for score in reversed(scores)), STANDARD) is expected


def test_q16_half_of_all_posts_of_neutral_persons_are_engaged_with() -> None:
    pairs = [(f"person:{user}", f"post{post}") for user in range(100) for post in range(100)]

    engaged = sum(draw("", "engage", O, user, post) % 100 < 50 for user, post in pairs)

    assert abs(engaged / len(pairs) - 0.5) <= 0.015


def test_q16_the_published_vector() -> None:
    assert draw("", "engage", "O", "P", "p1") == 15007848032392598472


def test_q16_no_two_lists_of_texts_are_hashed_alike() -> None:
    assert draw("", "engage", "ab", "c", "") != draw("", "engage", "a", "bc", "")


@given(known=st.lists(histories, max_size=3))
def test_q17_export_import_export_is_identical(known: list[History]) -> None:
    exported = export_histories(replace(each, subject=f"person:{n}") for n, each in enumerate(known))

    imported = import_histories(parse(canonical(exported), floats=True))

    assert not imported.problems
    assert canonical(export_histories(imported.histories)) == canonical(exported)


BAD_ROWS: list[Json] = [None, [], {"kind": "poked"}, {"id": "x", "kind": "message", "by": "person", "at": "yesterday"}]


@pytest.mark.parametrize("bad", BAD_ROWS)
@given(known=histories, place=st.integers(0, 30))
def test_q17_one_bad_row_is_reported_and_costs_no_other(bad: Json, known: History, place: int) -> None:
    exported = export_histories([known])
    rows = exported["histories"][0]["interactions"]  # type: ignore[index,call-overload]  # the shape of an export
    rows.insert(place, bad)  # type: ignore[union-attr]

    imported = import_histories(exported)

    assert [problem.path.startswith("$.histories[0].interactions[") for problem in imported.problems] == [True]
    assert canonical(export_histories(imported.histories)) == canonical(export_histories([known]))


@both
@given(known=histories)
def test_q18_a_strategy_always_has_the_same_keys(policy: Policy, known: History) -> None:
    assessment = assess(known, NOW, policy)

    found = strategy(assessment)

    assert found.tone
    assert found.priority
    assert found.notes
    assert found.score == assessment.tally.score / UNIT
    assert found.interaction_count == assessment.tally.counted


def numbers_in(pattern: str, text: str) -> list[str]:
    found = re.search(pattern, text)
    assert found is not None, f"no {pattern} in the published text"
    return list(found.groups())


@both
def test_q19_the_published_text_has_the_numbers_of_the_code(policy: Policy) -> None:
    text, data = policy_text(policy), policy_data(policy)

    weights = dict(re.findall(r"(\w+) ([+-]\d)\b", numbers_in(r"Weights: (.*)\.", text)[0]))
    ally, ally_minimum = numbers_in(r"ALLY: a score of at least ([\d.]+), from at least (\d+)", text)
    rival, rival_minimum = numbers_in(r"RIVAL: a score of at most -([\d.]+), from at least (\d+)", text)
    (percent,) = numbers_in(r"otherwise with (\d+) of 100 posts", text)
    (fading,), (days,) = numbers_in(r"half of its weight over (\d+) days", text), numbers_in(r"(\d+) days old", text)

    assert {kind: int(weight) for kind, weight in weights.items()} == data["weights"]
    assert [float(ally) * UNIT, float(rival) * UNIT] == [data["enter"], data["enter"]]
    assert [int(ally_minimum), int(rival_minimum)] == [data["allyMinimum"], data["rivalMinimum"]]
    assert [int(percent), int(days), int(fading)] == [data["engagePercent"], data["historyDays"], data["fadingDays"]]
    assert f"profile {data['profile']}, version {data['version']}" in text


def test_q19_the_standard_text_has_the_numbers_that_only_it_has() -> None:
    text, data = policy_text(STANDARD), policy_data(STANDARD)

    daily, total = numbers_in(r"one UTC date count for at most (\d+), of all dates for at most (\d+)", text)
    (leave,) = numbers_in(r"comes within (\d+) of zero", text)
    (answer,), (pause,) = numbers_in(r"not older than (\d+) days", text), numbers_in(r"I pause for (\d+) hours", text)
    (one_in,), (rest,) = numbers_in(r"1 in (\d+) such acts", text), numbers_in(r"not within (\d+) hours", text)
    severities = re.findall(r"([+-]\d) below severity ([\d.]+)", text)

    assert [int(daily) * UNIT, int(total) * UNIT] == [data["dailyCap"], data["totalCap"]]
    assert int(leave) * UNIT == data["leave"]
    assert [int(answer), int(pause)] == [data["answerDays"], data["pauseHours"]]
    assert [int(one_in), int(rest)] == [data["forgiveOneIn"], data["rivalRestHours"]]
    assert [(float(below), int(weight)) for weight, below in severities] == list(STANDARD.violation_weights[:-1])


@both
@given(known=histories, context=CONTEXTS)
def test_q20_a_rename_linked_to_the_person_keeps_the_history(policy: Policy, known: History, context: Context) -> None:
    renamed = [each._replace(person=PersonId("person:new-name")) for each in known.interactions]

    linked = gather(O, P, renamed, links=[Link("person:new-name", NOW)])

    assert should_engage(linked, context, NOW, policy) == should_engage(known, context, NOW, policy)


def test_q20_a_merge_keeps_both_histories_and_either_mark() -> None:
    old = ignore(history(times(2, Kind.MENTION_NEGATIVE)), NOW)
    new = History(
        observer=O, subject="person:fresh", interactions=(event(Kind.UPVOTE_RECEIVED, person="person:fresh"),)
    )

    merged = merge(new, old, NOW)

    assert classify(merged, NOW) is Relationship.IGNORE
    assert classify(unignore(merged, NOW), NOW) is Relationship.NEUTRAL
    assert assess(merged, NOW).score == -4.0
