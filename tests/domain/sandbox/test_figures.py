"""Rows of figures, criteria, and what a run will take."""

from time import perf_counter

import pytest

from domain.sandbox.cost import cost
from domain.sandbox.criteria import judged, mean_toxicity
from domain.sandbox.eventlog.course import whole_log
from domain.sandbox.eventlog.reading import replayed
from domain.sandbox.eventlog.records import Metrics
from domain.sandbox.figures import figures, run_figures
from domain.sandbox.reading import changed
from domain.sandbox.scenario import standard_settings
from domain.sandbox.standard.run import run
from tests.server.sandbox.worlds import legacy, standard


@pytest.fixture(scope="module")
def epochs() -> tuple[Metrics, ...]:
    return replayed(whole_log(standard())).metrics


def test_a_row_holds_every_number_of_the_epoch(epochs: tuple[Metrics, ...]) -> None:
    row = figures(epochs[0])

    assert row["accepted"] == epochs[0].accepted  # type: ignore[union-attr]
    assert row["adversarial.exploits"] is not None
    assert "epoch" not in row


def test_a_run_sums_flows_keeps_the_last_standing_and_averages_shares(epochs: tuple[Metrics, ...]) -> None:
    row, rows = run_figures(epochs), [figures(one) for one in epochs]

    assert row["accepted"] == sum(one["accepted"] or 0 for one in rows)
    assert row["honest.real_payoff"] == pytest.approx(sum(one["honest.real_payoff"] or 0 for one in rows))
    assert row["treasury"] == rows[-1]["treasury"]
    assert row["honest.reputation"] == rows[-1]["honest.reputation"]
    assert row["soft_toxicity"] == pytest.approx(sum(one["soft_toxicity"] or 0 for one in rows) / len(rows))


def test_an_undefined_epoch_does_not_count_in_a_mean() -> None:
    silent = standard(governance__bandwidth_cap=0).scenario

    row = run_figures(run(standard_settings(silent), [1])[0])

    assert row["soft_toxicity"] is None
    assert row["accepted"] == 0


def test_criteria_say_what_was_wanted_and_what_was_found() -> None:
    header = legacy()
    told = replayed(whole_log(header)).metrics

    epochs, agents, toxicity = judged(header.scenario, told)

    assert (epochs.met, agents.met, toxicity.met) == (True, True, False)
    assert toxicity.found == mean_toxicity(told) == pytest.approx(0.32, abs=0.03)
    assert not judged(header.scenario, told[:3])[0].met
    assert judged(standard().scenario, ()) == ()


@pytest.mark.parametrize("header", [standard(simulation__n_epochs=10), legacy()], ids=["standard", "legacy"])
def test_a_cost_is_of_the_right_size(header: object) -> None:
    scenario = header.scenario  # type: ignore[attr-defined]
    told = cost(scenario, logged=True)

    begun = perf_counter()
    lines = list(whole_log(header))  # type: ignore[arg-type]
    took = perf_counter() - begun

    assert told.turns == scenario.population * scenario.simulation.n_epochs * scenario.simulation.steps_per_epoch
    assert told.seconds / 20 < took < told.seconds * 20
    assert told.log_bytes / 4 < sum(map(len, lines)) < told.log_bytes * 6


def test_cost_grows_with_what_is_asked() -> None:
    small = cost(standard().scenario)
    for changes in ({"agents.0.count": 500}, {"simulation.n_epochs": 60}, {"simulation.steps_per_epoch": 60}):
        assert cost(changed(standard().scenario, dict(changes))).seconds > small.seconds
    assert cost(standard().scenario, seeds=32).seconds < 32 * small.seconds
    assert cost(standard().scenario, seeds=32, logged=True).memory < cost(standard().scenario, seeds=32).memory
