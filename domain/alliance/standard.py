"""Profile `standard`, the default: a reciprocal reading of the same history.

Only the other side's acts are evidence. A class is entered at one score and left at another, an unprovoked hostile act
costs a pause at once, and one such act in four is forgiven, drawn on its id, which nobody knows before the act.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from domain.alliance.draw import draw
from domain.alliance.history import History
from domain.alliance.policy import HISTORY_DAYS, Policy, Relationship
from domain.alliance.score import weight_of
from domain.alliance.tally import Tally
from domain.alliance.worth import Act, Worth
from domain.people.constants import DAY, HOUR
from domain.people.interaction import By, Interaction, in_order, without_repeats
from domain.people.standing import answers

WINDOW = HISTORY_DAYS * DAY
COUNTED = WINDOW + DAY
"""What is younger than this still counts."""


class Acts:
    """The acts of both sides in (at, id) order, each counted once.

    Nothing here depends on the moment: what comes later changes neither repeats nor standing of what came before.
    """

    def __init__(self, history: History, policy: Policy) -> None:
        self.history = history
        self.policy = policy
        ordered = in_order(history.interactions)
        weights = {each.id: weight for each in ordered if (weight := weight_of(each, policy)) is not None}
        events = [each for each in ordered if each.id in weights]
        counted = list(without_repeats(events))
        justified = answers(counted, (policy.answer_days or 0) * DAY)
        self.all = [_act(each, weights[each.id], each.id in justified) for each in counted]
        self.times = [act.at for act in self.all]
        self.received = [act for act in self.all if act.by is By.PERSON]
        self.pardons = [each.pardoned_at for each in events if each.pardoned_at is not None]
        self.event_times = [each.at for each in events]

    def classify(self, now: int) -> tuple[Relationship, Tally, tuple[int, ...]]:
        """The class, its figures, and times after `now` among which is the first at which either may change."""
        ledger = Ledger(self, now)
        tally = _tally(ledger)
        pause = () if tally.provoked_until is None else (tally.provoked_until,)
        return _relationship(ledger, tally), tally, (*_changes(ledger), *pause)


def _act(each: Interaction, weight: int, justified: bool) -> Act:
    return Act(each.id, each.by, each.at, 0 if justified else weight, justified, each.pardoned_at)


@dataclass(frozen=True)
class Ledger:
    """The acts up to `now`."""

    acts: Acts
    now: int

    @property
    def policy(self) -> Policy:
        return self.acts.policy

    @cached_property
    def received(self) -> Sequence[Act]:
        """What the person did, with what it weighs now."""
        past = self.acts.received[: bisect_right(self.acts.received, self.now, key=_at)]
        if not self.acts.pardons:
            return past
        return [act._replace(weight=0) if act.pardoned(self.now) else act for act in past]

    @cached_property
    def recent(self) -> Sequence[Act]:
        """What still counts, of both sides."""
        times = self.acts.times
        return self.acts.all[bisect_right(times, self.now - COUNTED) : bisect_right(times, self.now)]

    @cached_property
    def worth(self) -> Worth:
        return Worth(self.received, self.policy)

    def score(self, moment: int) -> int:
        """S: capped positives and unjustified negatives of what was received until `moment`, at its age then."""
        return self.worth.at(moment)

    def instants(self) -> Iterator[int]:
        """Newest first: now, and in the window before it every received act and UTC midnight."""
        yield self.now
        since = self.now - WINDOW
        midnights = range(self.now // DAY * DAY, since, -DAY)
        yield from sorted({*midnights, *(act.at for act in self.received if act.at > since)}, reverse=True)

    def stands(self, sign: int) -> bool:
        """Whether the person is on the side of the sign: +1 for allies, -1 for rivals."""
        return holds((sign * score for score in self.worth.at_each(self.instants())), self.policy)

    @cached_property
    def provocations(self) -> list[int]:
        """When the unprovoked, unforgiven hostile acts came that the observer pauses for now."""
        since = self.now - (self.policy.pause_hours or 0) * HOUR
        fresh = self.received[bisect_right(self.received, since, key=_at) :]
        return [act.at for act in fresh if act.weight < 0 and not self._forgiven(act)]

    def _forgiven(self, act: Act) -> bool:
        one_in = self.policy.forgive_one_in
        return one_in is not None and draw_of(self.acts.history, "forgive", act.id) % one_in == 0


def _at(act: Act) -> int:
    return act.at


def holds(newest_first: Iterable[int], policy: Policy) -> bool:
    """Hysteresis: the newest score that is not between leaving and entering decides; none means no."""
    outside = (score for score in newest_first if not policy.leave <= score < policy.enter)
    return next((score >= policy.enter for score in outside), False)


def draw_of(history: History, purpose: str, about: str) -> int:
    return draw(history.salt, purpose, history.observer, history.subject, about)


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
    recent = ledger.recent
    counted = sum(act.by is By.PERSON for act in recent)
    received = ledger.received[len(ledger.received) - counted :]
    pauses = ledger.provocations
    return Tally(
        score=ledger.score(ledger.now),
        counted=counted,
        positive=sum(act.weight > 0 for act in received),
        negative=sum(act.weight < 0 for act in received),
        justified=sum(act.justified for act in received),
        own=len(recent) - counted,
        first_at=recent[0].at if recent else None,
        last_at=recent[-1].at if recent else None,
        last_own_at=next((act.at for act in reversed(recent) if act.by is By.OBSERVER), None),
        provoked=bool(pauses),
        provoked_until=max(pauses) + (ledger.policy.pause_hours or 0) * HOUR if pauses else None,
    )


def _changes(ledger: Ledger) -> Iterator[int]:
    """An act that comes, is pardoned, or grows a day older; the next midnight."""
    now, times = ledger.now, ledger.acts.event_times
    yield from islice(times, bisect_right(times, now), None)
    yield from ledger.acts.pardons
    if ledger.recent:
        yield now + min(DAY - (now - act.at) % DAY for act in ledger.recent)
        yield (now // DAY + 1) * DAY
