"""Vote normalisation: the more an agent votes, the less each vote weighs.

Source: the seed, "Vote Normalization". The original defines the weight and never applies it.
"""

from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.payoff import Quantity


def weight(config: GovernanceConfig, votes: Quantity) -> Quantity:
    """1 / (1 + votes / max_weight) for an agent that has cast `votes` before; 1 when off."""
    if not config.vote_normalization_enabled:
        return votes * 0 + 1.0
    return 1.0 / (1.0 + votes / config.max_vote_weight_per_agent)
