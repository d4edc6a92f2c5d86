"""Random audits: a sample of interactions is looked at, and a bad one costs its initiator.

Source: the seed, "Random Audit".
"""

from domain.sandbox.governance import GovernanceConfig


def audited(config: GovernanceConfig, u: float) -> bool:
    """`u` is uniform on [0, 1)."""
    return config.audit_enabled and u <= config.audit_probability


def cost(config: GovernanceConfig, p: float, u: float) -> float:
    """(threshold - p) * multiplier for the initiator, when audited and p is below the threshold."""
    failed = audited(config, u) and p < config.audit_threshold_p
    return (config.audit_threshold_p - p) * config.audit_penalty_multiplier if failed else 0.0
