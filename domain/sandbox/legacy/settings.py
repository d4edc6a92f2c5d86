"""What a legacy run is given."""

from dataclasses import dataclass, field
from enum import StrEnum

from domain.sandbox.agent import AgentType
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.limits import RateLimits
from domain.sandbox.payoff import PayoffConfig
from domain.sandbox.quantities import Count, Counted, check_fields


class Schedule(StrEnum):
    """Who acts when within a step."""

    ROUND_ROBIN = "round_robin"
    """In the order of registration, every step; nothing rotates."""
    RANDOM = "random"
    """In a new random order every step."""
    PRIORITY = "priority"
    """By reputation, the highest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySettings:
    """`agents` are (id, type) in the order of registration, which decides outcomes here (D10)."""

    agents: tuple[tuple[str, AgentType], ...]
    n_epochs: Counted = 10
    steps_per_epoch: Counted = 10
    schedule: Schedule = Schedule.ROUND_ROBIN
    max_actions_per_step: Count = 20
    payoff: PayoffConfig = field(default_factory=PayoffConfig)
    governance: GovernanceConfig = field(default_factory=GovernanceConfig)
    limits: RateLimits = field(default_factory=RateLimits)

    def __post_init__(self) -> None:
        check_fields(self)
