"""Designs of sweeps, and what is made of their results."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sandbox.criteria import judged
from domain.sandbox.errors import InvalidScenario
from domain.sandbox.figures import run_figures
from domain.sandbox.scenario import standard_settings
from domain.sandbox.standard.run import run
from domain.sandbox.study.comparing import Runs, compared, labels_of
from domain.sandbox.study.design import Axis, InvalidSweep, Span, grid, scattered, sweep_of
from domain.sandbox.study.work import run_unit
from domain.sandbox.yaml_text import Data
from tests.server.sandbox.worlds import legacy, standard

SCENARIO = standard().scenario
AUDITS: list[dict[str, Data]] = [{"governance.audit_probability": value} for value in (0.0, 0.5)]


def test_a_grid_is_every_combination() -> None:
    found = grid({"a": (1, 2), "b": ("x", "y", "z")})

    assert found == [{"a": a, "b": b} for a in (1, 2) for b in "xyz"]


def test_random_combinations_stay_within_their_spans_and_repeat_with_their_seed() -> None:
    axes: dict[str, Axis] = {"share": Span(0.2, 0.4), "count": Span(3, 5), "either": (True, False)}

    found = scattered(axes, 200, 5)

    assert found == scattered(axes, 200, 5) != scattered(axes, 200, 6)
    assert all(0.2 <= one["share"] <= 0.4 for one in found)  # type: ignore[operator]
    assert {one["count"] for one in found} == {3, 4, 5}
    assert {one["either"] for one in found} == {True, False}
    assert found[:50] == scattered(axes, 50, 5)


def test_paired_conditions_share_their_seeds_and_independent_ones_share_none() -> None:
    paired, independent = sweep_of(SCENARIO, AUDITS, 5), sweep_of(SCENARIO, AUDITS, 5, paired=False)

    assert paired.seeds(0) == paired.seeds(1) == range(7, 12)
    assert independent.seeds(0) == range(7, 12)
    assert independent.seeds(1) == range(12, 17)


@given(st.sets(st.tuples(st.integers(0, 1), st.integers(7, 76))))
def test_units_are_the_runs_that_are_not_done_each_once(done: set[tuple[int, int]]) -> None:
    planned = sweep_of(SCENARIO, AUDITS, 70)

    units = [(unit.condition, seed) for unit in planned.units(frozenset(done)) for seed in unit.seeds]

    assert sorted([*units, *done]) == [(condition, seed) for condition in (0, 1) for seed in range(7, 77)]


def test_large_populations_advance_in_smaller_batches() -> None:
    units = list(sweep_of(SCENARIO, [{"agents.0.count": 20_000}], 7).units())

    assert [len(unit.seeds) for unit in units] == [2, 2, 2, 1]


@pytest.mark.parametrize("header", [standard(), legacy()], ids=["standard", "legacy"])
def test_a_row_is_the_run_it_names(header: object) -> None:
    planned = sweep_of(header.scenario, [{"simulation.n_epochs": 3}], 2)  # type: ignore[attr-defined]

    (unit,) = planned.units()
    rows = run_unit(unit)

    assert rows == run_unit(unit)
    assert len({row["run"] for row in rows}) == 2
    if planned.scenarios[0].profile == "standard":
        epochs = run(standard_settings(planned.scenarios[0]), [8])[0]
        assert {name: rows[1][name] for name in run_figures(epochs)} == run_figures(epochs)
        assert rows[1]["met"] == all(verdict.met for verdict in judged(planned.scenarios[0], epochs))


def test_conditions_are_called_by_last_words_unless_these_are_the_same() -> None:
    changes = [{"payoff.h": 1, "agents.0.count": one, "agents.1.count": other} for one, other in ((2, 3), (3, 2))]

    assert labels_of(changes) == [("agents.0.count=2", "agents.1.count=3"), ("agents.0.count=3", "agents.1.count=2")]
    assert labels_of([{"payoff.h": 1, "payoff.theta": 0}, {"payoff.h": 2, "payoff.theta": 0}]) == [("h=1",), ("h=2",)]


def test_a_sweep_is_known_by_what_it_runs() -> None:
    ids = [
        sweep_of(SCENARIO, AUDITS, 5).sweep_id,
        sweep_of(SCENARIO, AUDITS, 6).sweep_id,
        sweep_of(SCENARIO, AUDITS[:1], 5).sweep_id,
        sweep_of(SCENARIO, AUDITS, 5, paired=False).sweep_id,
        sweep_of(standard(payoff__h=3.0).scenario, AUDITS, 5).sweep_id,
    ]

    assert len(set(ids)) == 5
    assert sweep_of(SCENARIO, AUDITS, 5).sweep_id == ids[0]


@pytest.mark.parametrize(
    ("conditions", "runs"), [([], 1), (AUDITS, 0), (AUDITS, 600_000), ([{"simulation.seed": 2**64 - 2}], 1)]
)
def test_a_sweep_that_cannot_be_is_refused(conditions: list[dict[str, object]], runs: int) -> None:
    if conditions and "simulation.seed" in conditions[0]:
        with pytest.raises(InvalidSweep):
            sweep_of(standard(simulation__seed=2**64 - 2).scenario, AUDITS, 3)
        return
    with pytest.raises(InvalidSweep):
        sweep_of(SCENARIO, conditions, runs)  # type: ignore[arg-type]


def test_axes_are_checked() -> None:
    with pytest.raises(InvalidSweep):
        grid({"a": Span(0, 1)})
    with pytest.raises(InvalidSweep):
        grid({name: tuple(range(100)) for name in "abcd"})
    with pytest.raises(InvalidSweep):
        scattered({}, 3, 0)
    with pytest.raises(InvalidScenario):
        sweep_of(SCENARIO, [{"governance.audits": True}], 3)


def test_a_unit_is_plain_data() -> None:
    unit = next(iter(sweep_of(SCENARIO, AUDITS, 2).units()))

    assert orjson.loads(unit.scenario)["scenario_id"] == "mixed"
    assert unit.seeds == (7, 8)


def runs(label: str, seeds: range, values: list[float | None]) -> Runs:
    return Runs((label,), tuple(seeds), tuple({"x": value} for value in values))


def test_shared_seeds_are_compared_seed_by_seed() -> None:
    base = runs("base", range(4), [1.0, 2.0, 3.0, None])
    other = runs("other", range(4), [1.5, 2.5, 3.6, 9.0])

    none, found = compared([base, other], ["x"])

    assert none.effect is None
    assert found.effect is not None
    assert found.effect.paired
    assert found.effect.difference.n == 3
    assert found.effect.difference.mean == pytest.approx(1.6 / 3)
    assert found.found.n == 4


def test_other_seeds_are_compared_as_two_groups() -> None:
    base, other = runs("base", range(3), [1.0, 2.0, 3.0]), runs("other", range(5, 8), [2.0, 3.0, 5.0])

    found = compared([base, other], ["x"])[1]

    assert found.effect is not None
    assert not found.effect.paired


def test_p_values_are_corrected_for_all_that_was_asked() -> None:
    base = runs("base", range(5), [1.0, 2.0, 3.0, 4.0, 5.0])
    others = [runs(str(n), range(5), [1.4, 2.1, 3.3, 4.2, 5.1]) for n in range(4)]

    alone, many = compared([base, others[0]], ["x"]), compared([base, *others], ["x"])

    assert alone[1].effect is not None
    assert alone[1].corrected_p == alone[1].effect.p
    assert many[1].corrected_p == pytest.approx(4 * (alone[1].effect.p or 0))
