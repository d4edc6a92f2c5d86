"""Soft and hard metrics side by side.

Source: section 4 of the sandbox specification, MetricsReporter.
"""

from dataclasses import dataclass, field

from domain.canonical import Json
from domain.sandbox import calibration, metrics
from domain.sandbox.batch import Batch
from domain.sandbox.payoff import PayoffConfig
from domain.sandbox.quantities import NonNegative, Share, check_fields

NOTABLE_DIFFERENCE = 0.05
"""Soft and hard toxicity further apart than this tell different stories."""
HIGH_UNCERTAINTY = 0.3
"""A larger share of uncertain labels than this makes hard labels unreliable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where a hard label would cut, and how far around one half a label is uncertain."""

    quality: Share = 0.5
    uncertainty: NonNegative = 0.2

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Every metric of a batch; None where it is undefined."""

    toxicity: float | None
    conditional_loss_initiator: float | None
    conditional_loss_counterparty: float | None
    spread: float | None
    quality_gap: float | None
    average_quality: float | None
    uncertain_fraction: float | None
    toxicity_hard: float | None
    acceptance_rate: float | None
    participation: metrics.Participation
    total: int
    accepted: int
    welfare: metrics.Welfare
    brier_score: float | None
    log_loss: float | None
    calibration_error: float | None
    expected_calibration_error: float | None
    quality_variance: float | None
    payoff_variance_initiator: float | None
    payoff_variance_counterparty: float | None

    @property
    def rejected(self) -> int:
        return self.total - self.accepted

    def groups(self) -> dict[str, Json]:
        """As JSON, in the groups of the original's report."""
        return {
            "soft_metrics": self._soft(),
            "hard_metrics": self._hard(),
            "counts": self._counts(),
            "welfare": self._welfare(),
            "calibration": self._calibration(),
            "variance": self._variance(),
        }

    def _soft(self) -> dict[str, Json]:
        return {
            "toxicity": self.toxicity,
            "conditional_loss_initiator": self.conditional_loss_initiator,
            "conditional_loss_counterparty": self.conditional_loss_counterparty,
            "spread": self.spread,
            "quality_gap": self.quality_gap,
            "average_quality": self.average_quality,
            "uncertain_fraction": self.uncertain_fraction,
        }

    def _hard(self) -> dict[str, Json]:
        return {
            "toxicity": self.toxicity_hard,
            "acceptance_rate": self.acceptance_rate,
            "high_quality_acceptance": self.participation.high_quality_acceptance,
            "low_quality_acceptance": self.participation.low_quality_acceptance,
        }

    def _counts(self) -> dict[str, Json]:
        return {
            "total": self.total,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "high_quality": self.participation.high_quality_count,
            "low_quality": self.participation.low_quality_count,
        }

    def _welfare(self) -> dict[str, Json]:
        return {
            "total_welfare": self.welfare.total_welfare,
            "total_social_surplus": self.welfare.total_social_surplus,
            "avg_initiator_payoff": self.welfare.avg_initiator_payoff,
            "avg_counterparty_payoff": self.welfare.avg_counterparty_payoff,
        }

    def _calibration(self) -> dict[str, Json]:
        return {
            "brier_score": self.brier_score,
            "log_loss": self.log_loss,
            "calibration_error": self.calibration_error,
            "expected_calibration_error": self.expected_calibration_error,
        }

    def _variance(self) -> dict[str, Json]:
        return {
            "quality_variance": self.quality_variance,
            "payoff_variance_initiator": self.payoff_variance_initiator,
            "payoff_variance_counterparty": self.payoff_variance_counterparty,
        }


