"""Replay data: all that an answer depends on, so that anybody can compute it and find the same.

The history is cut to what the rules read: notes, sources and codes stay with the observer.
"""

from collections.abc import Mapping
from dataclasses import replace

from domain.alliance.engagement import Context, Decision, should_engage
from domain.alliance.errors import InvalidAllianceData
from domain.alliance.history import History
from domain.alliance.policy import DEFAULT, Policy, policy_named
from domain.alliance.record import history_from_json, history_to_json
from domain.alliance.score import event_kinds
from domain.canonical import Json, canonical, sha256_hex
from domain.people.interaction import PersonId, in_order
from domain.timestamp import format_millis

FORMAT = "chorus-alliance-replay"
FORMAT_VERSION = 1


def replay_data(history: History, policy: Policy = DEFAULT) -> dict[str, Json]:
    """The policy's name and version, the salt, ignore marks and links with their times, the events with their ids."""
    needed = (
        each._replace(person=PersonId(history.subject), source=None, code=None, weight=1.0, sentiment=None)
        for each in in_order(history.interactions)
        if each.kind in event_kinds(policy)
    )
    return {
        "format": FORMAT,
        "formatVersion": FORMAT_VERSION,
        "profile": str(policy.profile),
        "version": policy.version,
        "history": history_to_json(replace(history, interactions=tuple(needed))),
    }


def read_replay_data(data: Json) -> tuple[History, Policy]:
    """Strict, since a row left out would change the answer: `InvalidAllianceData`, `UnknownPolicy`."""
    if not isinstance(data, dict) or (data.get("format"), data.get("formatVersion")) != (FORMAT, FORMAT_VERSION):
        raise InvalidAllianceData("$.format", f"{FORMAT} version {FORMAT_VERSION}")
    history, problems = history_from_json(data.get("history"), "$.history")
    for problem in problems:
        raise problem
    return history, policy_named(data.get("profile"), data.get("version"))  # type: ignore[arg-type]  # any misses


def replay(data: Json, context: Context, now: int) -> Decision:
    """The answer that the observer gives at `now`, from the replay data alone."""
    history, policy = read_replay_data(data)
    return should_engage(history, context, now, policy)


def digest(history: History, policy: Policy = DEFAULT) -> str:
    """SHA-256 of the canonical replay data, as hex: equal for equal inputs, whatever order they came in."""
    return sha256_hex(canonical(replay_data(history, policy)).encode())


def context_to_json(context: Context) -> dict[str, Json]:
    return {
        "postId": context.post_id,
        "isRelevantTopic": context.is_relevant_topic,
        "mentionsUs": context.mentions_us,
        "isNegative": context.is_negative,
        "highVisibility": context.high_visibility,
    }


def audit(decision: Decision, history: History, policy: Policy = DEFAULT) -> Mapping[str, Json]:
    """What to keep of a decision: the rule, the inputs and the moment; from them it follows again."""
    assessment = decision.assessment
    return {
        "profile": str(assessment.profile),
        "version": assessment.version,
        "observer": assessment.observer,
        "subject": assessment.subject,
        "now": format_millis(assessment.now),
        "context": context_to_json(decision.context),
        "inputs": digest(history, policy),
        "relationship": str(assessment.relationship),
        "score": assessment.tally.score,
        "rule": str(decision.reason),
        "drawn": decision.drawn,
        "engage": decision.engage,
    }
