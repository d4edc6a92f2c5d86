"""Every number of the alliance, in two published policies.

`SEED` is the Alliance Protocol as its author wrote it. `STANDARD`, the default, counts only what the other side did,
counts a repeat once, caps what one day can earn, forgives one hostile act in four, and keeps a class until the score
clearly leaves it. A change of any number is a new version beside the old one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.alliance.errors import UnknownPolicy
from domain.people.interaction import Kind


class Profile(StrEnum):
    SEED = "seed"
    STANDARD = "standard"


class Relationship(StrEnum):
    """What an observer holds of a person."""

    UNKNOWN = "unknown"
    ALLY = "ally"
    NEUTRAL = "neutral"
    RIVAL = "rival"
    IGNORE = "ignore"


HISTORY_DAYS = 90
"""An interaction this many whole days old still counts; one day older it does not."""

FADING_DAYS = 60
"""An interaction fades evenly to half of its weight over so many days, and stays there to HISTORY_DAYS."""

FORGIVEN_PER_DAY = 10
"""A negative weight loses one part in so many of a unit every day, in a straight line, and never becomes positive."""

UNIT = FORGIVEN_PER_DAY * 2 * FADING_DAYS
"""Scores are integers, this many to one unit of weight, so that no rounding differs between machines."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Policy:
    """One profile in one version. Scores are in UNITs; None where a profile has no such rule."""

    profile: Profile
    version: int
    weights: Mapping[str, int]
    violation_weights: tuple[tuple[float | None, int], ...]
    """(severity below which it applies, weight), first match; the last has no upper bound, which is None."""
    enter: int
    """An ally has a score of at least `enter`, a rival one of at most -`enter`."""
    leave: int
    """... and stays one until the score is below `leave`, or above -`leave`."""
    ally_minimum: int
    rival_minimum: int
    """A class needs so many counted interactions."""
    own_acts_count: bool
    repeats_count: bool
    """Whether the same act by the same side in the same context counts more than once."""
    daily_cap: int | None
    total_cap: int | None
    """At most so much of the score comes from the positive acts of one UTC date, and of all dates."""
    answer_days: int | None
    """A negative act that answers one of the other side, not older than this, is justified and counts nothing."""
    pause_hours: int | None
    """After an unprovoked negative act the observer pauses so long ..."""
    forgive_one_in: int | None
    """... unless the act is forgiven: a draw on its id, one in so many."""
    rival_rest_hours: int | None
    """A rival is answered at most once in so many hours."""
    engage_percent: int
    """How many of a hundred posts of a neutral person are engaged with."""


SEED_WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        Kind.UPVOTE_GIVEN: 1,
        Kind.UPVOTE_RECEIVED: 2,
        Kind.DOWNVOTE_GIVEN: -1,
        Kind.DOWNVOTE_RECEIVED: -2,
        Kind.REPLY_POSITIVE: 3,
        Kind.REPLY_NEUTRAL: 0,
        Kind.REPLY_NEGATIVE: -2,
        Kind.MENTION_POSITIVE: 2,
        Kind.MENTION_NEGATIVE: -3,
    }
)

SEED = Policy(
    profile=Profile.SEED,
    version=1,
    weights=SEED_WEIGHTS,
    violation_weights=(),
    enter=5 * UNIT,
    leave=5 * UNIT,
    ally_minimum=3,
    rival_minimum=3,
    own_acts_count=True,
    repeats_count=True,
    daily_cap=None,
    total_cap=None,
    answer_days=None,
    pause_hours=None,
    forgive_one_in=None,
    rival_rest_hours=None,
    engage_percent=50,
)

# 1/3 would be the break-even generosity for the payoffs 5, 3, 1, 0 (Nowak and Sigmund, Nature 355, 1992); 1/4 also
# keeps defectors who act in cycles below what cooperation earns.
STANDARD = Policy(
    profile=Profile.STANDARD,
    version=1,
    weights=MappingProxyType({**SEED_WEIGHTS, Kind.NEGATIVE: -1}),
    violation_weights=((0.15, -1), (0.30, -2), (None, -3)),
    enter=5 * UNIT,
    leave=4 * UNIT,
    ally_minimum=3,
    rival_minimum=1,
    own_acts_count=False,
    repeats_count=False,
    daily_cap=6 * UNIT,
    total_cap=12 * UNIT,
    answer_days=7,
    pause_hours=24,
    forgive_one_in=4,
    rival_rest_hours=24,
    engage_percent=50,
)

POLICIES = (SEED, STANDARD)
DEFAULT = STANDARD


def newest(profile: Profile) -> Policy:
    """The version of a profile that is in force."""
    return max((policy for policy in POLICIES if policy.profile is profile), key=lambda policy: policy.version)


def policy_named(profile: str, version: int) -> Policy:
    """The policy of that profile and version; raises `UnknownPolicy`."""
    for policy in POLICIES:
        if (policy.profile, policy.version) == (profile, version):
            return policy
    raise UnknownPolicy(profile, version)
