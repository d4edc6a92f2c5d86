"""Defects A1 to A19 of the original that are about rules: none is repeated. A5 and A6 are kept and published."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alliance.engagement import Context, Reason, should_engage, strategy
from domain.alliance.errors import InvalidAllianceData, UnknownPolicy
from domain.alliance.exchange import import_seed
from domain.alliance.history import History, ignore
from domain.alliance.policy import POLICIES, SEED, STANDARD, Policy, Relationship, policy_named
from domain.alliance.publication import policy_text
from domain.alliance.relationship import assess, classify
from domain.alliance.replay import read_replay_data, replay_data
from domain.canonical import Json
from domain.people.constants import DAY, HOUR
from domain.people.interaction import By, Kind
from tests.domain.alliance.worlds import NOW, event, history, name_drawn, times

both = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: str(policy.profile))


@both
def test_a1_neutral_answers_differ_by_post_and_not_by_process(policy: Policy) -> None:
    known = history([event(Kind.UPVOTE_RECEIVED, name="e")])

    answers = "".join(str(int(should_engage(known, Context(post_id=f"p{n}"), NOW, policy).engage)) for n in range(20))

    assert answers == "00001011001101111100"


@both
def test_a2_the_owner_can_set_the_ignore_class(policy: Policy) -> None:
    assert classify(ignore(history(times(9, Kind.REPLY_POSITIVE)), NOW), NOW, policy) is Relationship.IGNORE


@both
def test_a3_a_rival_of_january_is_none_in_june(policy: Policy) -> None:
    known = history(times(4, Kind.MENTION_NEGATIVE, NOW))

    january, june = assess(known, NOW, policy), assess(known, NOW + 151 * DAY, policy)

    assert january.relationship is Relationship.RIVAL
    assert january.valid_until is not None
    assert june.relationship is not Relationship.RIVAL
    assert june.score == 0.0


def test_a4_a_clock_that_is_ahead_amplifies_nothing() -> None:
    ahead = history([event(Kind.DOWNVOTE_RECEIVED, NOW + 1000)])

    assert assess(ahead, NOW, SEED).score == -2.0
    assert [assess(ahead, NOW + wait, STANDARD).score for wait in (0, 1000)] == [0.0, -2.0]


@pytest.mark.parametrize("policy", [SEED, STANDARD])
@pytest.mark.parametrize(("mentions", "days"), [(3, 12), (4, 16), (5, 19), (10, 24), (50, 29)])
def test_a5_how_long_hostile_mentions_make_a_rival_in_the_seed(policy: Policy, mentions: int, days: int) -> None:
    known = history(times(mentions, Kind.MENTION_NEGATIVE))

    last = max(day for day in range(91) if assess(known, NOW + day * DAY, policy).score <= -5)

    assert last + 1 == days


def test_a6_positives_end_overnight_and_the_policy_says_so() -> None:
    known = history(times(5, Kind.UPVOTE_RECEIVED))

    assert [classify(known, NOW + day * DAY, SEED) for day in (90, 91)] == [Relationship.ALLY, Relationship.NEUTRAL]
    assert all("is then forgotten overnight" in policy_text(policy) for policy in POLICIES)


def test_a8_an_unknown_type_costs_one_row_of_an_import() -> None:
    rows: list[Json] = [
        {"user": "u", "type": kind, "timestamp": "2026-01-01T10:00:00"} for kind in ("upvote_received", "waved")
    ]

    read = import_seed({"interactions": rows}, "O", person_of=str)

    assert [each.kind for each in read.interactions] == [Kind.UPVOTE_RECEIVED]
    assert [problem.path for problem in read.problems] == ["$.interactions[1].kind"]


@both
def test_a9_a_strategy_has_its_figures_with_little_evidence_too(policy: Policy) -> None:
    found = [strategy(assess(history(times(n, Kind.UPVOTE_RECEIVED)), NOW, policy)) for n in (0, 2)]

    assert [(each.score, each.interaction_count) for each in found] == [(0.0, 0), (4.0, 2)]


def test_a10_what_we_do_is_no_evidence_about_them() -> None:
    ours = [event(kind, by=By.OBSERVER) for kind in (Kind.REPLY_POSITIVE, Kind.REPLY_POSITIVE, Kind.REPLY_NEUTRAL)]

    assessment = assess(history(ours), NOW)

    assert (assessment.relationship, assessment.score, assessment.tally.own) == (Relationship.NEUTRAL, 0.0, 3)


def test_a11_one_post_is_one_upvote_and_credit_has_a_cap() -> None:
    same_post = [event(Kind.UPVOTE_RECEIVED, NOW - n, context="p") for n in range(3)]

    assert assess(history(same_post), NOW).score == 2.0
    assert assess(history(times(100, Kind.UPVOTE_RECEIVED)), NOW).score == 6.0


def test_a12_two_hostile_mentions_are_enough_to_defend_oneself() -> None:
    assert classify(history(times(2, Kind.MENTION_NEGATIVE)), NOW) is Relationship.RIVAL


def test_a12_expired_interactions_leave_a_stranger() -> None:
    assessment = assess(history(times(5, Kind.REPLY_POSITIVE, NOW - 120 * DAY)), NOW)

    assert (assessment.relationship, assessment.tally.counted) == (Relationship.UNKNOWN, 0)


def test_a13_an_ally_stays_one_a_little_below_the_threshold() -> None:
    earned = times(3, Kind.UPVOTE_RECEIVED, NOW - 25 * DAY)

    standing = classify(history(earned), NOW - 1 * DAY)

    assert standing is Relationship.ALLY
    assert assess(history(earned), NOW - 1 * DAY).score == 4.8
    assert classify(history(times(3, Kind.UPVOTE_RECEIVED, NOW - 45 * DAY)), NOW) is Relationship.NEUTRAL


def test_a14_identity_is_the_person_not_the_name() -> None:
    row: dict[str, Json] = {"type": "mention_negative", "timestamp": "2026-01-01T10:00:00"}
    rows: list[Json] = [{**row, "user": name} for name in ("Alice", "alice", "ALICE")]

    read = import_seed({"interactions": rows}, "O", person_of=lambda name: f"person:{name.casefold()}", by=By.PERSON)

    assert {each.person for each in read.interactions} == {"person:alice"}


@both
@given(order=st.permutations(range(5)))
def test_a15_first_and_last_are_by_time(policy: Policy, order: list[int]) -> None:
    tally = assess(history(event(Kind.UPVOTE_RECEIVED, NOW - day * DAY) for day in order), NOW, policy).tally

    assert (tally.first_at, tally.last_at) == (NOW - 4 * DAY, NOW)


def test_a16_the_published_text_tells_what_the_seed_left_out() -> None:
    text = policy_text(STANDARD)

    told = ("at least 3 interactions", "mention_negative -3", "90 days old", "50 of 100", "highly visible", "IGNORE")

    assert [words for words in told if words not in text] == []


def rival() -> History:
    return history(times(3, Kind.MENTION_NEGATIVE, NOW - 2 * DAY))


ATTACK = Context(mentions_us=True, is_negative=True)


def test_a18_a_rival_gets_one_answer_a_day() -> None:
    answered = rival().with_interactions(event(Kind.REPLY_NEUTRAL, NOW - HOUR, by=By.OBSERVER))

    before, after = should_engage(rival(), ATTACK, NOW), should_engage(answered, ATTACK, NOW)

    assert before.reason is Reason.RIVAL_DEFENSIVE_RESPONSE
    assert (after.reason, after.engage) == (Reason.RIVAL_RATE_LIMITED, False)
    assert should_engage(answered, ATTACK, NOW + 23 * HOUR).reason is Reason.RIVAL_DEFENSIVE_RESPONSE


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"kind": "waved"}, "kind"),
        ({"by": "nobody"}, "by"),
        ({"by": "observer"}, "by"),
        ({"at": "garbage"}, "at"),
        ({"at": None}, "at"),
        ({"id": ""}, "id"),
        ({"id": "\ud800"}, "id"),
        ({"severity": 2}, "severity"),
        ({"severity": True}, "severity"),
        ({"context": "c" * 501}, "context"),
    ],
)
def test_a19_nothing_unreadable_is_passed_over(change: dict[str, object], path: str) -> None:
    data = json.loads(json.dumps(replay_data(history([event(Kind.UPVOTE_RECEIVED)]))))
    data["history"]["interactions"][0] |= change

    with pytest.raises(InvalidAllianceData) as refused:
        read_replay_data(data)

    assert refused.value.facts["path"] == f"$.history.interactions[0].{path}"


@pytest.mark.parametrize(("profile", "version"), [("other", 1), ("standard", 2), (None, None)])
def test_a19_an_unknown_policy_is_refused(profile: str, version: int) -> None:
    with pytest.raises(UnknownPolicy):
        policy_named(profile, version)


def test_a19_a_post_id_that_has_no_bytes_is_refused() -> None:
    with pytest.raises(InvalidAllianceData):
        should_engage(history([event(Kind.UPVOTE_RECEIVED)]), Context(post_id="\udcff"), NOW)


def test_a_pardoned_violation_counts_nothing_from_then_on() -> None:
    violation = event(Kind.VIOLATION, NOW - HOUR, severity=0.5, name=name_drawn(forgiven=False))
    pardoned = violation._replace(pardoned_at=NOW)

    before, after = (assess(history([pardoned]), NOW - wait) for wait in (1, 0))

    assert (before.score, before.provoked) == (-3.0, True)
    assert (after.score, after.provoked) == (0.0, False)
    assert before.valid_until == NOW
