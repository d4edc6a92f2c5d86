"""How sure a mean over runs is, and how far apart two conditions are.

Student's t throughout: runs are independent, their number is small, their spread unknown. The distribution function
comes from the regularised incomplete beta function by its continued fraction (NIST DLMF 8.17.22, 26.5.8 of A&S).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

TINY = 1e-300
SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over `n` values and how sure it is; None where too few values say nothing."""

    n: int
    mean: float | None
    sd: float | None
    """With n - 1."""
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """How much larger the values are than those they are compared with."""

    difference: Interval
    size: float | None
    """In standard deviations: Cohen's d of the differences (paired) or Hedges' g (independent). None without spread."""
    p: float | None
    """The chance of so large a difference, either way, if there is none."""
    paired: bool


def interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    n = len(values)
    if not n:
        return Interval(0, None, None, None, None)
    mean = math.fsum(values) / n
    if n < 2:
        return Interval(n, mean, None, None, None)
    sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    reach = t_quantile(0.5 + confidence / 2, n - 1) * sd / math.sqrt(n)
    return Interval(n, mean, sd, mean - reach, mean + reach)


def paired_effect(values: Sequence[float], others: Sequence[float], confidence: float = 0.95) -> Effect:
    """Of runs with the same seeds, value by value."""
    found = interval([one - other for one, other in zip(values, others, strict=True)], confidence)
    if found.mean is None or not found.sd:
        return Effect(found, None, None, True)
    t = found.mean / (found.sd / math.sqrt(found.n))
    return Effect(found, found.mean / found.sd, two_sided(t, found.n - 1), True)


def independent_effect(values: Sequence[float], others: Sequence[float], confidence: float = 0.95) -> Effect:
    """Of runs with different seeds. Welch's t; the size is Hedges' g, corrected for small samples."""
    one, other = interval(values), interval(others)
    if one.sd is None or other.sd is None or one.mean is None or other.mean is None or one.sd == other.sd == 0:
        means = one.mean is not None and other.mean is not None
        gap = one.mean - other.mean if means else None  # type: ignore[operator]  # both are there
        return Effect(Interval(min(one.n, other.n), gap, None, None, None), None, None, False)
    # In units of the larger deviation: the squares of tiny ones would be 0.
    gap, unit = one.mean - other.mean, max(one.sd, other.sd)
    squares = ((one.sd / unit) ** 2, (other.sd / unit) ** 2)
    errors = (squares[0] / one.n, squares[1] / other.n)
    error = unit * math.sqrt(sum(errors))
    freedom = sum(errors) ** 2 / (errors[0] ** 2 / (one.n - 1) + errors[1] ** 2 / (other.n - 1))
    pooled = unit * math.sqrt(((one.n - 1) * squares[0] + (other.n - 1) * squares[1]) / (one.n + other.n - 2))
    correction = 1 - 3 / (4 * (one.n + other.n) - 9)
    reach = t_quantile(0.5 + confidence / 2, freedom) * error
    difference = Interval(min(one.n, other.n), gap, pooled, gap - reach, gap + reach)
    return Effect(difference, correction * gap / pooled, two_sided(gap / error, freedom), False)


def direction(effect: Effect, p: float | None) -> int:
    """1: larger, -1: smaller, 0: nothing that could not be chance. `p` is the corrected one.

    The same difference every time has no p value, and is no chance.
    """
    mean = effect.difference.mean
    always = effect.difference.n > 1 and effect.difference.sd == 0
    if mean is None or not (always or (p is not None and p < SIGNIFICANT)):
        return 0
    return (mean > 0) - (mean < 0)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Corrected for asking many questions at once (Holm 1979); the undefined stay undefined and are not counted."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    found: list[float | None] = [None] * len(p_values)
    least = 0.0
    for rank, (p, place) in enumerate(known):
        least = max(least, min(1.0, p * (len(known) - rank)))
        found[place] = least
    return found


def two_sided(t: float, freedom: float) -> float:
    """P(|T| >= |t|)."""
    return _beta(freedom / (freedom + t * t), freedom / 2, 0.5)


@lru_cache
def t_quantile(share: float, freedom: float) -> float:
    """Below which that share of Student's t lies; share from 0.5 to below 1. Infinite if no double has its square."""
    low, high = 0.0, 1.0
    while 1 - two_sided(high, freedom) / 2 < share:
        low, high = high, 2 * high
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if 1 - two_sided(middle, freedom) / 2 < share else (low, middle)
    return math.inf if math.isinf(high * high) else high


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    log_front = a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp(log_front) * _fraction(x, a, b) / a


def _fraction(x: float, a: float, b: float) -> float:
    """By the modified method of Lentz."""
    c, d = 1.0, _away(1 - (a + b) * x / (a + 1))
    d = 1 / d
    found = d
    for m in range(1, 500):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + step * d)
            c = _away(1 + step / c)
            found *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return found


def _away(value: float) -> float:
    return value if abs(value) > TINY else TINY
