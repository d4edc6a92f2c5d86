"""Intervals and effect sizes, against published tables and worked examples."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.sandbox.statistics import (
    direction,
    holm,
    independent_effect,
    interval,
    paired_effect,
    t_quantile,
    two_sided,
)

numbers = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("freedom", "share", "tabulated"),
    [
        (1, 0.975, 12.7062),
        (2, 0.975, 4.30265),
        (5, 0.95, 2.01505),
        (10, 0.975, 2.22814),
        (30, 0.995, 2.74999),
        (120, 0.975, 1.97993),
        (1e7, 0.975, 1.95996),
    ],
)
def test_quantiles_are_those_of_the_tables(freedom: float, share: float, tabulated: float) -> None:
    assert t_quantile(share, freedom) == pytest.approx(tabulated, rel=1e-5)


@given(st.floats(0.01, 200), st.floats(0.55, 0.999))
@example(0.01, 0.9921875)
def test_quantile_and_distribution_are_inverse(freedom: float, share: float) -> None:
    found = t_quantile(share, freedom)

    assert math.isinf(found) or 1 - two_sided(found, freedom) / 2 == pytest.approx(share, abs=1e-9)


def test_one_degree_of_freedom_is_the_cauchy_distribution() -> None:
    for t in (0.1, 1.0, 7.5):
        assert two_sided(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(t), abs=1e-13)


def test_an_interval_is_the_worked_one() -> None:
    """Student's own sleep data, 1908: the ten differences; mean 1.58, t = 4.0621, interval 0.7001 to 2.4599."""
    found = interval([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])

    assert (found.mean, found.low, found.high) == pytest.approx((1.58, 0.7001142, 2.4598858), abs=1e-6)


def test_a_paired_effect_is_the_worked_one() -> None:
    drug = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    other = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]

    paired, independent = paired_effect(drug, other), independent_effect(drug, other)

    assert paired.p == pytest.approx(0.002832890, abs=1e-8)
    assert paired.size == pytest.approx(1.284558, abs=1e-5)
    assert independent.p == pytest.approx(0.07939414, abs=1e-7)
    assert (independent.difference.low, independent.difference.high) == pytest.approx((-0.2054832, 3.3654832), abs=1e-6)
    assert independent.size == pytest.approx(0.8321811 * (1 - 3 / 71), abs=1e-5)


def test_too_few_values_say_nothing_about_spread() -> None:
    assert interval([]).mean is None
    assert (interval([3.0]).mean, interval([3.0]).low) == (3.0, None)
    assert paired_effect([1.0, 2.0], [0.0, 1.0]).size is None
    assert independent_effect([1.0], [0.0]).p is None
    assert independent_effect([1.0, 1.0], [0.0, 0.0]).difference.mean == 1.0


@example([(0.0, 0.0), (0.0, 0.0), (0.0, 4.574089299038846e-90)])
@given(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=8))
def test_swapping_the_sides_changes_the_sign_only(pairs: list[tuple[float, float]]) -> None:
    one, other = [a for a, _ in pairs], [b for _, b in pairs]
    for effect in (paired_effect, independent_effect):
        there, back = effect(one, other), effect(other, one)
        assert there.difference.mean == pytest.approx(-back.difference.mean)  # type: ignore[operator]
        assert there.p == pytest.approx(back.p)
        assert there.size == pytest.approx(None if back.size is None else -back.size)


def test_many_questions_are_corrected_by_holm() -> None:
    """The example of Holm's step-down procedure: 0.01, 0.04, 0.03, 0.005."""
    assert holm([0.01, 0.04, None, 0.03, 0.005]) == pytest.approx([0.03, 0.06, None, 0.06, 0.02])


def test_a_difference_has_a_direction_where_it_is_no_chance() -> None:
    effects = [paired_effect(values, [0.0, 0.0, 0.0]) for values in ([1.0, 2.0, 3.0], [-2.0, -2.0, -2.0], [0.0] * 3)]
    once = paired_effect([5.0], [0.0])

    assert [direction(effects[0], p) for p in (0.049, 0.05, None)] == [1, 0, 0]
    assert [direction(each, each.p) for each in (*effects[1:], once)] == [-1, 0, 0]
