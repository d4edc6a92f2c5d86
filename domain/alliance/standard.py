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
from domain.alliance.score import event_kinds, weight_of
from domain.alliance.tally import Tally
from domain.alliance.worth import Worth
from domain.people.constants import DAY, HOUR
from domain.people.interaction import By, Interaction, in_order, without_repeats
from domain.people.standing import answers

WINDOW = HISTORY_DAYS * DAY
COUNTED = WINDOW + DAY
"""What is younger than this still counts."""


class Acts:
    """The acts of both sides in (at, id) order, each counted once, as columns: histories are long.

    Nothing here depends on the moment: what comes later changes neither repeats nor standing of what came before.
    """

    def __init__(self, history: History, policy: Policy) -> None:
        self.history = history
        self.policy = policy
        kinds = event_kinds(policy)
        events = [each for each in in_order(history.interactions) if each.kind in kinds]
        counted = without_repeats(events)
        justified = answers(counted, (policy.answer_days or 0) * DAY)
        person = By.PERSON  # looked up once: in Python 3.11 that takes longer than all else here
        self.received = [each for each in counted if each.by is person]
        self.times = [each.at for each in self.received]
        self.weights = [0 if each.id in justified else weight_of(each, policy) for each in self.received]
        self.justified = [each.at for each in self.received if each.id in justified]
        self.own_times = [each.at for each in counted if each.by is not person]
        self.pardons = [each.pardoned_at for each in events if each.pardoned_at is not None]
        self.event_times = [each.at for each in events]

    def classify(self, now: int) -> tuple[Relationship, Tally, tuple[int, ...]]:
        """The class, its figures, and times after `now` among which is the first at which either may change."""
        ledger = Ledger(self, now)
        tally = _tally(ledger)
        pause = () if tally.provoked_until is None else (tally.provoked_until,)
        return _relationship(ledger, tally), tally, (*_changes(ledger), *pause)


@dataclass(frozen=True)
class Ledger:
    """The acts up to `now`."""

    acts: Acts
    now: int

    @property
    def policy(self) -> Policy:
        return self.acts.policy

    @cached_property
    def received(self) -> Sequence[Interaction]:
        """What the person did."""
        return self.acts.received[: bisect_right(self.acts.times, self.now)]

    @cached_property
    def times(self) -> Sequence[int]:
        return self.acts.times[: len(self.received)]

    @cached_property
    def weights(self) -> Sequence[int]:
        """What each of them weighs now."""
        weights = self.acts.weights[: len(self.received)]
        if not self.acts.pardons:
            return weights
        return [0 if _pardoned(each, self.now) else weight for each, weight in zip(self.received, weights, strict=True)]

    @cached_property
    def first(self) -> int:
        """The place of the first one received that still counts."""
        return bisect_right(self.times, self.now - COUNTED)

    @cached_property
    def own_times(self) -> Sequence[int]:
        """When the observer acted, as far as it still counts."""
        return _between(self.acts.own_times, self.now - COUNTED, self.now)

    @cached_property
    def worth(self) -> Worth:
        return Worth(self.times, self.weights, self.policy)

    def score(self, moment: int) -> int:
        """S: capped positives and unjustified negatives of what was received until `moment`, at its age then."""
        return self.worth.at(moment)

    def instants(self) -> Iterator[int]:
        """Newest first: now, and in the window before it every received act and UTC midnight."""
        yield self.now
        since = self.now - WINDOW
        midnights = range(self.now // DAY * DAY, since, -DAY)
        yield from sorted({*midnights, *self.times[bisect_right(self.times, since) :]}, reverse=True)

    def stands(self, sign: int) -> bool:
        """Whether the person is on the side of the sign: +1 for allies, -1 for rivals."""
        return holds((sign * score for score in self.worth.at_each(self.instants())), self.policy)

    @cached_property
    def provocations(self) -> list[int]:
        """When the unprovoked, unforgiven hostile acts came that the observer pauses for now."""
        since = self.now - (self.policy.pause_hours or 0) * HOUR
        fresh = range(bisect_right(self.times, since), len(self.times))
        return [self.times[place] for place in fresh if self.weights[place] < 0 and not self._forgiven(place)]

    def _forgiven(self, place: int) -> bool:
        one_in = self.policy.forgive_one_in
        return one_in is not None and draw_of(self.acts.history, "forgive", self.received[place].id) % one_in == 0


def _pardoned(each: Interaction, now: int) -> bool:
    return each.pardoned_at is not None and each.pardoned_at <= now


def _between(times: Sequence[int], after: int, until: int) -> Sequence[int]:
    return times[bisect_right(times, after) : bisect_right(times, until)]


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
    times, weights, own = ledger.times[ledger.first :], ledger.weights[ledger.first :], ledger.own_times
    both = [each for times in (times, own) if times for each in (times[0], times[-1])]
    pauses = ledger.provocations
    return Tally(
        score=ledger.score(ledger.now),
        counted=len(times),
        positive=sum(weight > 0 for weight in weights),
        negative=sum(weight < 0 for weight in weights),
        justified=len(_between(ledger.acts.justified, ledger.now - COUNTED, ledger.now)),
        own=len(own),
        first_at=min(both, default=None),
        last_at=max(both, default=None),
        last_own_at=own[-1] if own else None,
        provoked=bool(pauses),
        provoked_until=max(pauses) + (ledger.policy.pause_hours or 0) * HOUR if pauses else None,
    )


def _changes(ledger: Ledger) -> Iterator[int]:
    """An act that comes, is pardoned, or grows a day older; the next midnight."""
    now, times = ledger.now, ledger.acts.event_times
    yield from islice(times, bisect_right(times, now), None)
    yield from ledger.acts.pardons
    recent = [*ledger.times[ledger.first :], *ledger.own_times]
    if recent:
        yield now + 1 + min([(at - now - 1) % DAY for at in recent])
        yield (now // DAY + 1) * DAY
