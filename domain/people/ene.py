"""Profile `ene`: the seed's trust formula to the letter, on inputs that are checked first (spec section 3).

Beta reputation with a 3:1 weight on bad, times the geometric mean of tenure, consistency, sessions and timing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.canonical import Json
from domain.people import beta
from domain.people.constants import DAY, DEFAULT_SEVERITY, ENE, Decay, EneConstants
from domain.people.decay import clamped, decay_factor, rounded
from domain.people.errors import InvalidSignals, SignalsFromLater
from domain.people.interaction import finite
from domain.people.report import Evidence, Factors, Profile, TrustReport, gated
from domain.people.signals import NEGATIVES, PRESENCE, Signals, iso_weeks, session_starts
from domain.people.tier import Tier, tier_of, time_gate
from domain.people.violation import unpardoned

ENE_PRESENCE = PRESENCE | NEGATIVES
"""The seed counts every interaction of the person towards sessions, dates, hours and weekdays."""

HOURS, WEEKDAYS = frozenset(range(24)), frozenset(range(7))


@dataclass(frozen=True, slots=True, kw_only=True)
class EneSignals:
    """What the seed's formula takes; anything but sound counts raises `InvalidSignals`. Weekdays: Monday is 0."""

    positive: int = 0
    negative: int = 0
    days_known: int = 0
    days_active: int = 0
    sessions: int = 0
    hours: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    attempts: int = 0
    severities: tuple[float, ...] = ()
    sentiment: float = 0.0

    def __post_init__(self) -> None:
        for name in ("positive", "negative", "days_known", "days_active", "sessions", "attempts"):
            value = getattr(self, name)
            if type(value) is not int or value < 0:
                raise InvalidSignals(f"$.{name}", "an integer from 0", value)
        for name, values, allowed in (("hours", self.hours, HOURS), ("weekdays", self.weekdays, WEEKDAYS)):
            if not values <= allowed:
                raise InvalidSignals(f"$.{name}", f"integers from 0 to {max(allowed)}", sorted(values - allowed))
        for severity in self.severities:
            if not finite(severity) or not 0 <= severity <= 1:
                raise InvalidSignals("$.violations", "severities from 0 to 1", severity)
        if not finite(self.sentiment):
            raise InvalidSignals("$.sentiment", "a finite number", self.sentiment)


@dataclass(frozen=True, slots=True)
class EneScore:
    """Everything between signals and tier, under the seed's names. `earned` is the tier before the time gate."""

    beta: float
    tenure: float
    consistency: float
    sessions: float
    hour_diversity: float
    weekday_diversity: float
    timing: float
    modulator: float
    tool_penalty: float
    violation_penalty: float
    raw: float
    sentiment: float
    score: float
    earned: Tier
    tier: Tier


def calculate(signals: EneSignals, constants: EneConstants = ENE) -> EneScore:
    """The seed's score, without idleness."""
    c = constants
    good = beta.expectation(signals.positive, c.negative_weight * signals.negative)
    tenure = min(1.0, signals.days_known / c.tenure_days)
    consistency = min(1.0, signals.days_active / c.consistency_days)
    sessions = min(1.0, signals.sessions / c.sessions)
    hours = min(1.0, len(signals.hours) / c.hours)
    weekdays = min(1.0, len(signals.weekdays) / c.weekdays)
    timing = (hours + weekdays) / 2
    modulator = _modulator((tenure, consistency, sessions), timing, c)
    tools = min(c.attempt_limit, c.attempt_penalty * signals.attempts)
    violations = min(c.violation_limit, sum(signals.severities))
    raw = good * modulator - tools - violations
    sentiment = min(c.sentiment, max(-c.sentiment, signals.sentiment))
    score = rounded(clamped(raw + sentiment))
    earned = tier_of(score)
    return EneScore(
        good, tenure, consistency, sessions, hours, weekdays, timing, modulator, tools, violations, raw, sentiment,
        score, earned, gated(earned, signals.days_known),
    )  # fmt: skip


def _modulator(presence: tuple[float, float, float], timing: float, constants: EneConstants) -> float:
    product = max(constants.timing_floor, timing)
    for factor in presence:
        product *= max(constants.factor_floor, factor)
    return float(product**0.25)


def apply_violation(score: float, severity: float) -> float:
    """The score right after a violation."""
    return rounded(max(0.0, score - clamped(severity)))


def decayed(score: float, idle_days: int, decay: Decay = ENE.decay) -> float:
    """The score after so many idle days, from the undecayed one: never apply it to its own result."""
    return rounded(score * decay_factor(idle_days, decay))


