"""The figures of section 13c of the sandbox specification: 100 agents under the payoffs of the status game."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.sandbox.agent import AgentType
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.limits import RateLimits
from domain.sandbox.payoff import PayoffConfig
from domain.sandbox.standard.population import KINDS
from domain.sandbox.standard.records import EpochMetrics
from domain.sandbox.standard.run import Run, run
from domain.sandbox.standard.settings import StandardSettings
from tests.domain.sandbox.test_standard import members

SEEDS = range(40)
OFF = GovernanceConfig()
AUDIT = replace(OFF, audit_enabled=True, audit_probability=0.15)
STAKE = replace(AUDIT, staking_enabled=True, min_stake_to_participate=25, stake_slash_rate=0.2)
TAX = replace(OFF, transaction_tax_rate=0.5)
ALL = replace(
    AUDIT,
    transaction_tax_rate=0.05,
    reputation_decay_rate=0.95,
    staking_enabled=True,
    min_stake_to_participate=10,
    circuit_breaker_enabled=True,
    freeze_threshold_toxicity=0.6,
)
BANDWIDTH = replace(OFF, bandwidth_cap=1)
DECAY = replace(OFF, reputation_decay_rate=0.85)
MEASURED = [
    (OFF, (50, 20, 15, 15), (0.392, 0.305, 29.7)),
    (OFF, (65, 20, 15, 0), (0.366, 0.177, None)),
    (OFF, (35, 20, 15, 30), (0.416, 0.425, 26.5)),
    (ALL, (50, 20, 15, 15), (0.381, 0.255, 5.1)),
    (AUDIT, (50, 20, 15, 15), (0.378, 0.239, 8.5)),
    (STAKE, (50, 20, 15, 15), (0.378, 0.240, -8.8)),
    (TAX, (50, 20, 15, 15), (0.392, 0.305, 11.5)),
    (BANDWIDTH, (50, 20, 15, 15), (0.393, 0.310, 26.7)),
    (DECAY, (50, 20, 15, 15), (0.397, 0.333, 34.3)),
]
NAMES = ["base", "no adversaries", "30 % adversaries", "all levers", "audit", "stake", "tax", "bandwidth", "decay"]


def settings_of(governance: GovernanceConfig, counts: tuple[int, ...]) -> StandardSettings:
    payoff = PayoffConfig(s_plus=3, s_minus=1.5, h=2.5, rho_a=0.1, rho_b=0.1, w_rep=2)
    return StandardSettings(
        members=members(*counts),
        n_epochs=20,
        steps_per_epoch=15,
        payoff=payoff,
        governance=governance,
        limits=RateLimits(posts_per_epoch=15, interactions_per_step=8, votes_per_epoch=100),
    )


@cache
def course(governance: GovernanceConfig, counts: tuple[int, ...]) -> tuple[tuple[EpochMetrics, ...], ...]:
    return run(settings_of(governance, counts), SEEDS)


def mean(governance: GovernanceConfig, counts: tuple[int, ...], name: str) -> float:
    return float(np.mean([getattr(epoch, name) for epochs in course(governance, counts) for epoch in epochs]))


def adversary_payoffs(governance: GovernanceConfig, counts: tuple[int, ...] = (50, 20, 15, 15)) -> NDArray[np.float64]:
    kind = AgentType.ADVERSARIAL
    return np.array([sum(epoch.types[kind].real_payoff for epoch in epochs) for epochs in course(governance, counts)])


@pytest.mark.parametrize(("governance", "counts", "measured"), MEASURED, ids=NAMES)
def test_the_measured_figures_come_out_again(
    governance: GovernanceConfig, counts: tuple[int, ...], measured: tuple[float, float, float | None]
) -> None:
    """Two means of 40 seeds each; the errors are about 0.0005, 0.0025 and 0.6 on either side."""
    soft, true, payoff = measured

    assert mean(governance, counts, "soft_toxicity") == pytest.approx(soft, abs=0.0025)
    assert mean(governance, counts, "true_toxicity") == pytest.approx(true, abs=0.008)
    assert payoff is None or adversary_payoffs(governance, counts).mean() == pytest.approx(payoff, abs=2.0)


@pytest.mark.parametrize("governance", [AUDIT, STAKE, TAX, ALL], ids=["audit", "audit and stake", "tax", "all levers"])
def test_these_levers_lower_what_adversaries_gain(governance: GovernanceConfig) -> None:
    lower = adversary_payoffs(governance) < adversary_payoffs(OFF)

    assert lower.sum() >= 38


def test_most_deceptive_agents_reach_exploitation() -> None:
    """Section 13c measures 85 %."""
    ran = Run(settings_of(OFF, (50, 20, 15, 15)), range(8))
    deceptive = ran.people.kind[:100] == KINDS.index(AgentType.DECEPTIVE)

    exploited: set[tuple[int, int]] = set()
    for epoch in ran.epochs():
        rows = epoch.interactions
        mine = rows.accepted & rows.exploiting & deceptive[rows.initiator]
        exploited |= set(zip(rows.seed[mine].tolist(), rows.initiator[mine].tolist(), strict=True))

    assert len(exploited) / (8 * 15) == pytest.approx(0.85, abs=0.1)
