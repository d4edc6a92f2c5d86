"""Each scenario of our own shows what its description says, on seeds of its own choosing and some more."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.sandbox.agent import AgentType
from domain.sandbox.lever import LEVERS, OFF, Lever, pulled
from domain.sandbox.reading import changed, read_scenario
from domain.sandbox.scenario import Scenario, standard_settings
from domain.sandbox.standard.records import EpochMetrics
from domain.sandbox.standard.run import Run, run
from domain.sandbox.yaml_text import Data

SCENARIOS = Path(__file__).parents[3] / "scenarios"
OF_THE_SEED = {"baseline", "status_game", "strict_governance"}
HONEST, OPPORTUNISTIC, DECEPTIVE, ADVERSARIAL = AgentType
SHOWN_ELSEWHERE = {"captured_organism"}
"""In tests/server/sandbox/test_membranes.py, because it takes the engine of Social DNA."""
Course = tuple[EpochMetrics, ...]
SHOWN: dict[str, Callable[[], None]] = {}


def shows(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def kept(check: Callable[[], None]) -> Callable[[], None]:
        SHOWN[name] = check
        return check

    return kept


def scenario(name: str, **changes: Data) -> Scenario:
    """With values changed at paths in which __ stands for a dot."""
    read = read_scenario((SCENARIOS / f"{name}.yaml").read_text())
    return changed(read, {path.replace("__", "."): value for path, value in changes.items()})


def courses(name: str, seeds: range = range(3), **changes: Data) -> tuple[Course, ...]:
    return run(standard_settings(scenario(name, **changes)), seeds)


def payoffs(found: Sequence[Course], kind: AgentType) -> NDArray[np.float64]:
    """Per seed: real credits of one agent of the type over the run."""
    return np.array([sum(epoch.types[kind].real_payoff for epoch in one if kind in epoch.types) for one in found])


def reputations(found: Sequence[Course], kind: AgentType) -> NDArray[np.float64]:
    return np.array([one[-1].types[kind].reputation for one in found])


def means(found: Sequence[Course], name: str) -> NDArray[np.float64]:
    """Per epoch, over seeds."""
    return np.mean([[getattr(epoch, name) for epoch in one] for one in found], axis=0)


@shows("reputation_race")
def _decay_helps_adversaries_and_audits_hurt_them() -> None:
    everything = payoffs(courses("reputation_race"), ADVERSARIAL)
    no_audit = payoffs(courses("reputation_race", governance__audit_enabled=False), ADVERSARIAL)
    neither = courses("reputation_race", governance__audit_enabled=False, governance__reputation_decay_rate=1.0)

    assert (everything < 0.6 * no_audit).all()
    assert no_audit.mean() > payoffs(neither, ADVERSARIAL).mean()


@shows("collusion_ring")
def _detection_takes_the_rings_good_name() -> None:
    found = courses("collusion_ring")
    undetected = courses("collusion_ring", governance__collusion_detection_enabled=False)

    assert (reputations(undetected, ADVERSARIAL) > reputations(undetected, HONEST)).all()
    assert (reputations(found, ADVERSARIAL) < 0).all()
    assert (payoffs(found, HONEST) > payoffs(undetected, HONEST)).all()
    assert reputations(found, HONEST) == pytest.approx(reputations(undetected, HONEST), abs=0.1)


@shows("sybil_wave")
def _a_wave_harms_at_once_and_most_of_it_is_frozen() -> None:
    found = courses("sybil_wave")

    harm = means(found, "true_toxicity")
    assert harm[5] > 2 * harm[:5].mean()
    assert means(found, "frozen").max() > 15, "of thirty"
    assert means(found, "frozen_honest").max() < 3, "of fifty"
    assert means(found, "frozen_honest")[7:].max() == 0


@shows("sleeper")
def _sleepers_harm_late_and_with_a_good_name() -> None:
    ran = Run(standard_settings(scenario("sleeper")), range(4))
    sleeper = np.array([agent_id.startswith("deceptive") for agent_id in ran.people.ids])

    epochs = list(ran.epochs())

    exploits = [sum(found.types[DECEPTIVE].exploits for found in epoch.metrics) for epoch in epochs]
    last = epochs[-1].interactions
    theirs = sleeper[last.initiator]
    assert exploits[0] < 0.1 * max(exploits)
    assert min(exploits[2:]) > 2 * exploits[0]
    assert last.trust[theirs].mean() > last.trust[~theirs].mean() - 0.02


@shows("whitewashing")
def _a_new_name_pays() -> None:
    found, kept = courses("whitewashing"), courses("whitewashing", agents__2__begins_again=[])

    assert payoffs(found, ADVERSARIAL).mean() > payoffs(kept, ADVERSARIAL).mean()
    assert (means(found, "true_toxicity")[6:] > means(kept, "true_toxicity")[6:]).all()
    assert (payoffs(found, HONEST) < payoffs(kept, HONEST)).all()


@shows("alliance_village")
def _who_forgives_is_exploited() -> None:
    found, by_experience = courses("alliance_village"), courses("alliance_village", agents__0__policy="own")

    assert (payoffs(found, ADVERSARIAL) > payoffs(by_experience, ADVERSARIAL)).all()
    assert (payoffs(found, HONEST) < payoffs(by_experience, HONEST)).all()


@shows("cold_start")
def _trust_that_takes_years_keeps_the_door_shut() -> None:
    ran = Run(standard_settings(scenario("cold_start")), range(2))
    follows = np.array([policy == "trust" for policy in ran.people.policy])
    honest = np.array([agent_id.startswith("honest") for agent_id in ran.people.ids])

    def accepted(number: int) -> tuple[float, float]:
        rows = epochs[number].interactions
        mine, others = follows[rows.counterparty], (honest & ~follows)[rows.counterparty]
        return float(rows.accepted[mine].mean()), float(rows.accepted[others].mean())

    epochs = list(ran.epochs())

    assert all(accepted(day)[0] == 0 for day in range(7))
    assert 0 < sum(accepted(day)[0] for day in range(21, 28)) / 7 < 0.1
    assert all(accepted(day)[1] > 0.5 for day in range(28))


@shows("large_population")
def _a_thousand_agents_fare_as_a_hundred() -> None:
    found = courses("large_population", range(1))

    assert (payoffs(found, HONEST) > 2 * payoffs(found, ADVERSARIAL)).all()
    assert (reputations(found, HONEST) > 2 + reputations(found, ADVERSARIAL)).all()
    assert found[0][-1].types[HONEST].agents == 500


@shows("broken_network")
def _a_broken_network_costs_welfare_while_it_lasts() -> None:
    found, whole = courses("broken_network"), courses("broken_network", shocks=[])

    lost = means(whole, "real_welfare") - means(found, "real_welfare")
    assert means(found, "proposed")[5:8].max() < 0.85 * means(found, "proposed")[[3, 4, 9, 10]].min()
    assert lost[5:8].min() > 0.1 * means(whole, "real_welfare").mean()
    assert np.abs(lost[9:]).max() < lost[5:8].min()
    assert (lost[:5] == 0).all()


@shows("lever_comparison")
def _audits_do_most_and_bandwidth_is_paid_by_the_honest() -> None:
    settings = standard_settings(scenario("lever_comparison", simulation__n_epochs=8))
    nothing = run(replace(settings, governance=OFF), range(3))

    def gained(lever: Lever, kind: AgentType) -> float:
        alone = run(replace(settings, governance=lever.alone(settings.governance)), range(3))
        return float((payoffs(alone, kind) - payoffs(nothing, kind)).mean())

    named = {lever.name: lever for lever in pulled(settings.governance)}
    gains = {name: gained(lever, ADVERSARIAL) for name, lever in named.items()}
    assert len(named) == len(LEVERS) - 1, "all but the membrane"
    assert min(gains, key=lambda name: gains[name]) == "audit"
    assert gained(named["bandwidth"], HONEST) < gains["bandwidth"]


@shows("marketplace_fraud")
def _cheap_bidders_live_on_lax_verification() -> None:
    found = courses("marketplace_fraud")
    lax = courses("marketplace_fraud", work__strictness=0.0)
    nobody_cheats = courses("marketplace_fraud", agents__3__roles=[])

    assert (payoffs(found, ADVERSARIAL) > payoffs(found, HONEST)).all()
    assert (payoffs(lax, HONEST) < payoffs(found, HONEST)).all()
    assert (payoffs(nobody_cheats, HONEST) > 2 * payoffs(found, HONEST)).all()
    assert means(found, "disputes").sum() > 5 * means(lax, "disputes").sum()


@shows("adaptive_adversary")
def _who_can_lie_low_keeps_what_audits_would_take() -> None:
    found, fixed = courses("adaptive_adversary"), courses("adaptive_adversary", agents__2__adapts=False)

    assert (payoffs(found, ADVERSARIAL) > payoffs(fixed, ADVERSARIAL)).all()
    assert means(found, "true_toxicity")[1:5].max() < means(fixed, "true_toxicity")[0]
    assert means(found, "true_toxicity")[1:].mean() < means(fixed, "true_toxicity")[1:].mean()


def test_every_scenario_of_our_own_has_a_claim_that_is_checked() -> None:
    ours = {path.stem for path in SCENARIOS.glob("*.yaml")} - OF_THE_SEED

    assert ours == set(SHOWN) | SHOWN_ELSEWHERE
    assert len(ours) >= 8


@pytest.mark.parametrize("name", SHOWN)
def test_a_scenario_shows_what_it_says(name: str) -> None:
    SHOWN[name]()


@pytest.mark.parametrize("name", sorted({*SHOWN, *SHOWN_ELSEWHERE}))
def test_a_scenario_says_in_one_sentence_what_it_shows(name: str) -> None:
    first = (SCENARIOS / f"{name}.yaml").read_text().splitlines()[0]

    assert first.startswith("# What it shows: ")
    assert first.endswith(".")
    assert f"`{name}`" in (SCENARIOS.parent / "docs" / "sandbox.md").read_text()
