"""Whether and how to engage with somebody: the rules in order, the first that matches answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.alliance.draw import draw
from domain.alliance.history import History
from domain.alliance.policy import DEFAULT, Policy, Relationship
from domain.alliance.relationship import Assessment, assess
from domain.people.constants import HOUR


class Reason(StrEnum):
    """The rule that answered: the seed's codes, and two of the standard profile."""

    IGNORE_LIST = "ignore_list"
    UNKNOWN_USER_START_COOPERATIVE = "unknown_user_start_cooperative"
    ALLY_PRIORITIZE = "ally_prioritize"
    NEUTRAL_RELEVANT_TOPIC = "neutral_relevant_topic"
    NEUTRAL_PROBABILISTIC_ENGAGE = "neutral_probabilistic_engage"
    NEUTRAL_PROBABILISTIC_SKIP = "neutral_probabilistic_skip"
    RIVAL_DEFENSIVE_RESPONSE = "rival_defensive_response"
    RIVAL_HIGH_VISIBILITY = "rival_high_visibility"
    RIVAL_AVOID = "rival_avoid"
    RIVAL_RATE_LIMITED = "rival_rate_limited"
    PROVOKED_PAUSE = "provoked_pause"


ENGAGES: dict[Reason, bool] = {
    Reason.IGNORE_LIST: False,
    Reason.UNKNOWN_USER_START_COOPERATIVE: True,
    Reason.ALLY_PRIORITIZE: True,
    Reason.NEUTRAL_RELEVANT_TOPIC: True,
    Reason.NEUTRAL_PROBABILISTIC_ENGAGE: True,
    Reason.NEUTRAL_PROBABILISTIC_SKIP: False,
    Reason.RIVAL_DEFENSIVE_RESPONSE: True,
    Reason.RIVAL_HIGH_VISIBILITY: True,
    Reason.RIVAL_AVOID: False,
    Reason.RIVAL_RATE_LIMITED: False,
    Reason.PROVOKED_PAUSE: False,
}

WORDS: dict[Reason, str] = {
    Reason.IGNORE_LIST: "The owner marked this person as ignored.",
    Reason.UNKNOWN_USER_START_COOPERATIVE: "There is no recent history, and we start cooperative.",
    Reason.ALLY_PRIORITIZE: "This person is an ally.",
    Reason.NEUTRAL_RELEVANT_TOPIC: "This person is neutral, and the topic is relevant.",
    Reason.NEUTRAL_PROBABILISTIC_ENGAGE: "This person is neutral, and the public draw on this post says yes.",
    Reason.NEUTRAL_PROBABILISTIC_SKIP: "This person is neutral, and the public draw on this post says no.",
    Reason.RIVAL_DEFENSIVE_RESPONSE: "A rival speaks of us, and negatively.",
    Reason.RIVAL_HIGH_VISIBILITY: "A rival, but many people read this thread.",
    Reason.RIVAL_AVOID: "This person is a rival, and nothing here calls for an answer.",
    Reason.RIVAL_RATE_LIMITED: "This person is a rival, and we acted towards them a short while ago.",
    Reason.PROVOKED_PAUSE: "An unprovoked hostile act is still fresh: we pause, then go on as before.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known of the post in question."""

    post_id: str = ""
    is_relevant_topic: bool = False
    mentions_us: bool = False
    is_negative: bool = False
    high_visibility: bool = False


@dataclass(frozen=True, slots=True)
class Strategy:
    """How to engage. `score` is in units of weight; every field is always there."""

    tone: str
    priority: str
    notes: str
    score: float
    interaction_count: int


MANNERS: dict[Relationship, tuple[str, str, str]] = {
    Relationship.UNKNOWN: ("warm", "medium", "New contact - be welcoming, establish rapport"),
    Relationship.ALLY: ("warm", "high", "Ally - support their content, collaborate"),
    Relationship.NEUTRAL: ("neutral", "medium", "Neutral - engage on merit, be professional"),
    Relationship.RIVAL: ("cautious", "low", "Rival - engage only when necessary, stay factual"),
    Relationship.IGNORE: ("none", "none", "Do not engage"),
}
"""Tone, priority and notes, as in the seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An answer and what it rests on. `drawn` is the public draw, 0 to 99, where one was asked."""

    assessment: Assessment
    context: Context
    reason: Reason
    drawn: int | None
    valid_until: int | None
    """Without anything new, the answer stays as it is until then (milliseconds); None: for ever."""

    @property
    def engage(self) -> bool:
        return ENGAGES[self.reason]

    @property
    def words(self) -> str:
        return WORDS[self.reason]

    @property
    def strategy(self) -> Strategy:
        return strategy(self.assessment)


def strategy(assessment: Assessment) -> Strategy:
    return Strategy(*MANNERS[assessment.relationship], assessment.score, assessment.tally.counted)


def should_engage(history: History, context: Context, now: int, policy: Policy = DEFAULT) -> Decision:
    """Whether to engage with the subject of the history over the post of the context."""
    return decide(history, context, assess(history, now, policy), policy)


def decide(history: History, context: Context, assessment: Assessment, policy: Policy) -> Decision:
    """The same from an assessment that is still valid, so that many posts cost one classification."""
    drawn = draw(history.salt, "engage", history.observer, history.subject, context.post_id) % 100
    reason = _reason(context, assessment, policy, drawn)
    asked = reason in (Reason.NEUTRAL_PROBABILISTIC_ENGAGE, Reason.NEUTRAL_PROBABILISTIC_SKIP)
    times = [time for time in _changes(assessment, policy) if time > assessment.now]
    return Decision(
        assessment=assessment,
        context=context,
        reason=reason,
        drawn=drawn if asked else None,
        valid_until=min(times, default=None),
    )


def _reason(context: Context, assessment: Assessment, policy: Policy, drawn: int) -> Reason:
    match assessment.relationship:
        case Relationship.IGNORE:
            return Reason.IGNORE_LIST
        case Relationship.UNKNOWN:
            return Reason.UNKNOWN_USER_START_COOPERATIVE
        case Relationship.RIVAL:
            return _to_a_rival(context, assessment, policy)
    if assessment.tally.provoked:
        return Reason.PROVOKED_PAUSE
    if assessment.relationship is Relationship.ALLY:
        return Reason.ALLY_PRIORITIZE
    if context.is_relevant_topic:
        return Reason.NEUTRAL_RELEVANT_TOPIC
    if drawn < policy.engage_percent:
        return Reason.NEUTRAL_PROBABILISTIC_ENGAGE
    return Reason.NEUTRAL_PROBABILISTIC_SKIP


def _to_a_rival(context: Context, assessment: Assessment, policy: Policy) -> Reason:
    attacked = context.mentions_us and context.is_negative
    if not attacked and not context.high_visibility:
        return Reason.RIVAL_AVOID
    rested_at = _rested_at(assessment, policy)
    if rested_at is not None and assessment.now < rested_at:
        return Reason.RIVAL_RATE_LIMITED
    return Reason.RIVAL_DEFENSIVE_RESPONSE if attacked else Reason.RIVAL_HIGH_VISIBILITY


def _rested_at(assessment: Assessment, policy: Policy) -> int | None:
    """When a rival may be answered again; None where nothing holds us back."""
    acted_at = assessment.tally.last_own_at
    if acted_at is None or policy.rival_rest_hours is None:
        return None
    return acted_at + policy.rival_rest_hours * HOUR


def _changes(assessment: Assessment, policy: Policy) -> Iterator[int]:
    rested_at = _rested_at(assessment, policy)
    if assessment.valid_until is not None:
        yield assessment.valid_until
    if rested_at is not None:
        yield rested_at
