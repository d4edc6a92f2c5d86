"""Metrics of a batch of interactions: how much harm is accepted, who gains, and what acceptance selects.

Source: the seed, "Metrics"; exact definitions in section 4 of the sandbox specification. A is the accepted, R the
rejected, E[] the arithmetic mean. A mean over nothing is undefined and None, never 0: "no gap" and "no data" are two
answers. Sums run from the first interaction to the last, so a value does not depend on how numpy groups additions.
"""

from dataclasses import dataclass

import numpy as np

from domain.sandbox.batch import Batch, Bools, Floats
from domain.sandbox.payoff import PayoffConfig, social_surplus


def total(values: Floats) -> float:
    """The sum, added from left to right; 0 for nothing."""
    return float(np.cumsum(values)[-1]) if len(values) else 0.0


def mean(values: Floats) -> float | None:
    return total(values) / len(values) if len(values) else None


def variance(values: Floats) -> float | None:
    """Of the population (divided by n)."""
    centre = mean(values)
    return None if centre is None else mean((values - centre) ** 2)


def difference(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def toxicity_rate(batch: Batch) -> float | None:
    """E[1 - p | A]: the expected share of harm among what was accepted."""
    return mean(1 - batch.p[batch.accepted])


def toxicity_rate_all(batch: Batch) -> float | None:
    """E[1 - p]."""
    return mean(1 - batch.p)


def conditional_loss(batch: Batch, payoff: Floats) -> float | None:
    """E[pi | A] - E[pi] for one side's payoffs: what acceptance selects, in payoff."""
    return difference(mean(payoff[batch.accepted]), mean(payoff))


def spread(batch: Batch, config: PayoffConfig) -> float | None:
    """(s_plus + s_minus) * (E[p] - E[p | A])."""
    gap = difference(mean(batch.p), mean(batch.p[batch.accepted]))
    return None if gap is None else (config.s_plus + config.s_minus) * gap


def quality_gap(batch: Batch) -> float | None:
    """E[p | A] - E[p | R]; negative means that the worse are accepted (adverse selection)."""
    return difference(mean(batch.p[batch.accepted]), mean(batch.p[batch.rejected]))


@dataclass(frozen=True, slots=True)
class Participation:
    """The accepted share of the good (p >= threshold) and of the others, and how many of each there are."""

    high_quality_acceptance: float | None
    low_quality_acceptance: float | None
    high_quality_count: int
    low_quality_count: int


def participation_by_quality(batch: Batch, threshold: float = 0.5) -> Participation:
    high = batch.p >= threshold
    return Participation(
        _share(batch.accepted[high]), _share(batch.accepted[~high]), int(high.sum()), int((~high).sum())
    )


def uncertain(batch: Batch, band: float = 0.2) -> Bools:
    """Which p lie closer to one half than `band`."""
    return (batch.p > 0.5 - band) & (batch.p < 0.5 + band)


def uncertain_fraction(batch: Batch, band: float = 0.2) -> float | None:
    return _share(uncertain(batch, band))


def average_quality(batch: Batch, accepted_only: bool = False) -> float | None:
    """E[p]."""
    return mean(batch.p[batch.accepted] if accepted_only else batch.p)


def toxicity_hard(batch: Batch, threshold: float = 0.5) -> float | None:
    """The share of the accepted with p < threshold: toxicity as a yes-or-no label would count it."""
    return _share(batch.p[batch.accepted] < threshold)


def acceptance_rate(batch: Batch) -> float | None:
    return _share(batch.accepted)


@dataclass(frozen=True, slots=True)
class Welfare:
    """Sums and means over the accepted; the social surplus also counts the harm to everyone else."""

    total_welfare: float
    total_social_surplus: float
    avg_initiator_payoff: float | None
    avg_counterparty_payoff: float | None


def welfare(batch: Batch, config: PayoffConfig) -> Welfare:
    pi_a, pi_b = (payoff[batch.accepted] for payoff in batch.payoffs(config))
    social = social_surplus(config, batch.p[batch.accepted])
    return Welfare(total(pi_a + pi_b), total(social), mean(pi_a), mean(pi_b))


def quality_variance(batch: Batch, accepted_only: bool = False) -> float | None:
    return variance(batch.p[batch.accepted] if accepted_only else batch.p)


def quality_std(batch: Batch, accepted_only: bool = False) -> float | None:
    found = quality_variance(batch, accepted_only)
    return None if found is None else found**0.5


def coefficient_of_variation(values: Floats) -> float | None:
    """|sd / mean|; None where the mean is 0 or there is none."""
    centre, spread_ = mean(values), variance(values)
    return None if not centre or spread_ is None else abs(spread_**0.5 / centre)


def _share(flags: Bools) -> float | None:
    return int(flags.sum()) / len(flags) if len(flags) else None
