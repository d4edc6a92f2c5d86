"""What each lever does: alone against none, and beside all the others against all the others without it.

Runs are paired by seed, p values corrected for the number of questions (Holm 1979), and every conclusion is asked again
in other hidden worlds. Who pays is part of the answer: what honest agents gain, and how often they are frozen, flagged
or kept out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.agent import AgentType
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.lever import OFF, Lever, pulled
from domain.sandbox.network import NetworkConfig, Topology
from domain.sandbox.shock import Shock, ShockKind
from domain.sandbox.standard.behaviour import Behaviour
from domain.sandbox.standard.records import EpochMetrics
from domain.sandbox.standard.run import run
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.statistics import Effect, holm, paired_effect

Course = Sequence[EpochMetrics]
SIGNIFICANT = 0.05


def _payoff(course: Course, *kinds: AgentType) -> float:
    """Real credits of one agent of these types over the run."""
    theirs = [epoch.types[kind] for epoch in course for kind in kinds if kind in epoch.types]
    agents = sum(course[0].types[kind].agents for kind in kinds if kind in course[0].types)
    return sum(each.real_payoff * each.agents for each in theirs) / max(agents, 1)


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else 0.0


FIGURES: Mapping[str, Callable[[Course], float]] = {
    "adversary_payoff": lambda course: _payoff(course, AgentType.ADVERSARIAL),
    "deceptive_payoff": lambda course: _payoff(course, AgentType.DECEPTIVE),
    "honest_payoff": lambda course: _payoff(course, AgentType.HONEST),
    "honest_frozen": lambda course: float(sum(epoch.frozen_honest for epoch in course)),
    "honest_flagged": lambda course: float(sum(epoch.types[AgentType.HONEST].flagged for epoch in _honest(course))),
    "honest_outside": lambda course: float(sum(epoch.outside_honest for epoch in course)),
    "soft_toxicity": lambda course: _mean([epoch.soft_toxicity for epoch in course]),
    "true_toxicity": lambda course: _mean([epoch.true_toxicity for epoch in course]),
    "real_welfare": lambda course: sum(epoch.real_welfare for epoch in course),
}
"""Over a run: real credits per agent, agent-epochs frozen and outside, failed audits, means and sums over epochs."""


def _honest(course: Course) -> list[EpochMetrics]:
    return [epoch for epoch in course if AgentType.HONEST in epoch.types]


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
    change: Callable[[StandardSettings], StandardSettings]


def _behaving(change: Callable[[Behaviour], Behaviour]) -> Callable[[StandardSettings], StandardSettings]:
    return lambda settings: replace(
        settings,
        members=tuple(replace(one, behaviour=change(one.behaviour)) for one in settings.members),
    )


def _noisier(settings: StandardSettings) -> StandardSettings:
    noise = Shock(kind=ShockKind.NOISE, epoch=0, lasts=settings.n_epochs, share=0.2)
    return replace(settings, shocks=(*settings.shocks, noise))


def _sparser(settings: StandardSettings) -> StandardSettings:
    return replace(settings, network=NetworkConfig(topology=Topology.SMALL_WORLD, reach=5))


WORLDS = (
    World("noisier", "What is observed misleads twice as often.", _noisier),
    World(
        "disguised",
        "Exploiting looks good more often.",
        _behaving(lambda one: replace(one, disguise_exploiting=min(1.0, one.disguise_exploiting + 0.3))),
    ),
    World(
        "clumsier", "Everybody's interactions turn out worse.", _behaving(lambda one: replace(one, good=0.9 * one.good))
    ),
    World("greedier", "Who exploits takes twice as much.", _behaving(lambda one: replace(one, take=2 * one.take))),
    World(
        "trusting",
        "Everybody asks for less trust.",
        _behaving(lambda one: replace(one, least_trust=max(0.0, one.least_trust - 0.1))),
    ),
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


Columns = Mapping[str, NDArray[np.float64]]
"""By figure: one value per seed."""
Question = tuple[Lever | None, Contrast, str]


def ablate(settings: StandardSettings, seeds: Sequence[int], worlds: Sequence[World] = WORLDS) -> tuple[Finding, ...]:
    """Every lever that the settings pull, by lever, contrast and figure. Takes (2 + 2 levers) (1 + worlds) batches."""
    given = _answers(settings, seeds)
    elsewhere = [_answers(world.change(settings), seeds) for world in worlds]
    corrected = holm([effect.p for effect in given.values()])
    found = []
    for (question, effect), p in zip(given.items(), corrected, strict=True):
        lever, contrast, figure = question
        there = [_direction(answers[question], answers[question].p) for answers in elsewhere]
        holds = sum(direction == _direction(effect, p) for direction in there)
        name = None if lever is None else lever.name
        found.append(Finding(name, contrast, figure, effect, p, holds, len(worlds)))
    return tuple(found)


def _answers(settings: StandardSettings, seeds: Sequence[int]) -> dict[Question, Effect]:
    levers = pulled(settings.governance)
    everything = _figures(settings, settings.governance, seeds)
    nothing = _figures(settings, OFF, seeds)
    pairs: list[tuple[Lever | None, Contrast, Columns, Columns]] = [(None, Contrast.TOGETHER, everything, nothing)]
    for lever in levers:
        alone = _figures(settings, lever.alone(settings.governance), seeds)
        without = _figures(settings, lever.without(settings.governance), seeds)
        pairs += [(lever, Contrast.ALONE, alone, nothing), (lever, Contrast.ADDED, everything, without)]
    return {
        (lever, contrast, figure): paired_effect(one[figure].tolist(), other[figure].tolist())
        for lever, contrast, one, other in pairs
        for figure in FIGURES
    }


def _figures(settings: StandardSettings, governance: GovernanceConfig, seeds: Sequence[int]) -> Columns:
    courses = run(replace(settings, governance=governance), seeds)
    return {name: np.array([figure(course) for course in courses]) for name, figure in FIGURES.items()}


def table(findings: Sequence[Finding]) -> str:
    """As text, one line per lever, contrast and figure that moved, the others in one line at the end."""
    lines = [f"{'lever':<10} {'contrast':<9} {'figure':<17} {'difference':>11} {'95 % interval':>21} {'p':>8}  worlds"]
    moved = [each for each in findings if each.direction]
    lines += [_line(each) for each in moved]
    still = sorted({each.lever or "all" for each in findings} - {each.lever or "all" for each in moved})
    if still:
        lines.append(f"no effect that could not be chance: {', '.join(still)}")
    return "\n".join(lines)


def _line(each: Finding) -> str:
    found = each.effect.difference
    between = "" if found.low is None else f"{found.low:.4g} to {found.high:.4g}"
    p = "" if each.corrected_p is None else f"{each.corrected_p:.2g}"
    name = each.lever or "all"
    return (
        f"{name:<10} {each.contrast:<9} {each.figure:<17} {found.mean:>+11.4g} {between:>21} {p:>8}"
        f"  {each.holds} of {each.worlds}"
    )
