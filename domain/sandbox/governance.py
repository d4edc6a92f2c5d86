"""The governance of a run: every lever's settings, all of them off by default.

Source: section 8 of the sandbox specification. What each lever does is in `levers/`.
"""

from dataclasses import dataclass, field

from domain.sandbox.levers.membrane import MembraneConfig
from domain.sandbox.quantities import STRICT, Count, Counted, NonNegative, Positive, Share, check_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernanceConfig:
    """The levers and how far each is pulled."""

    __pydantic_config__ = STRICT

    transaction_tax_rate: Share = 0.0
    """Tax on every transfer, as a share of its amount."""
    transaction_tax_split: Share = 0.5
    """The initiator's part of the tax; the counterparty pays the rest."""
    reputation_decay_rate: Share = 1.0
    """What is kept of a reputation from one epoch to the next; 1 keeps all."""
    vote_normalization_enabled: bool = False
    """Whether further votes of one agent within an epoch count less."""
    max_vote_weight_per_agent: Positive = 10.0
    """After how many votes one more counts about half."""
    bandwidth_cap: Count = 10
    """The most proposals that an agent answers in one step (the standard profile)."""
    staking_enabled: bool = False
    """Whether acting takes a minimum of resources."""
    min_stake_to_participate: NonNegative = 0.0
    """The resources that acting takes."""
    stake_slash_rate: Share = 0.1
    """The part of the stake that a failed audit costs."""
    circuit_breaker_enabled: bool = False
    """Whether agents with toxic interactions are frozen."""
    freeze_threshold_toxicity: Share = 0.7
    """Mean toxicity, over the last ten interactions, from which one more counts as a violation."""
    freeze_threshold_violations: Counted = 3
    """How many violations freeze."""
    freeze_duration_epochs: Counted = 2
    """For how many epochs a freeze lasts."""
    audit_enabled: bool = False
    """Whether interactions are audited at random."""
    audit_probability: Share = 0.1
    """The chance of an audit."""
    audit_penalty_multiplier: NonNegative = 2.0
    """What a failed audit costs, per unit of quality missing."""
    audit_threshold_p: Share = 0.5
    """The quality below which an audit fails."""
    collusion_detection_enabled: bool = False
    """Whether pairs that meet far more often than chance, and rate each other too well, lose reputation (standard)."""
    membrane: MembraneConfig = field(default_factory=MembraneConfig)
    """The Social DNA that decides who may take part (standard)."""

    def __post_init__(self) -> None:
        check_fields(self)
