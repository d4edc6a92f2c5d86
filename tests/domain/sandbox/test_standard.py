"""Section 13c of the sandbox specification: what must hold in the standard profile."""

from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sandbox import metrics
from domain.sandbox.agent import AgentType
from domain.sandbox.agents.policy import Policy
from domain.sandbox.errors import OutOfRange
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.limits import RateLimits
from domain.sandbox.network import NetworkConfig, Topology
from domain.sandbox.payoff import PayoffConfig, surplus
from domain.sandbox.role import Role
from domain.sandbox.rule import Rule
from domain.sandbox.shock import Shock, ShockKind
from domain.sandbox.standard.explaining import WORDS, why
from domain.sandbox.standard.population import MICRO, Member, behaviour_of
from domain.sandbox.standard.records import Interactions
from domain.sandbox.standard.rules import Rules, TrustForm
from domain.sandbox.standard.run import Run, run
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.standard.state import STARTING_CREDITS
from domain.sandbox.standard.streams import Purpose, Streams, unit
from domain.sandbox.work import WorkConfig

KINDS = tuple(AgentType)
OWN_RULES = (Rule.ACCEPTED, Rule.LITTLE_TRUST, Rule.LITTLE_VALUE, Rule.TREMBLED)
PAYOFF = PayoffConfig(s_plus=3, s_minus=1.5, h=2.5, rho_a=0.1, rho_b=0.1, w_rep=2)
ALL_LEVERS = GovernanceConfig(
    transaction_tax_rate=0.3,
    transaction_tax_split=0.6,
    reputation_decay_rate=0.9,
    vote_normalization_enabled=True,
    bandwidth_cap=2,
    staking_enabled=True,
    min_stake_to_participate=25,
    circuit_breaker_enabled=True,
    freeze_threshold_toxicity=0.45,
    freeze_threshold_violations=1,
    audit_enabled=True,
    audit_probability=0.3,
    collusion_detection_enabled=True,
)


def members(*counts: int, **colluding: float) -> tuple[Member, ...]:
    """So many of each type, in the order of AgentType."""
    return tuple(
        Member(
            f"{kind}_{number}",
            kind,
            behaviour_of(kind, {}),
            group=kind if kind in colluding else None,
            collude=colluding.get(kind, 0.0),
        )
        for kind, count in zip(KINDS, counts, strict=True)
        for number in range(count)
    )


def world(*counts: int, **changes: object) -> StandardSettings:
    made = StandardSettings(members=members(*(counts or (5, 3, 3, 3))), n_epochs=3, steps_per_epoch=6, payoff=PAYOFF)
    return replace(made, **changes)  # type: ignore[arg-type]  # any field of the settings


def course(given_settings: StandardSettings, *seeds: int) -> list[Interactions]:
    return [epoch.interactions for epoch in Run(given_settings, seeds).epochs()]


def same(one: Interactions, other: Interactions) -> bool:
    """Every column but that of the seed, to the bit."""
    names = [field.name for field in fields(Interactions) if field.name != "seed"]
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in names)


levers = st.builds(
    GovernanceConfig,
    transaction_tax_rate=st.floats(0, 1),
    reputation_decay_rate=st.floats(0, 1),
    vote_normalization_enabled=st.booleans(),
    bandwidth_cap=st.integers(0, 5),
    staking_enabled=st.booleans(),
    min_stake_to_participate=st.floats(0, 120),
    circuit_breaker_enabled=st.booleans(),
    freeze_threshold_toxicity=st.floats(0, 1),
    freeze_threshold_violations=st.integers(1, 3),
    freeze_duration_epochs=st.integers(1, 2),
    audit_enabled=st.booleans(),
    audit_probability=st.floats(0, 1),
    collusion_detection_enabled=st.booleans(),
)
rules = st.builds(
    Rules,
    reputation_feedback=st.booleans(),
    transfers=st.booleans(),
    settlement=st.booleans(),
    hidden_types=st.booleans(),
    trust=st.sampled_from(TrustForm),
    draws_by_id=st.booleans(),
)
networks = st.builds(
    NetworkConfig,
    topology=st.sampled_from(Topology),
    reach=st.integers(1, 3),
    edge_probability=st.sampled_from([0.0, 0.2, 1.0]),
    rewiring=st.floats(0, 1),
    ties=st.integers(1, 3),
)
shocks = st.lists(
    st.builds(Shock, kind=st.sampled_from(ShockKind), epoch=st.integers(0, 2), share=st.floats(0, 1)), max_size=2
)
plans = st.fixed_dictionaries(
    {
        "policy": st.sampled_from(Policy),
        "arrives": st.integers(0, 1),
        "leaves": st.sampled_from([None, 2]),
        "roles": st.sampled_from([(), (Role.PLANNER, Role.WORKER), (Role.VERIFIER,), (Role.POSTER, Role.MODERATOR)]),
        "adapts": st.booleans(),
        "begins_again": st.sampled_from([(), (1,), (1, 2)]),
    }
)
counts = st.tuples(*(st.integers(0, 6) for _ in KINDS)).filter(any)
worlds = st.builds(
    lambda numbers, collude, plan, governance, switches, limits, network, shaken, work: StandardSettings(
        members=tuple(
            replace(one, **plan) if one.type is not AgentType.HONEST else one
            for one in members(*numbers, opportunistic=collude)
        ),
        n_epochs=3,
        steps_per_epoch=5,
        payoff=PAYOFF,
        governance=governance,
        rules=switches,
        limits=limits,
        network=network,
        shocks=tuple(shaken),
        work=work,
    ),
    counts,
    st.sampled_from([0.0, 0.5]),
    plans,
    levers,
    rules,
    st.builds(RateLimits, posts_per_epoch=st.integers(0, 5), interactions_per_step=st.integers(0, 5)),
    networks,
    shocks,
    st.builds(WorkConfig, posting=st.sampled_from([0.0, 0.5]), steps=st.integers(1, 2)),
)
seeds = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4, unique=True)


