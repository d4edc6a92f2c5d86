"""Tasks and the marketplace that they are traded on: bounties, bids, escrow, verification, disputes.

Source: sections 6 (tasks), 5.6 (roles) and 11 (marketplace) of the sandbox specification; D19.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from domain.sandbox.agent import AgentType
from domain.sandbox.quantities import STRICT, Counted, NonNegative, Share, check_fields


class TaskStatus(IntEnum):
    """Where a task is in its life; `EMPTY` is a place for a new one."""

    EMPTY = 0
    OPEN = 1
    """Offered, its bounty in escrow."""
    CLAIMED = 2
    """Awarded to a bidder."""
    IN_PROGRESS = 3
    SUBMITTED = 4
    """Waits for a verifier."""
    DISPUTED = 5
    """Refused once more than a worker takes, and waits for a ruling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkConfig:
    """Off without tasks."""

    __pydantic_config__ = STRICT

    posting: Share = 0.0
    """The chance that a planner offers a task in a step."""
    bounty: NonNegative = 5.0
    """What it offers, in credits, held in escrow; less than the least bounty is not offered."""
    least_bounty: NonNegative = 1.0
    """The least that the marketplace takes."""
    value: NonNegative = 8.0
    """What good work is worth to the planner, and what bad work that it paid for costs it."""
    bidding: Share = 0.5
    """The chance that a free worker bids in a step."""
    most_bids: Counted = 10
    """The most bids of one step for a task."""
    bid_epochs: Counted = 3
    """After how many epochs an offer without an award expires, and a task that is not finished fails."""
    steps: Counted = 3
    """How long the work takes."""
    fee: Share = 0.02
    """The treasury's part of what is paid."""
    strictness: Share = 0.5
    """How strict verifiers are."""
    dispute_epochs: Counted = 2
    """After how many epochs a dispute is ruled on."""
    dispute_split: Share = 0.5
    """The worker's part where the ruling finds nothing."""
    ruling: Share = 0.9
    """The chance that a ruling finds the truth."""

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def on(self) -> bool:
        return self.posting > 0 and self.bounty >= self.least_bounty


ASKED: Mapping[AgentType, float] = {
    AgentType.HONEST: 0.9,
    AgentType.OPPORTUNISTIC: 0.8,
    AgentType.DECEPTIVE: 0.85,
    AgentType.ADVERSARIAL: 0.6,
}
"""The part of the bounty that a bidder of each type asks for; who means to cheat is cheap."""
PRICE_MATTERS = 0.5
"""How much the price weighs beside trust when a planner awards."""
