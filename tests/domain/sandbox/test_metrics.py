"""Section 4 of the sandbox specification: metrics, None where undefined, and the reporter."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sandbox import calibration, metrics
from domain.sandbox.batch import Batch, batch_of
from domain.sandbox.errors import OutOfRange, UnequalColumns
from domain.sandbox.interaction import SoftInteraction
from domain.sandbox.reporter import Reporter

interactions = st.builds(
    SoftInteraction,
    accepted=st.booleans(),
    p=st.floats(0, 1),
    tau=st.floats(-5, 5),
    ground_truth=st.sampled_from([1, -1, None]),
)
batches = st.lists(interactions, max_size=40).map(batch_of)


def batch(*rows: tuple[bool, float]) -> Batch:
    return batch_of([SoftInteraction(accepted=accepted, p=p) for accepted, p in rows])


@given(batches)
def test_shares_are_shares_or_undefined(found: Batch) -> None:
    shares = [
        metrics.toxicity_rate(found),
        metrics.uncertain_fraction(found),
        metrics.acceptance_rate(found),
        calibration.brier_score(found),
        calibration.expected_calibration_error(found),
        calibration.discrimination_auc(found),
    ]

    assert all(share is None or -1e-12 <= share <= 1 + 1e-12 for share in shares)


@given(batches)
def test_a_metric_is_undefined_exactly_where_its_data_is_missing(found: Batch) -> None:
    accepted, rejected, labelled = found.accepted.any(), found.rejected.any(), found.labelled.any()

    assert (metrics.toxicity_rate(found) is None) == (not accepted)
    assert (metrics.quality_gap(found) is None) == (not (accepted and rejected))
    assert (metrics.quality_variance(found) is None) == (len(found) == 0)
    assert (calibration.brier_score(found) is None) == (not labelled)
    assert (calibration.discrimination_auc(found) is None) == (len(set(found.truth) - {0}) < 2)


@given(batches, st.integers(1, 30))
def test_every_probability_falls_into_one_bin(found: Batch, bins: int) -> None:
    assert sum(part.count for part in calibration.quality_distribution(found, bins)) == len(found)


@given(st.lists(interactions, max_size=25))
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[SoftInteraction]) -> None:
    good, bad = ([row.p for row in rows if row.ground_truth == truth] for truth in (1, -1))
    wins = [1.0 if one > other else 0.5 if one == other else 0.0 for one in good for other in bad]

    found = calibration.discrimination_auc(batch_of(rows))

    assert found == (pytest.approx(sum(wins) / len(wins)) if wins else None)


@given(batches)
def test_a_report_can_be_written_of_anything(found: Batch) -> None:
    reporter = Reporter()

    json.dumps([reporter.summary(found).groups(), reporter.compare(found)], allow_nan=False)
    lines = reporter.format_report(found, verbose=True).splitlines()

    assert lines[0].split() == ["Interactions", str(len(found))]
    assert any("adverse" in line for line in lines) == ((metrics.quality_gap(found) or 0) < 0)


def test_the_worse_being_accepted_shows_as_a_negative_gap() -> None:
    adverse = batch((True, 0.2), (False, 0.9))

    assert metrics.quality_gap(adverse) == pytest.approx(-0.7)
    assert "adverse selection" in Reporter().format_report(adverse, verbose=True)


def test_uncertain_excludes_both_borders_of_the_band() -> None:
    found = metrics.uncertain(batch((True, 0.25), (True, 0.26), (True, 0.74), (True, 0.75)), band=0.25)

    assert found.tolist() == [False, True, True, False]


def test_sums_run_from_left_to_right() -> None:
    values = np.array([1e16, 1.0, -1e16, 1.0])

    assert metrics.total(values) == ((1e16 + 1.0) - 1e16) + 1.0


def test_columns_of_different_lengths_are_refused() -> None:
    two, column = batch((True, 0.5), (True, 0.5)), np.zeros(1)

    with pytest.raises(UnequalColumns):
        Batch(
            accepted=two.accepted, p=two.p, tau=column, c_a=column, c_b=column, r_a=column, r_b=column, truth=two.truth
        )


def test_a_column_with_nan_is_refused_with_its_row() -> None:
    zeros = np.zeros(2)

    with pytest.raises(OutOfRange, match=r"tau\[1\]"):
        Batch(
            accepted=np.ones(2, bool),
            p=zeros,
            tau=np.array([0.0, np.nan]),
            c_a=zeros,
            c_b=zeros,
            r_a=zeros,
            r_b=zeros,
            truth=np.zeros(2, np.int8),
        )


def test_no_bins_are_refused() -> None:
    with pytest.raises(OutOfRange):
        calibration.calibration_curve(batch(), bins=0)
