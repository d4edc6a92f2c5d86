"""Which settings a sweep tries, and with which seeds."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

import numpy as np
import orjson

from domain.sandbox.cost import Cost, cost
from domain.sandbox.errors import SandboxError
from domain.sandbox.eventlog.header import Header, canonical
from domain.sandbox.reading import changed
from domain.sandbox.scenario import LARGEST_SEED, Profile, Scenario
from domain.sandbox.standard.streams import pick, unit
from domain.sandbox.yaml_text import Data

MOST_RUNS = 1_000_000
LARGEST_BATCH = 32
"""Seeds that advance together; more hardly makes them faster."""
MOST_ROWS = 50_000
"""Agents of all seeds of a batch together; more would take long between two results."""
LARGEST_WHOLE = 1 << 53
"""Ends of spans of whole numbers: up to here draws reach every one of them."""
DESIGN_KEY = 0x64657369676E
"""The second half of the key of a design's draws: "design"."""


class InvalidSweep(SandboxError):
    code = "INVALID_SWEEP"


@dataclass(frozen=True, slots=True)
class Span:
    """Any value between two numbers, both possible; whole ones if both ends are whole."""

    low: float
    high: float


Axis = Span | tuple[Data, ...]
"""A span, or the values themselves."""
Axes = Mapping[str, Axis]


@dataclass(frozen=True, slots=True)
class Unit:
    """Runs that go together: one setting, some seeds. Plain data, for another process."""

    condition: int
    scenario: str
    """As JSON."""
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """One scenario per condition, and how often each runs.

    Paired, every condition has the same seeds, so that what differs between two runs of a seed is what was set. Else
    no two runs share a seed.
    """

    scenarios: tuple[Scenario, ...]
    changes: tuple[dict[str, Data], ...]
    runs: int
    paired: bool = True

    def seeds(self, condition: int) -> range:
        first = self.scenarios[condition].simulation.seed + (0 if self.paired else condition * self.runs)
        return range(first, first + self.runs)

    @property
    def sweep_id(self) -> str:
        """The same for the same runs, in whatever parts they are run."""
        told = [[canonical(scenario) for scenario in self.scenarios], self.changes, self.runs, self.paired]
        return hashlib.sha256(orjson.dumps(told)).hexdigest()[:16]

    def units(self, done: frozenset[tuple[int, int]] = frozenset()) -> Iterator[Unit]:
        """All but the runs that are done, given as (condition, seed)."""
        for condition, scenario in enumerate(self.scenarios):
            left = [seed for seed in self.seeds(condition) if (condition, seed) not in done]
            text = orjson.dumps(canonical(scenario)).decode()
            for start in range(0, len(left), size := batch_size(scenario)):
                yield Unit(condition, text, tuple(left[start : start + size]))

    def units_after(self, done: int) -> Iterator[Unit]:
        """All but the first runs, in the order of conditions and seeds."""
        runs = ((condition, seed) for condition in range(len(self.scenarios)) for seed in self.seeds(condition))
        return self.units(frozenset(islice(runs, done)))

    def cost(self) -> Cost:
        """In one process, one batch after the other."""
        costs = [cost(scenario, seeds) for scenario in self.scenarios for seeds in _batches(scenario, self.runs)]
        memory = max(one.memory for one in costs)
        return Cost(sum(one.turns for one in costs), sum(one.seconds for one in costs), memory, 0)


def batch_size(scenario: Scenario) -> int:
    return 4 if scenario.profile is Profile.LEGACY else max(1, min(LARGEST_BATCH, MOST_ROWS // scenario.population))


def _batches(scenario: Scenario, runs: int) -> list[int]:
    """How many seeds advance together, batch by batch."""
    full, rest = divmod(runs, batch_size(scenario))
    return [batch_size(scenario)] * full + [rest] * bool(rest)


def sweep_of(scenario: Scenario, conditions: Sequence[dict[str, Data]], runs: int, paired: bool = True) -> Sweep:
    """Raises `InvalidSweep`, or `InvalidScenario` for settings that no scenario allows."""
    if not conditions or runs < 1:
        raise InvalidSweep("A sweep has at least one condition and one run of each")
    if len(conditions) * runs > MOST_RUNS:
        raise InvalidSweep(f"A sweep has at most {MOST_RUNS:,} runs, this one {len(conditions) * runs:,}")
    last = scenario.simulation.seed + (1 if paired else len(conditions)) * runs - 1
    if last > LARGEST_SEED:
        raise InvalidSweep(f"The seeds would pass the largest one, {LARGEST_SEED}")
    return Sweep(tuple(changed(scenario, one) for one in conditions), tuple(conditions), runs, paired)


def axis(values: Sequence[Data] | None, low: Data = None, high: Data = None) -> Axis:
    """From the values themselves, or from two ends. Raises `InvalidSweep`."""
    if values is not None and low is None and high is None:
        if not values:
            raise InvalidSweep("What varies has at least one value")
        return tuple(values)
    if values is None and type(low) in (int, float) and type(high) in (int, float):
        return _span(low, high)  # type: ignore[arg-type]  # numbers
    raise InvalidSweep("What varies has either values, or a low and a high end that are numbers")


def _span(low: float, high: float) -> Span:
    if any(isinstance(end, int) and abs(end) > LARGEST_WHOLE for end in (low, high)):
        raise InvalidSweep(f"Whole numbers at the ends of a span are at most {LARGEST_WHOLE:,}, less or more than 0")
    if math.isfinite(low) and math.isfinite(high) and low <= high:
        return Span(low, high)
    raise InvalidSweep(f"A span leads from one number up to another, not from {low} to {high}")


def grid(axes: Axes) -> list[dict[str, Data]]:
    """Every combination, the last axis first to change; raises `InvalidSweep` for a span."""
    spans = [name for name, axis in axes.items() if isinstance(axis, Span)]
    if spans:
        raise InvalidSweep(f"A grid needs the values of {spans[0]} one by one, not a span")
    values = [axis for axis in axes.values() if not isinstance(axis, Span)]
    if math.prod(map(len, values)) > MOST_RUNS:
        raise InvalidSweep(f"A sweep has at most {MOST_RUNS:,} runs")
    return [dict(zip(axes, combination, strict=True)) for combination in product(*values)]


def scattered(axes: Axes, count: int, seed: int) -> list[dict[str, Data]]:
    """That many random combinations; the same seed gives the same."""
    if not axes or not 0 < count <= MOST_RUNS:
        raise InvalidSweep("A random design needs something to vary, and how often")
    key = np.array([seed, DESIGN_KEY], np.uint64)
    draws = unit(np.random.Philox(key=key).random_raw(count * len(axes))).reshape(count, len(axes))
    return [dict(zip(axes, map(_drawn, axes.values(), row.tolist()), strict=True)) for row in draws]


def _drawn(axis: Axis, u: float) -> Data:
    if not isinstance(axis, Span):
        return axis[int(pick(np.array([u]), len(axis))[0])]
    if isinstance(axis.low, int) and isinstance(axis.high, int):
        return axis.low + int(pick(np.array([u]), axis.high - axis.low + 1)[0])
    return axis.low + u * (axis.high - axis.low)


def headers(unit_: Unit, scenario: Scenario) -> list[Header]:
    return [Header(changed(scenario, {"simulation.seed": seed})) for seed in unit_.seeds]
