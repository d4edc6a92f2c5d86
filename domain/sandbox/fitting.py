"""Fitting the curve of the labels: k and bias from interactions whose truth is known, and whether that helped.

Logistic regression on the score (Platt 1999), by Newton's method with a trace of ridge, so that separable data have an
answer too. Fitted on every other seed and judged on the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.batch import Batch
from domain.sandbox.calibration import expected_calibration_error
from domain.sandbox.errors import OutOfRange
from domain.sandbox.standard.records import Interactions, joined
from domain.sandbox.standard.run import Run
from domain.sandbox.standard.settings import StandardSettings

RIDGE = 1e-6
MOST_ROUNDS = 100
CLOSE = 1e-12
LARGEST = 100.0
"""The schema takes no larger k or bias."""


@dataclass(frozen=True, slots=True)
class Curve:
    """p = 1 / (1 + exp(-(k v_hat + bias)))."""

    k: float
    bias: float

    def p(self, v_hat: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(self.k * v_hat + self.bias, -700, 700))), np.float64)


@dataclass(frozen=True, slots=True)
class Fit:
    """The errors (ECE over ten bins) are of interactions that the fit has not seen."""

    curve: Curve
    before: float
    after: float
    fitted_on: int
    judged_on: int


def fit_curve(v_hat: NDArray[np.float64], good: NDArray[np.bool_]) -> Curve:
    """Raises `OutOfRange` without any interaction."""
    if not len(v_hat):
        raise OutOfRange("interactions", "at least one", 0)
    features = np.stack((v_hat, np.ones(len(v_hat))), axis=1)
    weights = np.zeros(2)
    for _ in range(MOST_ROUNDS):
        p = Curve(*weights.tolist()).p(v_hat)
        slope = features.T @ (p - good) + RIDGE * weights
        bend = (features * (p * (1 - p))[:, None]).T @ features + RIDGE * np.eye(2)
        step = np.linalg.solve(bend, slope)
        weights = np.clip(weights - step, -LARGEST, LARGEST)
        if np.abs(step).max() < CLOSE:
            break
    return Curve(*weights.tolist())


def fit(settings: StandardSettings, seeds: Sequence[int]) -> Fit:
    """From the accepted interactions of labelled runs; raises `OutOfRange` for fewer than two seeds."""
    if len(seeds) < 2:
        raise OutOfRange("seeds", "at least two, to judge on others than those fitted on", len(seeds))
    rows = joined([epoch.interactions for epoch in Run(settings, seeds).epochs()])
    learning = rows.accepted & (rows.seed % 2 == 0)
    judging = rows.accepted & (rows.seed % 2 == 1)
    curve = fit_curve(rows.v_hat[learning], rows.good[learning])
    before = _error(rows, judging, rows.p)
    return Fit(curve, before, _error(rows, judging, curve.p(rows.v_hat)), int(learning.sum()), int(judging.sum()))


def _error(rows: Interactions, which: NDArray[np.bool_], p: NDArray[np.float64]) -> float:
    whole = rows.batch()
    columns = {name: getattr(whole, name)[which] for name in ("accepted", "tau", "c_a", "c_b", "r_a", "r_b", "truth")}
    found = expected_calibration_error(Batch(p=p[which], **columns))
    if found is None:
        raise OutOfRange("interactions", "at least one to judge on", 0)
    return found


def fitted(settings: StandardSettings, found: Fit) -> StandardSettings:
    """The same with the fitted curve."""
    proxy = replace(settings.proxy, sigmoid_k=found.curve.k, sigmoid_bias=found.curve.bias)
    return replace(settings, proxy=proxy)
