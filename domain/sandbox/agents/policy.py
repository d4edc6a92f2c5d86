"""How rules that were made for people and years are followed by agents that live in steps.

Source: section 13c of the sandbox specification. One step is an hour and one epoch a day, unless the scenario says
otherwise. An accepted interaction is the partner's act: a positive, neutral or negative reply by its p; a breach of
what was offered is a violation of severity 0.15. An agent remembers 16 partners; whoever is forgotten starts as a
stranger.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.people.tier import Tier
from domain.sandbox.errors import OutOfRange
from domain.sandbox.quantities import STRICT, Counted, check_fields

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOURS = 24
"""Of a day."""
POSITIVE_P = 0.6
NEUTRAL_P = 0.4
BREACH_SEVERITY = 0.15


class Policy(StrEnum):
    """Whose rules an agent follows when it trusts and answers."""

    OWN = "own"
    """Those of its type."""
    ALLIANCE = "alliance"
    """The alliance: classes of relationship and whether to engage."""
    TRUST = "trust"
    """The trust formula: accepts whoever has reached a tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """How steps are read as time, and what the policies ask for."""

    __pydantic_config__ = STRICT

    hours_per_step: Counted = 1
    """How many hours a step stands for."""
    days_per_epoch: Counted = 1
    """How many days an epoch stands for."""
    least_tier: Tier = Tier.ACQUAINTANCE
    """The tier from which the policy `trust` accepts proposals."""

    def __post_init__(self) -> None:
        check_fields(self)

    def check(self, steps_per_epoch: int) -> None:
        """The steps of an epoch fit into its days."""
        hours = self.days_per_epoch * HOURS
        if steps_per_epoch * self.hours_per_step > hours:
            raise OutOfRange("steps_per_epoch", f"at most {hours} hours", steps_per_epoch * self.hours_per_step)

    def hour(self, epoch: int, step: int) -> int:
        """Of the run."""
        return epoch * self.days_per_epoch * HOURS + step * self.hours_per_step


class Act(IntEnum):
    """What an accepted interaction was."""

    POSITIVE = 0
    NEUTRAL = 1
    NEGATIVE = 2
    BREACH = 3


def acts_of(p: Floats, breach: Bools) -> NDArray[np.int8]:
    found = np.where(p >= POSITIVE_P, Act.POSITIVE, np.where(p >= NEUTRAL_P, Act.NEUTRAL, Act.NEGATIVE))
    return np.where(breach, Act.BREACH, found).astype(np.int8)


def event_id(epoch: int, step: int, initiator: str) -> str:
    """Of an interaction: an agent initiates at most one per step."""
    return f"{epoch}/{step}/{initiator}"


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Observers among the followers (their numbers), and the memory slot in which each keeps the other."""

    follower: Ints
    slot: Ints
    known: Bools
    """Whether the other is remembered at all; the slot of an unknown one means nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """One proposal that wants an answer."""

    salt: str
    observer: str
    subject: str
    event: str


Asked = Callable[[int], Question]
"""By the number of the pair."""


class Ledger(Protocol):
    """What the followers of one policy remember beyond trust, per memory slot."""

    def trust(self, pairs: Pairs, now: int) -> Floats:
        """How far each trusts the other at that hour, between 0 and 1."""
        ...

    def answer(self, pairs: Pairs, question: Asked, now: int) -> NDArray[np.int8]:
        """A `Rule` for each."""
        ...

    def forget(self, follower: Ints, slot: Ints) -> None:
        """These slots are now somebody else's."""
        ...

    def record(self, pairs: Pairs, acts: NDArray[np.int8], question: Asked, now: int) -> None:
        """An act of each partner; every pair is known."""
        ...

    def pass_time(self, now: int, until: int) -> None:
        """After everything of the hour `now`, and before anything of the hour `until`."""
        ...
