"""How an answered proposal becomes an interaction. Source: section 7.4 of the sandbox specification."""

from domain.sandbox.interaction import SoftInteraction
from domain.sandbox.legacy.observables import observe
from domain.sandbox.legacy.observation import Agent, Proposal
from domain.sandbox.legacy.records import Completed
from domain.sandbox.legacy.world import World
from domain.sandbox.levers import audit, tax
from domain.sandbox.payoff import payoffs
from domain.sandbox.proxy import Proxy

PROXY = Proxy()
"""The original never uses another."""


def complete(world: World, proposal: Proposal, accepted: bool) -> Completed:
    """Observables, label, governance, payoffs, then what the two learn; rejected ones go through all of it."""
    interaction = _judged(world, proposal, accepted)
    pi_a, pi_b = payoffs(world.settings.payoff, interaction)
    if accepted:
        _settle(world, interaction, pi_a, pi_b)
    world.policies[interaction.initiator].learn(interaction.counterparty, interaction.p, accepted)
    world.policies[interaction.counterparty].learn(interaction.initiator, interaction.p, accepted)
    return Completed(world.epoch, world.step, interaction, pi_a, pi_b)


def _judged(world: World, proposal: Proposal, accepted: bool) -> SoftInteraction:
    seen = observe(world.random, world.agents[proposal.initiator_id].agent_type, accepted)
    labels = PROXY.labels(seen)
    cost_a, cost_b = _governed(world, proposal.initiator_id, labels.p, tau=0.0)
    return SoftInteraction(
        interaction_id=proposal.proposal_id,
        initiator=proposal.initiator_id,
        counterparty=proposal.counterparty_id,
        interaction_type=proposal.interaction_type,
        accepted=accepted,
        task_progress_delta=seen.task_progress_delta,
        rework_count=seen.rework_count,
        verifier_rejections=seen.verifier_rejections,
        tool_misuse_flags=seen.tool_misuse_flags,
        counterparty_engagement_delta=seen.counterparty_engagement_delta,
        v_hat=labels.v_hat,
        p=labels.p,
        c_a=cost_a,
        c_b=cost_b,
    )


def _governed(world: World, initiator: str, p: float, tau: float) -> tuple[float, float]:
    """The costs of both sides; a tripped breaker freezes the initiator at once."""
    config = world.settings.governance
    cost_a, cost_b = tax.costs(config, tau)
    if config.circuit_breaker_enabled and world.trackers[initiator].record(config, 1 - p, world.epoch):
        world.frozen.add(initiator)
    if config.audit_enabled:
        cost_a += audit.cost(config, p, world.audits.random())
    return cost_a, cost_b


def _settle(world: World, interaction: SoftInteraction, pi_a: float, pi_b: float) -> None:
    """Reputation moves for the initiator alone; resources never change (D2)."""
    initiator, counterparty = world.agents[interaction.initiator], world.agents[interaction.counterparty]
    _initiated(initiator, interaction.p)
    initiator.total_payoff += pi_a
    initiator.reputation += interaction.p - 0.5
    counterparty.received += 1
    counterparty.average_p_received = _running(counterparty.average_p_received, counterparty.received, interaction.p)
    counterparty.total_payoff += pi_b


def _initiated(initiator: Agent, p: float) -> None:
    initiator.initiated += 1
    initiator.average_p_initiated = _running(initiator.average_p_initiated, initiator.initiated, p)


def _running(average: float, count: int, value: float) -> float:
    """The first value replaces the prior of one half."""
    return ((count - 1) * average + value) / count
