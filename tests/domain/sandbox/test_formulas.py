"""Sections 2 and 3 of the sandbox specification: the proxy and the payoffs."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sandbox import sigmoid
from domain.sandbox.errors import OutOfRange
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.interaction import SoftInteraction
from domain.sandbox.payoff import PayoffConfig, breakdowns, payoffs, social_surplus, surplus
from domain.sandbox.proxy import Observables, Proxy, Weights

shares = st.floats(0, 1)
amounts = st.floats(-1e6, 1e6)
configs = st.builds(
    PayoffConfig,
    s_plus=st.floats(0, 10),
    s_minus=st.floats(0, 10),
    h=st.floats(0, 10),
    theta=shares,
    rho_a=st.floats(0, 2),
    rho_b=st.floats(0, 2),
    w_rep=st.floats(-5, 5),
)
observations = st.builds(
    Observables,
    task_progress_delta=amounts,
    rework_count=st.integers(0, 10**12),
    verifier_rejections=st.integers(0, 100),
    tool_misuse_flags=st.integers(0, 100),
    counterparty_engagement_delta=amounts,
)
weights = st.builds(
    Weights, task_progress=amounts, rework_penalty=amounts, verifier_penalty=amounts, engagement_signal=amounts
)
interactions = st.builds(
    SoftInteraction, p=shares, tau=amounts, c_a=amounts, c_b=amounts, r_a=st.floats(-1, 1), r_b=st.floats(-1, 1)
)


@given(observations, weights, st.floats(-1e300, 1e300))
def test_labels_are_a_score_and_a_probability_whatever_the_parameters(
    seen: Observables, given_weights: Weights, k: float
) -> None:
    labels = Proxy(weights=given_weights, sigmoid_k=k).labels(seen)

    assert -1 <= labels.v_hat <= 1
    assert 0 <= labels.p <= 1


@given(observations, weights, st.floats(0.1, 100))
def test_only_the_proportions_of_weights_matter(seen: Observables, one: Weights, factor: float) -> None:
    parts = (one.task_progress, one.rework_penalty, one.verifier_penalty, one.engagement_signal)
    other = Weights(**dict(zip(Weights.__slots__, (factor * part for part in parts), strict=True)))

    found, again = Proxy(weights=one).labels(seen), Proxy(weights=other).labels(seen)

    assert found.v_hat == pytest.approx(again.v_hat, abs=1e-9)


def test_nothing_observed_counts_as_good() -> None:
    labels = Proxy().labels(Observables())

    assert labels.v_hat == pytest.approx(0.4)
    assert labels.p == pytest.approx(0.690, abs=5e-4)


@given(st.floats(-1, 1), st.floats(0.1, 10))
def test_the_score_of_a_probability_is_where_it_came_from(v_hat: float, k: float) -> None:
    assert sigmoid.score(sigmoid.probability(v_hat, k), k) == pytest.approx(v_hat, abs=1e-6)


@given(configs, interactions)
def test_transfers_move_payoff_without_making_any(config: PayoffConfig, it: SoftInteraction) -> None:
    pi_a, pi_b = payoffs(config, it)
    rest = payoffs(config, SoftInteraction(p=it.p, c_a=it.c_a, c_b=it.c_b, r_a=it.r_a, r_b=it.r_b))

    assert pi_a + pi_b == pytest.approx(sum(rest), abs=1e-6)


@given(configs, interactions)
def test_a_breakdown_adds_up_to_its_total(config: PayoffConfig, it: SoftInteraction) -> None:
    for part in breakdowns(config, it):
        added = part.surplus_share + part.transfer - part.governance_cost - part.externality_cost
        assert added + part.reputation_bonus == pytest.approx(part.total, abs=1e-6)


@given(configs)
def test_break_even_is_where_the_surplus_vanishes(config: PayoffConfig) -> None:
    private, social = config.break_even_p, config.social_break_even_p

    assert (private is None) == (config.s_plus + config.s_minus == 0)
    assert private is None or surplus(config, private) == pytest.approx(0, abs=1e-9)
    assert social is None or social_surplus(config, social) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("field", ["task_progress_delta", "counterparty_engagement_delta"])
def test_an_observable_that_is_no_number_is_refused(field: str, bad: float) -> None:
    with pytest.raises(OutOfRange, match=field):
        Observables(**{field: bad})  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [-1, 1.5, True])
def test_a_count_that_is_no_count_is_refused(bad: float) -> None:
    with pytest.raises(OutOfRange, match="rework_count"):
        Observables(rework_count=bad)  # type: ignore[arg-type]


@pytest.mark.parametrize(("field", "bad"), [("p", 1.1), ("p", math.nan), ("ground_truth", 0), ("v_hat", -2.0)])
def test_an_interaction_out_of_range_is_refused(field: str, bad: float) -> None:
    with pytest.raises(OutOfRange, match=field):
        SoftInteraction(**{field: bad})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["transaction_tax_rate", "min_stake_to_participate", "audit_penalty_multiplier"])
def test_a_lever_cannot_be_pulled_to_nan(field: str) -> None:
    with pytest.raises(OutOfRange, match=field):
        GovernanceConfig(**{field: math.nan})  # type: ignore[arg-type]
