"""The sandbox section: try rules on a simulated population."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import orjson
import strawberry
from strawberry.scalars import JSON

from domain.sandbox.cost import Cost
from domain.sandbox.scenario import Profile, Scenario
from domain.sandbox.statistics import Interval
from domain.sandbox.study.comparing import Outcome
from domain.timestamp import format_millis
from graphdb.runs import RunState, StoredResult, StoredRun
from resolvers import sandbox
from resolvers import seats as played
from schema.scalars import After, Connection, First, Info, connection, enum
from schema.seats import SandboxHeldSeat, SandboxSeat, asked_seats, held_seats

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


@strawberry.type(description="One epoch of a run.")
class SandboxEpoch:
    epoch: int = strawberry.field(description="Its number, from 0: give it as `after` to go on.")
    metrics: JSON = strawberry.field(
        description="Every metric, null where it is undefined; named and defined in docs/sandbox.md."
    )


@strawberry.type(description="A run of a scenario, owned by the agent that started it.")
class SandboxRun:
    stored: strawberry.Private[StoredRun]
    id: str = strawberry.field(description="Its name here.")
    state: RunState = strawberry.field(description="Where it stands.")
    settled: int = strawberry.field(description="How many epochs are over.")
    epochs: int = strawberry.field(description="How many there will be.")
    problem: str | None = strawberry.field(description="Why it failed.")
    created_at: str = strawberry.field(description="When it was asked for.")
    changed_at: str = strawberry.field(description="When it last got on.")

    @strawberry.field(description="What is run.")
    def scenario(self) -> SandboxScenario:
        return scenario_told(sandbox.scenario_of_run(self.stored), None)

    @strawberry.field(description="Its agents that somebody outside plays.")
    def seats(self) -> list[SandboxHeldSeat]:
        return held_seats(played.seating_of_run(self.stored))

    @strawberry.field(description="The epochs that are over, in order.")
    async def results(
        self,
        info: Info,
        first: First = None,
        after: Annotated[
            int | None, strawberry.argument(description="Those after this number; null from the start.")
        ] = None,
    ) -> list[SandboxEpoch]:
        return [_epoch(each) for each in await sandbox.results(info.context, self.stored.id, first, after)]


@strawberry.type(description="One line of a run's event log.")
class SandboxEvent:
    line: int = strawberry.field(description="Its number, from 1: give it as `after` to go on.")
    event: str = strawberry.field(description="What it is, such as `interaction`, `frozen` or `epoch`.")
    fields: JSON = strawberry.field(description="All that it says; named in docs/sandbox.md.")


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
RunId = Annotated[str, strawberry.argument(description="The id of one of my runs.")]


@strawberry.type
class SandboxQuery:
    @strawberry.field(description="The scenarios that come with Chorus.")
    def sandbox_scenarios(self, info: Info) -> list[SandboxScenario]:
        return [scenario_told(each.scenario, each.yaml) for each in sandbox.scenarios(info.context)]

    @strawberry.field(description="One of the scenarios that come with Chorus.")
    def sandbox_scenario(
        self, info: Info, name: Annotated[str, strawberry.argument(description="Its name.")]
    ) -> SandboxScenario:
        found = sandbox.scenario(info.context, name)
        return scenario_told(found.scenario, found.yaml)

    @strawberry.field(description="Whether a scenario can be run, and what that would take.")
    async def sandbox_validate(
        self, info: Info, scenario: ScenarioName = None, yaml: Yaml = None, overrides: Overrides = None
    ) -> SandboxValidation:
        found = await sandbox.check(info.context, asked_for(scenario, yaml, overrides, None))
        problem, cost = found.problem, found.cost
        return SandboxValidation(
            scenario=None if found.scenario is None else scenario_told(found.scenario, yaml),
            problem=None
            if problem is None
            else SandboxProblem(
                code=problem.code,
                message=problem.message,
                path=str(problem.facts["path"]),
                line=problem.facts["line"],  # type: ignore[arg-type]  # a number or None
            ),
            cost=None if cost is None else cost_told(cost),
        )

    @strawberry.field(description="My runs, the newest first.")
    async def sandbox_runs(self, info: Info, first: First = None, after: After = None) -> Connection[SandboxRun]:
        return connection(await sandbox.runs(info.context, first, after), _run, after)

    @strawberry.field(description="One of my runs.")
    async def sandbox_run(self, info: Info, id: RunId) -> SandboxRun:
        return _run(await sandbox.run(info.context, id))

    @strawberry.field(description="The event log of one of my runs, line by line, as far as it is written.")
    async def sandbox_run_events(
        self,
        info: Info,
        id: RunId,
        first: First = None,
        after: Annotated[
            int | None, strawberry.argument(description="Those after this line; null from the first.")
        ] = None,
    ) -> list[SandboxEvent]:
        found = await sandbox.events(info.context, id, first, after)
        return [
            SandboxEvent(line=number, event=str(fields["event"]), fields=fields)  # type: ignore[arg-type]  # it is JSON
            for number, fields in found
        ]

    @strawberry.field(
        description="Complete runs of mine by what their scenarios differ in, compared with the first condition."
    )
    async def sandbox_compare(
        self,
        info: Info,
        runs: Annotated[list[str], strawberry.argument(description="Ids of runs; several seeds of each condition.")],
        figures: Annotated[
            list[str], strawberry.argument(description="What to compare, such as `true_toxicity`, over the whole run.")
        ],
        baseline: Annotated[int, strawberry.argument(description="Which condition to compare with, by order.")] = 0,
    ) -> list[SandboxOutcome]:
        return [outcome_type(each) for each in await sandbox.compare(info.context, runs, figures, baseline)]


@strawberry.type
class SandboxMutation:
    @strawberry.mutation(description="Run a scenario in a process of its own; it goes on while nobody looks.")
    async def sandbox_start_run(
        self,
        info: Info,
        scenario: ScenarioName = None,
        yaml: Yaml = None,
        overrides: Overrides = None,
        seed: Annotated[
            str | None, strawberry.argument(description="Another seed than the scenario's, in decimal.")
        ] = None,
        seats: Annotated[
            list[SandboxSeat] | None,
            strawberry.argument(description="Agents that somebody outside plays (standard profile)."),
        ] = None,
        seat_seconds: Annotated[
            float | None,
            strawberry.argument(
                description="How long a turn waits for seats, 0.05 to 300 s; 2 s where it is not given."
            ),
        ] = None,
    ) -> SandboxRun:
        asked = asked_for(scenario, yaml, overrides, seed)
        return _run(await sandbox.start(info.context, asked, asked_seats(seats), seat_seconds))

    @strawberry.mutation(description="Run one of my runs again with other rules from an epoch on, with the same draws.")
    async def sandbox_what_if(
        self,
        info: Info,
        id: RunId,
        epoch: Annotated[int, strawberry.argument(description="The first epoch under the other rules, from 1.")],
        overrides: Annotated[
            list[SandboxSetting],
            strawberry.argument(description="The other rules: governance, payoff, rules, rate_limits or labels."),
        ],
    ) -> SandboxRun:
        changes = {each.name: each.value for each in overrides}
        return _run(await sandbox.what_if(info.context, id, epoch, changes))  # type: ignore[arg-type]  # it is JSON

    @strawberry.mutation(description="End one of my runs; what it has brought so far stays.")
    async def sandbox_cancel_run(self, info: Info, id: RunId) -> SandboxRun:
        return _run(await sandbox.cancel(info.context, id))


@strawberry.type
class SandboxSubscription:
    @strawberry.subscription(description="The epochs of one of my runs, each once, until it is over.")
    async def sandbox_epochs(
        self,
        info: Info,
        run: RunId,
        after: Annotated[
            int | None, strawberry.argument(description="Go on after the epoch of this number; null from the start.")
        ] = None,
    ) -> AsyncGenerator[SandboxEpoch, None]:
        async with aclosing(sandbox.epochs(info.context, run, after)) as epochs:
            async for each in epochs:
                yield _epoch(each)

    @strawberry.subscription(description="How one of my runs stands, now and at every change, until it is over.")
    async def sandbox_progress(self, info: Info, run: RunId) -> AsyncGenerator[SandboxRun, None]:
        async with aclosing(sandbox.progress(info.context, run)) as changes:
            async for each in changes:
                yield _run(each)


def asked_for(
    scenario: str | None, yaml: str | None, overrides: list[SandboxSetting] | None, seed: str | None
) -> sandbox.Asked:
    changes = {each.name: each.value for each in overrides or ()}
    return sandbox.Asked(scenario, yaml, changes, seed)  # type: ignore[arg-type]  # it is JSON


def scenario_told(scenario: Scenario, yaml: str | None) -> SandboxScenario:
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


def cost_told(cost: Cost) -> SandboxCost:
    return SandboxCost(turns=cost.turns, seconds=cost.seconds, memory=cost.memory, log_bytes=cost.log_bytes)


def _run(stored: StoredRun) -> SandboxRun:
    return SandboxRun(
        stored=stored,
        id=stored.id,
        state=stored.state,
        settled=stored.settled,
        epochs=stored.results,
        problem=stored.problem,
        created_at=format_millis(stored.created_at),
        changed_at=format_millis(stored.changed_at),
    )


def _epoch(stored: StoredResult) -> SandboxEpoch:
    return SandboxEpoch(epoch=stored.number, metrics=orjson.loads(stored.text))


def outcome_type(outcome: Outcome) -> SandboxOutcome:
    effect = outcome.effect
    return SandboxOutcome(
        condition=list(outcome.condition),
        figure=outcome.figure,
        found=interval_type(outcome.found),
        difference=None if effect is None else interval_type(effect.difference),
        size=None if effect is None else effect.size,
        p=outcome.corrected_p,
        paired=None if effect is None else effect.paired,
    )


def interval_type(found: Interval) -> SandboxInterval:
    return SandboxInterval(runs=found.n, mean=found.mean, low=found.low, high=found.high)
