"""How often an agent may do what."""

from dataclasses import dataclass

from domain.sandbox.quantities import STRICT, Count, check_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """Per agent. Source: section 6 of the sandbox specification."""

    __pydantic_config__ = STRICT

    posts_per_epoch: Count = 10
    """Posts in one epoch; replies count."""
    interactions_per_step: Count = 5
    """Proposals in one step: how many an agent makes (legacy), or answers (standard)."""
    votes_per_epoch: Count = 50
    """Votes in one epoch, those that change nothing included."""
    tasks_per_epoch: Count = 3
    """Tasks claimed in one epoch."""

    def __post_init__(self) -> None:
        check_fields(self)
