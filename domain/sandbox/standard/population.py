"""The agents of a standard run as columns, in the order of their ids; listing order never counts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.acquaintance import Acquaintance
from domain.sandbox.agent import AgentType
from domain.sandbox.agents.policy import Policy
from domain.sandbox.errors import OutOfRange
from domain.sandbox.role import Role
from domain.sandbox.standard.acquainted import Acquaintances, acquaintances
from domain.sandbox.standard.behaviour import BEHAVIOURS, Behaviour

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MICRO = 1_000_000
"""Resources are whole micro-credits, so that sums are exact."""
MOST_CREDITS = 1_000_000
"""More credits in one payment could leave the whole numbers."""
SLOTS = 16
"""How many partners an agent remembers."""
KINDS = tuple(AgentType)
NO_GROUP = -1


@dataclass(frozen=True, slots=True)
class Member:
    """One agent of the population."""

    agent_id: str
    type: AgentType
    behaviour: Behaviour
    group: str | None = None
    collude: float = 0.0
    roles: tuple[Role, ...] = (Role.WORKER,)
    adapts: bool = False
    """Whether it stops exploiting while that does not pay."""
    policy: Policy = Policy.OWN
    arrives: int = 0
    """The epoch with which it comes."""
    leaves: int | None = None
    """The epoch from which it is gone."""
    begins_again: tuple[int, ...] = ()
    """The epochs with which it takes a new name (whitewashing)."""
    knows: tuple[tuple[str, Acquaintance], ...] = ()
    """Whom it remembers from before the run, by id."""


def behaviour_of(kind: AgentType, changes: Mapping[str, float]) -> Behaviour:
    """The type's, with some numbers changed; raises `OutOfRange`."""
    return replace(BEHAVIOURS[kind], **changes) if changes else BEHAVIOURS[kind]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Population:
    """One row per agent and seed: all agents by id for the first seed, then again for the next."""

    ids: tuple[str, ...]
    seeds: int
    kind: NDArray[np.int8]
    group: Ints
    collude: Floats
    until_post: Floats
    until_vote: Floats
    until_propose: Floats
    good: Floats
    good_exploiting: Floats
    disguise: Floats
    disguise_exploiting: Floats
    offer: Ints
    take: Ints
    least_trust: Floats
    least_value: Floats
    roles: Mapping[Role, Bools]
    adapts: Bools
    policy: tuple[Policy, ...]
    """Of the agents of one seed."""
    arrives: Ints
    leaves: Ints
    renaming: Mapping[int, Ints]
    """By epoch, the ranks of those that take a new name."""
    acquaintances: Acquaintances
    """Of the agents of one seed."""

    @property
    def size(self) -> int:
        """How many agents there are per seed."""
        return len(self.ids)

    @property
    def rows(self) -> int:
        return self.size * self.seeds

    def seed_of(self, rows: Ints) -> Ints:
        """Which of the seeds a row belongs to, from 0."""
        return rows // self.size

    def renamed(self, epoch: int) -> Ints:
        """Rows that begin again with this epoch."""
        ranks = self.renaming.get(epoch, np.zeros(0, np.int64))
        return (np.arange(self.seeds)[:, None] * self.size + ranks).ravel()

    def has_role(self, role: Role) -> Bools:
        return self.roles[role]

    def is_kind(self, kind: AgentType) -> Bools:
        found: Bools = self.kind == KINDS.index(kind)
        return found

    def same_group(self, rows: Ints, others: Ints) -> Bools:
        mine: Ints = self.group[rows]
        found: Bools = (mine != NO_GROUP) & (mine == self.group[others])
        return found


def population_of(members: Iterable[Member], seeds: int) -> Population:
    ranked = sorted(members, key=lambda member: member.agent_id.encode())
    column = _columns([member.behaviour for member in ranked])
    posts, votes, proposals = (column(name) for name in ("post", "vote", "propose"))

    return Population(
        ids=tuple(member.agent_id for member in ranked),
        seeds=seeds,
        kind=np.tile(np.array([KINDS.index(member.type) for member in ranked], np.int8), seeds),
        group=np.tile(_groups(ranked), seeds),
        collude=np.tile(np.array([member.collude for member in ranked]), seeds),
        until_post=np.tile(posts, seeds),
        until_vote=np.tile(posts + votes, seeds),
        until_propose=np.tile(posts + votes + proposals, seeds),
        good=np.tile(column("good"), seeds),
        good_exploiting=np.tile(column("good_exploiting"), seeds),
        disguise=np.tile(column("disguise"), seeds),
        disguise_exploiting=np.tile(column("disguise_exploiting"), seeds),
        offer=np.tile(micro(column("offer")), seeds),
        take=np.tile(micro(column("take")), seeds),
        least_trust=np.tile(column("least_trust"), seeds),
        least_value=np.tile(column("least_value"), seeds),
        roles={role: np.tile(np.array([role in member.roles for member in ranked]), seeds) for role in Role},
        adapts=np.tile(np.array([member.adapts for member in ranked]), seeds),
        policy=tuple(member.policy for member in ranked),
        arrives=np.tile(np.array([member.arrives for member in ranked], np.int64), seeds),
        leaves=np.tile(np.array([_or_never(member.leaves) for member in ranked], np.int64), seeds),
        renaming=_renaming(ranked),
        acquaintances=acquaintances(ranked, SLOTS),
    )


def _or_never(epoch: int | None) -> int:
    return 2**62 if epoch is None else epoch


def _renaming(ranked: list[Member]) -> dict[int, Ints]:
    epochs = sorted({epoch for member in ranked for epoch in member.begins_again})
    return {
        epoch: np.array([rank for rank, member in enumerate(ranked) if epoch in member.begins_again], np.int64)
        for epoch in epochs
    }


def micro(credits: Floats) -> Ints:
    """Whole micro-credits; refuses amounts whose sums could overflow."""
    if np.abs(credits).max(initial=0.0) > MOST_CREDITS:
        raise OutOfRange("amount", f"at most {MOST_CREDITS} credits", float(np.abs(credits).max()))
    return np.rint(credits * MICRO).astype(np.int64)


Column = Callable[[str], Floats]


def _columns(behaviours: list[Behaviour]) -> Column:
    """By name; most agents share their behaviour with many others."""
    distinct = {id(behaviour): behaviour for behaviour in behaviours}
    number = {key: place for place, key in enumerate(distinct)}
    which = np.array([number[id(behaviour)] for behaviour in behaviours], np.int64)

    def column(name: str) -> Floats:
        return np.array([getattr(behaviour, name) for behaviour in distinct.values()], np.float64)[which]

    return column


def _groups(ranked: list[Member]) -> Ints:
    names = sorted({member.group for member in ranked if member.group is not None})
    numbers = {name: number for number, name in enumerate(names)}
    return np.array([NO_GROUP if one.group is None else numbers[one.group] for one in ranked], np.int64)
