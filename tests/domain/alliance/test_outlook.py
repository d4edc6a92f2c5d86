"""What would change an answer, and how relationships evolve: everything told comes true."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.alliance.circle import circle
from domain.alliance.engagement import Context, Reason, should_engage
from domain.alliance.evolution import evolution
from domain.alliance.history import History, ignore
from domain.alliance.outlook import prospects
from domain.alliance.policy import POLICIES, Policy, Relationship
from domain.alliance.relationship import assess
from domain.alliance.replay import audit
from domain.people.constants import DAY, HOUR
from domain.people.interaction import Kind, PersonId
from tests.domain.alliance.worlds import NOW, event, histories, history, name_drawn, times

both = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: str(policy.profile))


@both
@settings(max_examples=20)
@given(known=histories, relevant=st.booleans())
def test_a_prospect_of_another_post_or_of_time_comes_true(policy: Policy, known: History, relevant: bool) -> None:
    context = Context(post_id="p1", is_relevant_topic=relevant)

    for prospect in prospects(known, context, NOW, policy):
        if prospect.kind is None:
            then = NOW if prospect.at is None else prospect.at
            decision = should_engage(known, prospect.context or context, then, policy)
            assert (decision.engage, decision.assessment.relationship) == (prospect.engage, prospect.relationship)
            assert prospect.at is None or prospect.at > NOW


def test_a_pause_tells_when_it_ends() -> None:
    known = history([event(Kind.MENTION_NEGATIVE, NOW - HOUR, name=name_drawn(forgiven=False))])

    found = prospects(known, Context(is_relevant_topic=True), NOW)

    assert [each.at for each in found if each.at is not None] == [NOW + 23 * HOUR]


def test_what_a_stranger_must_do_to_become_an_ally_is_told_and_true() -> None:
    found = {each.kind: each for each in prospects(history(), Context(is_relevant_topic=True), NOW) if each.kind}
    known = history(times(2, Kind.REPLY_POSITIVE))

    more = {each.kind: each for each in prospects(known, Context(is_relevant_topic=True), NOW) if each.kind}

    assert found[Kind.UPVOTE_RECEIVED].relationship is Relationship.NEUTRAL
    assert (more[Kind.UPVOTE_RECEIVED].acts, more[Kind.UPVOTE_RECEIVED].relationship) == (1, Relationship.ALLY)
    assert more[Kind.MENTION_NEGATIVE].what.startswith("after 1 more mention_negative from them today")


def test_an_ignored_person_is_told_when_the_mark_ends() -> None:
    found = prospects(ignore(history(), NOW, until=NOW + 5 * DAY + HOUR), Context(), NOW)

    assert [(each.at, each.engage) for each in found] == [(NOW + 5 * DAY + HOUR, True)]


@both
@settings(max_examples=15)
@given(known=histories)
def test_an_evolution_has_every_change(policy: Policy, known: History) -> None:
    since, until = NOW - 10 * DAY, NOW + 10 * DAY
    changes = {change.at: change.after for change in evolution(known, since, until, policy)}
    expected = assess(known, since, policy).relationship

    for moment in sorted({*range(since + HOUR, until, 5 * HOUR), *changes}):
        passed = [changes[at] for at in sorted(changes) if at <= moment]
        assert assess(known, moment, policy).relationship is (passed[-1] if passed else expected)


def test_an_evolution_tells_the_story_of_an_ally() -> None:
    known = history(times(3, Kind.UPVOTE_RECEIVED))

    story = [(change.after, (change.at - NOW) // DAY) for change in evolution(known, NOW - 1, NOW + 200 * DAY)]

    assert story == [(Relationship.ALLY, 0), (Relationship.NEUTRAL, 41), (Relationship.UNKNOWN, 91)]


def test_a_circle_is_ordered_by_score_and_counts_every_class() -> None:
    people = {
        "b": Kind.REPLY_POSITIVE,
        "a": Kind.UPVOTE_RECEIVED,
        "d": Kind.MENTION_NEGATIVE,
        "c": Kind.UPVOTE_RECEIVED,
    }
    known = [
        replace(history(each._replace(person=PersonId(name)) for each in times(3, kind)), subject=name)
        for name, kind in people.items()
    ]

    found = circle(assess(each, NOW) for each in known)

    assert (found.allies, found.rivals) == (("a", "b", "c"), ("d",))
    assert found.counts == {**dict.fromkeys(Relationship, 0), Relationship.ALLY: 3, Relationship.RIVAL: 1}


def test_an_audit_names_the_rule_the_policy_the_inputs_and_the_moment() -> None:
    known = history([event(Kind.UPVOTE_RECEIVED, name="e")])
    decision = should_engage(known, Context(is_relevant_topic=True), NOW)

    found = audit(decision, known)

    assert {name: found[name] for name in ("profile", "version", "now", "rule", "engage", "drawn")} == {
        "profile": "standard",
        "version": 1,
        "now": "2026-01-01T15:00:00.000Z",
        "rule": Reason.NEUTRAL_RELEVANT_TOPIC,
        "engage": True,
        "drawn": None,
    }
    assert len(str(found["inputs"])) == 64
