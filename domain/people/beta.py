"""The Beta distribution as evidence: r good and s bad give Beta(r + 1, s + 1) (Josang and Ismail 2002)."""

import math
from functools import lru_cache

TAIL = 0.05
"""Each side of a 90 % interval."""

_STEPS = 20_000
_TINY = 1e-300
_PRECISION = 1e-16


def expectation(r: float, s: float) -> float:
    """How likely the next act is good."""
    return (r + 1) / (r + s + 2)


def uncertainty(r: float, s: float) -> float:
    """How much of the belief is not filled by evidence: 1 without any, towards 0 with much."""
    return 2 / (r + s + 2)


def rating(r: float, s: float) -> float:
    """The expectation on the scale from -1 to 1."""
    return (r - s) / (r + s + 2)


def variance(r: float, s: float) -> float:
    return (r + 1) * (s + 1) / ((r + s + 2) ** 2 * (r + s + 3))


@lru_cache(4096)
def interval(r: float, s: float) -> tuple[float, float]:
    """The 5 % and 95 % quantiles of Beta(r + 1, s + 1)."""
    return _quantile(TAIL, r + 1, s + 1), _quantile(1 - TAIL, r + 1, s + 1)


def _quantile(share: float, a: float, b: float) -> float:
    """By bisection: the distribution function has no flat part inside (0, 1)."""
    low, high = 0.0, 1.0
    while high - low > _PRECISION:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if cumulative(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def cumulative(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return min(1.0, max(0.0, x))
    if x > (a + 1) / (a + b + 2):
        return 1 - cumulative(1 - x, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / a / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method (DLMF 8.17.22)."""
    value, c, d = 1.0, 1.0, 0.0
    for step in range(1, _STEPS):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / _nonzero(1 + term * d)
        c = _nonzero(1 + term / c)
        value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value


def _nonzero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
