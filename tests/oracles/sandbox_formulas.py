"""Checks of the sandbox's formulas: a_proxy, b_payoff and c_metrics."""

from dataclasses import asdict, astuple
from typing import Any

import numpy as np
import pytest

from domain.sandbox import calibration, metrics, sigmoid
from domain.sandbox.batch import Batch
from domain.sandbox.errors import OutOfRange
from domain.sandbox.interaction import SoftInteraction
from domain.sandbox.payoff import PayoffConfig, breakdowns, harm, payoffs, social_surplus, surplus
from domain.sandbox.proxy import Observables, Proxy, Weights
from domain.sandbox.reporter import Reporter, Thresholds
from tests.oracles.comparing import assert_alike

Row = dict[str, Any]  # Any: rows as the file documents them
Rows = list[Row]


def check_proxies(rows: Rows, _content: Row) -> None:
    for row in rows:
        decays = {name: row[name] for name in ("sigmoid_k", "rework_decay", "rejection_decay", "misuse_decay")}
        proxy = Proxy(weights=Weights(**(row["weights"] or {})), **decays)
        seen = Observables(**row["observables"])
        labels = proxy.labels(seen)
        assert_alike(asdict(proxy.normalised), row["normalized_weights"])
        assert_alike(asdict(proxy.signals(seen)), row["signals"])
        assert_alike([labels.v_hat, labels.p], [row["v_hat"], row["p"]])


def check_sigmoids(rows: Rows, _content: Row) -> None:
    for row in rows:
        found = [sigmoid.probability(row["v_hat"], row["k"]), sigmoid.slope(row["v_hat"], row["k"])]
        assert_alike(found, [row["p"], row["derivative"]])


def check_inverses(rows: Rows, _content: Row) -> None:
    for row in rows:
        assert_alike(sigmoid.score(row["p"], row["k"]), row["v_hat"])


def check_bounds(rows: Rows, _content: Row) -> None:
    for row in rows:
        assert_alike(sigmoid.attainable(row["k"]), row["bounds"])
        for threshold, band in row["band"].items():
            assert_alike(sigmoid.uncertainty_band(float(threshold), row["k"]), band)


def check_errors(rows: Rows, _content: Row) -> None:
    for row in rows:
        with pytest.raises(OutOfRange):
            sigmoid.score(row["p"], row["k"])


def check_payoffs(rows: Rows, _content: Row) -> None:
    for row in rows:
        config, it = PayoffConfig(**row["config"]), SoftInteraction(**row["interaction"])
        pi_a, pi_b = payoffs(config, it)
        found = {
            "S_soft": surplus(config, it.p),
            "E_soft": harm(config, it.p),
            "pi_a": pi_a,
            "pi_b": pi_b,
            "total_welfare": pi_a + pi_b,
            "social_surplus": social_surplus(config, it.p),
            "break_even_p": config.break_even_p,
            "social_break_even_p": config.social_break_even_p,
            **{f"breakdown_{side}": asdict(part) for side, part in zip("ab", breakdowns(config, it), strict=True)},
        }
        assert_alike(found, {name: row[name] for name in found})
        assert (config.break_even_p is None) == (row["break_even_p"] is None)


def check_payoff_validation(rows: Rows, _content: Row) -> None:
    for row in rows:
        assert _accepted(PayoffConfig, row) == row["valid"], row


def _accepted(config: type[Any], row: Row) -> bool:
    try:
        config(**{row["field"]: row["value"]})
    except OutOfRange:
        return False
    return True


def batch_from(rows: Rows) -> Batch:
    columns = {name: np.array([row[name] for row in rows], float) for name in ("p", "tau", "c_a", "c_b", "r_a", "r_b")}
    return Batch(
        accepted=np.array([row["accepted"] for row in rows], bool),
        truth=np.array([row["ground_truth"] or 0 for row in rows], np.int8),
        **columns,
    )


def check_batches(rows: Rows, _content: Row) -> None:
    for row in rows:
        found = _every_metric(row, batch_from(row["interactions"]))
        assert_alike(found, row["expected"], row["name"])


def _every_metric(row: Row, batch: Batch) -> Row:
    config, band = PayoffConfig(**row["config"]), row["uncertainty_band"]
    reporter = Reporter(config, Thresholds(quality=row["quality_threshold"], uncertainty=band))
    pi_a, pi_b = batch.payoffs(config)
    return {
        "toxicity_rate": metrics.toxicity_rate(batch),
        "toxicity_rate_all": metrics.toxicity_rate_all(batch),
        "conditional_loss_initiator": metrics.conditional_loss(batch, pi_a),
        "conditional_loss_counterparty": metrics.conditional_loss(batch, pi_b),
        "spread": metrics.spread(batch, config),
        "quality_gap": metrics.quality_gap(batch),
        "participation_by_quality": asdict(metrics.participation_by_quality(batch, row["quality_threshold"])),
        "n_uncertain": int(metrics.uncertain(batch, band).sum()),
        "uncertain_fraction": metrics.uncertain_fraction(batch, band),
        "average_quality": metrics.average_quality(batch),
        "average_quality_accepted": metrics.average_quality(batch, accepted_only=True),
        "quality_distribution_10": list(map(astuple, calibration.quality_distribution(batch))),
        "quality_distribution_7": list(map(astuple, calibration.quality_distribution(batch, 7))),
        "welfare": asdict(metrics.welfare(batch, config)),
        "calibration_error": calibration.calibration_error(batch),
        "brier_score": calibration.brier_score(batch),
        "ece_10": calibration.expected_calibration_error(batch),
        "ece_5": calibration.expected_calibration_error(batch, 5),
        "calibration_curve_10": list(map(astuple, calibration.calibration_curve(batch))),
        "log_loss": calibration.log_loss(batch),
        "auc": calibration.discrimination_auc(batch),
        "quality_variance": metrics.quality_variance(batch),
        "quality_variance_accepted": metrics.quality_variance(batch, accepted_only=True),
        "quality_std": metrics.quality_std(batch),
        "payoff_variance_initiator": metrics.variance(pi_a),
        "payoff_variance_counterparty": metrics.variance(pi_b),
        "coefficient_of_variation": {
            "cv_p": metrics.coefficient_of_variation(batch.p),
            "cv_payoff_initiator": metrics.coefficient_of_variation(pi_a),
            "cv_payoff_counterparty": metrics.coefficient_of_variation(pi_b),
        },
        "reporter_summary": reporter.summary(batch).groups(),
        "reporter_compare": reporter.compare(batch),
    }


PROXY_CHECKS = {
    "cases": check_proxies,
    "sigmoid": check_sigmoids,
    "inverse_sigmoid": check_inverses,
    "sigmoid_bounds_and_uncertainty_band": check_bounds,
    "errors": check_errors,
}
PAYOFF_CHECKS = {"cases": check_payoffs, "config_validation": check_payoff_validation}
METRIC_CHECKS = {"batches": check_batches}
