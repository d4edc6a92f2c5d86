"""What happened between an observer and a person, as far as the alliance looks at it.

`Interaction` has the fields of the event that trust and alliance share. `by` says who acted: what the
observer did itself is standing, never evidence about the other.
"""

from dataclasses import dataclass
from enum import StrEnum

DAY = 86_400_000
"""Milliseconds. All times here are integer milliseconds since 1970, UTC, so no zone or clock change moves a day."""


class Kind(StrEnum):
    """The nine kinds of the seed, and those that are shared with trust."""

    UPVOTE_GIVEN = "upvote_given"
    UPVOTE_RECEIVED = "upvote_received"
    DOWNVOTE_GIVEN = "downvote_given"
    DOWNVOTE_RECEIVED = "downvote_received"
    REPLY_POSITIVE = "reply_positive"
    REPLY_NEUTRAL = "reply_neutral"
    REPLY_NEGATIVE = "reply_negative"
    MENTION_POSITIVE = "mention_positive"
    MENTION_NEGATIVE = "mention_negative"
    MESSAGE = "message"
    NEGATIVE = "negative"
    RESTRICTED_TOOL_ATTEMPT = "restricted_tool_attempt"
    VIOLATION = "violation"


class By(StrEnum):
    """Who acted."""

    PERSON = "person"
    OBSERVER = "observer"


OPEN_KINDS = frozenset(
    {
        Kind.REPLY_POSITIVE,
        Kind.REPLY_NEUTRAL,
        Kind.REPLY_NEGATIVE,
        Kind.MENTION_POSITIVE,
        Kind.MENTION_NEGATIVE,
    }
)
"""Kinds that either side can do, so that an interaction must say who did; the others tell by themselves."""

OWN_KINDS = frozenset({Kind.UPVOTE_GIVEN, Kind.DOWNVOTE_GIVEN})


def doers(kind: Kind) -> frozenset[By]:
    """Who can have done it."""
    if kind in OPEN_KINDS:
        return frozenset(By)
    return frozenset({By.OBSERVER if kind in OWN_KINDS else By.PERSON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One event. `id` is random and assigned by the observer's server; `at` and `pardoned_at` are milliseconds, UTC."""

    id: str
    observer: str
    person: str
    kind: Kind
    by: By
    at: int
    context: str | None = None
    source: str | None = None
    weight: float = 1.0
    severity: float | None = None
    code: str | None = None
    pardoned_at: int | None = None
