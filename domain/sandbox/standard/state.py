"""Everything that changes during a standard run, as columns over rows (agents of all seeds) or over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.agents import Following, Policy
from domain.sandbox.levers.breaker import NOT_FROZEN, WINDOW
from domain.sandbox.role import LEAST_INTERVAL
from domain.sandbox.standard.followers import Followers, Moment, followers_of
from domain.sandbox.standard.population import MICRO, SLOTS, Bools, Floats, Ints, Population
from domain.sandbox.standard.tasks import Tasks, no_tasks

LIVE_POSTS = 64
"""How many posts are open; agents remember which they have seen as 64 bits."""
NOBODY = -1
NEVER = -1
"""The clock of an empty slot."""
NEVER_MET = 0.5
"""The moving average of one."""
STARTING_CREDITS = 100
USUAL = Following()


@dataclass(slots=True, eq=False)
class Memory:
    """(rows, SLOTS): what each agent remembers of its partners. An empty slot has no partner and a clock of -1."""

    partner: NDArray[np.int32]
    ema: Floats
    met: NDArray[np.int32]
    """Accepted interactions with the partner."""
    clock: NDArray[np.int32]
    """The step, counted over the run, of the latest contact."""


@dataclass(slots=True, eq=False)
class Feed:
    """(seeds, LIVE_POSTS): the open posts. An empty slot has no author."""

    author: Ints
    net: Floats
    born: Ints
    lottery: Floats
    flags: Ints
    """Of moderators."""


@dataclass(slots=True, eq=False)
class Accounts:
    """(seeds,), in micro-credits. World pays surplus and collects harm, so it is usually negative."""

    escrow: Ints
    """Bounties of tasks that are not over."""
    treasury: Ints
    world: Ints
    bad_debt: Ints


@dataclass(slots=True, eq=False)
class State:
    """One row per agent and seed."""

    reputation: Floats
    resources: Ints
    memory: Memory
    feed: Feed
    accounts: Accounts
    tasks: Tasks
    posted_at: Ints
    """The clock of the latest post."""
    seen: NDArray[np.uint64]
    posts_used: Ints
    votes_used: Ints
    accepted: Ints
    """Accepted interactions over the run, in both roles."""
    initiated: Ints
    """Accepted ones that it initiated."""
    initiated_p: Floats
    """The sum of their p."""
    window: Floats
    windowed: Ints
    """How many values the window has taken since it was cleared."""
    violations: Ints
    frozen_until: Ints
    away: Bools
    """Not yet there, gone, or dropped out."""
    member: Bools
    """Admitted through the membrane, where there is one."""
    outside: Bools
    """Neither admitted nor still a guest."""
    side: NDArray[np.int8]
    """Of a partition; those on different sides cannot reach each other."""
    arm: Ints
    """Of those that adapt: 0 for exploiting, 1 for lying low."""
    worth: Floats
    """(rows, 2): what each has brought lately, in credits per epoch."""
    flagged: Ints
    """Failed audits and findings of collusion over the epoch."""
    soft_payoff: Floats
    """Over the epoch."""
    real_payoff: Ints
    """Over the epoch, in micro-credits."""
    alliance: Followers
    """What those remember that follow the alliance."""
    trusting: Followers
    """What those remember that follow the trust formula."""
    clock: int = 0
    """Steps over the run."""
    moment: Moment = field(default_factory=Moment)

    @property
    def followed(self) -> bool:
        """Whether anybody follows a policy."""
        return bool(self.alliance or self.trusting)

    @property
    def followers(self) -> tuple[Followers, ...]:
        """Of the policies that anybody follows."""
        return tuple(group for group in (self.alliance, self.trusting) if group)

    @property
    def frozen(self) -> Bools:
        found: Bools = self.frozen_until != NOT_FROZEN
        return found

    @property
    def out(self) -> Bools:
        """Who neither acts nor is proposed to."""
        found: Bools = self.frozen | self.away | self.outside
        return found


def _memory(people: Population) -> Memory:
    slots, before = (people.rows, SLOTS), people.acquaintances
    memory = Memory(
        np.full(slots, NOBODY, np.int32),
        np.full(slots, NEVER_MET),
        np.zeros(slots, np.int32),
        np.full(slots, NEVER, np.int32),
    )
    for first in range(0, people.rows, people.size):
        place = first + before.rank, before.slot
        memory.partner[place] = first + before.partner
        memory.ema[place], memory.met[place], memory.clock[place] = before.trust, before.met, 0
    return memory


def new_state(people: Population, seeds: Sequence[int] = (), following: Following = USUAL) -> State:
    rows, posts = people.rows, (people.seeds, LIVE_POSTS)
    return State(
        reputation=np.zeros(rows),
        resources=np.full(rows, STARTING_CREDITS * MICRO, np.int64),
        memory=_memory(people),
        feed=Feed(
            np.full(posts, NOBODY, np.int64),
            np.zeros(posts),
            np.zeros(posts, np.int64),
            np.zeros(posts),
            np.zeros(posts, np.int64),
        ),
        tasks=no_tasks(people),
        posted_at=np.full(rows, -LEAST_INTERVAL, np.int64),
        accounts=Accounts(*(np.zeros(people.seeds, np.int64) for _ in range(4))),
        seen=np.zeros(rows, np.uint64),
        posts_used=np.zeros(rows, np.int64),
        votes_used=np.zeros(rows, np.int64),
        accepted=np.zeros(rows, np.int64),
        initiated=np.zeros(rows, np.int64),
        initiated_p=np.zeros(rows),
        window=np.zeros((rows, WINDOW)),
        windowed=np.zeros(rows, np.int64),
        violations=np.zeros(rows, np.int64),
        frozen_until=np.full(rows, NOT_FROZEN, np.int64),
        away=np.zeros(rows, np.bool_),
        member=np.zeros(rows, np.bool_),
        outside=np.zeros(rows, np.bool_),
        side=np.zeros(rows, np.int8),
        arm=np.zeros(rows, np.int64),
        worth=np.zeros((rows, 2)),
        flagged=np.zeros(rows, np.int64),
        soft_payoff=np.zeros(rows),
        real_payoff=np.zeros(rows, np.int64),
        alliance=followers_of(Policy.ALLIANCE, people, seeds, following),
        trusting=followers_of(Policy.TRUST, people, seeds, following),
    )
