"""The circuit breaker: an initiator whose last interactions were toxic is frozen for some epochs.

Source: the seed, "Circuit Breaker"; the seed says "above" the threshold, its code and ours "at or above".
"""

from collections import deque
from dataclasses import dataclass, field

from domain.sandbox.governance import GovernanceConfig

WINDOW = 10
"""How many of the latest interactions count (section 8 of the specification)."""
NOT_FROZEN = -1


@dataclass(slots=True)
class Tracker:
    """One initiator's latest toxicities, violations, and the epoch at whose start it is released."""

    window: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    violations: int = 0
    frozen_until: int = NOT_FROZEN

    def mean(self) -> float:
        return sum(self.window) / len(self.window) if self.window else 0.0

    def record(self, config: GovernanceConfig, toxicity: float, epoch: int) -> bool:
        """Whether this interaction freezes; a further violation prolongs."""
        self.window.append(toxicity)
        if self.mean() < config.freeze_threshold_toxicity:
            return False
        self.violations += 1
        if self.violations < config.freeze_threshold_violations:
            return False
        self.frozen_until = epoch + config.freeze_duration_epochs
        return True

    def release(self, epoch: int) -> bool:
        """Whether a freeze ends with the start of `epoch`. The window is kept, so a re-freeze comes quickly (D16)."""
        if not 0 <= self.frozen_until <= epoch:
            return False
        self.violations, self.frozen_until = 0, NOT_FROZEN
        return True
