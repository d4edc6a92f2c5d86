"""What a kept sweep follows from."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sandbox.ablation import WORLDS
from domain.sandbox.errors import InvalidScenario, SandboxError, SweepTooLarge
from domain.sandbox.reading import changed
from domain.sandbox.study.comparing import labels_of, runs_of, usual
from domain.sandbox.study.design import Axis, InvalidSweep, Span, axis
from domain.sandbox.study.plan import MOST_CONDITIONS, MOST_RUNS, Plan, ablating, designed, plan_of
from domain.sandbox.study.work import run_unit
from domain.sandbox.yaml_text import Data
from tests.server.sandbox.worlds import legacy, standard

SCENARIO = standard(simulation__n_epochs=1, simulation__steps_per_epoch=2).scenario
AXES: dict[str, Axis] = {"governance.audit_probability": (0.0, 0.5), "agents.0.count": (3, 4, 5)}


def test_a_plan_is_what_its_line_says() -> None:
    for plan in (designed(SCENARIO, AXES, None, 3, paired=False), ablating(SCENARIO, 2, 1)):
        assert plan_of(plan.line()) == plan
        assert plan_of(plan.line()).sweep().sweep_id == plan.sweep().sweep_id


def test_settings_of_an_agent_stay_with_that_agent() -> None:
    """The listing order is the one that the settings were made for."""
    turned = changed(SCENARIO, {"agents": [{"type": "deceptive", "count": 2}, {"type": "honest", "count": 9}]})

    plan = plan_of(designed(turned, {"agents.1.count": (9, 30)}, None, 1).line())

    assert [scenario.population for scenario in plan.sweep().scenarios] == [11, 32]


def test_conditions_are_called_by_what_they_differ_in() -> None:
    plan = designed(SCENARIO, {**AXES, "payoff.h": (2,)}, None, 2)

    assert plan.labels[1] == ("audit_probability=0.0", "count=4")
    assert plan.size == 12 == sum(len(unit.seeds) for unit in plan.sweep().units())
    assert labels_of([{}]) == [()]


@given(st.integers(0, 12))
def test_a_sweep_goes_on_after_any_number_of_runs(done: int) -> None:
    sweep = designed(SCENARIO, AXES, None, 2).sweep()

    left = [(unit.condition, seed) for unit in sweep.units_after(done) for seed in unit.seeds]

    assert left == [(condition, seed) for condition in range(6) for seed in (7, 8)][done:]


def test_rows_are_put_together_by_condition() -> None:
    plan = designed(SCENARIO, {"governance.audit_probability": (0.0, 0.5)}, None, 2)
    rows = [orjson.loads(orjson.dumps(row)) for unit in plan.sweep().units() for row in run_unit(unit)]

    one, other = runs_of(plan.labels, rows)

    assert (one.condition, one.seeds, other.seeds) == (("audit_probability=0.0",), (7, 8), (7, 8))
    assert other.column("soft_toxicity") == {row["seed"]: row["soft_toxicity"] for row in rows[2:]}
    assert set(usual(set(one.figures[0]))) < set(one.figures[0])
    assert "seed" not in one.figures[0]


def test_the_cost_of_a_sweep_is_that_of_its_batches() -> None:
    small, large = designed(SCENARIO, {}, None, 1).cost(), designed(SCENARIO, AXES, None, 100).cost()

    assert large.turns == 100 * 2 * 2 * sum(12 + count for count in (3, 4, 5))
    assert large.seconds > 6 * 3 * small.seconds / 2
    assert large.memory < 40 * small.memory


@pytest.mark.parametrize(
    ("axes", "count", "runs"),
    [
        ({"payoff.h": tuple(range(MOST_CONDITIONS + 1))}, None, 1),
        ({name: tuple(range(10**4)) for name in "abcdef"}, None, 1),
        ({"payoff.h": Span(0, 1)}, 10**9, 1),
        ({}, None, MOST_RUNS + 1),
        (AXES, None, 10**30),
    ],
)
def test_a_sweep_that_is_too_large_is_refused_before_it_is_made(
    axes: dict[str, Axis], count: int | None, runs: int
) -> None:
    with pytest.raises(SweepTooLarge):
        designed(SCENARIO, axes, count, runs)


def test_many_agents_in_many_conditions_are_too_large() -> None:
    crowd = changed(SCENARIO, {"agents": [{"type": "honest", "group": f"{number:0100}"} for number in range(2_000)]})

    with pytest.raises(SweepTooLarge):
        designed(crowd, {"payoff.h": tuple(range(100))}, None, 1)


@pytest.mark.parametrize(
    ("axes", "count", "runs"),
    [(AXES, None, 0), (AXES, None, -5), ({"payoff.h": Span(0, 1)}, None, 1), ({}, 3, 1), (AXES, 0, 1), (AXES, -1, 1)],
)
def test_a_design_that_cannot_be_is_refused(axes: dict[str, Axis], count: int | None, runs: int) -> None:
    with pytest.raises(InvalidSweep):
        designed(SCENARIO, axes, count, runs)


@pytest.mark.parametrize("worlds", [-1, len(WORLDS) + 1])
def test_an_ablation_knows_only_so_many_worlds(worlds: int) -> None:
    with pytest.raises(InvalidSweep):
        ablating(SCENARIO, 2, worlds)


def test_an_ablation_of_the_legacy_profile_is_refused() -> None:
    with pytest.raises(InvalidScenario):
        ablating(legacy().scenario, 2)


def test_settings_that_no_scenario_has_are_refused_when_the_sweep_is_made() -> None:
    with pytest.raises(InvalidScenario):
        Plan(SCENARIO, 1, ({"payoff.hh": 1},)).sweep()


NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        (None, None, None),
        ([], None, None),
        ([1], 0, 1),
        (None, 0, None),
        (None, "0", 1),
        (None, False, True),
        (None, 1, 0),
        (None, NAN, 1),
        (None, 0, float("inf")),
    ],
)
def test_what_varies_has_values_or_two_ends(values: list[Data] | None, low: Data, high: Data) -> None:
    with pytest.raises(SandboxError):
        axis(values, low, high)


def test_ends_and_values_are_taken_as_they_are() -> None:
    assert axis([1, "x", None]) == (1, "x", None)
    assert axis(None, 0, 3) == Span(0, 3)