@settings(max_examples=15)
@given(worlds, seeds)
def test_each_seed_of_a_batch_is_equal_to_the_bit_to_the_seed_alone(made: StandardSettings, batch: list[int]) -> None:
    together, found = course(made, *batch), run(made, batch)

    for number, seed in enumerate(batch):
        alone = course(made, seed)
        assert all(same(one.of_seed(number), other) for one, other in zip(together, alone, strict=True))
        assert repr(found[number]) == repr(run(made, [seed])[0])


@settings(max_examples=15)
@given(worlds, st.randoms(use_true_random=False))
def test_listing_order_changes_nothing(made: StandardSettings, random: object) -> None:
    shuffled = list(made.members)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own Random
    other = replace(made, members=tuple(shuffled))

    assert all(same(one, two) for one, two in zip(course(made, 1), course(other, 1), strict=True))


@settings(max_examples=40)
@given(worlds, st.integers(0, 1000))
def test_credits_are_neither_made_nor_lost_and_nobody_owes(made: StandardSettings, seed: int) -> None:
    ran = Run(made, [seed, seed + 1])

    for _ in ran.epochs():
        accounts, resources = ran.state.accounts, ran.state.resources.reshape(2, -1)
        held = resources.sum(axis=1) + accounts.treasury + accounts.world + accounts.escrow
        assert (held == len(made.members) * STARTING_CREDITS * MICRO).all()
        assert (ran.state.tasks.held.sum(axis=1) == accounts.escrow).all()
        assert (resources >= 0).all()


@settings(max_examples=20)
@given(worlds, st.integers(0, 1000))
def test_every_answer_says_why(made: StandardSettings, seed: int) -> None:
    ids = sorted(made.members, key=lambda member: member.agent_id.encode())
    for rows in course(made, seed):
        asked = [ids[number].behaviour for number in rows.counterparty]
        little_trust = rows.trust < np.array([one.least_trust for one in asked])
        little_value = rows.value < np.array([one.least_value for one in asked])
        judged = np.isin(rows.rule, OWN_RULES)
        assert (little_trust == (rows.rule == Rule.LITTLE_TRUST))[judged].all()
        assert ((little_value & ~little_trust) == (rows.rule == Rule.LITTLE_VALUE))[judged].all()
        expected = [(1 - PAYOFF.theta) * surplus(PAYOFF, trust) for trust in rows.trust.tolist()]
        assert rows.value == pytest.approx(np.array(expected) + rows.offer)


def test_why_is_told_in_a_sentence() -> None:
    ran = Run(world(), [1])
    (rows, *_) = [epoch.interactions for epoch in ran.epochs()]

    told = [why(rows, number, ran.people.ids) for number in range(len(rows))]

    assert set(WORDS) == set(Rule)
    assert all((" accepted " in one) == accepted for one, accepted in zip(told, rows.accepted, strict=True))
    assert f"trusted {rows.trust[0]:.2f}, expecting {rows.value[0]:+.2f} credits; " in told[0]


@settings(max_examples=20)
@given(worlds, st.integers(0, 1000))
def test_epoch_metrics_are_those_of_the_interactions(made: StandardSettings, seed: int) -> None:
    for epoch in Run(made, [seed]).epochs():
        (found,), batch = epoch.metrics, epoch.interactions.batch()
        assert (found.accepted, found.rejected) == (batch.accepted.sum(), batch.rejected.sum())
        assert found.proposed == len(batch) + found.unanswered
        assert found.soft_toxicity == pytest.approx(metrics.toxicity_rate(batch))
        assert found.quality_gap == pytest.approx(metrics.quality_gap(batch))
        assert found.soft_welfare == pytest.approx(metrics.welfare(batch, PAYOFF).total_welfare)


def test_draws_are_philox_at_the_counter_of_their_purpose() -> None:
    streams = Streams((7, 2**64 - 1), 3)
    streams.at(epoch=4, step=9)

    drawn = streams.draw(Purpose.CHOICE, 4)

    for number, seed in enumerate((7, 2**64 - 1)):
        key = np.array([seed, 0x63686F727573], np.uint64)
        fresh = np.random.Philox(key=key, counter=np.array([0, 2, 9, 4], np.uint64))
        assert (drawn[3 * number : 3 * number + 3] == unit(fresh.random_raw(12)).reshape(3, 4)).all()


