"""The state of a legacy run, and how each agent sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from domain.sandbox.legacy.agents import POLICIES
from domain.sandbox.legacy.agents.policy import Policy
from domain.sandbox.legacy.feed import Feed
from domain.sandbox.legacy.observation import Agent, Post, Proposal, Task
from domain.sandbox.legacy.settings import LegacySettings
from domain.sandbox.levers.breaker import Tracker
from domain.sandbox.limits import RateLimits


@dataclass(slots=True)
class Usage:
    """What an agent has used of its limits."""

    posts: int = 0
    votes: int = 0
    interactions: int = 0


@dataclass(slots=True)
class World:
    """Everything that changes during a run."""

    settings: LegacySettings
    random: Random
    audits: Random
    agents: dict[str, Agent]
    epoch: int = 0
    step: int = 0
    feed: Feed = field(default_factory=Feed)
    pending: dict[str, Proposal] = field(default_factory=dict)
    proposals: int = 0
    frozen: set[str] = field(default_factory=set)
    trackers: dict[str, Tracker] = field(default_factory=dict)
    usage: dict[str, Usage] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    seats: dict[str, "Seat"] = field(default_factory=dict)

    def seen_by(self, agent_id: str) -> list[Agent]:
        """Everyone else who is not frozen, in the order of registration."""
        return [agent for other, agent in self.agents.items() if other != agent_id and other not in self.frozen]


@dataclass(slots=True)
class Seat:
    """One agent's view of the world, computed only as far as its policy looks."""

    world: World
    me: Agent
    used: Usage
    limits: RateLimits

    @property
    def can_post(self) -> bool:
        return self.used.posts < self.limits.posts_per_epoch

    @property
    def can_vote(self) -> bool:
        return self.used.votes < self.limits.votes_per_epoch

    @property
    def can_interact(self) -> bool:
        return self.used.interactions < self.limits.interactions_per_step

    @property
    def can_claim_task(self) -> bool:
        """No scenario of the original ever creates a task (D19)."""
        return False

    @property
    def available_tasks(self) -> Sequence[Task]:
        return ()

    @property
    def active_tasks(self) -> Sequence[Task]:
        return ()

    @property
    def visible_posts(self) -> Sequence[Post]:
        return self.world.feed.front()

    @property
    def visible_agents(self) -> Sequence[Agent]:
        return self.world.seen_by(self.me.agent_id)

    @property
    def pending_proposals(self) -> Sequence[Proposal]:
        """The oldest first."""
        pending = self.world.pending
        return [one for one in pending.values() if one.counterparty_id == self.me.agent_id] if pending else ()


def new_world(settings: LegacySettings, seed: int) -> World:
    """One generator for everything, and a second with the same seed for audits (D7, D8)."""
    agents = {agent_id: Agent(agent_id, kind) for agent_id, kind in settings.agents}
    world = World(settings, Random(seed), Random(seed), agents)  # noqa: S311  # a simulation, not a secret
    for agent_id, agent in agents.items():
        world.trackers[agent_id] = Tracker()
        world.usage[agent_id] = Usage()
        world.policies[agent_id] = POLICIES[agent.agent_type](world.random)
        world.seats[agent_id] = Seat(world, agent, world.usage[agent_id], settings.limits)
    return world
