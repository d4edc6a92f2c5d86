"""What received acts come to at one moment or at many: the capped positives and the negatives, at their age then."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from domain.alliance.policy import HISTORY_DAYS, Policy
from domain.alliance.score import contributions
from domain.people.constants import DAY

ONE_BY_ONE = 3
"""So many of the newest moments are calculated alone: they nearly always decide."""

CELLS = 1_000_000
"""Acts times moments that are calculated at once."""

Integers = NDArray[np.int64]


class Worth:
    """The score of acts, in 1200ths of a unit: when each was received, in order, and what it weighs."""

    def __init__(self, times: Sequence[int], weights: Sequence[int], policy: Policy) -> None:
        self._times = times
        self._weights = weights
        self._policy = policy
        self._known: dict[int, int] = {}

    def at(self, moment: int) -> int:
        """Both sides and the figures ask for the newest moments, each for itself."""
        found = self._known.get(moment)
        if found is None:
            found = self._known[moment] = self._at(moment)
        return found

    def _at(self, moment: int) -> int:
        counted = slice(bisect_right(self._times, moment - (HISTORY_DAYS + 1) * DAY), bisect_right(self._times, moment))
        earned: dict[int, int] = {}
        negative = 0
        for at, weight in zip(self._times[counted], self._weights[counted], strict=True):
            worth = _BY_WEIGHT[weight][(moment - at) // DAY]
            if worth > 0:
                date = at // DAY
                earned[date] = earned.get(date, 0) + worth
            else:
                negative += worth
        return self._capped(earned.values()) + negative

    def _capped(self, earned: Iterable[int]) -> int:
        daily, total = self._policy.daily_cap, self._policy.total_cap
        if daily is None or total is None:
            return sum(earned)
        return min(total, sum(min(daily, worth) for worth in earned))

    def at_each(self, moments: Iterable[int]) -> Iterator[int]:
        """The scores at these moments, newest first, calculated as far as they are asked for."""
        moments = iter(moments)
        yield from (self.at(moment) for moment in islice(moments, ONE_BY_ONE))
        for moment in moments:
            rest = tuple(islice(moments, max(1, CELLS // (len(self._times) + 1))))
            yield from chain.from_iterable((map(int, self._at_all(np.array([moment, *rest], np.int64))),))

    def _at_all(self, moments: Integers) -> Integers:
        if not self._times:
            return np.zeros(len(moments), np.int64)
        times, weights, first_of_date = self._columns
        ages = (moments[:, None] - times[None, :]) // DAY
        counts = (ages >= 0) & (ages <= HISTORY_DAYS)
        worth = np.where(counts, _TABLE[weights[None, :] + HEAVIEST, np.clip(ages, 0, HISTORY_DAYS)], 0)
        earned = np.add.reduceat(np.maximum(worth, 0), first_of_date, axis=1)
        if self._policy.daily_cap is not None:
            earned = np.minimum(earned, self._policy.daily_cap)
        positive = earned.sum(axis=1)
        if self._policy.total_cap is not None:
            positive = np.minimum(positive, self._policy.total_cap)
        scores: Integers = positive + np.minimum(worth, 0).sum(axis=1)
        return scores

    @cached_property
    def _columns(self) -> tuple[Integers, Integers, Integers]:
        """Times, weights, and the first act of each UTC date."""
        times = np.array(self._times, np.int64)
        dates = times // DAY
        starts = np.flatnonzero(np.concatenate(([True], dates[1:] != dates[:-1])))
        return times, np.array(self._weights, np.int64), starts.astype(np.int64)


HEAVIEST = 3
"""The largest weight of either sign in any policy."""

_BY_WEIGHT = {weight: contributions(weight) for weight in range(-HEAVIEST, HEAVIEST + 1)}
_TABLE: Integers = np.array(list(_BY_WEIGHT.values()), np.int64)
