"""What a legacy agent sees at its turn, and what it can do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from domain.sandbox.agent import AgentType
from domain.sandbox.interaction import InteractionType


class ActionType(StrEnum):
    NOOP = "noop"
    POST = "post"
    VOTE = "vote"
    PROPOSE = "propose_interaction"
    ACCEPT = "accept_interaction"
    REJECT = "reject_interaction"
    CLAIM = "claim_task"
    SUBMIT = "submit_output"


@dataclass(frozen=True, slots=True)
class Action:
    """`target` is the id of the post, counterparty, proposal or task that it is about."""

    type: ActionType
    target: str | None = None
    interaction_type: InteractionType | None = None
    vote: int = 0


NOOP = Action(ActionType.NOOP)
POST = Action(ActionType.POST)


@dataclass(slots=True)
class Agent:
    """An agent's public state; in this profile the type is public too (D13)."""

    agent_id: str
    agent_type: AgentType
    reputation: float = 0.0
    resources: float = 100.0
    total_payoff: float = 0.0
    initiated: int = 0
    received: int = 0
    average_p_initiated: float = 0.5
    average_p_received: float = 0.5


@dataclass(slots=True)
class Post:
    """A post of the feed. Its net votes decide its rank; agents do not see them (D12)."""

    post_id: str
    author_id: str
    index: int = 0
    net: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """No proposal ever carries a transfer in a legacy run (D1); policies would answer one."""

    proposal_id: str
    initiator_id: str
    counterparty_id: str
    interaction_type: InteractionType
    offered_transfer: float = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    task_id: str
    bounty: float
    difficulty: str
    min_reputation: float = 0.0
    status: str = "open"


class Observation(Protocol):
    """Sequences are in the order in which policies look through them."""

    @property
    def me(self) -> Agent: ...
    @property
    def can_post(self) -> bool: ...
    @property
    def can_vote(self) -> bool: ...
    @property
    def can_interact(self) -> bool: ...
    @property
    def can_claim_task(self) -> bool: ...
    @property
    def visible_posts(self) -> Sequence[Post]: ...
    @property
    def visible_agents(self) -> Sequence[Agent]: ...
    @property
    def pending_proposals(self) -> Sequence[Proposal]: ...
    @property
    def available_tasks(self) -> Sequence[Task]: ...
    @property
    def active_tasks(self) -> Sequence[Task]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An observation put together by hand."""

    me: Agent
    can_post: bool = True
    can_vote: bool = True
    can_interact: bool = True
    can_claim_task: bool = True
    visible_posts: Sequence[Post] = ()
    visible_agents: Sequence[Agent] = ()
    pending_proposals: Sequence[Proposal] = ()
    available_tasks: Sequence[Task] = ()
    active_tasks: Sequence[Task] = field(default=())
