"""The bandwidth cap: how many proposals an agent answers in one step; the others stay unanswered.

Source: the seed's settings; the original never connects it (D18).
"""

from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.limits import RateLimits


def inbox(config: GovernanceConfig, limits: RateLimits) -> int:
    """Never more than the limit on interactions."""
    return min(limits.interactions_per_step, config.bandwidth_cap)
