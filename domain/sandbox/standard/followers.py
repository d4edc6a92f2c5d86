"""Agents that follow a policy of this project when they trust and answer: between the columns of a run and a ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.agents import LEDGERS, Following, Ledger, Policy
from domain.sandbox.agents.policy import Asked, Pairs, Question, acts_of, event_id
from domain.sandbox.standard.population import SLOTS, Bools, Floats, Ints, Population


@dataclass(slots=True)
class Moment:
    """Epoch, step and hour of the run."""

    epoch: int = 0
    step: int = 0
    hour: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Meetings:
    """Answered proposals as one side remembers them, each row once."""

    rows: Ints
    others: Ints
    slot: Ints
    known: Bools
    """Whether the slot already was the other's."""
    accepted: Bools
    initiator: Ints


class Remembered(Protocol):
    """What rows know of others, in pairs."""

    @property
    def rows(self) -> Ints: ...
    @property
    def slot(self) -> Ints: ...
    @property
    def found(self) -> Bools: ...


@dataclass(slots=True, eq=False)
class Followers:
    """Those of one policy, over all seeds."""

    numbers: Ints
    """By row, from 0; -1 for everybody else."""
    ledger: Ledger
    salts: NDArray[np.uint64]
    """The seed itself, by seed."""
    count: int

    def __bool__(self) -> bool:
        return self.count > 0

    def overrule_trust(self, trust: Floats, rows: Ints, slot: Ints, found: Bools, moment: Moment) -> None:
        rows = np.broadcast_to(rows, found.shape)
        mine = self.numbers[rows] >= 0
        if mine.any():
            pairs = Pairs(self.numbers[rows[mine]], slot[mine], found[mine])
            trust[mine] = self.ledger.trust(pairs, moment.hour)

    def overrule_answers(
        self, rule: NDArray[np.int8], people: Population, known: Remembered, initiator: Ints, moment: Moment
    ) -> None:
        mine = np.flatnonzero(self.numbers[known.rows] >= 0)
        target = known.rows[mine]
        pairs = Pairs(self.numbers[target], known.slot[mine], known.found[mine])
        asked = self._asked(people, target, initiator[mine], initiator[mine], moment)
        rule[mine] = self.ledger.answer(pairs, asked, moment.hour)

    def displace(self, rows: Ints, slot: Ints, known: Bools) -> None:
        """Slots that are now somebody else's, unless they already were."""
        numbers = self.numbers[rows]
        anew = (numbers >= 0) & ~known
        self.ledger.forget(numbers[anew], slot[anew])

    def remember(self, people: Population, meetings: Meetings, p: Floats, breach: Bools, moment: Moment) -> None:
        self.displace(meetings.rows, meetings.slot, meetings.known)
        numbers = self.numbers[meetings.rows]
        mine = np.flatnonzero((numbers >= 0) & meetings.accepted)
        pairs = Pairs(numbers[mine], meetings.slot[mine], np.ones(len(mine), np.bool_))
        asked = self._asked(people, meetings.rows[mine], meetings.others[mine], meetings.initiator[mine], moment)
        self.ledger.record(pairs, acts_of(p[mine], breach[mine]), asked, moment.hour)

    def _asked(self, people: Population, observer: Ints, subject: Ints, initiator: Ints, moment: Moment) -> Asked:
        def asked(number: int) -> Question:
            row = int(observer[number])
            return Question(
                str(int(self.salts[row // people.size])),
                people.ids[row % people.size],
                people.ids[int(subject[number]) % people.size],
                event_id(moment.epoch, moment.step, people.ids[int(initiator[number]) % people.size]),
            )

        return asked


def followers_of(policy: Policy, people: Population, seeds: Sequence[int], following: Following) -> Followers:
    follows = np.tile(np.array([each is policy for each in people.policy]), people.seeds)
    numbers = np.where(follows, np.cumsum(follows) - 1, -1)
    count = int(follows.sum())
    ledger = LEDGERS[policy].empty(count, SLOTS, following)
    return Followers(numbers, ledger, np.array(seeds, np.uint64), count)
