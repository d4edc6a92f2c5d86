"""What a run will take, told before it starts.

The rates come from runs on one core of a small shared machine; another machine is faster or slower by a factor, and
dearer than told by more than a few times only where it swaps.
"""

from dataclasses import dataclass

from domain.sandbox.scenario import Profile, Scenario

STEP_SECONDS = 1.5e-3
"""What a step takes whoever takes part (standard)."""
TURN_SECONDS = 1.7e-6
"""What a step takes per agent and seed (standard)."""
LEGACY_TURN_SECONDS = 5e-5
LEGACY_GLANCE_SECONDS = 2e-7
"""What a legacy turn takes, and what it takes per other agent."""
LINE_SECONDS = 6e-6
LINE_BYTES = 620
"""Of a logged interaction."""
PROPOSALS_PER_TURN = 0.25
"""About one turn in four proposes something."""
ROW_BYTES = 3_000
"""The state of an agent of one seed, and what a step needs beside it."""
COLUMN_BYTES = 500
"""Of one interaction while its epoch goes on."""


@dataclass(frozen=True, slots=True)
class Cost:
    """`turns` of agents, and about how long they take, in how much memory, with how large logs."""

    turns: int
    seconds: float
    memory: int
    log_bytes: int


def cost(scenario: Scenario, seeds: int = 1, logged: bool = False) -> Cost:
    """Of one scenario for that many seeds, one after the other if they are logged, else as one batch."""
    agents, length = scenario.population, scenario.simulation
    steps = length.n_epochs * length.steps_per_epoch
    turns = agents * steps * seeds
    lines = int(turns * PROPOSALS_PER_TURN) if logged else 0
    rows = agents if logged else agents * seeds
    per_epoch = rows * length.steps_per_epoch * PROPOSALS_PER_TURN
    seconds = _seconds(scenario, steps, turns, seeds if logged else 1) + lines * LINE_SECONDS
    return Cost(turns, seconds, int(rows * ROW_BYTES + per_epoch * COLUMN_BYTES), lines * LINE_BYTES)


def _seconds(scenario: Scenario, steps: int, turns: int, batches: int) -> float:
    if scenario.profile is Profile.LEGACY:
        return turns * (LEGACY_TURN_SECONDS + LEGACY_GLANCE_SECONDS * scenario.population)
    return steps * batches * STEP_SECONDS + turns * TURN_SECONDS
