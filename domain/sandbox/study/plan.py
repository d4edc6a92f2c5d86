"""What a sweep that is kept follows from: one line of JSON, as a header is of a run."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.sandbox.ablation import WORLDS, conditions, levers_of
from domain.sandbox.cost import Cost
from domain.sandbox.errors import SweepTooLarge
from domain.sandbox.reading import scenario_of
from domain.sandbox.scenario import Scenario
from domain.sandbox.study.comparing import Label, labels_of
from domain.sandbox.study.design import Axes, InvalidSweep, Span, Sweep, grid, scattered, sweep_of
from domain.sandbox.yaml_text import Data, Document

MOST_CONDITIONS = 1_000
MOST_RUNS = 10_000
MOST_TEXT = 10_000_000
"""Bytes of the scenarios of all conditions together."""

Changes = dict[str, Data]


@dataclass(frozen=True, slots=True)
class Plan:
    """`changes` are the settings of each condition; those of an ablation follow from the levers of its scenario."""

    scenario: Scenario
    runs: int
    """Of each condition."""
    changes: tuple[Changes, ...] = ()
    paired: bool = True
    worlds: int | None = None
    """In how many other hidden worlds an ablation asks again; None for a sweep."""

    @property
    def conditions(self) -> Sequence[tuple[Label, Changes]]:
        """What each is called, and what it sets."""
        if self.worlds is not None:
            return list(conditions(self.scenario, WORLDS[: self.worlds]).items())
        return list(zip(labels_of(self.changes), self.changes, strict=True))

    @property
    def labels(self) -> list[Label]:
        return [label for label, _ in self.conditions]

    @property
    def size(self) -> int:
        """How many runs there are in all."""
        return len(self.conditions) * self.runs

    def sweep(self) -> Sweep:
        """Raises `InvalidSweep`, or `InvalidScenario` for settings that no scenario allows."""
        return sweep_of(self.scenario, [changes for _, changes in self.conditions], self.runs, self.paired)

    def cost(self) -> Cost:
        """Raises what `sweep` raises."""
        return self.sweep().cost()

    def line(self) -> bytes:
        facts = {
            "event": "sweep_started",
            "scenario": self.scenario.model_dump(mode="json", exclude_unset=True),
            "runs": self.runs,
            "changes": self.changes,
            "paired": self.paired,
            "worlds": self.worlds,
        }
        return json.dumps(facts, ensure_ascii=False).encode() + b"\n"


def plan_of(line: str | bytes) -> Plan:
    """From a line that `Plan.line` wrote."""
    facts: dict[str, Any] = json.loads(line)  # Any: JSON
    scenario = scenario_of(Document(facts["scenario"], {}))
    return Plan(scenario, facts["runs"], tuple(facts["changes"]), facts["paired"], facts["worlds"])


def designed(scenario: Scenario, axes: Axes, count: int | None, runs: int, paired: bool = True) -> Plan:
    """That many random combinations, or every one. Raises `InvalidSweep` or `SweepTooLarge`."""
    _check_size(scenario, _combinations(axes) if count is None else count, runs)
    chosen = grid(axes) if count is None else scattered(axes, count, scenario.simulation.seed)
    return Plan(scenario, runs, tuple(chosen), paired)


def ablating(scenario: Scenario, runs: int, worlds: int = len(WORLDS)) -> Plan:
    """Each lever alone and left out. Raises `InvalidScenario`, `InvalidSweep` or `SweepTooLarge`."""
    if not 0 <= worlds <= len(WORLDS):
        raise InvalidSweep(f"There are {len(WORLDS)} other hidden worlds, not {worlds}")
    _check_size(scenario, (2 + 2 * len(levers_of(scenario))) * (1 + worlds), runs)
    return Plan(scenario, runs, worlds=worlds)


def _combinations(axes: Axes) -> int:
    return math.prod(len(axis) for axis in axes.values() if not isinstance(axis, Span))


def _check_size(scenario: Scenario, count: int, runs: int) -> None:
    """Before anything is made of it."""
    if runs < 1:
        raise InvalidSweep("A sweep has at least one run of each condition")
    if count > MOST_CONDITIONS:
        raise SweepTooLarge(f"it has at most {MOST_CONDITIONS:,} conditions, not {count:,}")
    if count * runs > MOST_RUNS:
        raise SweepTooLarge(f"it has at most {MOST_RUNS:,} runs, not {count * runs:,}")
    if count * len(scenario.model_dump_json()) > MOST_TEXT:
        raise SweepTooLarge(f"the scenarios of its conditions are more than {MOST_TEXT:,} bytes of text")
