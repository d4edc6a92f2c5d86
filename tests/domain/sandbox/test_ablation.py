"""Levers by name, the ablation report, and fitting the labels."""

from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sandbox import levers
from domain.sandbox.ablation import FIGURES, WORLDS, Contrast, Finding, ablate, table
from domain.sandbox.agent import AgentType
from domain.sandbox.errors import OutOfRange
from domain.sandbox.fitting import fit, fit_curve, fitted
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.lever import LEVERS, OFF, pulled
from domain.sandbox.standard.run import run
from tests.domain.sandbox.test_standard import ALL_LEVERS, members, world

TWO = GovernanceConfig(transaction_tax_rate=0.5, audit_enabled=True, audit_probability=0.3)
SMALL = world(members=members(20, 6, 4, 8), n_epochs=5, steps_per_epoch=10, governance=TWO)
SEEDS = range(5)


def test_every_setting_belongs_to_one_lever_and_every_lever_has_its_file() -> None:
    named = [name for lever in LEVERS for name in lever.fields]
    files = {path.stem for path in Path(levers.__file__).parent.glob("*.py")} - {"__init__"}

    assert sorted(named) == sorted(field.name for field in fields(GovernanceConfig))
    assert {lever.name for lever in LEVERS} == files


def test_every_lever_is_documented() -> None:
    document = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()

    assert all(f"| {lever.name} |" in document for lever in LEVERS)


def test_a_lever_alone_and_left_out() -> None:
    for lever in pulled(ALL_LEVERS):
        assert pulled(lever.alone(ALL_LEVERS)) == (lever,)
        assert set(pulled(lever.without(ALL_LEVERS))) == set(pulled(ALL_LEVERS)) - {lever}
    assert pulled(OFF) == ()


@pytest.fixture(scope="module")
def findings() -> tuple[Finding, ...]:
    return ablate(SMALL, SEEDS, WORLDS[:2])


def one(findings: tuple[Finding, ...], lever: str | None, contrast: Contrast, figure: str) -> Finding:
    (found,) = [each for each in findings if (each.lever, each.contrast, each.figure) == (lever, contrast, figure)]
    return found


def test_every_pulled_lever_is_asked_about_alone_and_added(findings: tuple[Finding, ...]) -> None:
    asked = {(each.lever, each.contrast) for each in findings}

    assert asked == {
        (None, Contrast.TOGETHER),
        *((name, contrast) for name in ("tax", "audit") for contrast in (Contrast.ALONE, Contrast.ADDED)),
    }
    assert len(findings) == 5 * len(FIGURES)


def test_differences_are_of_pairs_of_runs(findings: tuple[Finding, ...]) -> None:
    taxed = run(replace(SMALL, governance=GovernanceConfig(transaction_tax_rate=0.5)), SEEDS)
    free = run(replace(SMALL, governance=OFF), SEEDS)
    kind = AgentType.ADVERSARIAL
    gained = [
        sum(one.types[kind].real_payoff - other.types[kind].real_payoff for one, other in zip(a, b, strict=True))
        for a, b in zip(taxed, free, strict=True)
    ]

    found = one(findings, "tax", Contrast.ALONE, "adversary_payoff")

    assert found.effect.difference.mean == pytest.approx(np.mean(gained))
    assert found.direction == -1


def test_who_pays_is_told(findings: tuple[Finding, ...]) -> None:
    """Honest agents' interactions turn out badly one time in ten: audits find some of those."""
    assert one(findings, "audit", Contrast.ALONE, "honest_flagged").effect.difference.mean > 0  # type: ignore[operator]  # there are values
    assert one(findings, "audit", Contrast.ALONE, "honest_frozen").effect.difference.mean == 0


def test_many_questions_make_each_answer_less_sure(findings: tuple[Finding, ...]) -> None:
    pairs = [(each.effect.p, each.corrected_p) for each in findings if each.effect.p is not None]

    assert all(corrected is not None and corrected >= p for p, corrected in pairs)
    assert any(corrected > p for p, corrected in pairs if corrected is not None)


def test_conclusions_are_asked_again_in_other_worlds(findings: tuple[Finding, ...]) -> None:
    assert {each.worlds for each in findings} == {2}
    assert one(findings, "tax", Contrast.ALONE, "adversary_payoff").holds == 2
    assert all(0 <= each.holds <= 2 for each in findings)


def test_every_world_differs_from_the_given_one() -> None:
    given = run(SMALL, [1])

    courses = [given, *(run(each.change(SMALL), [1]) for each in WORLDS)]

    assert len({repr(course) for course in courses}) == len(WORLDS) + 1


def test_the_table_tells_what_moved(findings: tuple[Finding, ...]) -> None:
    told = table(findings)

    assert "tax        alone     adversary_payoff" in told
    assert told.splitlines()[0].startswith("lever")


@given(
    st.floats(-6, 6),
    st.floats(-2, 2),
    st.integers(0, 2**32),
)
def test_a_curve_is_found_again(k: float, bias: float, seed: int) -> None:
    generator = np.random.Generator(np.random.PCG64(seed))
    v_hat = generator.uniform(-1, 1, 20_000)
    good = generator.uniform(size=len(v_hat)) < 1 / (1 + np.exp(-(k * v_hat + bias)))

    found = fit_curve(v_hat, good)

    assert (found.k, found.bias) == pytest.approx((k, bias), abs=0.35)


def test_separable_data_have_an_answer() -> None:
    found = fit_curve(np.array([-0.5, 0.5]), np.array([False, True]))

    assert 10 < found.k <= 100


def test_the_curve_of_the_seed_is_not_calibrated_and_a_fitted_one_is_nearly() -> None:
    """Section 13c: ECE .17 at k = 2, .093 at k = 4."""
    made = world(members=members(50, 20, 15, 15), n_epochs=8, steps_per_epoch=15)

    found = fit(made, range(4))

    assert found.curve.k == pytest.approx(4.0, abs=0.6)
    assert found.before == pytest.approx(0.17, abs=0.015)
    assert found.after < 0.6 * found.before
    again = [epoch.ece for epoch in run(fitted(made, found), [9])[0]]
    assert float(np.mean([each for each in again if each is not None])) < 0.14


def test_one_seed_cannot_be_fitted_and_judged() -> None:
    with pytest.raises(OutOfRange):
        fit(SMALL, [1])


def test_sharper_curves_are_calibrated_better_until_they_are_too_sharp() -> None:
    """Section 13c: ECE .26, .17, .093, .10 at k = 1, 2, 4, 8, over the runs of one scenario."""
    made = world(members=members(50, 20, 15, 15), n_epochs=20, steps_per_epoch=15)
    errors = []
    for k in (1, 2, 4, 8):
        found = run(replace(made, proxy=replace(made.proxy, sigmoid_k=float(k))), [1, 2])
        errors.append(np.mean([epoch.ece for course in found for epoch in course if epoch.ece is not None]))

    assert errors == pytest.approx([0.26, 0.17, 0.093, 0.10], abs=0.03)
    assert [one > other for one, other in pairwise(errors)] == [True, True, False]
