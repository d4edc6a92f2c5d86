"""Every number of trust, in one place. A change of one is a new profile version beside the old.

Times are milliseconds, ages whole days. Sources: spec section 3 (`ene`) and 10b (`standard`), and the papers they name.
"""

from dataclasses import dataclass

SECOND = 1_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

FUTURE_ALLOWANCE = 300 * SECOND
"""How far an interaction may be dated after now: clocks differ."""

SESSION_GAP = 1_800 * SECOND
"""A longer pause starts a new session."""

LATEST_SENTIMENTS = 30
"""How many of the newest messages count for sentiment."""

STANDING_MEMORY = 7 * DAY
"""How long a negative act can be answered."""

DEFAULT_SEVERITY = 0.15
LEAST_SEVERITY = 0.05
WORST_SEVERITY = 0.50

DECIMALS = 3
"""Scores are rounded to this many places, half to even on the binary value, before tiers are compared."""


@dataclass(frozen=True, slots=True)
class Decay:
    """Exponential loss after `start` idle days, halving every `half_life` days, never below `floor` of the base."""

    start: int = 30
    half_life: int = 60
    floor: float = 0.5


@dataclass(frozen=True, slots=True)
class EneConstants:
    """The seed's own numbers."""

    version: int = 1
    negative_weight: int = 3  # trust is lost three to five times faster than won (Slovic 1993)
    tenure_days: int = 180
    consistency_days: int = 60
    sessions: int = 30
    hours: int = 12
    weekdays: int = 5
    factor_floor: float = 0.01
    timing_floor: float = 0.1
    attempt_penalty: float = 0.05
    attempt_limit: float = 0.3
    violation_limit: float = 0.5
    sentiment: float = 0.03
    decay: Decay = Decay()


@dataclass(frozen=True, slots=True)
class StandardConstants:
    """Section 10b: the seed's shape with its defects mended."""

    version: int = 1
    negative_weight: int = 3
    good_half_life: int = 30  # in good dates: r' = L r + new (Josang and Ismail 2002)
    bad_half_life: int = 60
    tenure_weeks: int = 26
    consistency_days: int = 60
    sessions: int = 30
    sessions_a_day: int = 3
    hour_mass: int = 24
    hours: int = 12
    weekday_mass: int = 5
    weekdays: int = 5
    factor_floor: float = 0.01
    attempt_penalty: float = 0.05
    attempt_limit: float = 0.3
    attempt_days: int = 90
    violation_limit: float = 0.5
    severity_lives: tuple[tuple[float, int], ...] = ((0.15, 90), (0.30, 180), (0.50, 365))
    capping_violations: float = 0.5 - 1e-9
    sentiment: float = 0.03
    return_dates: int = 7
    decay: Decay = Decay()


ENE = EneConstants()
STANDARD = StandardConstants()
