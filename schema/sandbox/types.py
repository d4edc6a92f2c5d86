"""What several fields of the sandbox section answer and take."""

from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from domain.sandbox.cost import Cost
from domain.sandbox.scenario import Profile, Scenario
from domain.sandbox.statistics import Interval
from domain.sandbox.study.comparing import Outcome
from graphdb.runs import RunState
from resolvers.sandbox.runs import Asked
from schema.scalars import enum

enum(
    Profile,
    "SandboxProfile",
    "Which rules a run follows.",
    {
        Profile.STANDARD: "Everybody chooses at once, vectorised; the default.",
        Profile.LEGACY: "The original simulation to the bit, for comparisons.",
    },
)
enum(
    RunState,
    "SandboxRunState",
    "Where a run or a sweep stands.",
    {
        RunState.QUEUED: "It waits for a free process.",
        RunState.RUNNING: "It runs; after a restart of the server it goes on where it was.",
        RunState.COMPLETE: "All of it is over.",
        RunState.FAILED: "It could not go on; `problem` says why.",
        RunState.CANCELLED: "It was cancelled.",
    },
)


@strawberry.type(description="What a run would take, estimated before it starts.")
class SandboxCost:
    turns: float = strawberry.field(description="Turns of agents.")
    seconds: float = strawberry.field(description="About how long it runs, in seconds.")
    memory: float = strawberry.field(description="About how much memory it needs, in bytes.")
    log_bytes: float = strawberry.field(description="About how large its event log becomes.")


@strawberry.type(description="A population under rules.")
class SandboxScenario:
    name: str = strawberry.field(description="Its `scenario_id`.")
    description: str = strawberry.field(description="What it is for.")
    profile: Profile = strawberry.field(description="Which rules the run follows.")
    agents: int = strawberry.field(description="How many agents take part.")
    epochs: int = strawberry.field(description="How many epochs it has.")
    steps: int = strawberry.field(description="How many steps each epoch has.")
    seed: str = strawberry.field(description="What decides every draw, from 0 to 2^64 - 1, in decimal.")
    yaml: str | None = strawberry.field(description="Its text; null where it was put together from settings.")


@strawberry.type(description="What is wrong with a scenario.")
class SandboxProblem:
    code: str = strawberry.field(description="As in `extensions.code` of an error.")
    message: str = strawberry.field(description="In words, with the key that was meant.")
    path: str = strawberry.field(description="Where in the scenario, such as `governance.audit_probability`.")
    line: int | None = strawberry.field(description="The line of the YAML, from 1; null for an override.")


@strawberry.type(description="Whether a scenario can be run.")
class SandboxValidation:
    scenario: SandboxScenario | None = strawberry.field(description="The scenario; null if it is not one.")
    problem: SandboxProblem | None = strawberry.field(description="The first problem; null if it is one.")
    cost: SandboxCost | None = strawberry.field(description="What running it would take.")


@strawberry.type(description="A mean over runs, and how sure it is.")
class SandboxInterval:
    runs: int = strawberry.field(description="How many runs.")
    mean: float | None = strawberry.field(description="The mean; null without a value.")
    low: float | None = strawberry.field(description="Where its 95 % interval begins; null for fewer than two runs.")
    high: float | None = strawberry.field(description="Where its 95 % interval ends.")


@strawberry.type(description="What one condition did to one figure.")
class SandboxOutcome:
    condition: list[str] = strawberry.field(description="How its scenario differs from the others.")
    figure: str = strawberry.field(description="The figure, such as `honest.real_payoff`.")
    found: SandboxInterval = strawberry.field(description="What it was.")
    difference: SandboxInterval | None = strawberry.field(
        description="How much more than under the baseline; null for the baseline."
    )
    size: float | None = strawberry.field(description="The effect in standard deviations: d if paired, else Hedges' g.")
    p: float | None = strawberry.field(description="Its p value, corrected for all comparisons of the answer (Holm).")
    paired: bool | None = strawberry.field(description="Whether runs with the same seeds were compared.")


@strawberry.input(description="Another value in a scenario.")
class SandboxSetting:
    name: str = strawberry.field(description="Where, such as `governance.audit_probability` or `agents.0.count`.")
    value: JSON = strawberry.field(description="The value.")


ScenarioName = Annotated[
    str | None, strawberry.argument(description="A scenario of `sandboxScenarios`; null if `yaml` is given.")
]
Yaml = Annotated[
    str | None, strawberry.argument(description="A scenario of your own; its schema is scenarios/scenario.schema.json.")
]
Overrides = Annotated[
    list[SandboxSetting] | None, strawberry.argument(description="Values that are different from the scenario's.")
]


def asked_for(
    scenario: str | None, yaml: str | None, overrides: list[SandboxSetting] | None, seed: str | None
) -> Asked:
    changes = {each.name: each.value for each in overrides or ()}
    return Asked(scenario, yaml, changes, seed)  # type: ignore[arg-type]  # it is JSON


def scenario_of(scenario: Scenario, yaml: str | None) -> SandboxScenario:
    return SandboxScenario(
        name=scenario.scenario_id,
        description=scenario.description,
        profile=scenario.profile,
        agents=scenario.population,
        epochs=scenario.simulation.n_epochs,
        steps=scenario.simulation.steps_per_epoch,
        seed=str(scenario.simulation.seed),
        yaml=yaml,
    )


def cost_of(cost: Cost) -> SandboxCost:
    return SandboxCost(turns=cost.turns, seconds=cost.seconds, memory=cost.memory, log_bytes=cost.log_bytes)


def outcome_of(outcome: Outcome) -> SandboxOutcome:
    effect = outcome.effect
    return SandboxOutcome(
        condition=list(outcome.condition),
        figure=outcome.figure,
        found=interval_of(outcome.found),
        difference=None if effect is None else interval_of(effect.difference),
        size=None if effect is None else effect.size,
        p=outcome.corrected_p,
        paired=None if effect is None else effect.paired,
    )


def interval_of(found: Interval) -> SandboxInterval:
    return SandboxInterval(runs=found.n, mean=found.mean, low=found.low, high=found.high)
