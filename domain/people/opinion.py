"""Subjective logic: opinions about somebody, passed on and put together (Josang; spec section 10).

An opinion is kept as its evidence, r good and s bad; belief, disbelief and uncertainty follow, with prior weight 2.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.people import beta
from domain.people.errors import InvalidOpinion
from domain.people.interaction import finite

BASE_RATE = 0.5


@dataclass(frozen=True, slots=True)
class Opinion:
    """Evidence about one person: finite numbers from 0, else `InvalidOpinion`."""

    r: float = 0.0
    s: float = 0.0

    def __post_init__(self) -> None:
        for path, number in (("$.r", self.r), ("$.s", self.s)):
            if not finite(number) or number < 0:
                raise InvalidOpinion(path, "a finite number from 0", number)

    @property
    def belief(self) -> float:
        return self.r / (self.r + self.s + 2)

    @property
    def disbelief(self) -> float:
        return self.s / (self.r + self.s + 2)

    @property
    def uncertainty(self) -> float:
        return beta.uncertainty(self.r, self.s)

    @property
    def expectation(self) -> float:
        """Belief, and uncertainty at the base rate of one half."""
        return beta.expectation(self.r, self.s)


NOTHING = Opinion()


def discount(trust: Opinion, told: Opinion) -> Opinion:
    """What a recommender tells, as far as the recommender is trusted: b = b1 b2, d = b1 d2, the rest uncertain."""
    weight = 2 * trust.r / ((trust.s + 2) * (told.r + told.s + 2) + 2 * trust.r)
    return Opinion(weight * told.r, weight * told.s)


def along(path: Sequence[Opinion]) -> Opinion:
    """The last opinion of a chain, discounted by every one before it."""
    first, *rest = path
    for told in rest:
        first = discount(first, told)
    return first


def fuse(opinions: Iterable[Opinion]) -> Opinion:
    """Independent opinions together: their evidence adds up (cumulative fusion)."""
    good, bad = 0.0, 0.0
    for each in opinions:
        good, bad = good + each.r, bad + each.s
    return Opinion(good, bad)


def forgetting(outcomes: Iterable[float], factor: float) -> Opinion:
    """Outcomes in [-1, 1], oldest first; before each, what is known fades by `factor` in [0, 1] (1 never forgets)."""
    if not finite(factor) or not 0 <= factor <= 1:
        raise InvalidOpinion("$.factor", "a number from 0 to 1", factor)
    r, s = 0.0, 0.0
    for outcome in outcomes:
        r, s = factor * r + (1 + outcome) / 2, factor * s + (1 - outcome) / 2
    return Opinion(r, s)
