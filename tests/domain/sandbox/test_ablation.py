"""Levers by name, the ablation report, and fitting the labels."""

from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sandbox import levers
from domain.sandbox.ablation import EVERYTHING, FIGURES, NOTHING, WORLDS, Contrast, Finding, ablate, conditions
from domain.sandbox.agent import AgentType
from domain.sandbox.errors import InvalidScenario, OutOfRange
from domain.sandbox.fitting import fit, fit_curve, fitted
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.lever import LEVERS, OFF, pulled
from domain.sandbox.reading import changed, read_scenario
from domain.sandbox.scenario import standard_settings
from domain.sandbox.standard.run import run
from domain.sandbox.study.design import InvalidSweep
from tests.domain.sandbox.test_standard import ALL_LEVERS, members, world

VILLAGE = read_scenario("""
agents:
  - {type: honest, count: 20}
  - {type: opportunistic, count: 6}
  - {type: deceptive, count: 4, behaviour: {take: 0.4}}
  - {type: adversarial, count: 8}
governance: {transaction_tax_rate: 0.5, audit_enabled: true, audit_probability: 0.3}
payoff: {s_plus: 3, s_minus: 1.5, h: 2.5, rho_a: 0.1, rho_b: 0.1, w_rep: 2}
simulation: {n_epochs: 5, steps_per_epoch: 10, seed: 0}
""")
SMALL = standard_settings(VILLAGE)
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
    return ablate(VILLAGE, len(SEEDS), WORLDS[:2])


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

    found = one(findings, "tax", Contrast.ALONE, "adversarial.real_payoff")

    assert found.effect.difference.mean == pytest.approx(np.mean(gained))
    assert found.direction == -1


def test_who_pays_is_told(findings: tuple[Finding, ...]) -> None:
    """Honest agents' interactions turn out badly one time in ten: audits find some of those."""
    assert one(findings, "audit", Contrast.ALONE, "honest.flagged").effect.difference.mean > 0  # type: ignore[operator]  # there are values
    assert one(findings, "audit", Contrast.ALONE, "frozen_honest_epochs").effect.difference.mean == 0


def test_many_questions_make_each_answer_less_sure(findings: tuple[Finding, ...]) -> None:
    pairs = [(each.effect.p, each.corrected_p) for each in findings if each.effect.p is not None]

    assert all(corrected is not None and corrected >= p for p, corrected in pairs)
    assert any(corrected > p for p, corrected in pairs if corrected is not None)


def test_conclusions_are_asked_again_in_other_worlds(findings: tuple[Finding, ...]) -> None:
    assert {each.worlds for each in findings} == {2}
    assert one(findings, "tax", Contrast.ALONE, "adversarial.real_payoff").holds == 2
    assert all(0 <= each.holds <= 2 for each in findings)


def test_every_world_differs_from_the_given_one() -> None:
    worlds = [VILLAGE, *(changed(VILLAGE, each.change(VILLAGE)) for each in WORLDS)]

    courses = [run(standard_settings(each), [1]) for each in worlds]

    assert len({repr(course) for course in courses}) == len(WORLDS) + 1


def test_a_world_changes_what_each_agent_has_and_nothing_else() -> None:
    (greedier,) = [each for each in WORLDS if each.name == "greedier"]

    found = standard_settings(changed(VILLAGE, greedier.change(VILLAGE)))

    twice = [replace(one, behaviour=replace(one.behaviour, take=2 * one.behaviour.take)) for one in SMALL.members]
    assert found == replace(SMALL, members=tuple(twice))


def test_a_condition_is_the_levers_that_are_left_in_a_world() -> None:
    found = conditions(VILLAGE, WORLDS[:1])

    here = [NOTHING, EVERYTHING, "tax alone", "all but tax", "audit alone", "all but audit"]
    assert list(found) == [*((levers,) for levers in here), *((levers, "noisier") for levers in here)]
    taxed = standard_settings(changed(VILLAGE, found["tax alone", "noisier"]))
    assert taxed.governance == GovernanceConfig(transaction_tax_rate=0.5)
    assert len(taxed.shocks) == 1


@pytest.mark.parametrize(
    ("text", "refused"),
    [("agents: [{type: honest}]", InvalidSweep), ("profile: legacy\nagents: [{type: honest}]", InvalidScenario)],
)
def test_where_there_is_nothing_to_take_apart_that_is_said(text: str, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        ablate(read_scenario(text), 2)


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
