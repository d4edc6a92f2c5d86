"""Simulated agents that follow the alliance or the trust formula answer as `domain.alliance` and `domain.people` do."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.alliance import engagement
from domain.alliance.history import History
from domain.identity import Did
from domain.people.constants import HOUR
from domain.people.interaction import By, Interaction, Kind, PersonId
from domain.people.standard import evenness as exact_evenness
from domain.people.tier import Tier
from domain.people.trust import signals_at, trust
from domain.sandbox.agents.alliance import ACTS, AllianceLedger
from domain.sandbox.agents.policy import Act, Following, Pairs, Policy, Question
from domain.sandbox.agents.trust import TrustLedger, evenness
from domain.sandbox.errors import OutOfRange
from domain.sandbox.rule import Rule
from domain.sandbox.standard.run import Run
from tests.domain.sandbox.test_standard import KINDS, members, world

OBSERVER = Did("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
REPLIES = {Act.POSITIVE: "reply_positive", Act.NEUTRAL: "reply_neutral", Act.NEGATIVE: "reply_negative"}
RULES = {
    engagement.Reason.UNKNOWN_USER_START_COOPERATIVE: Rule.UNKNOWN_COOPERATIVE,
    engagement.Reason.ALLY_PRIORITIZE: Rule.ALLY,
    engagement.Reason.NEUTRAL_PROBABILISTIC_ENGAGE: Rule.NEUTRAL_ENGAGED,
    engagement.Reason.NEUTRAL_PROBABILISTIC_SKIP: Rule.NEUTRAL_SKIPPED,
    engagement.Reason.PROVOKED_PAUSE: Rule.PROVOKED_PAUSE,
    engagement.Reason.RIVAL_AVOID: Rule.RIVAL,
}
Course = Sequence[tuple[int, Act]]
"""Hours since the act before, and the act."""

courses = st.lists(
    st.tuples(st.one_of(st.integers(1, 30), st.integers(1, 60 * 24)), st.sampled_from(Act)), max_size=ACTS
)
lively = st.lists(st.tuples(st.integers(1, 8), st.sampled_from(Act)), min_size=5, max_size=ACTS)
pleasant = st.lists(st.tuples(st.integers(1, 40), st.sampled_from([Act.POSITIVE] * 4 + [Act.NEUTRAL])), max_size=150)


def hours(course: Course) -> list[tuple[int, Act]]:
    moments = np.cumsum([gap for gap, _ in course]).tolist()
    return [(hour, act) for hour, (_, act) in zip(moments, course, strict=True)]


def within_90_days(course: Course) -> Course:
    """The classes are carried on; what the exact rule looks back for is 90 days."""
    return [one for one, (hour, _) in zip(course, hours(course), strict=True) if hour < 88 * 24]


def one_pair() -> Pairs:
    return Pairs(np.zeros(1, np.int64), np.zeros(1, np.int64), np.ones(1, np.bool_))


def question(event: str) -> Question:
    return Question("7", str(OBSERVER), "friend", event)


def mapped(history: Sequence[tuple[int, Act]]) -> list[Interaction]:
    return [told(OBSERVER, "friend", f"e{hour}", act, hour * HOUR) for hour, act in history]


def told(observer: str, person: str, event: str, act: Act, at: int) -> Interaction:
    return Interaction(
        id=event,
        observer=Did(observer),
        person=PersonId(person),
        kind=Kind(REPLIES.get(act, "violation")),
        by=By.PERSON,
        at=at,
        severity=0.15 if act is Act.BREACH else None,
    )


def allied(history: Sequence[tuple[int, Act]], now: int) -> Rule:
    """The domain's answer."""
    held = History(observer=str(OBSERVER), subject="friend", interactions=tuple(mapped(history)), salt="7")
    return RULES[engagement.should_engage(held, engagement.Context(post_id="now"), now * HOUR).reason]


@settings(max_examples=100)
@given(courses | lively, st.integers(1, 200))
def test_the_alliance_is_followed_exactly(course: Course, later: int) -> None:
    history = hours(within_90_days(course))
    ledger, now = AllianceLedger.empty(1, 1, Following()), 0
    for hour, act in history:
        ledger.pass_time(now, hour)
        ledger.record(one_pair(), np.array([act], np.int8), lambda _, hour=hour: question(f"e{hour}"), hour)  # type: ignore[misc]  # a default binds the hour
        now = hour
    ledger.pass_time(now, now + later)

    rule = ledger.answer(one_pair(), lambda _: question("now"), now + later)

    assert Rule(rule[0]) == allied(history, now + later)


