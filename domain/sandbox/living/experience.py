"""What the agent that asks knows of a member, in the unit that beliefs are formed from: acts that were good or bad."""

from dataclasses import dataclass

from domain.people import beta
from domain.people.constants import DEFAULT_SEVERITY, STANDARD
from domain.people.report import Basis, TrustReport
from domain.people.signals import Signals
from domain.people.tier import Tier
from domain.sandbox.acquaintance import MOST_MEETINGS, Acquaintance

ACTS_OF_A_JUDGEMENT = 10
"""A score set by hand, and an owner's, weighs as much as so many acts of which the score's share was good."""


@dataclass(frozen=True, slots=True)
class Experience:
    """Of one observer with one person. `good` and `bad` fade as trust lets them fade; `acts` do not, over `days`."""

    tier: Tier
    good: float
    bad: float
    acts: int
    days: int

    @property
    def rate(self) -> float:
        """Acts per day; the first day and a first act are given, so that it is never 0 or unbounded."""
        return (self.acts + 1) / (self.days + 1)

    @property
    def acquaintance(self) -> Acquaintance:
        """As the sandbox's memory holds it: the trust formula's expectation that the next act is good."""
        trust = beta.expectation(self.good, STANDARD.negative_weight * self.bad)
        return Acquaintance(trust=round(trust, 3), met=min(max(self.acts, 1), MOST_MEETINGS))


def experience_of(report: TrustReport, signals: Signals) -> Experience:
    """From a report of profile `standard`.

    A date with something good is one good act. An unjustified negative act is a bad one, and so is what is held against
    the person, per severity of a violation of which none is stated (0.15).
    """
    acts, days = signals.positive + signals.negative, report.evidence.days_known
    if report.basis is not Basis.HISTORY:
        good = ACTS_OF_A_JUDGEMENT * report.score
        return Experience(report.tier, good, ACTS_OF_A_JUDGEMENT - good, acts, days)
    held_against = report.evidence.severity + report.factors.attempt_penalty
    bad = report.evidence.s / STANDARD.negative_weight + held_against / DEFAULT_SEVERITY
    return Experience(report.tier, report.evidence.r, bad, acts, days)
