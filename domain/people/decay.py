"""Decay and rounding: what both profiles do to a number."""

from domain.people.constants import DECIMALS, Decay


def decay_factor(idle_days: int, decay: Decay) -> float:
    """What so many idle days leave of a score: one formula, never applied to its own result."""
    if idle_days <= decay.start:
        return 1.0
    return float(max(decay.floor, 2 ** -((idle_days - decay.start) / max(1, decay.half_life))))


def clamped(number: float) -> float:
    return min(1.0, max(0.0, number))


def rounded(number: float) -> float:
    return round(number, DECIMALS)
