"""The logistic curve that turns a proxy score into a probability, with its inverse and slope.

Source: the seed, "Soft Labels": p = 1 / (1 + exp(-k * v_hat)). k is a sharpness and nothing fits it by itself: a curve
is calibrated only after `expected_calibration_error` says so on labelled interactions.
"""

import math

from domain.sandbox.errors import OutOfRange
from domain.sandbox.quantities import check_real

LARGEST_SCORE = 10.0
"""Scores are clamped to ±10 before the curve (specification section 2)."""

_LARGEST_EXPONENT = 700.0
"""exp overflows beyond 709; the curve is 0 or 1 to the last bit long before."""


def probability(v_hat: float, k: float = 2.0, bias: float = 0.0) -> float:
    """p = 1 / (1 + exp(-(k * clamp(v_hat, -10, 10) + bias))), in [0, 1]."""
    score = max(-LARGEST_SCORE, min(LARGEST_SCORE, v_hat))
    exponent = -k * score - bias
    return 1.0 / (1.0 + math.exp(max(-_LARGEST_EXPONENT, min(_LARGEST_EXPONENT, exponent))))


def score(p: float, k: float = 2.0) -> float:
    """The inverse, v_hat = -ln((1 - p) / p) / k; refuses p outside (0, 1) and k = 0."""
    check_real("p", p)
    check_real("k", k)
    if not 0 < p < 1:
        raise OutOfRange("p", "a probability between 0 and 1, neither included", p)
    if k == 0:
        raise OutOfRange("k", "a number other than 0", k)
    return -math.log((1.0 - p) / p) / k


def slope(v_hat: float, k: float = 2.0) -> float:
    """The derivative of p by v_hat, k * p * (1 - p)."""
    p = probability(v_hat, k)
    return k * p * (1.0 - p)


def attainable(k: float = 2.0) -> tuple[float, float]:
    """The lowest and highest p of scores in [-1, 1]; (0.1192, 0.8808) for k = 2."""
    return probability(-1.0, k), probability(1.0, k)


def uncertainty_band(threshold: float = 0.1, k: float = 2.0) -> tuple[float, float]:
    """The scores between which p is within `threshold` of one half."""
    return score(0.5 - threshold, k), score(0.5 + threshold, k)
