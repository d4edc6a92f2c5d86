"""The transaction tax: a share of every transfer, split between the two sides.

Source: the seed, "Transaction Tax". Legacy taxes rejected interactions too; no transfer ever moves there.
"""

from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.payoff import Quantity


def costs(config: GovernanceConfig, tau: Quantity) -> tuple[Quantity, Quantity]:
    """(c_a, c_b) = rate * |tau| * (split, 1 - split)."""
    owed = config.transaction_tax_rate * abs(tau)
    return owed * config.transaction_tax_split, owed * (1 - config.transaction_tax_split)
