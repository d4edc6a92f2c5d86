"""The scenarios of an organism, one for each mix, as text that `read_scenario` takes."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.sandbox.errors import OutOfRange
from domain.sandbox.living.assumptions import assumptions, of_mix
from domain.sandbox.living.organism import MOST_NEWCOMERS, Course, OrganismFacts, agents, governance, title
from domain.sandbox.living.prior import Mix
from domain.sandbox.reading import read_scenario, scenario_of
from domain.sandbox.scenario import LARGEST_SEED, Scenario
from domain.sandbox.yaml_text import Data, Document, written


@dataclass(frozen=True, slots=True)
class Written:
    """A scenario and its text."""

    mix: Mix
    scenario: Scenario
    yaml: str


def scenarios(facts: OrganismFacts, mixes: Iterable[Mix], course: Course, seed: int) -> tuple[Written, ...]:
    """Types are drawn with the seed, which is the scenario's too. Raises `OutOfRange` or `InvalidScenario`."""
    return tuple(_written(mix, written(_data(facts, mix, course, seed))) for mix in mixes)


def scenario(facts: OrganismFacts, mix: Mix, course: Course, seed: int) -> Scenario:
    """The same without the text."""
    return scenario_of(Document(_data(facts, mix, course, seed), {}))


def _written(mix: Mix, text: str) -> Written:
    return Written(mix, read_scenario(text), text)


def _data(facts: OrganismFacts, mix: Mix, course: Course, seed: int) -> Data:
    if not 0 <= course.arriving(len(facts.residents)) <= MOST_NEWCOMERS:
        raise OutOfRange("newcomers", f"0 to {MOST_NEWCOMERS}", course.newcomers)
    if not 0 <= seed <= LARGEST_SEED:
        raise OutOfRange("seed", "a whole number from 0 to 2**64 - 1", seed)
    return {
        "scenario_id": title(facts, mix),
        "description": " ".join((of_mix(mix), *assumptions(facts, course))),
        "motif": "what if",
        "agents": agents(facts, mix, course, seed),
        "governance": governance(facts),
        "simulation": {"n_epochs": course.epochs, "steps_per_epoch": course.steps, "seed": seed},
    }
