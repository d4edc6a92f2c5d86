"""Scenarios and runs."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import orjson
import strawberry
from strawberry.scalars import JSON

from domain.timestamp import format_millis
from graphdb.runs import RunState, StoredResult, StoredRun
from resolvers.sandbox import runs as running
from resolvers.sandbox import seats as playing
from schema.sandbox.seats import SandboxHeldSeat, SandboxSeat, asked_seats, held_seats
from schema.sandbox.types import (
    Overrides,
    SandboxOutcome,
    SandboxProblem,
    SandboxScenario,
    SandboxSetting,
    SandboxValidation,
    ScenarioName,
    Yaml,
    asked_for,
    cost_of,
    outcome_of,
    scenario_of,
)
from schema.scalars import After, Connection, First, Info, connection

RunId = Annotated[str, strawberry.argument(description="The id of one of my runs.")]


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
    async def scenario(self) -> SandboxScenario:
        return scenario_of(await running.scenario_of_run(self.stored), None)

    @strawberry.field(description="Its agents that somebody outside plays.")
    def seats(self) -> list[SandboxHeldSeat]:
        return held_seats(playing.seating_of_run(self.stored))

    @strawberry.field(description="The epochs that are over, in order.")
    async def results(
        self,
        info: Info,
        first: First = None,
        after: Annotated[
            int | None, strawberry.argument(description="Those after this number; null from the start.")
        ] = None,
    ) -> list[SandboxEpoch]:
        return [_epoch(each) for each in await running.results(info.context, self.stored.id, first, after)]


@strawberry.type(description="One line of a run's event log.")
class SandboxEvent:
    line: int = strawberry.field(description="Its number, from 1: give it as `after` to go on.")
    event: str = strawberry.field(description="What it is, such as `interaction`, `frozen` or `epoch`.")
    fields: JSON = strawberry.field(description="All that it says; named in docs/sandbox.md.")


@strawberry.type
class SandboxQuery:
    @strawberry.field(description="The scenarios that come with Chorus.")
    def sandbox_scenarios(self, info: Info) -> list[SandboxScenario]:
        return [scenario_of(each.scenario, each.yaml) for each in running.scenarios(info.context)]

    @strawberry.field(description="One of the scenarios that come with Chorus.")
    def sandbox_scenario(
        self, info: Info, name: Annotated[str, strawberry.argument(description="Its name.")]
    ) -> SandboxScenario:
        found = running.scenario(info.context, name)
        return scenario_of(found.scenario, found.yaml)

    @strawberry.field(description="Whether a scenario can be run, and what that would take.")
    async def sandbox_validate(
        self, info: Info, scenario: ScenarioName = None, yaml: Yaml = None, overrides: Overrides = None
    ) -> SandboxValidation:
        found = await running.check(info.context, asked_for(scenario, yaml, overrides, None))
        problem, cost = found.problem, found.cost
        return SandboxValidation(
            scenario=None if found.scenario is None else scenario_of(found.scenario, yaml),
            problem=None
            if problem is None
            else SandboxProblem(
                code=problem.code,
                message=problem.message,
                path=str(problem.facts["path"]),
                line=problem.facts["line"],  # type: ignore[arg-type]  # a number or None
            ),
            cost=None if cost is None else cost_of(cost),
        )

    @strawberry.field(description="My runs, the newest first.")
    async def sandbox_runs(self, info: Info, first: First = None, after: After = None) -> Connection[SandboxRun]:
        return connection(await running.runs(info.context, first, after), _run, after)

    @strawberry.field(description="One of my runs.")
    async def sandbox_run(self, info: Info, id: RunId) -> SandboxRun:
        return _run(await running.run(info.context, id))

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
        found = await running.events(info.context, id, first, after)
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
        return [outcome_of(each) for each in await running.compare(info.context, runs, figures, baseline)]


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
        return _run(await running.start(info.context, asked, asked_seats(seats), seat_seconds))

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
        return _run(await running.what_if(info.context, id, epoch, changes))  # type: ignore[arg-type]  # it is JSON

    @strawberry.mutation(description="End one of my runs; what it has brought so far stays.")
    async def sandbox_cancel_run(self, info: Info, id: RunId) -> SandboxRun:
        return _run(await running.cancel(info.context, id))


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
        async with aclosing(running.epochs(info.context, run, after)) as epochs:
            async for each in epochs:
                yield _epoch(each)

    @strawberry.subscription(description="How one of my runs stands, now and at every change, until it is over.")
    async def sandbox_progress(
        self,
        info: Info,
        run: RunId,
        after: Annotated[
            int | None,
            strawberry.argument(
                description="Only once epochs after this number are over, or the run is; null from now."
            ),
        ] = None,
    ) -> AsyncGenerator[SandboxRun, None]:
        async with aclosing(running.progress(info.context, run, after)) as changes:
            async for each in changes:
                yield _run(each)


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
