"""What can be switched in the standard profile, each switch back towards the original."""

from dataclasses import dataclass
from enum import StrEnum

from domain.sandbox.quantities import STRICT


class TrustForm(StrEnum):
    """What an agent believes of a partner."""

    EMA = "ema"
    """A moving average of the latest interactions, leaning on reputation while there are few."""
    MEAN = "mean"
    """The plain mean of the accepted interactions instead; it never forgets."""
    REPUTATION = "reputation"
    """Reputation only, whatever was experienced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The defaults are the standard profile."""

    __pydantic_config__ = STRICT

    reputation_feedback: bool = True
    """Whether a reputation changes how far its owner is trusted; off, everybody's stands for one half (D4)."""
    transfers: bool = True
    """Whether offers and takings are paid; off, nothing ever moves between the two sides (D1)."""
    settlement: bool = True
    """Whether payoffs and costs change resources; off, everybody keeps what they had (D2)."""
    hidden_types: bool = True
    """Whether types are hidden; off, adversaries see who is honest and prefer them (D13)."""
    trust: TrustForm = TrustForm.EMA
    """How trust is formed."""
    draws_by_id: bool = False
    """Whether draws depend on the agent's id instead of its rank, so that they stay when others join or leave."""
