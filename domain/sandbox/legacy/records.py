"""What a legacy run leaves behind."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from domain.sandbox import metrics
from domain.sandbox.batch import Batch, Floats
from domain.sandbox.interaction import InteractionType, SoftInteraction
from domain.sandbox.legacy.observation import ActionType, Agent


class Executed(NamedTuple):
    """One action. `target_index` is the number of the post or proposal, counted from 0 over the run.

    There is one for every turn, and a tuple takes a third of the time.
    """

    epoch: int
    step: int
    agent_id: str
    action: ActionType
    counterparty_id: str | None
    interaction_type: InteractionType | None
    target_index: int | None
    vote_direction: int
    success: bool


class Completed(NamedTuple):
    """One answered proposal, with both payoffs; those of a rejected one as if it had happened."""

    epoch: int
    step: int
    interaction: SoftInteraction
    payoff_a: float
    payoff_b: float


@dataclass(frozen=True, slots=True)
class LegacyEpoch:
    """The original's epoch metrics, with 0 for undefined, and posts and votes counted over the run (D20)."""

    epoch: int
    total_interactions: int = 0
    accepted_interactions: int = 0
    total_posts: int = 0
    total_votes: int = 0
    toxicity_rate: float = 0.0
    quality_gap: float = 0.0
    avg_payoff: float = 0.0
    total_welfare: float = 0.0


@dataclass(frozen=True, slots=True)
class LegacyResult:
    epochs: tuple[LegacyEpoch, ...]
    actions: tuple[Executed, ...]
    interactions: tuple[Completed, ...]
    agents: tuple[Agent, ...]
    frozen: frozenset[str]


def epoch_metrics(epoch: int, completed: list[Completed], posts: int, votes: int) -> LegacyEpoch:
    """All zero for an epoch without interactions, its posts and votes included."""
    if not completed:
        return LegacyEpoch(epoch)
    batch = _batch(completed)
    pi_a, pi_b = (np.array([getattr(row, name) for row in completed]) for name in ("payoff_a", "payoff_b"))
    gained: Floats = pi_a[batch.accepted]
    return LegacyEpoch(
        epoch=epoch,
        total_interactions=len(batch),
        accepted_interactions=int(batch.accepted.sum()),
        total_posts=posts,
        total_votes=votes,
        toxicity_rate=metrics.toxicity_rate(batch) or 0.0,
        quality_gap=metrics.quality_gap(batch) or 0.0,
        avg_payoff=metrics.mean(gained) or 0.0,
        total_welfare=metrics.total(gained + pi_b[batch.accepted]),
    )


def _batch(completed: list[Completed]) -> Batch:
    unused = np.zeros(len(completed))
    return Batch(
        accepted=np.array([row.interaction.accepted for row in completed]),
        p=np.array([row.interaction.p for row in completed]),
        tau=unused,
        c_a=unused,
        c_b=unused,
        r_a=unused,
        r_b=unused,
        truth=np.zeros(len(completed), np.int8),
    )
