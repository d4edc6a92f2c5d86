"""What one interaction contributes, by its age, in 1200ths of a unit of weight: no float, identical everywhere."""

from functools import cache

from domain.alliance.policy import FADING_DAYS, FORGIVEN_PER_DAY, HISTORY_DAYS, Policy
from domain.people.constants import DAY, DEFAULT_SEVERITY
from domain.people.interaction import Interaction, Kind


def age(at: int, now: int) -> int:
    """Whole days of 24 hours, rounded down; what lies in the future is 0 days old."""
    return max(0, (now - at) // DAY)


@cache
def contributions(weight: int) -> tuple[int, ...]:
    """By age in days, 0 to HISTORY_DAYS; an older interaction contributes nothing."""
    return tuple(_contribution(weight, days) for days in range(HISTORY_DAYS + 1))


def _contribution(weight: int, days: int) -> int:
    remaining = FORGIVEN_PER_DAY * weight
    if weight < 0:
        remaining = min(0, remaining + days)
    return remaining * (2 * FADING_DAYS - min(days, FADING_DAYS))


def contribution(weight: int, days: int) -> int:
    """1200 times weight x fading, negatives forgiven by a tenth of a unit a day."""
    return contributions(weight)[days] if days <= HISTORY_DAYS else 0


@cache
def event_kinds(policy: Policy) -> frozenset[str]:
    """The kinds of interactions that are alliance events under a policy."""
    return frozenset(policy.weights) | ({Kind.VIOLATION} if policy.violation_weights else set())


def weight_of(event: Interaction, policy: Policy) -> int:
    """What an alliance event weighs; a violation by its severity."""
    weight = policy.weights.get(event.kind)
    if weight is not None:
        return weight
    assert event.kind is Kind.VIOLATION, "what is no event weighs nothing"
    severity = DEFAULT_SEVERITY if event.severity is None else event.severity
    return next(weight for below, weight in policy.violation_weights if below is None or severity < below)
