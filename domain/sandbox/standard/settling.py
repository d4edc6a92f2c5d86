"""Who pays whom after an accepted interaction, in whole micro-credits.

Nothing is made or lost: resources, treasury and world always add up to the same. Source: step 6 of section 13c.
"""

from dataclasses import dataclass

import numpy as np

from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.payoff import PayoffConfig, counterparty_payoff, initiator_payoff
from domain.sandbox.standard.answering import Answers
from domain.sandbox.standard.outcomes import Outcomes
from domain.sandbox.standard.population import MICRO, Bools, Floats, Ints, Population
from domain.sandbox.standard.rules import Rules
from domain.sandbox.standard.state import State

REPUTATION_LOST_IN_AUDIT = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Settlement:
    """One row per answered proposal; zero for refused ones, but for the payoffs, which are as if accepted."""

    tau: Ints
    c_a: Ints
    c_b: Ints
    slashed: Ints
    audit_failed: Bools
    r_a: Floats
    """The change of the initiator's reputation."""
    real_a: Ints
    real_b: Ints
    soft_a: Floats
    soft_b: Floats


@dataclass(frozen=True, slots=True)
class Prices:
    """Amounts of one run in micro-credits."""

    gain: tuple[int, int]
    """The initiator's and the counterparty's part of a good interaction."""
    loss: tuple[int, int]
    harm: tuple[int, int]
    fine: int
    slash: int


def prices(payoff: PayoffConfig, config: GovernanceConfig) -> Prices:
    def whole(credits: float) -> int:
        return round(credits * MICRO)

    def shared(amount: int) -> tuple[int, int]:
        first = round(payoff.theta * amount)
        return first, amount - first

    return Prices(
        shared(whole(payoff.s_plus)),
        shared(-whole(payoff.s_minus)),
        (whole(payoff.rho_a * payoff.h), whole(payoff.rho_b * payoff.h)),
        whole(config.audit_threshold_p * config.audit_penalty_multiplier),
        whole(config.stake_slash_rate * config.min_stake_to_participate) if config.staking_enabled else 0,
    )


def settle(
    people: Population,
    state: State,
    rules: Rules,
    payoff: PayoffConfig,
    config: GovernanceConfig,
    answers: Answers,
    outcomes: Outcomes,
    audit: Floats | None,
) -> Settlement:
    """`audit` is a draw per row of the population, or None while audits are off."""
    cost = prices(payoff, config)
    tau = _transfers(people, state, rules, answers)
    failed = _failed_audits(config, answers, outcomes, audit)
    taxed = np.rint(config.transaction_tax_rate * np.abs(tau)).astype(np.int64)
    tax_a = np.rint(taxed * config.transaction_tax_split).astype(np.int64)
    c_a, c_b, slashed = tax_a + failed * cost.fine, taxed - tax_a, failed * cost.slash
    r_a = outcomes.p - 0.5 - REPUTATION_LOST_IN_AUDIT * failed
    real = _real(cost, answers, outcomes)
    found = Settlement(
        tau,
        c_a,
        c_b,
        slashed,
        failed,
        r_a,
        real[0] - tau - c_a - slashed,
        real[1] + tau - c_b,
        initiator_payoff(payoff, outcomes.p, tau / MICRO, c_a / MICRO, r_a),
        counterparty_payoff(payoff, outcomes.p, tau / MICRO, c_b / MICRO, np.zeros(len(tau))),
    )
    _book(people, state, rules, answers, found)
    return found


def _transfers(people: Population, state: State, rules: Rules, answers: Answers) -> Ints:
    """What was offered, or taken; never more than the payer has, divided by its payments of this step."""
    asked = answers.proposals
    if not rules.transfers:
        return np.zeros(len(asked), np.int64)
    wanted = np.where(asked.exploiting, -people.take[asked.initiator], asked.offer)
    wanted = np.where(answers.accepted, wanted, 0)
    payer = np.where(wanted > 0, asked.initiator, asked.target)
    pays = wanted != 0
    payments = np.bincount(payer[pays], minlength=people.rows)
    most = state.resources[payer] // np.maximum(payments[payer], 1)
    return np.sign(wanted) * np.minimum(np.abs(wanted), most)


def _failed_audits(config: GovernanceConfig, answers: Answers, outcomes: Outcomes, audit: Floats | None) -> Bools:
    if audit is None:
        return np.zeros(len(answers.rule), np.bool_)
    found: Bools = answers.accepted & ~outcomes.good & (audit[answers.proposals.initiator] < config.audit_probability)
    return found


def _real(cost: Prices, answers: Answers, outcomes: Outcomes) -> tuple[Ints, Ints]:
    """Each side's part of the surplus that really came, less its part of the harm. Collusion makes none."""
    real = ~answers.proposals.colluding
    a, b = (
        np.where(outcomes.good, gain, loss) * real - harm * ~outcomes.good
        for gain, loss, harm in zip(cost.gain, cost.loss, cost.harm, strict=True)
    )
    return a.astype(np.int64), b.astype(np.int64)


def _book(people: Population, state: State, rules: Rules, answers: Answers, found: Settlement) -> None:
    done = np.flatnonzero(answers.accepted)
    initiator, target = answers.proposals.initiator[done], answers.proposals.target[done]
    change = np.zeros(people.rows, np.int64)
    np.add.at(change, initiator, found.real_a[done])
    np.add.at(change, target, found.real_b[done])
    state.real_payoff += change
    np.add.at(state.flagged, answers.proposals.initiator, found.audit_failed)
    np.add.at(state.soft_payoff, initiator, found.soft_a[done])
    np.add.at(state.soft_payoff, target, found.soft_b[done])
    if rules.settlement:
        pay(people, state, change, people.seed_of(initiator), (found.c_a + found.c_b + found.slashed)[done])


def pay(people: Population, state: State, change: Ints, seed: Ints, fees: Ints) -> None:
    """Fees go to the treasury; world balances the rest, and forgives what an agent cannot pay."""
    accounts, by_seed = state.accounts, (people.seeds, people.size)
    collected = np.zeros(people.seeds, np.int64)
    np.add.at(collected, seed, fees)
    accounts.treasury += collected
    state.resources += change
    short = np.minimum(state.resources, 0)
    state.resources -= short
    forgiven = -short.reshape(by_seed).sum(axis=1)
    accounts.bad_debt += forgiven
    accounts.world -= change.reshape(by_seed).sum(axis=1) + collected + forgiven
