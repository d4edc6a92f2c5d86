"""Reputation decay: what was earned counts less every epoch.

Source: the seed, "Reputation Decay". It helps adversaries too: their bad reputation is forgotten as fast.
"""

from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.payoff import Quantity


def change(config: GovernanceConfig, reputation: Quantity) -> Quantity:
    """reputation * (rate - 1), to be added; so the new one is reputation * rate up to the last bit."""
    return reputation * (config.reputation_decay_rate - 1)
