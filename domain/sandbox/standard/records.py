"""What a standard run tells: every answered interaction as columns, and the metrics of every epoch."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.agent import AgentType
from domain.sandbox.batch import Batch
from domain.sandbox.rule import accepting
from domain.sandbox.standard.answering import Answers
from domain.sandbox.standard.outcomes import Outcomes
from domain.sandbox.standard.population import MICRO, Bools, Floats, Ints, Population
from domain.sandbox.standard.settling import Settlement


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interactions:
    """One row per answered proposal, by step, seed and initiator; agents are ranks among the sorted ids.

    Amounts are in credits. Columns of refused proposals are what would have come.
    """

    seed: Ints
    """Which seed of the batch, from 0."""
    step: Ints
    initiator: Ints
    counterparty: Ints
    trust: Floats
    """How far the counterparty trusted the initiator."""
    value: Floats
    """What it expected."""
    rule: NDArray[np.int8]
    """Why it accepted or refused."""
    exploiting: Bools
    colluding: Bools
    offer: Floats
    progress: Floats
    rework: Ints
    rejections: Ints
    misuse: Ints
    engagement: Floats
    v_hat: Floats
    p: Floats
    good: Bools
    tau: Floats
    c_a: Floats
    c_b: Floats
    r_a: Floats
    audit_failed: Bools
    slashed: Floats
    soft_a: Floats
    soft_b: Floats
    real_a: Floats
    real_b: Floats

    def __len__(self) -> int:
        return len(self.p)

    @property
    def accepted(self) -> Bools:
        return accepting(self.rule)

    def of_seed(self, seed: int) -> "Interactions":
        mine = np.flatnonzero(self.seed == seed)
        return Interactions(**{field.name: getattr(self, field.name)[mine] for field in fields(self)})

    def batch(self) -> Batch:
        """For the metrics; the truth is known here."""
        return Batch(
            accepted=self.accepted,
            p=self.p,
            tau=self.tau,
            c_a=self.c_a,
            c_b=self.c_b,
            r_a=self.r_a,
            r_b=np.zeros(len(self)),
            truth=np.where(self.good, 1, -1).astype(np.int8),
        )


def interactions(
    people: Population, step: int, answers: Answers, outcomes: Outcomes, settled: Settlement
) -> Interactions:
    asked = answers.proposals
    return Interactions(
        seed=people.seed_of(asked.initiator),
        step=np.full(len(asked), step, np.int64),
        initiator=asked.initiator % people.size,
        counterparty=asked.target % people.size,
        trust=answers.trust,
        value=answers.value,
        rule=answers.rule,
        exploiting=asked.exploiting,
        colluding=asked.colluding,
        offer=asked.offer / MICRO,
        progress=outcomes.progress,
        rework=outcomes.rework,
        rejections=outcomes.rejections,
        misuse=outcomes.misuse,
        engagement=outcomes.engagement,
        v_hat=outcomes.v_hat,
        p=outcomes.p,
        good=outcomes.good,
        tau=settled.tau / MICRO,
        c_a=settled.c_a / MICRO,
        c_b=settled.c_b / MICRO,
        r_a=settled.r_a,
        audit_failed=settled.audit_failed,
        slashed=settled.slashed / MICRO,
        soft_a=settled.soft_a,
        soft_b=settled.soft_b,
        real_a=settled.real_a / MICRO,
        real_b=settled.real_b / MICRO,
    )


def joined(parts: Sequence[Interactions]) -> Interactions:
    names = [field.name for field in fields(Interactions)]
    return Interactions(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeMetrics:
    """Of all agents of one type that are there, in one epoch; payoffs are means per agent."""

    agents: int
    initiated: int
    """Answered proposals that they made."""
    acceptance: float | None
    """The accepted share of those."""
    reputation: float
    soft_payoff: float
    real_payoff: float
    flagged: int
    """Failed audits and findings of collusion."""
    exploits: int
    """Accepted ones in which they took what was not offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochMetrics:
    """One epoch of one seed; None where undefined (D20)."""

    epoch: int
    proposed: int
    accepted: int
    rejected: int
    unanswered: int
    posts: int
    votes: int
    """Those that counted."""
    tasks_offered: int
    tasks_claimed: int
    tasks_completed: int
    tasks_failed: int
    """Given up, unfinished, or ruled against the worker."""
    tasks_expired: int
    disputes: int
    soft_toxicity: float | None
    """E[1 - p | accepted]."""
    true_toxicity: float | None
    """The share of the accepted with v = -1."""
    quality_gap: float | None
    soft_welfare: float
    real_welfare: float
    ece: float | None
    brier: float | None
    frozen: int
    frozen_honest: int
    outside: int
    """Whom the membrane keeps out."""
    outside_honest: int
    treasury: float
    world: float
    escrow: float
    bad_debt: float
    types: dict[AgentType, TypeMetrics]
