"""The five tiers of trust, which score each needs, and how long somebody must be known for it."""

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """From a stranger to the inner circle."""

    STRANGER = "stranger"
    ACQUAINTANCE = "acquaintance"
    FAMILIAR = "familiar"
    TRUSTED = "trusted"
    INNER_CIRCLE = "inner_circle"

    __hash__ = str.__hash__  # that of enumerations is far slower

    @property
    def rank(self) -> int:
        return _RANKS[self]

    def reaches(self, other: "Tier") -> bool:
        return self.rank >= other.rank


_RANKS = {tier: rank for rank, tier in enumerate(Tier)}


@dataclass(frozen=True, slots=True)
class Step:
    """What a tier asks for: a score, and whole days known (time gates after Hall 2019; seed, "Trust Tiers")."""

    tier: Tier
    score: float
    days: int


STEPS = (
    Step(Tier.STRANGER, 0.0, 0),
    Step(Tier.ACQUAINTANCE, 0.15, 3),
    Step(Tier.FAMILIAR, 0.35, 14),
    Step(Tier.TRUSTED, 0.60, 60),
    Step(Tier.INNER_CIRCLE, 0.80, 180),
)


def tier_of(score: float) -> Tier:
    """The highest tier whose score is reached; `score` is rounded to three places before."""
    return next(step.tier for step in reversed(STEPS) if step.score <= score)


def time_gate(days: int) -> Tier:
    """The highest tier that so many whole days known allow."""
    return next(step.tier for step in reversed(STEPS) if step.days <= days)


def lower(one: Tier, other: Tier) -> Tier:
    return one if other.reaches(one) else other


def next_step(tier: Tier) -> Step | None:
    """What the tier above asks for; None above the inner circle."""
    return STEPS[tier.rank + 1] if tier.rank + 1 < len(STEPS) else None
