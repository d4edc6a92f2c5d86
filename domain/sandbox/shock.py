"""What befalls a whole population for some epochs.

Source: section 13c of the sandbox specification (dropout, partition, observation noise).
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.sandbox.quantities import STRICT, Count, Counted, Share, check_fields


class ShockKind(StrEnum):
    """What befalls a population."""

    DROPOUT = "dropout"
    """Some agents are away."""
    PARTITION = "partition"
    """Some agents cannot reach the others, nor those them."""
    NOISE = "noise"
    """What is observed misleads more often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """One shock. Whom it hits is drawn for every agent alone."""

    __pydantic_config__ = STRICT

    kind: ShockKind = ShockKind.DROPOUT
    """What kind of shock."""
    epoch: Count = 0
    """The epoch with which it begins."""
    lasts: Counted = 1
    """For how many epochs."""
    share: Share = 0.5
    """The chance that it hits an agent; for noise, the chance that an interaction looks like the opposite."""

    def __post_init__(self) -> None:
        check_fields(self)

    def holds(self, epoch: int) -> bool:
        return self.epoch <= epoch < self.epoch + self.lasts
