"""If the organism had adopted something else: the same members, draws and seeds under other rules, over every mix.

Types are unknown, so they are drawn several times for each mix. A draw is the unit of every interval: its runs share
their types, and their mean counts once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from domain.sandbox.ablation import SIGNIFICANT
from domain.sandbox.errors import InvalidScenario
from domain.sandbox.eventlog.course import BRANCHING
from domain.sandbox.eventlog.header import canonical
from domain.sandbox.figures import Figures
from domain.sandbox.living.organism import Course, OrganismFacts
from domain.sandbox.living.prior import Mix
from domain.sandbox.living.pseudonyms import disguised
from domain.sandbox.living.scenarios import scenario
from domain.sandbox.reading import changed
from domain.sandbox.scenario import Scenario
from domain.sandbox.statistics import Effect, Interval, holm
from domain.sandbox.study.comparing import Outcome, Runs, compared
from domain.sandbox.study.design import InvalidSweep, Unit, batch_size
from domain.sandbox.study.work import Row
from domain.sandbox.yaml_text import Data

AS_IT_IS = "as it is"
MOST_UNITS = 10_000
"""Mixes, alternatives and draws multiplied."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Other rules, as values at dotted paths of the scenario. Raises `InvalidScenario` for anything but rules."""

    name: str
    changes: Mapping[str, Data]

    def __post_init__(self) -> None:
        for place in self.changes:
            if place.partition(".")[0] not in BRANCHING:
                raise InvalidScenario(place, f"an alternative changes {', '.join(BRANCHING)} only")


def other_dna(name: str, dna: str, facts: OrganismFacts) -> Alternative:
    """Another Social DNA, speaking of members by their names."""
    return Alternative(name, {"governance.membrane.program": disguised(dna, facts.names)[0]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Every alternative beside the organism as it is, for each mix: `draws` populations with `runs` runs each."""

    facts: OrganismFacts
    mixes: tuple[Mix, ...]
    alternatives: tuple[Alternative, ...]
    course: Course
    seed: int = 0
    draws: int = 10
    runs: int = 4

    def __post_init__(self) -> None:
        if self.draws < 2 or self.runs < 1:
            raise InvalidSweep("A comparison takes at least two draws of types, and one run of each")
        if len({each.name for each in self.alternatives}) < len(self.alternatives):
            raise InvalidSweep("Each alternative has a name of its own")
        if len(self.mixes) * self.conditions * self.draws > MOST_UNITS:
            raise InvalidSweep(f"A comparison takes at most {MOST_UNITS:,} populations")

    @property
    def conditions(self) -> int:
        """Per mix: the organism as it is, and each alternative."""
        return 1 + len(self.alternatives)

    def units(self) -> Iterator[Unit]:
        """The runs, numbered by mix, then alternative, then draw."""
        for place, mix in enumerate(self.mixes):
            for draw in range(self.draws):
                seeds = range(self.seed + draw * self.runs, self.seed + (draw + 1) * self.runs)
                base = scenario(self.facts, mix, self.course, seeds[0])
                under = [base, *(changed(base, other.changes) for other in self.alternatives)]
                for number, each in enumerate(under, place * self.conditions):
                    yield from _units(number * self.draws + draw, each, seeds)

    def findings(self, rows: Sequence[Row], figures: Sequence[str]) -> list["Finding"]:
        """By figure, mix and alternative; p values are corrected for all of them at once."""
        means = _means(rows)
        found = [
            finding
            for figure in figures
            for place, mix in enumerate(self.mixes)
            for finding in _findings(mix.name, compared(self._conditions(means, place), [figure]))
        ]
        corrected = holm([each.effect.p for each in found])
        return [replace(each, corrected_p=p) for each, p in zip(found, corrected, strict=True)]

    def _conditions(self, means: Mapping[int, Figures], place: int) -> list[Runs]:
        names = (AS_IT_IS, *(each.name for each in self.alternatives))
        draws = tuple(range(self.draws))
        return [
            Runs((name,), draws, tuple(means[number * self.draws + draw] for draw in draws))
            for number, name in enumerate(names, place * self.conditions)
        ]


def _units(condition: int, under: Scenario, seeds: Sequence[int]) -> Iterator[Unit]:
    text = orjson.dumps(canonical(under)).decode()
    for start in range(0, len(seeds), size := batch_size(under)):
        yield Unit(condition, text, tuple(seeds[start : start + size]))


def _means(rows: Sequence[Row]) -> dict[int, Figures]:
    """By condition: the mean of each figure over the runs in which it is defined."""
    found: dict[int, list[Row]] = {}
    for row in sorted(rows, key=lambda row: int(row["seed"] or 0)):
        found.setdefault(int(row["condition"] or 0), []).append(row)
    return {number: {name: _mean(name, each) for name in each[0]} for number, each in found.items()}


def _mean(name: str, rows: Sequence[Row]) -> float | None:
    known = [value for row in rows if isinstance(value := row.get(name), int | float)]
    return sum(known) / len(known) if known else None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one alternative does to one figure, if the mix is what it says."""

    figure: str
    mix: str
    alternative: str
    before: Interval
    after: Interval
    effect: Effect
    corrected_p: float | None = None

    @property
    def direction(self) -> int:
        """1: it raises the figure, -1: it lowers it, 0: nothing that could not be chance.

        The same difference in every draw has no p value, and is no chance.
        """
        found = self.effect.difference
        always = found.n > 1 and found.sd == 0
        if found.mean is None or not (always or (self.corrected_p is not None and self.corrected_p < SIGNIFICANT)):
            return 0
        return (found.mean > 0) - (found.mean < 0)


def _findings(mix: str, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    before, *others = outcomes
    for each in others:
        if each.effect is not None:
            yield Finding(each.figure, mix, each.condition[0], before.found, each.found, each.effect)


@dataclass(frozen=True, slots=True)
class Reading:
    """The mixes in which an alternative raises a figure, lowers it, or does nothing that could not be chance."""

    alternative: str
    figure: str
    raised: tuple[str, ...]
    lowered: tuple[str, ...]
    unmoved: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the answer is the same whatever the mix."""
        return sum(map(bool, (self.raised, self.lowered, self.unmoved))) == 1


def readings(findings: Sequence[Finding]) -> list[Reading]:
    """One for each alternative and figure, in the order in which they were found."""
    asked = dict.fromkeys((each.alternative, each.figure) for each in findings)
    return [_reading(*question, findings) for question in asked]


def _reading(alternative: str, figure: str, findings: Sequence[Finding]) -> Reading:
    about = [each for each in findings if (each.alternative, each.figure) == (alternative, figure)]
    raised, lowered, unmoved = (tuple(each.mix for each in about if each.direction == way) for way in (1, -1, 0))
    return Reading(alternative, figure, raised, lowered, unmoved)
