"""Checks of the alliance files: the seed's own answers, its defects, and the standard profile."""

from functools import partial
from typing import Any

import pytest

from domain.alliance import engagement
from domain.alliance.circle import circle
from domain.alliance.engagement import Context, Reason, should_engage
from domain.alliance.exchange import import_seed
from domain.alliance.history import History, IgnoreMark
from domain.alliance.policy import SEED, STANDARD, UNIT, Relationship
from domain.alliance.relationship import assess
from domain.alliance.score import contribution
from domain.identity import Did
from domain.people.interaction import By, Interaction, Kind, PersonId
from domain.timestamp import normalise, parse_millis

Rows = list[Any]  # Any: rows as the file documents them in `meta`
Content = dict[str, Any]  # Any: as above

exactly = partial(pytest.approx, rel=1e-12, abs=1e-12)


def millis(text: str) -> int:
    """Naive times of the original share one clock: any zone does."""
    return parse_millis(normalise(text if text.endswith("Z") else f"{text}Z"))


def histories_of(rows: Rows, *, by: By = By.PERSON) -> dict[str, History]:
    """One history per user of a list of interactions in the original's notation."""
    read = import_seed({"interactions": rows}, "observer", person_of=str, by=by)
    assert not read.problems
    found: dict[str, list[Interaction]] = {}
    for each in read.interactions:
        found.setdefault(each.person, []).append(each)
    return {
        user: History(observer="observer", subject=user, interactions=tuple(events)) for user, events in found.items()
    }


def history_of(row: Content, user: str = "u") -> History:
    nobody = History(observer="observer", subject=user)
    return histories_of(row["interactions"]).get(user, nobody)


def context_of(given: dict[str, Any]) -> Context:  # Any: an id or a flag
    return Context(**given)


def check_contributions(rows: Rows, _content: Content) -> None:
    for kind, days, expected in rows:
        assert contribution(SEED.weights[kind], days) / UNIT == exactly(expected)


def check_evolution(rows: Rows, _content: Content) -> None:
    for row in rows:
        for now, score, relationship in row["rows [now, score, class]"]:
            assessment = assess(history_of(row), millis(now), SEED)
            assert assessment.score == exactly(score)
            assert assessment.relationship == relationship


def check_histories(rows: Rows, _content: Content) -> None:
    for row in rows:
        now = millis(row["now"])
        for user, expected in row["users"].items():
            _check_user(history_of(row, user), now, expected)
        everybody = circle(assess(history, now, SEED) for history in histories_of(row["interactions"]).values())
        assert sorted(everybody.allies) == sorted(row["allies"])


def _check_user(history: History, now: int, expected: Content) -> None:
    assessment = assess(history, now, SEED)
    assert assessment.score == exactly(expected["score"])
    assert assessment.relationship == expected["class"]
    assert assessment.tally.counted == expected["interaction_count"]
    for each in expected["contributions"]:
        assert contribution(SEED.weights[each["type"]], each["days"]) / UNIT == exactly(each["contribution"])
    for each in expected["should_engage"]:
        decision = should_engage(history, context_of(each["context"]), now, SEED)
        if each.get("result") == "SALTED_HASH":
            assert decision.reason in (Reason.NEUTRAL_PROBABILISTIC_ENGAGE, Reason.NEUTRAL_PROBABILISTIC_SKIP)
        else:
            assert (decision.engage, decision.reason) == (each["engage"], each["reason"])
    manner = engagement.strategy(assessment)
    assert {"tone": manner.tone, "priority": manner.priority} == expected["strategy"]


def check_standard(rows: Rows, _content: Content) -> None:
    for row in rows:
        history, now, expected = _standard_history(row), millis(row["now"]), row["expected"]
        assessment = assess(history, now, STANDARD)
        assert assessment.relationship == expected["class"]
        assert assessment.tally.score == expected["score_1200"]
        assert assessment.provoked == expected["provoked"]
        for each in expected["engage"]:
            decision = should_engage(history, context_of(each["context"]), now, STANDARD)
            assert (decision.engage, decision.reason) == (each["engage"], each["reason"])


def _standard_history(row: Content) -> History:
    events = (
        Interaction(
            id=event["id"],
            observer=Did(row["observer"]),
            person=PersonId(row["person"]),
            kind=Kind(event["kind"]),
            by=By(event["by"]),
            at=millis(event["at"]),
            context=event.get("context"),
            severity=event.get("severity"),
        )
        for event in row["events"]
    )
    return History(
        observer=row["observer"],
        subject=row["person"],
        interactions=tuple(events),
        marks=(IgnoreMark(0),) if row["ignored"] else (),
        salt=row["salt"],
    )


SHOULD_SCORE = {
    "future-timestamp-negative": (SEED, -2.0),
    "future-timestamp-positive": (SEED, 2.0),
    "one-second-clock-skew": (SEED, -2.0),
    "aware-timestamp": (SEED, -3.0),
}

SHOULD_BE = {
    "all-expired": (Relationship.UNKNOWN,),
    "own-actions-make-ally": (Relationship.NEUTRAL,),
    "same-context-repeated": (Relationship.NEUTRAL,),
    "hostile-after-credit": (Relationship.NEUTRAL, Relationship.RIVAL),
    "two-hostile-mentions": (Relationship.RIVAL,),  # on purpose: no minimum count stands in the way of defence
}

SHOULD_COUNT = {
    "all-expired": 0,
    "own-actions-make-ally": 0,
    "same-context-repeated": 1,
    "hostile-after-credit": 15,
    "two-hostile-mentions": 2,
}


def check_defects(rows: Rows, _content: Content) -> None:
    """None of what the original answers here is answered by us."""
    for row in rows:
        tag = row["tag"]
        if tag == "unparsable-timestamp":
            read = import_seed({"interactions": row["interactions"]}, "observer", person_of=str)
            assert not read.interactions
            assert [problem.path for problem in read.problems] == ["$.interactions[0].timestamp"]
        elif tag in SHOULD_SCORE:
            policy, score = SHOULD_SCORE[tag]
            assert assess(history_of(row), millis(row["now"]), policy).score == score
        else:
            assessment = assess(history_of(row), millis(row["now"]), STANDARD)
            assert assessment.relationship in SHOULD_BE[tag]
            assert assessment.tally.counted == SHOULD_COUNT[tag]


CHECKS = {
    "contribution_by_age.json.gz": {"cases": check_contributions},
    "evolution.json.gz": {"cases": check_evolution},
    "histories.json.gz": {"cases": check_histories},
    "defect_cases.json.gz": {"cases": check_defects},
    "standard_alliance.json.gz": {"cases": check_standard},
}
