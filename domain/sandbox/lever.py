"""The levers by name: what each does, which settings are its own, and a governance with or without it."""

from dataclasses import dataclass, replace

from domain.sandbox.governance import GovernanceConfig

OFF = GovernanceConfig()


@dataclass(frozen=True, slots=True)
class Lever:
    """`fields` are its settings; off is where all of them have their defaults."""

    name: str
    words: str
    fields: tuple[str, ...]

    def pulled(self, config: GovernanceConfig) -> bool:
        return self.without(config) != config

    def without(self, config: GovernanceConfig) -> GovernanceConfig:
        """Everything but this one."""
        return replace(config, **{name: getattr(OFF, name) for name in self.fields})

    def alone(self, config: GovernanceConfig) -> GovernanceConfig:
        """This one and nothing else."""
        return replace(OFF, **{name: getattr(config, name) for name in self.fields})


LEVERS = (
    Lever("tax", "A share of every transfer goes to the treasury.", ("transaction_tax_rate", "transaction_tax_split")),
    Lever("decay", "Reputations shrink every epoch.", ("reputation_decay_rate",)),
    Lever(
        "votes",
        "Further votes of one agent within an epoch count less.",
        ("vote_normalization_enabled", "max_vote_weight_per_agent"),
    ),
    Lever(
        "staking",
        "Acting takes resources, of which a failed audit takes a part.",
        ("staking_enabled", "min_stake_to_participate", "stake_slash_rate"),
    ),
    Lever(
        "audit",
        "A sample of interactions is looked at, and a bad one costs its initiator.",
        ("audit_enabled", "audit_probability", "audit_penalty_multiplier", "audit_threshold_p"),
    ),
    Lever(
        "breaker",
        "Agents whose interactions are toxic are frozen.",
        (
            "circuit_breaker_enabled",
            "freeze_threshold_toxicity",
            "freeze_threshold_violations",
            "freeze_duration_epochs",
        ),
    ),
    Lever("bandwidth", "An agent answers only so many proposals in one step.", ("bandwidth_cap",)),
    Lever("collusion", "Pairs that praise each other too much lose reputation.", ("collusion_detection_enabled",)),
    Lever("membrane", "Social DNA decides who may take part.", ("membrane",)),
)
"""One line for each file in `levers/`."""


def pulled(config: GovernanceConfig) -> tuple[Lever, ...]:
    return tuple(lever for lever in LEVERS if lever.pulled(config))
