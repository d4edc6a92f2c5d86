"""Histories and relationships kept in process, so that a relationship is calculated only when it may have changed.

They are no truth. An entry holds while the store's head of the history is the same: that is looked up again after a
second, and at once where this process wrote something.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from domain.alliance.history import History
from domain.alliance.policy import Policy
from domain.alliance.relationship import Assessment, Prepared
from domain.identity import Did
from domain.people.interaction import Interaction, PersonId
from graphdb.alliances import Stance
from subscriptions.bus import Bus

FRESH = 1_000
"""How long (ms) an entry holds before the store is asked again: what other processes wrote is seen after that."""

MOST_ENTRIES = 50_000
MOST_INTERACTIONS = 500_000
"""Over all entries: about 400 MB with long contexts."""

Pair = tuple[Did, PersonId]


@dataclass(slots=True)
class Held:
    """What is held of one observer and person.

    `checked_at` (ms) is when the store was last asked, and `writes` how often this process had written before.
    """

    observer: Did
    stance: Stance
    interactions: tuple[Interaction, ...]
    checked_at: int
    writes: int
    _prepared: dict[Policy, Prepared] = field(default_factory=dict)
    _assessments: dict[Policy, Assessment] = field(default_factory=dict)

    @property
    def pair(self) -> Pair:
        return self.observer, self.stance.person

    @property
    def history(self) -> History:
        stance = self.stance
        return History(
            observer=self.observer, subject=stance.person, interactions=self.interactions, marks=stance.marks
        )

    def checked(self, stance: Stance, now: int, writes: int) -> "Held":
        """The same, after the store was asked: nothing that counts has changed."""
        self.stance, self.checked_at, self.writes = stance, now, writes
        return self

    def assess(self, policy: Policy, now: int) -> Assessment:
        """The relationship now, calculated only where the last one is no longer valid."""
        last = self._assessments.get(policy)
        if last is not None and last.now <= now and (last.valid_until is None or now < last.valid_until):
            return last if last.now == now else replace(last, now=now)
        found = self._assessments[policy] = self.assess_at(policy, now)
        return found

    def assess_at(self, policy: Policy, moment: int) -> Assessment:
        """At any moment, as far as the history is known now."""
        prepared = self._prepared.get(policy)
        if prepared is None:
            prepared = self._prepared[policy] = Prepared(self.history, policy)
        return prepared.assess(moment)


class Standings:
    """A bounded memory of what is held; the least recently used goes first."""

    def __init__(self, most_entries: int = MOST_ENTRIES, most_interactions: int = MOST_INTERACTIONS) -> None:
        self._held: OrderedDict[Pair, Held] = OrderedDict()
        self._most_entries = most_entries
        self._most_interactions = most_interactions
        self._interactions = 0
        self._writes = 0
        self._written: dict[Pair, int] = {}
        self._everything_written = 0
        self.bus = Bus()
        """Wakes whoever follows relationships, when something was written about anybody."""

    @property
    def writes(self) -> int:
        """How often this process has written something: take it before reading what is then kept."""
        return self._writes

    def get(self, pair: Pair) -> Held | None:
        """What is held, however old."""
        return self._held.get(pair)

    def fresh(self, pair: Pair, now: int) -> Held | None:
        """What is held, if it may be used without asking the store."""
        held = self._held.get(pair)
        if held is None or not held.checked_at <= now < held.checked_at + FRESH:
            return None
        if held.writes < self._written.get(pair, self._everything_written):
            return None
        self._held.move_to_end(pair)
        return held

    def keep(self, held: Held) -> None:
        self._forget(held.pair)
        self._held[held.pair] = held
        self._interactions += len(held.interactions)
        while len(self._held) > self._most_entries or self._interactions > self._most_interactions:
            self._forget(next(iter(self._held)))

    def written(self, pairs: Iterable[Pair]) -> None:
        """This process has written something about these."""
        self._writes += 1
        self._written |= dict.fromkeys(pairs, self._writes)
        if len(self._written) > self._most_entries:
            self.everything_written()
        self.bus.wake()

    def everything_written(self) -> None:
        """This process has changed who somebody is, for every observer."""
        self._writes += 1
        self._written.clear()
        self._everything_written = self._writes
        self.bus.wake()

    def _forget(self, pair: Pair) -> None:
        gone = self._held.pop(pair, None)
        if gone is not None:
            self._interactions -= len(gone.interactions)
