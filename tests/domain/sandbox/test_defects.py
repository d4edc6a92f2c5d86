"""The original's defects D1 to D28: what is not checked elsewhere, and that the document decides on each of them."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.payoff import initiator_payoff
from domain.sandbox.standard.learning import release
from domain.sandbox.standard.population import population_of
from domain.sandbox.standard.records import Interactions, joined
from domain.sandbox.standard.rules import Rules
from domain.sandbox.standard.run import Run, run
from domain.sandbox.standard.state import new_state
from domain.sandbox.standard.streams import Purpose, Streams
from domain.sandbox.standard.trust import learn
from tests.domain.sandbox.test_standard import ALL_LEVERS, PAYOFF, members, same, world

ROOT = Path(__file__).parents[3]
ROW = re.compile(r"^\| (D\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def rows_of(made: object, *seeds: int) -> Interactions:
    return joined([epoch.interactions for epoch in Run(made, seeds).epochs()])  # type: ignore[arg-type]  # settings


def test_the_document_decides_on_every_defect_and_names_a_test() -> None:
    found = ROW.findall((ROOT / "docs" / "sandbox.md").read_text())
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    assert [name for name, *_ in found] == [f"D{number}" for number in range(1, 29)]
    for name, _, decided, checked in found:
        named = re.findall(r"`(test_\w+)`", checked)
        assert decided, name
        assert named, name
        assert all(f"def {one}(" in tests for one in named), name


def test_changes_of_reputation_enter_payoffs() -> None:
    rows = rows_of(world(), 1)
    without = replace(PAYOFF, w_rep=0.0)
    bare = initiator_payoff(without, rows.p, rows.tau, rows.c_a, rows.r_a)

    assert rows.soft_a - bare == pytest.approx(PAYOFF.w_rep * rows.r_a)
    assert (rows.r_a != 0).any()


def test_strangers_are_trusted_by_their_reputation_if_the_rules_say_so() -> None:
    def neutral(rules: Rules) -> float:
        """Among so many agents nearly everybody is a stranger, and after some steps most have a name."""
        rows = rows_of(world(300, 0, 0, 0, rules=rules, n_epochs=1, steps_per_epoch=8), 1)
        return float((rows.trust[rows.step >= 6] == 0.5).mean())

    assert neutral(Rules(reputation_feedback=False)) > 0.5 > neutral(Rules())


def test_another_run_in_between_changes_nothing() -> None:
    one, alone = Run(world(), [1]), Run(world(), [1])
    other = Run(world(governance=ALL_LEVERS), [1])

    for expected in alone.epochs():
        other.advance()
        assert same(one.advance().interactions, expected.interactions)


def test_audits_have_draws_of_their_own() -> None:
    streams = Streams((7,), 100)
    streams.at(1, 2)

    drawn = [streams.draw(purpose) for purpose in Purpose]

    assert len({column.tobytes() for column in drawn}) == len(Purpose)


def test_everybody_acts_however_many_there_are() -> None:
    busy = tuple(replace(one, behaviour=replace(one.behaviour, propose=0.3)) for one in members(60, 0, 0, 0))

    rows = rows_of(world(members=busy, n_epochs=2, steps_per_epoch=15), 1)

    assert set(rows.initiator.tolist()) == set(range(60))


def test_a_repeated_vote_is_spent_and_counts_nothing() -> None:
    writer, *voters = members(6, 0, 0, 0)
    wrote = replace(writer, behaviour=replace(writer.behaviour, post=1.0, vote=0.0, propose=0.0))
    votes = tuple(replace(one, behaviour=replace(one.behaviour, post=0.0, vote=1.0, propose=0.0)) for one in voters)
    made = world(members=(wrote, *votes), n_epochs=1, steps_per_epoch=20)
    ran = Run(replace(made, limits=replace(made.limits, posts_per_epoch=1)), [1])

    (epoch,) = ran.epochs()

    assert epoch.metrics[0].votes == len(votes)
    assert ran.state.votes_used.sum() > 5 * len(votes)


def test_who_is_released_begins_with_an_empty_window() -> None:
    state = new_state(population_of(members(2, 0, 0, 0), 1))
    state.window[:], state.windowed[:], state.violations[:] = 0.9, 10, 3
    state.frozen_until[:] = [2, 3]

    release(state, 2)

    assert state.frozen.tolist() == [False, True]
    assert state.windowed.tolist() == [0, 10]
    assert state.violations.tolist() == [0, 3]


def test_levers_leave_refused_proposals_alone() -> None:
    rows = rows_of(world(governance=replace(ALL_LEVERS, audit_probability=1.0)), 1, 2)

    refused = ~rows.accepted
    assert refused.any()
    for column in (rows.tau, rows.c_a, rows.c_b, rows.slashed, rows.audit_failed):
        assert not column[refused].any()


def test_normalised_votes_move_names_less() -> None:
    def moved(on: bool) -> float:
        config = GovernanceConfig(vote_normalization_enabled=on, max_vote_weight_per_agent=1.0)
        quiet = tuple(replace(one, behaviour=replace(one.behaviour, propose=0.0)) for one in members(20, 0, 0, 0))
        ran = Run(world(members=quiet, governance=config, steps_per_epoch=20), [1])
        list(ran.epochs())
        return float(ran.state.reputation.sum())

    assert 0 < moved(on=True) < moved(on=False)


def test_nothing_is_proposed_to_the_frozen_and_nothing_stays_open() -> None:
    ran = Run(world(2, 0, 0, 10, governance=ALL_LEVERS, n_epochs=8), [1])
    state = ran.state

    for number in range(8):
        began = state.frozen_until.copy()
        epoch = ran.advance()
        told = epoch.metrics[0]
        frozen = np.flatnonzero(began > number)
        assert not np.isin(epoch.interactions.counterparty, frozen).any()
        assert told.proposed == told.accepted + told.rejected + told.unanswered


def test_a_refused_partner_recovers() -> None:
    people = population_of(members(2, 0, 0, 0), 1)
    state = new_state(people)
    me, other, yes = np.array([0]), np.array([1]), np.array([True])
    learn(state, Rules(), me, other, np.array([0.0]), yes)
    before = state.memory.ema.copy()

    for _ in range(30):
        learn(state, Rules(), me, other, np.array([0.0]), ~yes)

    assert before.min() == pytest.approx(0.35)
    assert state.memory.ema.min() == pytest.approx(0.5, abs=0.01)


def test_only_figures_that_exist_are_given() -> None:
    (course,) = run(world(governance=GovernanceConfig(bandwidth_cap=0)), [1])

    empty = course[0]
    assert (empty.soft_toxicity, empty.quality_gap, empty.ece, empty.brier) == (None, None, None, None)
    assert all(one.acceptance is None for one in empty.types.values())
    assert max(one.posts for one in course) < 2 * min(one.posts for one in course), "per epoch, not over the run"
