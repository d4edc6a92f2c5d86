"""The proxy: from what can be observed of an interaction to the probability that it was good.

Source: the seed, "Proxy Computation"; exact rules in section 2 of the sandbox specification.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property

from domain.sandbox.errors import OutOfRange
from domain.sandbox.quantities import Count, NonNegative, Real, check_fields
from domain.sandbox.sigmoid import probability

LARGEST_COUNT = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Observables:
    """What is seen of one interaction. The proxy clamps deltas to [-1, 1]; counts are whole, 0 or more."""

    task_progress_delta: Real = 0.0
    rework_count: Count = 0
    verifier_rejections: Count = 0
    tool_misuse_flags: Count = 0
    counterparty_engagement_delta: Real = 0.0

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class Signals:
    """What the observables say, each in [-1, 1]; +1 is clean also for the counts."""

    progress: float
    rework: float
    rejection: float
    misuse: float
    engagement: float

    @property
    def verifier(self) -> float:
        """Misuse has no weight of its own: it shares the verifier's."""
        return (self.rejection + self.misuse) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each signal counts. Negative weights keep their sign; only proportions matter."""

    task_progress: Real = 0.4
    rework_penalty: Real = 0.2
    verifier_penalty: Real = 0.2
    engagement_signal: Real = 0.2

    def __post_init__(self) -> None:
        check_fields(self)

    def normalised(self) -> "Weights":
        """Divided by the sum of absolute values; a quarter each when that sum is 0."""
        given = (self.task_progress, self.rework_penalty, self.verifier_penalty, self.engagement_signal)
        total = sum(map(abs, given))
        if not math.isfinite(total):
            raise OutOfRange("weights", "weights with a finite sum", total)
        parts = [weight / total for weight in given] if total else [0.25] * 4
        return Weights(
            task_progress=parts[0], rework_penalty=parts[1], verifier_penalty=parts[2], engagement_signal=parts[3]
        )


@dataclass(frozen=True, slots=True)
class Labels:
    """The soft label of an interaction: the proxy score in [-1, 1], and p = P(v = +1)."""

    v_hat: float
    p: float


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """The proxy's parameters; `labels` applies them."""

    weights: Weights = field(default_factory=Weights)
    sigmoid_k: Real = 2.0
    sigmoid_bias: Real = 0.0
    rework_decay: NonNegative = 0.3
    rejection_decay: NonNegative = 0.4
    misuse_decay: NonNegative = 0.5

    def __post_init__(self) -> None:
        check_fields(self)

    @cached_property
    def normalised(self) -> Weights:
        return self.weights.normalised()

    def signals(self, seen: Observables) -> Signals:
        """A count n becomes 2 * decay^n - 1, so n = 0 gives +1 and many give -1."""
        return Signals(
            progress=_clamped(seen.task_progress_delta),
            rework=count_signal(seen.rework_count, self.rework_decay),
            rejection=count_signal(seen.verifier_rejections, self.rejection_decay),
            misuse=count_signal(seen.tool_misuse_flags, self.misuse_decay),
            engagement=_clamped(seen.counterparty_engagement_delta),
        )

    def labels(self, seen: Observables) -> Labels:
        """v_hat is the weighted sum of the signals, clamped to [-1, 1]; p its place on the logistic curve."""
        signals, weights = self.signals(seen), self.normalised
        v_hat = _clamped(
            weights.task_progress * signals.progress
            + weights.rework_penalty * signals.rework
            + weights.verifier_penalty * signals.verifier
            + weights.engagement_signal * signals.engagement
        )
        return Labels(v_hat, probability(v_hat, self.sigmoid_k, self.sigmoid_bias))


def count_signal(count: int, decay: float) -> float:
    return 2.0 * decay ** min(count, LARGEST_COUNT) - 1.0


def _clamped(value: float) -> float:
    return max(-1.0, min(1.0, value))