def test_a_proposal_beyond_the_inbox_is_neither_accepted_nor_rejected() -> None:
    crowded = world(1, 0, 0, 30, limits=RateLimits(interactions_per_step=1))

    (first, *_), *_ = run(crowded, [3])

    assert first.unanswered > 0
    assert first.accepted + first.rejected + first.unanswered == first.proposed


def test_a_bandwidth_of_nothing_leaves_everything_unanswered() -> None:
    (first, *_), *_ = run(world(governance=GovernanceConfig(bandwidth_cap=0)), [3])

    assert first.proposed == first.unanswered > 0
    assert first.soft_toxicity is None


def test_without_settlement_nobody_gains() -> None:
    ran = Run(world(rules=Rules(settlement=False)), [1])

    assert list(ran.epochs())
    assert (ran.state.resources == STARTING_CREDITS * MICRO).all()


def test_without_transfers_nothing_moves_between_the_two() -> None:
    assert all((rows.tau == 0).all() for rows in course(world(rules=Rules(transfers=False)), 1))
    assert any((rows.tau < 0).any() for rows in course(world(), 1))


def test_adversaries_see_honest_agents_where_types_are_visible() -> None:
    def preyed(rules_: Rules) -> float:
        rows = course(world(10, 10, 0, 10, rules=rules_), 1, 2, 3)[0]
        prey = rows.counterparty[rows.initiator < 10]  # adversarial ids come first
        return float(((prey >= 10) & (prey < 20)).mean())

    assert preyed(Rules(hidden_types=False)) > 0.8 > 0.6 > preyed(Rules())


def test_a_group_member_is_accepted_whatever_it_brings() -> None:
    rows = course(StandardSettings(members=members(4, 6, 0, 0, opportunistic=0.9), payoff=PAYOFF), 1)[0]

    assert (rows.rule[rows.colluding] == Rule.SAME_GROUP).all()
    assert rows.colluding.any()
    assert (rows.real_a + rows.real_b + rows.c_a + rows.c_b)[rows.colluding & rows.good] == pytest.approx(0)


def test_collusion_detection_costs_colluders_their_reputation() -> None:
    def reputation(detected: bool) -> float:
        governance = GovernanceConfig(collusion_detection_enabled=detected)
        group = members(30, 0, 0, 4, adversarial=0.3)
        found = run(StandardSettings(members=group, n_epochs=10, governance=governance), range(8))
        return float(np.mean([epochs[-1].types[AgentType.ADVERSARIAL].reputation for epochs in found]))

    assert reputation(detected=True) < reputation(detected=False)


def test_a_failed_audit_costs_money_and_reputation() -> None:
    rows = course(world(governance=replace(ALL_LEVERS, audit_probability=1.0, transaction_tax_rate=0.0)), 1)[0]

    assert (rows.audit_failed == (rows.accepted & ~rows.good)).all()
    assert rows.c_a[rows.audit_failed] == pytest.approx(0.5 * 2.0)
    assert rows.slashed[rows.audit_failed] == pytest.approx(0.1 * 25)
    assert rows.r_a[rows.audit_failed] == pytest.approx(rows.p[rows.audit_failed] - 1.0)


def test_the_breaker_freezes_and_releases() -> None:
    ran = Run(world(0, 0, 0, 8, n_epochs=12, governance=ALL_LEVERS), [1])

    frozen = [epoch.metrics[0].frozen for epoch in ran.epochs()]

    assert max(frozen) > 0
    assert any(later < earlier for earlier, later in pairwise(frozen))


@pytest.mark.parametrize("bad", [-1, 2**64, 1.5, True])
def test_a_seed_out_of_range_is_refused(bad: float) -> None:
    with pytest.raises(OutOfRange):
        run(world(), [bad])  # type: ignore[list-item]


def test_amounts_that_could_overflow_are_refused() -> None:
    with pytest.raises(OutOfRange):
        world(payoff=PayoffConfig(s_plus=1e12))


def test_relabelling_changes_no_mean() -> None:
    """Adversaries sorted first or last; section 13c measures a difference of 0.0014 with an error of 0.0019."""

    def toxicities(name: str, first: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        listed = [
            replace(one, agent_id=name + one.agent_id) if one.type is KINDS[3] else one
            for one in members(50, 20, 15, 15)
        ]
        made = StandardSettings(members=tuple(listed), payoff=PAYOFF, n_epochs=10)
        found = run(made, range(first, first + 40))
        return np.array([np.mean([epoch.soft_toxicity for epoch in epochs]) for epochs in found])

    one, other = toxicities("a_", 0), toxicities("z_", 1000)

    error = np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    assert abs(one.mean() - other.mean()) <= 2.58 * error
    assert 2.58 * error < 0.006
