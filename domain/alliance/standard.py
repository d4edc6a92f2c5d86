"""Profile `standard`, the default: a reciprocal reading of the same history.

Only the other side's acts are evidence. A class is entered at one score and left at another, an unprovoked hostile act
costs a pause at once, and one such act in four is forgiven, drawn on its id, which nobody knows before the act.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from domain.alliance.draw import draw
from domain.alliance.history import History
from domain.alliance.policy import HISTORY_DAYS, Policy, Relationship
from domain.alliance.score import age, contributions, weight_of
from domain.alliance.tally import Tally
from domain.people.constants import DAY, HOUR
from domain.people.interaction import By, Interaction, distinct, in_order
from domain.people.standing import answers

WINDOW = HISTORY_DAYS * DAY


@dataclass(frozen=True, slots=True)
class Act:
    """One alliance event: its weight is 0 where it was justified or pardoned."""

    id: str
    by: By
    at: int
    weight: int
    justified: bool


@dataclass(frozen=True)
class Ledger:
    """The acts of both sides up to `now`, in (at, id) order, each counted once."""

    history: History
    policy: Policy
    now: int

    @cached_property
    def events(self) -> list[Interaction]:
        """What the alliance looks at, before and after `now`."""
        return [each for each in in_order(self.history.interactions) if weight_of(each, self.policy) is not None]

    @cached_property
    def acts(self) -> list[Act]:
        ordered = distinct(each for each in self.events if each.at <= self.now)
        justified = answers(ordered, (self.policy.answer_days or 0) * DAY)
        return [act for each in ordered if (act := self._act(each, each.id in justified))]

    def _act(self, each: Interaction, justified: bool) -> Act | None:
        weight = weight_of(each, self.policy)
        if weight is None:
            return None
        pardoned = each.pardoned_at is not None and each.pardoned_at <= self.now
        return Act(each.id, each.by, each.at, 0 if justified or pardoned else weight, justified)

    @cached_property
    def received(self) -> list[Act]:
        return [act for act in self.acts if act.by == By.PERSON]

    @cached_property
    def _times(self) -> list[int]:
        return [act.at for act in self.received]

    def score(self, moment: int) -> int:
        """S: capped positives and unjustified negatives of what was received until `moment`, at its age then."""
        first = bisect_right(self._times, moment - WINDOW - DAY)
        earned: defaultdict[int, int] = defaultdict(int)
        negative = 0
        for act in self.received[first : bisect_right(self._times, moment)]:
            worth = contributions(act.weight)[(moment - act.at) // DAY]
            if worth > 0:
                earned[act.at // DAY] += worth
            else:
                negative += worth
        return self._capped(earned) + negative

    def _capped(self, earned: dict[int, int]) -> int:
        if self.policy.daily_cap is None or self.policy.total_cap is None:
            return sum(earned.values())
        return min(self.policy.total_cap, sum(min(self.policy.daily_cap, worth) for worth in earned.values()))

    def instants(self) -> Iterator[int]:
        """Newest first: now, and in the window before it every received act and UTC midnight."""
        yield self.now
        since = self.now - WINDOW
        midnights = range(self.now // DAY * DAY, since, -DAY)
        yield from sorted({*midnights, *(at for at in self._times if at > since)}, reverse=True)

    def stands(self, sign: int) -> bool:
        """Whether the person is on the side of the sign: +1 for allies, -1 for rivals."""
        return holds((sign * self.score(moment) for moment in self.instants()), self.policy)

    @cached_property
    def provocations(self) -> list[int]:
        """When the unprovoked, unforgiven hostile acts came that the observer pauses for now."""
        since = self.now - (self.policy.pause_hours or 0) * HOUR
        recent = self.received[bisect_right(self._times, since) :]
        return [act.at for act in recent if act.weight < 0 and not self._forgiven(act)]

    def _forgiven(self, act: Act) -> bool:
        one_in = self.policy.forgive_one_in
        return one_in is not None and draw_of(self.history, "forgive", act.id) % one_in == 0


def holds(newest_first: Iterable[int], policy: Policy) -> bool:
    """Hysteresis: the newest score that is not between leaving and entering decides; none means no."""
    outside = (score for score in newest_first if not policy.leave <= score < policy.enter)
    return next((score >= policy.enter for score in outside), False)


def draw_of(history: History, purpose: str, about: str) -> int:
    return draw(history.salt, purpose, history.observer, history.subject, about)


def classify(history: History, now: int, policy: Policy) -> tuple[Relationship, Tally, tuple[int, ...]]:
    """The class, its figures, and the times after `now` at which either may change."""
    ledger = Ledger(history, policy, now)
    tally = _tally(ledger)
    pause = () if tally.provoked_until is None else (tally.provoked_until,)
    return _relationship(ledger, tally), tally, (*_changes(ledger), *pause)


def _relationship(ledger: Ledger, tally: Tally) -> Relationship:
    policy = ledger.policy
    if not tally.counted and not tally.own:
        return Relationship.UNKNOWN
    if tally.counted >= policy.rival_minimum and ledger.stands(-1):
        return Relationship.RIVAL
    if tally.counted >= policy.ally_minimum and not tally.provoked and ledger.stands(+1):
        return Relationship.ALLY
    return Relationship.NEUTRAL


def _tally(ledger: Ledger) -> Tally:
    now = ledger.now
    recent = [act for act in ledger.acts if age(act.at, now) <= HISTORY_DAYS]
    received = [act for act in recent if act.by == By.PERSON]
    own = [act.at for act in recent if act.by == By.OBSERVER]
    pauses = ledger.provocations
    return Tally(
        score=ledger.score(now),
        counted=len(received),
        positive=sum(act.weight > 0 for act in received),
        negative=sum(act.weight < 0 for act in received),
        justified=sum(act.justified for act in received),
        own=len(own),
        first_at=recent[0].at if recent else None,
        last_at=recent[-1].at if recent else None,
        last_own_at=own[-1] if own else None,
        provoked=bool(pauses),
        provoked_until=max(pauses) + (ledger.policy.pause_hours or 0) * HOUR if pauses else None,
    )


def _changes(ledger: Ledger) -> Iterator[int]:
    now = ledger.now
    yield from (each.at for each in ledger.events if each.at > now)
    yield from (each.pardoned_at for each in ledger.events if each.pardoned_at is not None)
    ages = [(act.at, age(act.at, now)) for act in ledger.acts]
    current = [at + (days + 1) * DAY for at, days in ages if days <= HISTORY_DAYS]
    yield from current
    if current:
        yield (now // DAY + 1) * DAY
