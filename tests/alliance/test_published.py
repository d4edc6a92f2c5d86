"""What anybody may ask without a token: the policy, and what it answers to a history that they bring."""

import json
from dataclasses import replace
from typing import Any

import pytest

from domain.alliance.engagement import Context, should_engage
from domain.alliance.policy import POLICIES, STANDARD
from domain.alliance.publication import policy_data, policy_text
from domain.alliance.replay import digest, replay_data
from domain.people.constants import DAY, HOUR
from domain.people.interaction import Kind
from domain.timestamp import format_millis
from server.allowances import Allowances
from tests.domain.alliance.worlds import NOW, event, history, name_drawn, times
from tests.servers import Json
from tests.so.society import Society

POLICY = """query ($p: AllianceProfile!, $v: Int) {
  alliancePolicy(profile: $p, version: $v) { profile version text data } }"""
EVALUATE = """query ($r: JSON!, $c: AllianceContext, $t: String) { allianceEvaluate(replay: $r, context: $c, at: $t) {
  engage reason words rule drawn validUntil profile version inputs
  strategy { tone priority notes score interactionCount }
  relationship { relationship exactScore unit interactionCount provoked provokedUntil uncertainty }
  outlook { what relationship engage at kind acts } } }"""


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: str(policy.profile))
async def test_the_policy_is_public_as_data_and_as_text(anywhere: Society, policy: Any) -> None:
    found = await anywhere.ask(POLICY, {"p": policy.profile.name, "v": policy.version})

    assert json.loads(json.dumps(found["data"])) == json.loads(json.dumps(policy_data(policy)))
    assert found["text"] == policy_text(policy)
    assert (await anywhere.ask(POLICY, {"p": policy.profile.name}))["version"] == policy.version


async def test_a_version_that_never_was_is_refused(anywhere: Society) -> None:
    refusal = await anywhere.refusal(POLICY, {"p": "STANDARD", "v": 99})

    assert refusal["code"] == "UNKNOWN_POLICY"


async def evaluate(chorus: Society, replay: Json, context: Json = None, at: str | None = None) -> Json:
    return await chorus.ask(EVALUATE, {"r": replay, "c": context, "t": at or format_millis(NOW)})


async def test_a_supplied_history_is_answered_as_the_domain_does(anywhere: Society) -> None:
    known = history([*times(3, Kind.REPLY_POSITIVE, NOW - DAY), *times(3, Kind.REPLY_POSITIVE, NOW - 2 * DAY)])
    expected = should_engage(known, Context(post_id="p"), NOW)

    found = await evaluate(anywhere, replay_data(known), {"postId": "p"})

    assert (found["engage"], found["reason"], found["drawn"]) == (True, "ally_prioritize", None)
    assert found["rule"] in policy_text(STANDARD)
    assert found["inputs"] == digest(known)
    assert found["relationship"]["exactScore"] == expected.assessment.tally.score
    assert found["validUntil"] == format_millis(expected.valid_until or 0)
    assert found["strategy"] == {
        "tone": "warm",
        "priority": "high",
        "notes": "Ally - support their content, collaborate",
        "score": expected.assessment.score,
        "interactionCount": 6,
    }


async def test_an_empty_history_is_a_stranger_s(anywhere: Society) -> None:
    found = await evaluate(anywhere, replay_data(history()))

    assert (found["engage"], found["reason"]) == (True, "unknown_user_start_cooperative")
    assert found["relationship"]["uncertainty"] == 1.0
    assert found["strategy"]["interactionCount"] == 0


async def test_a_pause_tells_what_ends_it(anywhere: Society) -> None:
    known = history([event(Kind.MENTION_NEGATIVE, NOW - HOUR, name=name_drawn(forgiven=False))])

    found = await evaluate(anywhere, replay_data(known), {"isRelevantTopic": True})

    assert found["reason"] == "provoked_pause"
    assert found["relationship"]["provokedUntil"] == format_millis(NOW + 23 * HOUR)
    assert format_millis(NOW + 23 * HOUR) in [each["at"] for each in found["outlook"]]


async def test_strangers_together_are_told_so_many_outlooks(anywhere: Society) -> None:
    anywhere.services = replace(anywhere.services, allow=Allowances(2, anywhere.clock))
    replay = {"r": replay_data(history()), "c": None, "t": format_millis(NOW)}

    answers = [await anywhere.post(EVALUATE, replay) for _ in range(3)]
    without = await anywhere.post(EVALUATE.partition("outlook")[0] + "} }", replay)

    assert ["errors" in each for each in answers] == [False, False, True]
    assert [each["extensions"]["code"] for each in answers[2]["errors"]] == ["TOO_MANY_REQUESTS"]
    assert "errors" not in without


async def test_the_time_may_be_written_in_any_zone(anywhere: Society) -> None:
    replay = replay_data(history(times(3, Kind.UPVOTE_RECEIVED)))

    answers = [await evaluate(anywhere, replay, at=at) for at in ("2026-01-01T15:00:00Z", "2026-01-01T17:00:00+02:00")]

    assert answers[0] == answers[1]


def broken(change: Json) -> Json:
    replay = json.loads(json.dumps(replay_data(history([event(Kind.UPVOTE_RECEIVED)]))))
    replay["history"]["interactions"][0] |= change
    return replay


TWO = {"observer": "O", "subject": "P"}


@pytest.mark.parametrize(
    ("replay", "code"),
    [
        ({}, "INVALID_ALLIANCE_DATA"),
        (broken({"kind": "waved"}), "INVALID_ALLIANCE_DATA"),
        (broken({"at": "yesterday"}), "INVALID_ALLIANCE_DATA"),
        (broken({"id": "a\u202eb\n"}), "INVALID_ALLIANCE_DATA"),
        ({**broken({}), "version": 7}, "UNKNOWN_POLICY"),
        (
            {**broken({}), "history": {"observer": "O", "subject": "P", "interactions": [None] * 1001}},
            "INVALID_ALLIANCE_DATA",
        ),
    ],
)
async def test_what_is_no_replay_is_refused(anywhere: Society, replay: Json, code: str) -> None:
    assert (await anywhere.refusal(EVALUATE, {"r": replay}))["code"] == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"t": "now"}, "INVALID_TIMESTAMP"),
        ({"c": {"postId": "p" * 501}}, "INVALID_ARGUMENT"),
        ({"c": {"postId": "\ud800"}}, "INVALID_ALLIANCE_DATA"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_refused(anywhere: Society, given: Json, code: str) -> None:
    assert (await anywhere.refusal(EVALUATE, {"r": broken({}), **given}))["code"] == code
