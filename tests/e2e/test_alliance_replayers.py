"""The offline replayers: programs that share no code with the server predict every answer from its replay data."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from domain.alliance.engagement import Context, Decision, should_engage
from domain.alliance.history import History, IgnoreMark, Link
from domain.alliance.policy import POLICIES, Policy
from domain.alliance.publication import policy_data
from domain.alliance.replay import context_to_json, replay_data
from domain.identity import Did
from domain.people.constants import DAY, HOUR
from domain.people.interaction import Interaction, Kind, PersonId, doers
from domain.timestamp import format_millis
from tests.e2e import needs
from tests.e2e.commands import run

PYTHON = needs.EXAMPLES / "python"
ANSWERS = 10_000
ASKED = 20
"""Questions about one history."""

NOW = 20_454 * DAY + 15 * HOUR
OBSERVER, SUBJECT = Did("did:key:observer"), PersonId("p_subject")
LETTERS = "abcdefgh\u00e9\uffee\U0001f600"
"""Beyond the basic plane too: languages order and measure those differently."""

SEVERITIES = (None, 0.05, 0.15, 0.1499999999999999, 0.3, 0.5, 1.0)


@dataclass(frozen=True)
class Expected:
    """What the domain answers, as the replayers print it."""

    decision: Decision

    def row(self) -> dict[str, Any]:  # Any: JSON
        decision = self.decision
        manner = decision.strategy
        return {
            "relationship": str(decision.assessment.relationship),
            "score": decision.assessment.tally.score,
            "engage": decision.engage,
            "reason": str(decision.reason),
            "drawn": decision.drawn,
            "strategy": {
                "tone": manner.tone,
                "priority": manner.priority,
                "notes": manner.notes,
                "score": manner.score,
                "interactionCount": manner.interaction_count,
            },
            "validUntil": None if decision.valid_until is None else format_millis(decision.valid_until),
        }


def some(chance: Random, letters: int) -> str:
    return "".join(chance.choices(LETTERS, k=chance.randint(1, letters)))


def some_interaction(chance: Random, days: int, kinds: list[Kind]) -> Interaction:
    kind = chance.choice(kinds)
    violation = kind is Kind.VIOLATION
    at = NOW - chance.randint(-HOUR, days * DAY)
    return Interaction(
        id=some(chance, 4),
        observer=OBSERVER,
        person=chance.choice([SUBJECT, PersonId("p_old")]),
        kind=kind,
        by=chance.choice(sorted(doers(kind))),
        at=at,
        context=chance.choice([None, None, some(chance, 1)]),
        source=chance.choice([None, "elsewhere"]),
        weight=chance.choice([1.0, 0.5]),
        severity=chance.choice(SEVERITIES) if violation else None,
        pardoned_at=at + chance.randint(0, 20 * DAY) if violation and chance.random() < 0.3 else None,
    )


def some_history(chance: Random) -> History:
    """Friendly, hostile and mixed ones, of a day or of months, so that every rule has its turn."""
    moods: list[list[Kind]] = [
        list(Kind),
        [Kind.UPVOTE_RECEIVED, Kind.REPLY_POSITIVE, Kind.MENTION_POSITIVE],
        [Kind.MENTION_NEGATIVE, Kind.DOWNVOTE_RECEIVED, Kind.VIOLATION, Kind.UPVOTE_GIVEN],
        [Kind.REPLY_POSITIVE, Kind.REPLY_POSITIVE, Kind.MENTION_NEGATIVE],
    ]
    mood, days = chance.choice(moods), chance.choice([1, 5, 30, 120])
    marks = [IgnoreMark(NOW - DAY, chance.choice([None, NOW + DAY]), chance.choice([None, NOW - HOUR]))]
    return History(
        observer=OBSERVER,
        subject=SUBJECT,
        interactions=tuple(some_interaction(chance, days, mood) for _ in range(chance.randint(0, 30))),
        marks=tuple(marks) if chance.random() < 0.2 else (),
        links=(Link("p_old", NOW - DAY),),
        salt=chance.choice(["", some(chance, 3)]),
    )


def some_context(chance: Random) -> Context:
    flags = [chance.random() < 0.5 for _ in range(4)]
    return Context(
        post_id=chance.choice(["", some(chance, 6)]),
        is_relevant_topic=flags[0],
        mentions_us=flags[1],
        is_negative=flags[2],
        high_visibility=flags[3],
    )


def moment(chance: Random) -> int:
    """Whole days and hours meet the limits of the rules; anything else lies between them."""
    return NOW + chance.choice([0, chance.randint(-5, 100) * DAY, chance.randint(0, DAY), chance.randint(0, 90 * DAY)])


def case(history: History, policy: Policy, asked: list[tuple[Context, int]]) -> dict[str, Any]:  # Any: JSON
    return {
        "replay": replay_data(history, policy),
        "asked": [{"context": context_to_json(context), "at": format_millis(at)} for context, at in asked],
    }


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A file of 10,000 questions, and the answers of the domain."""
    chance = Random(11)
    cases: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    while len(answers) < ANSWERS:
        history, policy = some_history(chance), chance.choice(POLICIES)
        asked = [(some_context(chance), moment(chance)) for _ in range(ASKED)]
        cases.append(case(history, policy, asked))
        answers += [Expected(should_engage(history, context, at, policy)).row() for context, at in asked]
    path = tmp_path_factory.mktemp("replay") / "questions.json"
    path.write_text(json.dumps({"policies": [policy_data(each) for each in POLICIES], "cases": cases}))
    return path, answers


def predicted(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


async def test_the_python_replayer_predicts_every_answer(questions: tuple[Path, list[dict[str, Any]]]) -> None:
    path, answers = questions

    printed = await run(sys.executable, "-I", PYTHON / "alliance_replay.py", path)

    assert predicted(printed) == answers


async def test_the_typescript_replayer_predicts_every_answer(questions: tuple[Path, list[dict[str, Any]]]) -> None:
    path, answers = questions
    folder = needs.typescript()
    await run("npm", "run", "--silent", "build", cwd=folder)

    printed = await run("node", "dist/src/alliance-predict.js", path, cwd=folder)

    assert predicted(printed) == answers


def test_the_questions_call_for_every_rule(questions: tuple[Path, list[dict[str, Any]]]) -> None:
    _, answers = questions

    reasons = {reason for policy in POLICIES for reason in policy_data(policy)["reasons"]}  # type: ignore[union-attr]

    assert {answer["reason"] for answer in answers} == reasons
