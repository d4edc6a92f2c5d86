"""Profile `seed`: the Alliance Protocol's own classes.

Exact to the seed's numbers. Not taken over are what was broken in it: times read in a local zone, the future
amplified, a class cached for ever, an ignore class that nothing can set.
"""

from domain.alliance.history import History
from domain.alliance.policy import HISTORY_DAYS, Policy, Relationship
from domain.alliance.score import age, contribution, event_kinds, weight_of
from domain.alliance.tally import Tally
from domain.people.constants import DAY
from domain.people.interaction import in_order


class Acts:
    """Whatever happened, as (at, weight) in order of time."""

    def __init__(self, history: History, policy: Policy) -> None:
        self._policy = policy
        kinds = event_kinds(policy)
        self._acts = [
            (each.at, weight_of(each, policy)) for each in in_order(history.interactions) if each.kind in kinds
        ]

    def classify(self, now: int) -> tuple[Relationship, Tally, tuple[int, ...]]:
        """The class, its figures, and the times after `now` at which either may change."""
        acts = self._acts
        tally = Tally(
            score=sum(contribution(weight, age(at, now)) for at, weight in acts),
            counted=len(acts),
            positive=sum(weight > 0 for _, weight in acts),
            negative=sum(weight < 0 for _, weight in acts),
            first_at=acts[0][0] if acts else None,
            last_at=acts[-1][0] if acts else None,
        )
        times = tuple(at + (age(at, now) + 1) * DAY for at, _ in acts if age(at, now) <= HISTORY_DAYS)
        return _relationship(tally, self._policy), tally, times


def _relationship(tally: Tally, policy: Policy) -> Relationship:
    if not tally.counted:
        return Relationship.UNKNOWN
    if tally.counted >= policy.ally_minimum and tally.score >= policy.enter:
        return Relationship.ALLY
    if tally.counted >= policy.rival_minimum and tally.score <= -policy.enter:
        return Relationship.RIVAL
    return Relationship.NEUTRAL
