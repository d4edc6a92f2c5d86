"""What a legacy interaction looks like: drawn from the initiator's true type alone (D14).

Source: the table of section 7.4 of the sandbox specification.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from domain.sandbox.agent import AgentType
from domain.sandbox.proxy import Observables

Range = tuple[float, float]
Whole = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """Uniform ranges; both ends of whole ones are possible."""

    progress: Range
    rework: Whole
    rejections: Whole
    misuse: Whole
    engagement: Range


LOOKS: Mapping[AgentType, Look] = {
    AgentType.HONEST: Look((0.3, 0.8), (0, 1), (0, 0), (0, 0), (0.2, 0.6)),
    AgentType.OPPORTUNISTIC: Look((0.1, 0.5), (0, 2), (0, 1), (0, 0), (-0.2, 0.3)),
    AgentType.DECEPTIVE: Look((0.2, 0.6), (0, 2), (0, 1), (0, 0), (0.0, 0.4)),
    AgentType.ADVERSARIAL: Look((-0.3, 0.2), (1, 3), (1, 2), (0, 1), (-0.5, -0.1)),
}


def observe(random: Random, initiator: AgentType, accepted: bool) -> Observables:
    """Draws in the order of the columns; a rejection leaves no positive engagement."""
    look = LOOKS[initiator]
    progress = random.uniform(*look.progress)
    rework, rejections, misuse = (_whole(random, bounds) for bounds in (look.rework, look.rejections, look.misuse))
    engagement = random.uniform(*look.engagement)
    return Observables(
        task_progress_delta=progress,
        rework_count=rework,
        verifier_rejections=rejections,
        tool_misuse_flags=misuse,
        counterparty_engagement_delta=engagement if accepted else min(engagement, 0.0),
    )


def _whole(random: Random, bounds: Whole) -> int:
    """A range of one number takes no draw."""
    low, high = bounds
    return low if low == high else random.randint(low, high)
