"""Profile `standard`: trust from the history, as decided and simulated in spec section 10b.

Beta reputation times the geometric mean of four kinds of presence, minus penalties, times what idleness leaves.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from domain.people import beta
from domain.people.constants import DAY, STANDARD, StandardConstants
from domain.people.decay import clamped, decay_factor, rounded
from domain.people.errors import SignalsFromLater
from domain.people.report import Evidence, Factors, Profile, TrustReport, gated
from domain.people.signals import Day, Signals, Violation, absences, iso_weeks, starts_by_day
from domain.people.tier import tier_of, time_gate
from domain.people.violation import capped_until, counting_violations, violation_cap, violations_until


class _Record(NamedTuple):
    """The signals with what several parts of the formula need."""

    signals: Signals
    now: int
    present: Sequence[Day]
    absences: Sequence[int]
    starts: Sequence[int]
    good_dates: int
    constants: StandardConstants

    @property
    def days_known(self) -> int:
        return (self.now - self.present[0].sessions[0][0]) // DAY if self.present else 0

    @property
    def idle_days(self) -> int:
        return (self.now - self.present[-1].sessions[-1][1]) // DAY if self.present else 0


def assess(
    signals: Signals, now: int, *, modifier: float | None = None, constants: StandardConstants = STANDARD
) -> TrustReport:
    """The report at `now` (ms) of signals that hold nothing later.

    `modifier` (added to the score, clamped to +-0.03) overrides the sentiment of the messages.
    """
    if signals.latest is not None and signals.latest > now:
        raise SignalsFromLater(signals.latest, now)
    record = _record(signals, now, constants)
    active = counting_violations(signals.violations, now, constants)
    evidence = _evidence(record, active)
    factors = _factors(record, evidence, modifier)
    raw = factors.beta * factors.modulator - factors.attempt_penalty - factors.violation_penalty
    base = rounded(clamped(raw))
    rest = rounded(base * factors.idle)
    cap = violation_cap(active, constants)
    earned = tier_of(rest)
    return TrustReport(
        profile=Profile.STANDARD,
        version=constants.version,
        now=now,
        score=rounded(clamped(rest + factors.sentiment)),
        base=base,
        rest=rest,
        tier=gated(earned, evidence.days_known, cap),
        earned=earned,
        gate=time_gate(evidence.days_known),
        cap=cap,
        factors=factors,
        evidence=evidence,
        violations_until=violations_until(active, signals.violations, now, constants),
        capped_until=capped_until(active, signals.violations, now, constants) if active else None,
    )


def _record(signals: Signals, now: int, constants: StandardConstants) -> _Record:
    present = signals.present_days
    away = absences(present)
    return _Record(
        signals, now, present, away, starts_by_day(present, away), sum([day.good for day in present]), constants
    )


def _factors(record: _Record, evidence: Evidence, modifier: float | None) -> Factors:
    constants = record.constants
    tenure = min(1.0, evidence.presence_weeks / constants.tenure_weeks)
    consistency = min(1.0, evidence.presence_dates / constants.consistency_days)
    most = constants.sessions_a_day
    starts = sum([each if each < most else most for each in record.starts])
    sessions = min(1.0, starts / constants.sessions)
    timing = _timing(record)
    return Factors(
        beta=beta.expectation(evidence.r, evidence.s),
        tenure=tenure,
        consistency=consistency,
        sessions=sessions,
        timing=timing,
        modulator=_modulator((tenure, consistency, sessions, timing), constants.factor_floor),
        attempt_penalty=min(constants.attempt_limit, constants.attempt_penalty * evidence.attempts),
        violation_penalty=min(constants.violation_limit, evidence.severity),
        idle=_idle_factor(record),
        sentiment=_sentiment(record, modifier),
    )


def _evidence(record: _Record, active: Sequence[Violation]) -> Evidence:
    signals = record.signals
    return Evidence(
        r=_good_evidence(record),
        s=record.constants.negative_weight * _bad_evidence(record),
        good=record.good_dates,
        bad=signals.negative,
        justified=signals.justified,
        presence_dates=len(record.present),
        presence_weeks=iso_weeks(record.present),
        sessions=sum(record.starts),
        messages=signals.message_count,
        attempts=_attempts(record),
        violations=len(active),
        severity=sum(each.severity for each in active),
        days_known=record.days_known,
        idle_days=record.idle_days,
    )


def _good_evidence(record: _Record) -> float:
    """One per good date, fading by half every 30 good dates; the limit is 43.8."""
    fading = 2 ** (-1 / record.constants.good_half_life)
    return float((1 - fading**record.good_dates) / (1 - fading))


def _bad_evidence(record: _Record) -> float:
    """Unjustified negatives, fading by half every 60 good dates after theirs."""
    total, later_good = 0.0, 0
    half_life = record.constants.bad_half_life
    for _, _, good, _, bad in reversed(record.signals.days):
        if bad:
            total += bad * 2 ** (-later_good / half_life)
        later_good += good
    return total


def _timing(record: _Record) -> float:
    constants = record.constants
    weekday_dates = [0] * 7
    for day in record.present:
        weekday_dates[(day.date + 3) % 7] += 1
    return min(
        evenness(record.signals.hour_dates, constants.hour_mass, constants.hours),
        evenness(weekday_dates, constants.weekday_mass, constants.weekdays),
    )


def evenness(histogram: Sequence[int], mass: int, kinds: int) -> float:
    """The entropy of a histogram as a share of `kinds` even ones, scaled down while it holds less than `mass`.

    A peak adds no more than its share of the mass, so being always on at one hour does not hide the others.
    """
    return _evenness(tuple(histogram), mass, kinds)


@lru_cache(4096)  # a person's histogram changes once in an hour of presence at most
def _evenness(histogram: tuple[int, ...], mass: int, kinds: int) -> float:
    capped = _capped(histogram, mass)
    total = math.fsum(capped)
    if not total:
        return 0.0
    entropy = math.fsum(x / total * math.log(total / x) for x in capped if x)
    return min(1.0, total / mass * entropy / math.log(kinds))


def _capped(histogram: Sequence[int], mass: int) -> list[float]:
    """Every count cut at one level, such that they add up to the mass; as they are when they are less."""
    counts = sorted(histogram)
    if sum(counts) <= mass:
        return [float(x) for x in counts]
    left = float(mass)
    for place, x in enumerate(counts):
        level = left / (len(counts) - place)
        if x >= level:
            return [*map(float, counts[:place]), *[level] * (len(counts) - place)]
        left -= x
    raise AssertionError("counts above the mass have a level that cuts them")


def _modulator(factors: Sequence[float], floor: float) -> float:
    return float(math.prod(max(floor, factor) for factor in factors) ** (1 / len(factors)))


def _attempts(record: _Record) -> int:
    oldest = record.now - record.constants.attempt_days * DAY
    return sum(at > oldest for at in record.signals.attempts)


def _idle_factor(record: _Record) -> float:
    """The idleness now, and what earlier absences have left: a return is made good over seven dates."""
    decay = record.constants.decay
    now = decay_factor(record.idle_days, decay)
    returns = [1.0]
    long = (decay.start + 1) * DAY
    for place, absence in enumerate(record.absences, start=1):
        if absence >= long:
            left = decay_factor(absence // DAY, decay)
            since = len(record.present) - place
            returns.append(left + (1 - left) * min(1.0, since / record.constants.return_dates))
    return max(decay.floor, now * min(returns))


def _sentiment(record: _Record, modifier: float | None) -> float:
    limit = record.constants.sentiment
    if modifier is None:
        mean = record.signals.sentiment
        modifier = 0.0 if mean is None else limit * mean
    return min(limit, max(-limit, modifier))
