"""Policies of this project that an agent of the standard profile can follow instead of its type's own rule of trust.

A policy says how far partners are trusted and which proposals are accepted; everything else is as its type does it.
"""

from domain.sandbox.agents.alliance import AllianceLedger
from domain.sandbox.agents.policy import Following, Ledger, Policy
from domain.sandbox.agents.trust import TrustLedger

LEDGERS: dict[Policy, type[AllianceLedger] | type[TrustLedger]] = {
    Policy.ALLIANCE: AllianceLedger,
    Policy.TRUST: TrustLedger,
}

__all__ = ["LEDGERS", "Following", "Ledger", "Policy"]
