"""Staking: acting takes resources, and a failed audit takes part of the stake.

Source: the seed, "Staking". The original never slashes; here a failed audit does (standard profile).
"""

from domain.sandbox.governance import GovernanceConfig


def may_act(config: GovernanceConfig, resources: float | None) -> bool:
    """`resources` is None for an agent that nobody knows: it has no stake."""
    if not config.staking_enabled:
        return True
    return resources is not None and resources >= config.min_stake_to_participate


def slash(config: GovernanceConfig, resources: float) -> float:
    """The change of resources, zero or negative; 0 while staking is off."""
    return -resources * config.stake_slash_rate if config.staking_enabled else 0.0
