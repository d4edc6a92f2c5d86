"""The Beta distribution against closed forms: what uncertainty and the 90 % interval mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people import beta

counts = st.floats(0, 2_000)


def test_one_good_of_one_is_little_and_a_hundred_of_a_hundred_is_much() -> None:
    few, many = beta.interval(1, 0), beta.interval(100, 0)

    assert [round(bound, 2) for bound in few] == [0.22, 0.97]  # 0.05 and 0.95 to the power of 1/2
    assert few == pytest.approx((0.05**0.5, 0.95**0.5), rel=1e-12)
    assert many == pytest.approx((0.05 ** (1 / 101), 0.95 ** (1 / 101)), rel=1e-12)


@given(counts, counts)
def test_an_interval_holds_nine_tenths(r: float, s: float) -> None:
    low, high = beta.interval(r, s)

    assert 0 < low < high < 1
    assert beta.cumulative(high, r + 1, s + 1) - beta.cumulative(low, r + 1, s + 1) == pytest.approx(0.9, abs=1e-8)


@given(counts, counts)
def test_good_and_bad_are_mirror_images(r: float, s: float) -> None:
    low, high = beta.interval(r, s)

    assert beta.interval(s, r) == pytest.approx((1 - high, 1 - low), abs=1e-9)
    assert beta.rating(r, s) == -beta.rating(s, r)
    assert beta.rating(r, s) == pytest.approx(2 * beta.expectation(r, s) - 1, abs=1e-12)


@given(counts, counts, st.floats(0.1, 100))
def test_evidence_of_either_sort_lowers_uncertainty(r: float, s: float, more: float) -> None:
    assert beta.uncertainty(r + more, s) == pytest.approx(beta.uncertainty(r, s + more))
    assert beta.uncertainty(r + more, s) < beta.uncertainty(r, s) <= 1


def test_a_million_good_acts_still_have_an_interval() -> None:
    low, high = beta.interval(10**6, 3 * 10**5)

    assert low < 10**6 / 1.3e6 < high
    assert high - low < 0.002