def ene_signals(signals: Signals, now: int, modifier: float | None = None) -> EneSignals:
    """The seed's signals of a history counted with `ENE_PRESENCE`."""
    present = signals.present_days
    mean = signals.sentiment
    return EneSignals(
        positive=signals.positive,
        negative=signals.negative,
        days_known=(now - present[0].sessions[0][0]) // DAY if present else 0,
        days_active=len(present),
        sessions=session_starts(present, None),
        hours=frozenset(hour for hour, dates in enumerate(signals.hour_dates) if dates),
        weekdays=frozenset((day.date + 3) % 7 for day in present),
        attempts=len(signals.attempts),
        severities=_severities(signals, now),
        sentiment=modifier if modifier is not None else ENE.sentiment * (mean or 0.0),
    )


def _severities(signals: Signals, now: int) -> tuple[float, ...]:
    return tuple(each.severity for each in unpardoned(signals.violations, now))


def assess(signals: Signals, now: int, *, modifier: float | None = None, constants: EneConstants = ENE) -> TrustReport:
    """The report at `now` (ms) of signals that hold nothing later, counted with `ENE_PRESENCE`."""
    if signals.latest is not None and signals.latest > now:
        raise SignalsFromLater(signals.latest, now)
    inputs = ene_signals(signals, now, modifier)
    result = calculate(inputs, constants)
    present = signals.present_days
    idle_days = (now - present[-1].sessions[-1][1]) // DAY if present else 0
    score = decayed(result.score, idle_days, constants.decay)
    earned = tier_of(score)
    return TrustReport(
        profile=Profile.ENE,
        version=constants.version,
        now=now,
        score=score,
        base=result.score,
        rest=score,
        tier=gated(earned, inputs.days_known),
        earned=earned,
        gate=time_gate(inputs.days_known),
        cap=Tier.INNER_CIRCLE,
        factors=_factors(result, decay_factor(idle_days, constants.decay)),
        evidence=_evidence(signals, inputs, idle_days, constants),
    )


def _factors(result: EneScore, idle: float) -> Factors:
    return Factors(
        beta=result.beta,
        tenure=result.tenure,
        consistency=result.consistency,
        sessions=result.sessions,
        timing=result.timing,
        modulator=result.modulator,
        attempt_penalty=result.tool_penalty,
        violation_penalty=result.violation_penalty,
        idle=idle,
        sentiment=result.sentiment,
    )


def _evidence(signals: Signals, inputs: EneSignals, idle_days: int, constants: EneConstants) -> Evidence:
    return Evidence(
        r=inputs.positive,
        s=constants.negative_weight * inputs.negative,
        good=inputs.positive,
        bad=inputs.negative,
        justified=signals.justified,
        presence_dates=inputs.days_active,
        presence_weeks=iso_weeks(signals.present_days),
        sessions=inputs.sessions,
        messages=signals.message_count,
        attempts=inputs.attempts,
        violations=len(inputs.severities),
        severity=sum(inputs.severities),
        days_known=inputs.days_known,
        idle_days=idle_days,
    )


def read_ene_signals(record: Mapping[str, Json], days_known: int) -> EneSignals:
    """The signals of one person as the seed stores them. Raises `InvalidSignals`; never guesses a number.

    A violation without a severity counts 0.15, as the seed has it. Repeated hours and weekdays are refused.
    """
    return EneSignals(
        positive=record.get("positive_interactions", 0),  # type: ignore[arg-type]  # EneSignals checks what it takes
        negative=record.get("negative_interactions", 0),  # type: ignore[arg-type]
        days_known=days_known,
        days_active=record.get("days_active", 0),  # type: ignore[arg-type]
        sessions=record.get("session_count", 0),  # type: ignore[arg-type]
        hours=_read_set(record.get("unique_hours", []), "$.unique_hours"),
        weekdays=_read_set(record.get("unique_days_of_week", []), "$.unique_days_of_week"),
        attempts=record.get("restricted_tool_attempts", 0),  # type: ignore[arg-type]
        severities=_read_severities(record.get("violations", [])),
        sentiment=record.get("sentiment_modifier", 0.0),  # type: ignore[arg-type]
    )


def _read_set(value: Json, path: str) -> frozenset[int]:
    if not isinstance(value, list) or not all(type(each) is int for each in value):
        raise InvalidSignals(path, "a list of integers", value)
    if len(set(value)) < len(value):
        raise InvalidSignals(path, "each number once", value)
    return frozenset(value)  # type: ignore[arg-type]


def _read_severities(value: Json) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise InvalidSignals("$.violations", "a list", value)
    return tuple(
        each.get("severity", DEFAULT_SEVERITY) if isinstance(each, dict) else DEFAULT_SEVERITY  # type: ignore[misc]
        for each in value
    )