def trusted(history: Sequence[tuple[int, Act]], now: int) -> tuple[float, Tier]:
    """The domain's answer."""
    report = trust(signals_at(mapped(history), now * HOUR), now * HOUR)
    return report.rest, report.tier


@settings(max_examples=100)
@given(courses | lively | pleasant, st.integers(0, 3000))
def test_the_trust_formula_is_followed_exactly(course: Course, later: int) -> None:
    history, ledger = hours(course), TrustLedger.empty(1, 1, Following())
    for hour, act in history:
        ledger.record(one_pair(), np.array([act], np.int8), lambda _: question(""), hour)
    now = (history[-1][0] if history else 0) + later

    found = ledger.score(one_pair(), now)[0], tuple(Tier)[ledger.rank(one_pair(), now)[0]]

    assert found == trusted(history, now)


@given(st.lists(st.lists(st.integers(0, 60), min_size=24, max_size=24), min_size=1, max_size=5))
def test_evenness_is_that_of_the_formula(histograms: list[list[int]]) -> None:
    exact = [exact_evenness(histogram, 24, 12) for histogram in histograms]

    assert evenness(np.array(histograms, np.int32), 24, 12) == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_run_the_alliance_answers_as_the_domain_does_on_the_mapped_history(seed: int) -> None:
    """Seventeen agents, so that nobody is forgotten."""
    everybody = tuple(replace(member, policy=Policy.ALLIANCE) for member in members(8, 3, 3, 3))
    ran = Run(replace(world(), members=everybody, n_epochs=6, steps_per_epoch=12), [seed])
    histories: dict[tuple[str, str], list[Interaction]] = {}
    answered: set[Rule] = set()

    for number, epoch in enumerate(ran.epochs()):
        rows = epoch.interactions
        for step in np.unique(rows.step).tolist():
            at = (number * 24 + step) * HOUR
            now = [row for row in range(len(rows)) if rows.step[row] == step]
            for row in now:
                a, b = ran.people.ids[rows.initiator[row]], ran.people.ids[rows.counterparty[row]]
                past = tuple(histories.get((b, a), ()))
                held = History(observer=b, subject=a, interactions=past, salt=str(seed))
                context = engagement.Context(post_id=f"{number}/{step}/{a}")
                answered.add(Rule(rows.rule[row]))
                assert RULES[engagement.should_engage(held, context, at).reason] == rows.rule[row]
            for row in (row for row in now if rows.accepted[row]):
                a, b = ran.people.ids[rows.initiator[row]], ran.people.ids[rows.counterparty[row]]
                act = act_of(rows.p[row])
                event = f"{number}/{step}/{a}"
                breach = Act.BREACH if rows.tau[row] < rows.offer[row] else act
                histories.setdefault((a, b), []).append(told(a, b, event, act, at))
                histories.setdefault((b, a), []).append(told(b, a, event, breach, at))

    assert {Rule.UNKNOWN_COOPERATIVE, Rule.NEUTRAL_ENGAGED, Rule.NEUTRAL_SKIPPED} <= answered
    assert answered & {Rule.RIVAL, Rule.PROVOKED_PAUSE}


def act_of(p: float) -> Act:
    return Act.POSITIVE if p >= 0.6 else Act.NEUTRAL if p >= 0.4 else Act.NEGATIVE


def test_followers_of_trust_accept_by_tier_only() -> None:
    everybody = tuple(
        replace(member, policy=Policy.TRUST) if member.type is KINDS[0] else member for member in members(6, 0, 4, 2)
    )
    made = replace(world(), members=everybody, n_epochs=30, steps_per_epoch=20)

    rules = np.concatenate([epoch.interactions.rule for epoch in Run(made, [3, 4]).epochs()])

    assert (rules == Rule.TIER_MISSED).any()
    assert (rules == Rule.TIER_REACHED).any()


def test_an_epoch_that_is_longer_than_its_days_is_refused() -> None:
    everybody = tuple(replace(member, policy=Policy.TRUST) for member in members(2, 0, 0, 0))

    with pytest.raises(OutOfRange):
        replace(world(), members=everybody, steps_per_epoch=25)

    longer = replace(world(), members=everybody, steps_per_epoch=25, following=Following(days_per_epoch=2))
    assert longer.following.hour(1, 3) == 51