@dataclass(frozen=True, slots=True)
class Reporter:
    """Computes the metrics of a batch under these payoffs and thresholds."""

    payoff: PayoffConfig = field(default_factory=PayoffConfig)
    thresholds: Thresholds = field(default_factory=Thresholds)

    def summary(self, batch: Batch) -> Summary:
        pi_a, pi_b = batch.payoffs(self.payoff)
        return Summary(
            toxicity=metrics.toxicity_rate(batch),
            conditional_loss_initiator=metrics.conditional_loss(batch, pi_a),
            conditional_loss_counterparty=metrics.conditional_loss(batch, pi_b),
            spread=metrics.spread(batch, self.payoff),
            quality_gap=metrics.quality_gap(batch),
            average_quality=metrics.average_quality(batch),
            uncertain_fraction=metrics.uncertain_fraction(batch, self.thresholds.uncertainty),
            toxicity_hard=metrics.toxicity_hard(batch, self.thresholds.quality),
            acceptance_rate=metrics.acceptance_rate(batch),
            participation=metrics.participation_by_quality(batch, self.thresholds.quality),
            total=len(batch),
            accepted=int(batch.accepted.sum()),
            welfare=metrics.welfare(batch, self.payoff),
            brier_score=calibration.brier_score(batch),
            log_loss=calibration.log_loss(batch),
            calibration_error=calibration.calibration_error(batch),
            expected_calibration_error=calibration.expected_calibration_error(batch),
            quality_variance=metrics.quality_variance(batch),
            payoff_variance_initiator=metrics.variance(pi_a),
            payoff_variance_counterparty=metrics.variance(pi_b),
        )

    def compare(self, batch: Batch) -> dict[str, Json]:
        """What soft labels show that hard ones hide."""
        found = self.summary(batch)
        apart = metrics.difference(found.toxicity, found.toxicity_hard)
        notable = apart is not None and abs(apart) > NOTABLE_DIFFERENCE
        unsure = found.uncertain_fraction is not None and found.uncertain_fraction > HIGH_UNCERTAINTY
        return {
            "toxicity": {
                "soft": found.toxicity,
                "hard": found.toxicity_hard,
                "difference": apart,
                "interpretation": "Soft metric captures uncertainty better" if notable else "Metrics roughly agree",
            },
            "quality_filtering": {
                "quality_gap": found.quality_gap,
                "spread": found.spread,
                "adverse_selection": None if found.quality_gap is None else found.quality_gap < 0,
            },
            "uncertainty": {
                "fraction_uncertain": found.uncertain_fraction,
                "interpretation": (
                    "High uncertainty - labels may be unreliable" if unsure else "Labels are relatively confident"
                ),
            },
        }

    def format_report(self, batch: Batch, verbose: bool = False) -> str:
        """A fixed-width report for a terminal."""
        found = self.summary(batch)
        lines = [*_overview(found), *(_detail(found) if verbose else ())]
        return "\n".join(f"{name:<28}{value:>14}" if value else name for name, value in lines)


def _overview(found: Summary) -> list[tuple[str, str]]:
    taken = found.participation
    return [
        ("Interactions", f"{found.total}"),
        ("  accepted", f"{found.accepted}"),
        ("  rejected", f"{found.rejected}"),
        ("Soft labels", ""),
        ("  toxicity", _number(found.toxicity)),
        ("  average quality", _number(found.average_quality)),
        ("  quality gap", _signed(found.quality_gap)),
        ("  spread", _signed(found.spread)),
        ("  uncertain", _percent(found.uncertain_fraction)),
        ("Hard labels", ""),
        ("  toxicity", _number(found.toxicity_hard)),
        ("  high quality accepted", _percent(taken.high_quality_acceptance)),
        ("  low quality accepted", _percent(taken.low_quality_acceptance)),
    ]


def _detail(found: Summary) -> list[tuple[str, str]]:
    adverse = found.quality_gap is not None and found.quality_gap < 0
    return [
        ("Conditional loss", ""),
        ("  initiator", _signed(found.conditional_loss_initiator)),
        ("  counterparty", _signed(found.conditional_loss_counterparty)),
        ("Welfare", ""),
        ("  total", _signed(found.welfare.total_welfare)),
        ("  social surplus", _signed(found.welfare.total_social_surplus)),
        ("  per initiator", _signed(found.welfare.avg_initiator_payoff)),
        ("  per counterparty", _signed(found.welfare.avg_counterparty_payoff)),
        *([("Warning: the worse interactions are the accepted ones (adverse selection)", "")] if adverse else []),
    ]


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _signed(value: float | None) -> str:
    return "undefined" if value is None else f"{value:+.3f}"


def _percent(value: float | None) -> str:
    return "undefined" if value is None else f"{100 * value:.1f}%"
