"""What each lever does: alone against none, and beside all the others against all the others without it.

Runs are paired by seed, p values corrected for the number of questions (Holm 1979), and every conclusion is asked again
in other hidden worlds. Who pays is part of the answer: what honest agents gain, and how often they are frozen, flagged
or kept out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from domain.sandbox.errors import InvalidScenario
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.lever import OFF, Lever, pulled
from domain.sandbox.levers.membrane import Judges
from domain.sandbox.network import Topology
from domain.sandbox.scenario import Profile, Scenario
from domain.sandbox.shock import Shock, ShockKind
from domain.sandbox.standard.population import behaviour_of
from domain.sandbox.statistics import Effect, holm
from domain.sandbox.study.comparing import Label, Runs, effect_of, runs_of
from domain.sandbox.study.design import InvalidSweep, sweep_of
from domain.sandbox.study.work import run_unit
from domain.sandbox.yaml_text import Data

SIGNIFICANT = 0.05
FIGURES = (
    "adversarial.real_payoff",
    "deceptive.real_payoff",
    "honest.real_payoff",
    "frozen_honest_epochs",
    "honest.flagged",
    "outside_honest_epochs",
    "soft_toxicity",
    "true_toxicity",
    "real_welfare",
)
"""What is asked of every lever, as far as it is there: real credits per agent, who pays, harm, and what is gained."""
NOTHING, EVERYTHING = "no lever", "all levers"
Settings = dict[str, Data]


class Contrast(StrEnum):
    """What is compared."""

    ALONE = "alone"
    """The lever and no other, with no lever at all."""
    ADDED = "added"
    """All levers, with all but this one."""
    TOGETHER = "together"
    """All levers, with no lever at all."""


@dataclass(frozen=True, slots=True)
class World:
    """A variation of what nobody in the simulation can see."""

    name: str
    words: str
    change: Callable[[Scenario], Settings]


def _noisier(scenario: Scenario) -> Settings:
    noise = Shock(kind=ShockKind.NOISE, epoch=0, lasts=scenario.simulation.n_epochs, share=0.2)
    shocks: list[Data] = [asdict(shock) for shock in (*scenario.shocks, noise)]
    return {"shocks": shocks}


def _sparser(scenario: Scenario) -> Settings:
    return {"network": {"topology": Topology.SMALL_WORLD.value, "reach": 5}}


def _behaving(name: str, change: Callable[[float], float]) -> Callable[[Scenario], Settings]:
    """Everybody's number of that name is another one."""

    def changed_agents(scenario: Scenario) -> Settings:
        agents: list[Data] = []
        for spec in scenario.agents:
            number = change(getattr(behaviour_of(spec.type, spec.behaviour), name))
            given = spec.model_dump(mode="json", exclude_unset=True)
            agents.append({**given, "behaviour": {**spec.behaviour, name: number}})
        return {"agents": agents}

    return changed_agents


WORLDS = (
    World("noisier", "What is observed misleads twice as often.", _noisier),
    World(
        "disguised",
        "Exploiting looks good more often.",
        _behaving("disguise_exploiting", lambda share: min(1.0, share + 0.3)),
    ),
    World("clumsier", "Everybody's interactions turn out worse.", _behaving("good", lambda share: 0.9 * share)),
    World("greedier", "Who exploits takes twice as much.", _behaving("take", lambda credits: 2 * credits)),
    World("trusting", "Everybody asks for less trust.", _behaving("least_trust", lambda trust: max(0.0, trust - 0.1))),
    World("sparser", "Everybody meets only ten others, in a small world.", _sparser),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a lever (None: all of them) does to one figure."""

    lever: str | None
    contrast: Contrast
    figure: str
    effect: Effect
    corrected_p: float | None
    holds: int
    """In how many of the other worlds the same is found: the same direction, or nothing."""
    worlds: int

    @property
    def direction(self) -> int:
        """1: the lever raises the figure, -1: it lowers it, 0: nothing that could not be chance."""
        return _direction(self.effect, self.corrected_p)


def _direction(effect: Effect, p: float | None) -> int:
    mean = effect.difference.mean
    if p is None or mean is None or p >= SIGNIFICANT:
        return 0
    return 1 if mean > 0 else -1


Question = tuple[Lever | None, Contrast, str]


def levers_of(scenario: Scenario) -> tuple[Lever, ...]:
    """Those that it pulls. Raises `InvalidScenario` or `InvalidSweep` where there is nothing to take apart."""
    if scenario.profile is not Profile.STANDARD:
        raise InvalidScenario("profile", "levers are taken apart in the standard profile")
    found = pulled(scenario.governance)
    if not found:
        raise InvalidSweep("The scenario pulls no lever that could be taken apart")
    return found


def conditions(scenario: Scenario, worlds: Iterable[World]) -> dict[Label, Settings]:
    """What is run: the levers that are left, in the world as it is given and in every other."""
    governances = {NOTHING: OFF, EVERYTHING: scenario.governance}
    for lever in levers_of(scenario):
        governances[_alone(lever)] = lever.alone(scenario.governance)
        governances[_without(lever)] = lever.without(scenario.governance)
    found: dict[Label, Settings] = {(levers,): _governed(each) for levers, each in governances.items()}
    for world in worlds:
        change = world.change(scenario)
        found |= {(levers, world.name): change | _governed(each) for levers, each in governances.items()}
    return found


def findings(scenario: Scenario, worlds: Sequence[World], runs: Iterable[Runs]) -> tuple[Finding, ...]:
    """Of the runs of `conditions`: every lever that is pulled, by lever, contrast and figure."""
    by_label = {each.condition: each for each in runs}
    given = _answers(scenario, by_label, ())
    elsewhere = [_answers(scenario, by_label, (world.name,)) for world in worlds]
    corrected = holm([effect.p for effect in given.values()])
    found = []
    for (question, effect), p in zip(given.items(), corrected, strict=True):
        lever, contrast, figure = question
        there = [_direction(answers[question], answers[question].p) for answers in elsewhere]
        holds = sum(direction == _direction(effect, p) for direction in there)
        name = None if lever is None else lever.name
        found.append(Finding(name, contrast, figure, effect, p, holds, len(worlds)))
    return tuple(found)


def ablate(
    scenario: Scenario, runs: int, worlds: Sequence[World] = WORLDS, judges: Judges | None = None
) -> tuple[Finding, ...]:
    """All of it in this process; `judges` evaluates a membrane."""
    asked = conditions(scenario, worlds)
    units = sweep_of(scenario, list(asked.values()), runs).units()
    return findings(scenario, worlds, runs_of(list(asked), (row for unit in units for row in run_unit(unit, judges))))


def _alone(lever: Lever) -> str:
    return f"{lever.name} alone"


def _without(lever: Lever) -> str:
    return f"all but {lever.name}"


def _governed(governance: GovernanceConfig) -> Settings:
    return {"governance": asdict(governance)}


def _answers(scenario: Scenario, runs: Mapping[Label, Runs], world: Label) -> dict[Question, Effect]:
    pairs: list[tuple[Lever | None, Contrast, str, str]] = [(None, Contrast.TOGETHER, EVERYTHING, NOTHING)]
    for lever in levers_of(scenario):
        pairs.append((lever, Contrast.ALONE, _alone(lever), NOTHING))
        pairs.append((lever, Contrast.ADDED, EVERYTHING, _without(lever)))
    return {
        (lever, contrast, figure): effect_of(runs[one, *world], runs[other, *world], figure)
        for lever, contrast, one, other in pairs
        for figure in FIGURES
        if figure in runs[other, *world].figures[0]
    }
