"""Whether p means what it says, measured on interactions whose truth is known; None where none is.

Source: section 4 of the sandbox specification. V is 1 for a good interaction and 0 for a bad one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.batch import Batch, Floats
from domain.sandbox.errors import OutOfRange
from domain.sandbox.metrics import difference, mean, total

MOST_BINS = 100_000


@dataclass(frozen=True, slots=True)
class Bin:
    """How many p lie in [start, end)."""

    start: float
    end: float
    count: int


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Mean p and share of good ones in a bin; an empty bin has its midpoint and no share."""

    p: float
    positive_share: float | None
    count: int


def quality_distribution(batch: Batch, bins: int = 10) -> tuple[Bin, ...]:
    """A histogram of p over [0, 1]; p = 1 is in the last bin."""
    starts, ends, placed = _binned(batch.p, bins)
    counts = np.bincount(placed, minlength=bins)
    return tuple(Bin(*row) for row in zip(starts, ends, counts.tolist(), strict=True)) if len(batch) else ()


def calibration_error(batch: Batch) -> float | None:
    """E[p] less the share of good ones; positive means too optimistic."""
    p, good = _labelled(batch)
    return difference(mean(p), mean(good))


def brier_score(batch: Batch) -> float | None:
    """E[(p - V)^2] (Brier 1950)."""
    p, good = _labelled(batch)
    return mean((p - good) ** 2)


def log_loss(batch: Batch, eps: float = 1e-15) -> float | None:
    """-E[V ln p + (1 - V) ln(1 - p)], p kept eps away from 0 and 1."""
    p, good = _labelled(batch)
    kept = np.clip(p, eps, 1 - eps)
    found = mean(good * np.log(kept) + (1 - good) * np.log(1 - kept))
    return None if found is None else -found


def expected_calibration_error(batch: Batch, bins: int = 10) -> float | None:
    """The sum over bins of their share times |mean p - share of good ones|."""
    p, _ = _labelled(batch)
    gaps = [
        point.count / len(p) * abs(point.p - point.positive_share)
        for point in calibration_curve(batch, bins)
        if point.positive_share is not None
    ]
    return total(np.array(gaps)) if gaps else None


def calibration_curve(batch: Batch, bins: int = 10) -> tuple[CurvePoint, ...]:
    p, good = _labelled(batch)
    starts, ends, placed = _binned(p, bins)
    counts = np.bincount(placed, minlength=bins)
    sums, goods = (np.bincount(placed, weights=values, minlength=bins) for values in (p, good))
    rows = zip(starts, ends, counts.tolist(), sums.tolist(), goods.tolist(), strict=True)
    return tuple(_point(*row) for row in rows) if len(p) else ()


def discrimination_auc(batch: Batch) -> float | None:
    """P(p of a good one > p of a bad one), ties counting half (Mann-Whitney); None unless both kinds exist."""
    p, good = _labelled(batch)
    positives = int(good.sum())
    negatives = len(p) - positives
    if not positives or not negatives:
        return None
    values, inverse, counts = np.unique(p, return_inverse=True, return_counts=True)
    good_here = np.bincount(inverse, weights=good, minlength=len(values))
    bad_here = counts - good_here
    bad_below = np.cumsum(bad_here) - bad_here
    return float(np.sum(good_here * (bad_below + bad_here / 2))) / (positives * negatives)


def _labelled(batch: Batch) -> tuple[Floats, Floats]:
    known = batch.labelled
    return batch.p[known], (batch.truth[known] > 0).astype(np.float64)


def _binned(p: Floats, bins: int) -> tuple[list[float], list[float], NDArray[np.intp]]:
    """Bin i is [i * w, (i + 1) * w) with w = 1 / bins as a float."""
    if not 1 <= bins <= MOST_BINS:
        raise OutOfRange("bins", f"1 to {MOST_BINS}", bins)
    edges = np.arange(bins + 1) * (1.0 / bins)
    placed = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, bins - 1)
    return edges[:-1].tolist(), edges[1:].tolist(), placed


def _point(start: float, end: float, count: int, p: float, good: float) -> CurvePoint:
    return CurvePoint(p / count, good / count, count) if count else CurvePoint((start + end) / 2, None, 0)
