"""The loop that the sandbox is measured against: sections 5 to 7 of its specification as they are written.

Every turn and every answer builds a whole observation: all posts are scored and sorted, all other agents and the
figures of the ecosystem are written down, trust is the mean of a walked history. The rules are those of the legacy
profile and the results are the same to the bit; only the way there differs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from domain.sandbox.legacy.agents import POLICIES
from domain.sandbox.legacy.agents.policy import UNKNOWN_TRUST, Policy
from domain.sandbox.legacy.feed import SHOWN
from domain.sandbox.legacy.observation import Agent, Post, Proposal, Task
from domain.sandbox.legacy.run import advance
from domain.sandbox.legacy.settings import LegacySettings
from domain.sandbox.legacy.world import Seat, World, new_world

AGEING = 1e-9
"""Per post that is newer: only ever breaks ties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What section 5.1 lists."""

    me: Agent
    epoch: int
    step: int
    can_post: bool
    can_vote: bool
    can_interact: bool
    can_claim_task: bool
    visible_posts: Sequence[Post]
    post_views: Sequence[dict[str, object]]
    pending_proposals: Sequence[Proposal]
    available_tasks: Sequence[Task]
    active_tasks: Sequence[Task]
    visible_agents: Sequence[Agent]
    agent_views: Sequence[dict[str, object]]
    ecosystem: dict[str, float]


def observe(world: World, seat: Seat) -> Observation:
    posts = ranked(world)
    others = [agent for other, agent in world.agents.items() if other != seat.me.agent_id and other not in world.frozen]
    return Observation(
        me=seat.me,
        epoch=world.epoch,
        step=world.step,
        can_post=seat.can_post,
        can_vote=seat.can_vote,
        can_interact=seat.can_interact,
        can_claim_task=seat.can_claim_task,
        visible_posts=posts,
        post_views=[{"post_id": post.post_id, "author_id": post.author_id} for post in posts],
        pending_proposals=[one for one in world.pending.values() if one.counterparty_id == seat.me.agent_id],
        available_tasks=(),
        active_tasks=(),
        visible_agents=others,
        agent_views=[_view(agent) for agent in others],
        ecosystem=_ecosystem(world),
    )


def ranked(world: World) -> list[Post]:
    """By net votes less age, every post scored anew."""
    posts, newest = world.feed.posts, len(world.feed.posts)
    scored = [(post.net - AGEING * (newest - post.index), post) for post in posts]
    scored.sort(key=lambda pair: pair[0], reverse=True)
    return [post for _, post in scored[:SHOWN]]


def _view(agent: Agent) -> dict[str, object]:
    return {
        "agent_id": agent.agent_id,
        "agent_type": agent.agent_type,
        "reputation": agent.reputation,
        "resources": agent.resources,
    }


def _ecosystem(world: World) -> dict[str, float]:
    return {
        "agents": len(world.agents),
        "frozen": len(world.frozen),
        "pending": len(world.pending),
        "average_reputation": sum(agent.reputation for agent in world.agents.values()) / len(world.agents),
        "total_resources": sum(agent.resources for agent in world.agents.values()),
    }


class Seats(dict[str, Seat]):
    """Whoever is asked looks at everything first."""

    def __init__(self, world: World) -> None:
        super().__init__(world.seats)
        self._world = world

    def __getitem__(self, agent_id: str) -> Seat:
        seat = super().__getitem__(agent_id)
        return observe(self._world, seat)  # type: ignore[return-value]  # has all that policies look at


class Walking:
    """A memory that keeps every interaction and walks all of them when it is asked."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)  # type: ignore[call-arg]  # of the policy beside it
        self.history: list[tuple[str, float, bool]] = []

    def learn(self, other: str, p: float, accepted: bool) -> None:
        self.history.append((other, p, accepted))
        super().learn(other, p, accepted)  # type: ignore[misc]  # of the policy beside it

    def trust(self, other: str) -> float:
        known = [p for them, p, accepted in self.history if them == other and accepted]
        return sum(known) / len(known) if known else UNKNOWN_TRUST

    def experience(self, other: str) -> float | None:
        known = [p for them, p, _ in self.history if them == other]
        return sum(known) / len(known) if known else None


def observing_world(settings: LegacySettings, seed: int) -> World:
    world = new_world(settings, seed)
    world.seats = Seats(world)
    for agent_id, agent in world.agents.items():
        world.policies[agent_id] = _walking(POLICIES[agent.agent_type])(world.random)
    return world


def _walking(policy: object) -> Callable[[Random], Policy]:
    return type("WalkingPolicy", (Walking, policy), {})  # type: ignore[arg-type]  # policies are made by their classes


def turns(settings: LegacySettings, seed: int) -> int:
    """Runs it all; how many actions there were."""
    return sum(len(course.actions) for course in advance(observing_world(settings, seed)))
