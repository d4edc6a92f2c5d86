"""Social DNA decides who takes part in a simulation, on the real engine."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from domain.organisms.errors import InvalidDna
from domain.organisms.templates import TEMPLATES
from domain.sandbox.errors import InvalidScenario
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.levers.membrane import Judges, MembraneConfig, MembraneTemplate, NoEngine
from domain.sandbox.reading import changed, read_scenario
from domain.sandbox.scenario import standard_settings
from domain.sandbox.standard.records import EpochMetrics
from domain.sandbox.standard.run import Run, run
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.yaml_text import Data
from server.dna.engine import Engine
from server.sandbox.membranes import judges
from tests.domain.sandbox.test_standard import members, same, world

SCENARIOS = Path(__file__).parents[3] / "scenarios"


@pytest.fixture(scope="module")
def engine() -> Iterator[Judges]:
    with Engine() as opened:
        yield judges(opened)


def town(
    engine: Judges | None, template: MembraneTemplate = MembraneTemplate.NONE, program: str = ""
) -> StandardSettings:
    """Twelve honest founders, four honest newcomers in epoch 1 and four adversaries."""
    late = tuple(replace(one, agent_id=f"late_{one.agent_id}", arrives=1) for one in members(4, 0, 0, 4))
    membrane = MembraneConfig(template=template, program=program, guest_epochs=2)
    return world(
        members=(*members(12, 0, 0, 0), *late),
        n_epochs=6,
        steps_per_epoch=15,
        governance=GovernanceConfig(membrane=membrane),
        judges=engine,
    )


def outside(settings: StandardSettings, seed: int = 1) -> list[int]:
    return [epoch.outside for epoch in run(settings, [seed])[0]]


def test_an_open_membrane_keeps_nobody_out(engine: Judges) -> None:
    assert outside(town(engine, MembraneTemplate.OPEN)) == [0] * 6


def test_guests_have_to_be_admitted_when_their_time_is_over(engine: Judges) -> None:
    nobody = 'register_social_organism("shut", o).\n\nmembrane(_, o) :- fail.\n'

    assert outside(town(engine, program=nobody)) == [0, 0, 0, 8, 8, 8]


def test_whoever_is_outside_does_nothing(engine: Judges) -> None:
    nobody = 'register_social_organism("shut", o).\n\nmembrane(_, o) :- fail.\n'
    ran = Run(town(engine, program=nobody), [1])

    *_, last = ran.epochs()

    newcomers = [number for number, agent_id in enumerate(ran.people.ids) if agent_id.startswith("late")]
    assert not np.isin(last.interactions.initiator, newcomers).any()
    assert not np.isin(last.interactions.counterparty, newcomers).any()


def test_members_that_trust_decide(engine: Judges) -> None:
    """Vouches are what members have experienced."""
    program = """\
register_social_organism("two", o).

membrane(Did, o) :-
    aggregate_all(count, so_vouch(Did, _, _), Vouches), Vouches >= 2,
    aggregate_all(count, so_decline(Did, _, _), Declines), Declines =< 1.
membrane_exit(Did, o) :- aggregate_all(count, so_vouch(Did, _, _), Vouches), Vouches >= 3.
"""
    found = run(town(engine, program=program), range(4))

    honest = np.mean([one[-1].outside_honest for one in found]) / 16
    adversarial = np.mean([one[-1].outside - one[-1].outside_honest for one in found]) / 4
    assert adversarial > honest + 0.3


def test_each_seed_of_a_batch_is_judged_as_if_alone(engine: Judges) -> None:
    made = town(engine, MembraneTemplate.MAJORITY)

    together = [epoch.interactions for epoch in Run(made, [5, 6]).epochs()]

    for number, seed in enumerate((5, 6)):
        alone = [epoch.interactions for epoch in Run(made, [seed]).epochs()]
        assert all(same(one.of_seed(number), other) for one, other in zip(together, alone, strict=True))


def test_a_membrane_without_an_engine_is_refused() -> None:
    with pytest.raises(NoEngine):
        run(town(None, MembraneTemplate.OPEN), [1])


def test_a_program_that_is_none_is_refused(engine: Judges) -> None:
    with pytest.raises(InvalidDna):
        run(town(engine, program="membrane(Did"), [1])


@pytest.mark.parametrize("membrane", ["{template: nothing_like_that}", "{guest_epochs: -1}", "{templat: open}"])
def test_a_wrong_membrane_is_refused_with_its_line(membrane: str) -> None:
    text = f"agents:\n  - type: honest\ngovernance:\n  membrane: {membrane}\n"

    with pytest.raises(InvalidScenario) as caught:
        read_scenario(text)

    assert caught.value.facts["line"] == 4


def captured(engine: Judges, **membrane: Data) -> list[tuple[EpochMetrics, ...]]:
    scenario = read_scenario((SCENARIOS / "captured_organism.yaml").read_text())
    changes = {f"governance.membrane.{name}": value for name, value in membrane.items()}
    return list(run(standard_settings(changed(scenario, changes), engine), range(2)))


def test_every_template_that_names_nobody_can_be_used() -> None:
    named = {"founder_led"}

    assert {str(each) for each in MembraneTemplate} - {"none"} == set(TEMPLATES) - named


def test_an_open_organism_is_captured_and_one_of_the_majority_is_not(engine: Judges) -> None:
    """The scenario captured_organism shows what it says."""
    open_door, majority = captured(engine), captured(engine, program="", template="majority")

    assert all(one[-1].outside_honest == 20 for one in open_door)
    assert all(one[-1].outside - one[-1].outside_honest == 0 for one in open_door)
    assert all(one[-1].outside_honest == 0 for one in majority)
    assert all(one[-1].outside == 25 for one in majority)
