"""A score is never given alone: the report says what it is made of, how sure it is, and what would raise it.

A report names its profile and the version of its constants.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from domain.errors import shown
from domain.people import beta
from domain.people.errors import InvalidOverride
from domain.people.interaction import finite
from domain.people.tier import Tier, lower, tier_of, time_gate


class Profile(StrEnum):
    """How scores are calculated: `standard`, the default, or `ene`, the seed to the letter."""

    STANDARD = "standard"
    ENE = "ene"


class Factors(NamedTuple):
    """What the score is made of. The first six are in [0, 1], the penalties are taken off, sentiment is added last.

    A tuple, as the whole report, because every interaction makes new ones.
    base = beta x modulator - penalties; rest = base x idle; score = rest + sentiment.
    """

    beta: float
    tenure: float
    consistency: float
    sessions: float
    timing: float
    modulator: float
    attempt_penalty: float
    violation_penalty: float
    idle: float
    sentiment: float


class Evidence(NamedTuple):
    """The counts behind the factors. `r` and `s` are the good and the (weighted) bad evidence of the Beta distribution.

    `good` and `bad` say in the profile's own unit how much was counted: good dates or interactions, negative acts;
    `severity` is the sum over the violations that weigh now.
    """

    r: float
    s: float
    good: int
    bad: int
    justified: int
    presence_dates: int
    presence_weeks: int
    sessions: int
    messages: int
    attempts: int
    violations: int
    severity: float
    days_known: int
    idle_days: int


@dataclass(frozen=True, slots=True)
class Override:
    """A score that an observer set by hand, with its author and reason; `until` (ms) is None for always."""

    score: float
    author: str
    reason: str
    until: int | None = None

    def __post_init__(self) -> None:
        if not finite(self.score) or not 0 <= self.score <= 1:
            raise InvalidOverride("$.score", "a number from 0 to 1", self.score)
        if not self.author:
            raise InvalidOverride("$.author", "who sets it", self.author)
        if not self.reason.strip():
            raise InvalidOverride("$.reason", "why", shown(self.reason))

    def holds(self, now: int) -> bool:
        return self.until is None or now < self.until


class Basis(StrEnum):
    """Where the score comes from."""

    HISTORY = "history"
    OWNER = "owner"
    OVERRIDE = "override"


class TrustReport(NamedTuple):
    """Trust of one observer in one person at `now` (ms). All scores are in [0, 1], rounded to three places.

    `base` is before idleness, `rest` after it, `score` with sentiment. `earned` is the tier of the number alone,
    `gate` the highest that the days known allow, `cap` the highest that violations allow.
    """

    profile: Profile
    version: int
    now: int
    score: float
    base: float
    rest: float
    tier: Tier
    earned: Tier
    gate: Tier
    cap: Tier
    factors: Factors
    evidence: Evidence
    basis: Basis = Basis.HISTORY
    override: Override | None = None
    violations_until: int | None = None
    """When the last of the counting violations expires (ms); None without any, or for those that stay."""
    capped_until: int | None = None
    """When violations cap the tier no more (ms); None where they do not, or for ever."""

    @property
    def uncertainty(self) -> float:
        """1 without evidence, towards 0 with much; 0 where the score does not come from evidence."""
        if self.basis is not Basis.HISTORY:
            return 0.0
        return beta.uncertainty(self.evidence.r, self.evidence.s)

    @property
    def interval(self) -> tuple[float, float]:
        """The 90 % interval of beta, the share of good conduct; the score itself where it is set."""
        if self.basis is not Basis.HISTORY:
            return self.score, self.score
        return beta.interval(self.evidence.r, self.evidence.s)


def gated(earned: Tier, days_known: int, cap: Tier = Tier.INNER_CIRCLE) -> Tier:
    """The tier after the time gate and a cap: both only lower."""
    return lower(lower(earned, time_gate(days_known)), cap)


def owned(report: TrustReport) -> TrustReport:
    """The report of an owner: always 1.0 and inner circle, whatever the history says."""
    return _set(report, 1.0, Basis.OWNER)


def overridden(report: TrustReport, override: Override | None) -> TrustReport:
    """The report under an override that holds: neither gate nor caps apply."""
    if override is None or not override.holds(report.now):
        return report
    return _set(report, override.score, Basis.OVERRIDE, override)


def _set(report: TrustReport, score: float, basis: Basis, override: Override | None = None) -> TrustReport:
    tier = tier_of(score)
    return report._replace(score=score, tier=tier, basis=basis, override=override)
