"""What an interaction is expected to bring each side.

Source: the seed, "Soft Payoff Engine (Reformulated A3b)"; exact rules in section 3 of the sandbox specification.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.interaction import SoftInteraction
from domain.sandbox.quantities import STRICT, NonNegative, Real, Share, check_fields

Quantity = TypeVar("Quantity", float, NDArray[np.float64])
"""One number, or one per interaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoffConfig:
    """How surplus and harm are shared."""

    __pydantic_config__ = STRICT

    s_plus: NonNegative = 2.0
    """Surplus of a good interaction."""
    s_minus: NonNegative = 1.0
    """Loss of a bad interaction."""
    h: NonNegative = 2.0
    """Harm that a bad interaction does to everyone else."""
    theta: Share = 0.5
    """The initiator's share of the surplus."""
    rho_a: NonNegative = 0.0
    """How much of the harm the initiator pays; may exceed 1."""
    rho_b: NonNegative = 0.0
    """How much of the harm the counterparty pays; may exceed 1."""
    w_rep: Real = 1.0
    """Worth of one unit of reputation."""

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def break_even_p(self) -> float | None:
        """The p at which S_soft is 0: s_minus / (s_plus + s_minus); None when both are 0."""
        return _ratio(self.s_minus, self.s_plus + self.s_minus)

    @property
    def social_break_even_p(self) -> float | None:
        """The p at which surplus pays for harm: (s_minus + h) / (s_plus + s_minus + h); None when all are 0."""
        return _ratio(self.s_minus + self.h, self.s_plus + self.s_minus + self.h)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One side's payoff, part by part; costs are positive numbers that were subtracted."""

    expected_surplus: float
    expected_harm: float
    surplus_share: float
    transfer: float
    governance_cost: float
    externality_cost: float
    reputation_bonus: float
    total: float


def surplus(config: PayoffConfig, p: Quantity) -> Quantity:
    """S_soft = p * s_plus - (1 - p) * s_minus."""
    return p * config.s_plus - (1 - p) * config.s_minus


def harm(config: PayoffConfig, p: Quantity) -> Quantity:
    """E_soft = (1 - p) * h."""
    return (1 - p) * config.h


def initiator_payoff(config: PayoffConfig, p: Quantity, tau: Quantity, c_a: Quantity, r_a: Quantity) -> Quantity:
    """pi_a = theta * S_soft - tau - c_a - rho_a * E_soft + w_rep * r_a."""
    return config.theta * surplus(config, p) - tau - c_a - config.rho_a * harm(config, p) + config.w_rep * r_a


def counterparty_payoff(config: PayoffConfig, p: Quantity, tau: Quantity, c_b: Quantity, r_b: Quantity) -> Quantity:
    """pi_b = (1 - theta) * S_soft + tau - c_b - rho_b * E_soft + w_rep * r_b."""
    return (1 - config.theta) * surplus(config, p) + tau - c_b - config.rho_b * harm(config, p) + config.w_rep * r_b


def social_surplus(config: PayoffConfig, p: Quantity) -> Quantity:
    """S_soft - E_soft: what the interaction is worth when everyone else counts too."""
    return surplus(config, p) - harm(config, p)


def payoffs(config: PayoffConfig, it: SoftInteraction) -> tuple[float, float]:
    """(pi_a, pi_b). Their sum is the welfare of the two; harm to others is in it only as far as rho makes them pay."""
    return (
        initiator_payoff(config, it.p, it.tau, it.c_a, it.r_a),
        counterparty_payoff(config, it.p, it.tau, it.c_b, it.r_b),
    )


def breakdowns(config: PayoffConfig, it: SoftInteraction) -> tuple[Breakdown, Breakdown]:
    """The payoff of initiator and counterparty, part by part."""
    pi_a, pi_b = payoffs(config, it)
    return (
        _breakdown(config, it.p, config.theta, config.rho_a, (-it.tau, it.c_a, it.r_a, pi_a)),
        _breakdown(config, it.p, 1 - config.theta, config.rho_b, (it.tau, it.c_b, it.r_b, pi_b)),
    )


def _breakdown(
    config: PayoffConfig, p: float, share: float, rho: float, side: tuple[float, float, float, float]
) -> Breakdown:
    transfer, cost, reputation, total = side
    expected, lost = surplus(config, p), harm(config, p)
    return Breakdown(expected, lost, share * expected, transfer, cost, rho * lost, config.w_rep * reputation, total)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
