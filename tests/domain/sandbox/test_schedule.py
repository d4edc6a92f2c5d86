"""Arrivals, departures, whitewashing, shocks, what-ifs, and draws that belong to ids."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sandbox.agent import AgentType
from domain.sandbox.errors import OutOfRange
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.shock import Shock, ShockKind
from domain.sandbox.standard.philox import blocks
from domain.sandbox.standard.population import Member, behaviour_of
from domain.sandbox.standard.rules import Rules
from domain.sandbox.standard.run import Epoch, Run
from domain.sandbox.standard.streams import KEY, Purpose, StreamsById
from tests.domain.sandbox.test_standard import members, same, world

BUSY = {"n_epochs": 4, "steps_per_epoch": 12}


def active(epoch: Epoch) -> set[int]:
    rows = epoch.interactions
    return set(rows.initiator.tolist()) | set(rows.counterparty.tolist())


def test_agents_take_part_from_their_arrival_until_they_leave() -> None:
    planned = tuple(
        replace(one, arrives=1, leaves=3) if one.type is AgentType.ADVERSARIAL else one for one in members(8, 0, 0, 4)
    )
    ran = Run(world(members=planned, **BUSY), [1])

    epochs = list(ran.epochs())

    adversaries = set(range(4))  # their ids come first
    assert [bool(active(epoch) & adversaries) for epoch in epochs] == [False, True, True, False]
    assert [AgentType.ADVERSARIAL in epoch.metrics[0].types for epoch in epochs] == [False, True, True, False]


def test_who_takes_a_new_name_is_unknown_and_keeps_its_credits() -> None:
    renaming = tuple(
        replace(one, begins_again=(2,)) if one.type is AgentType.ADVERSARIAL else one for one in members(8, 0, 0, 4)
    )
    ran = Run(world(members=renaming, **BUSY), [1])
    other = Run(world(members=members(8, 0, 0, 4), **BUSY), [1])
    for _ in range(2):
        assert same(ran.advance().interactions, other.advance().interactions)
    credits = ran.state.resources[:4].copy()

    ran._start(2)

    memory = ran.state.memory
    assert (ran.state.reputation[:4] == 0).all()
    assert not np.isin(memory.partner[4:], range(4)).any()
    assert (memory.partner[:4] >= 4).any(), "it still knows the others"
    assert (ran.state.resources[:4] == credits).all()


def test_whitewashing_pays_where_reputation_counts() -> None:
    def trusted(begins_again: tuple[int, ...]) -> float:
        planned = tuple(
            replace(one, begins_again=begins_again) if one.type is AgentType.ADVERSARIAL else one
            for one in members(20, 0, 0, 5)
        )
        *_, last = Run(world(members=planned, n_epochs=8, steps_per_epoch=12), range(4)).epochs()
        mine = last.interactions.initiator < 5
        return float(last.interactions.trust[mine].mean())

    assert trusted((7,)) > trusted(()) + 0.05


def test_a_dropout_keeps_some_away_for_its_time() -> None:
    shock = Shock(kind=ShockKind.DROPOUT, epoch=1, lasts=2, share=0.5)
    epochs = list(Run(world(20, 0, 0, 0, shocks=(shock,), n_epochs=4, steps_per_epoch=20), [1]).epochs())

    there = [epoch.metrics[0].types[AgentType.HONEST].agents for epoch in epochs]

    assert there[0] == there[3] == 20
    assert there[1] == there[2] < 18
    assert active(epochs[1]) == active(epochs[2])


def test_nobody_proposes_across_a_partition() -> None:
    shock = Shock(kind=ShockKind.PARTITION, epoch=1, lasts=1, share=0.5)
    ran = Run(world(20, 0, 0, 0, shocks=(shock,), n_epochs=3, steps_per_epoch=20), [1])

    before, during, after = ((epoch.interactions, ran.state.side.copy()) for epoch in ran.epochs())

    side = during[1]
    crossing = [int((side[rows.initiator] != side[rows.counterparty]).sum()) for rows, _ in (before, during, after)]
    assert 0 < side.sum() < 20
    assert crossing[0] > 0 == crossing[1] < crossing[2]


def test_noise_hides_what_is_true() -> None:
    shock = Shock(kind=ShockKind.NOISE, epoch=1, lasts=1, share=0.5)
    epochs = list(Run(world(20, 0, 0, 20, shocks=(shock,), n_epochs=3, steps_per_epoch=20), [1]).epochs())

    def gap(epoch: Epoch) -> float:
        rows = epoch.interactions
        return float(rows.p[rows.good].mean() - rows.p[~rows.good].mean())

    assert gap(epochs[1]) < 0.1 < gap(epochs[0])
    assert gap(epochs[2]) > 0.1


def test_a_what_if_shares_the_past_and_the_draws() -> None:
    made = world(**BUSY)
    taxed = replace(made, governance=GovernanceConfig(transaction_tax_rate=0.5))
    ran = Run(made, [1, 2])
    ran.advance()
    same_rules, other_rules, from_the_start = ran.branch(made), ran.branch(taxed), Run(taxed, [1, 2])
    from_the_start.advance()

    here, there, taxed_here, _ = (
        [epoch.interactions for epoch in one.epochs()] for one in (ran, same_rules, other_rules, from_the_start)
    )

    assert all(same(one, two) for one, two in zip(here, there, strict=True))
    assert not same(here[0], taxed_here[0])
    assert (other_rules.state.accounts.treasury < from_the_start.state.accounts.treasury).all(), "the past was free"
    assert (taxed_here[0].c_a + taxed_here[0].c_b).sum() > 0 == (here[0].c_a + here[0].c_b).sum()


def test_a_what_if_from_the_start_is_a_run_of_the_other_rules() -> None:
    taxed = world(governance=GovernanceConfig(transaction_tax_rate=0.5), **BUSY)

    branch, fresh = Run(world(**BUSY), [3]).branch(taxed), Run(taxed, [3])

    assert all(
        same(one.interactions, two.interactions) for one, two in zip(branch.epochs(), fresh.epochs(), strict=True)
    )


def test_a_what_if_with_other_members_is_refused() -> None:
    with pytest.raises(OutOfRange):
        Run(world(), [1]).branch(world(9, 0, 0, 0))


@given(
    st.lists(st.integers(1, 2**64 - 1), min_size=1, max_size=4),
    st.integers(0, 2**64 - 1),
    st.tuples(st.integers(0, 99), st.integers(0, 9999), st.integers(0, 2**40)),
)
def test_our_philox_is_that_of_numpy(counters: list[int], seed: int, rest: tuple[int, int, int]) -> None:
    ours = blocks((seed, KEY), (np.array(counters, np.uint64), *rest))

    for counter, found in zip(counters, ours, strict=True):
        words = np.array([counter - 1, *rest], np.uint64)  # numpy counts up before it draws
        generator = np.random.Philox(key=np.array([seed, KEY], np.uint64), counter=words)
        assert (generator.random_raw(4) == found).all()


def test_by_id_whoever_stays_keeps_its_draws() -> None:
    few, many = StreamsById((1, 2), ("a", "c")), StreamsById((1, 2), ("a", "b", "c"))
    for streams in (few, many):
        streams.at(3, 4)

    one = few.draw(Purpose.CANDIDATES, 8, 3).reshape(2, 2, 8, 3)
    other = many.draw(Purpose.CANDIDATES, 8, 3).reshape(2, 3, 8, 3)

    assert (one == other[:, [0, 2]]).all()
    assert len(np.unique(other)) == other.size


def test_by_id_an_agent_that_does_nothing_changes_little_else() -> None:
    silent = {"post": 0.0, "vote": 0.0, "propose": 0.0}
    bystander = Member("aaa", AgentType.HONEST, behaviour_of(AgentType.HONEST, silent))
    everybody = members(10, 5, 5, 5)

    def posts(draws_by_id: bool, *more: Member) -> int:
        made = world(members=(*everybody, *more), rules=Rules(draws_by_id=draws_by_id))
        (epoch, *_) = Run(made, [1]).epochs()
        return epoch.metrics[0].posts

    assert posts(True) == posts(True, bystander)
    assert posts(False) != posts(False, bystander)
