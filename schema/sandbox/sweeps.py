"""Sweeps and ablations in the sandbox section: what settings do, over many runs."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from domain.sandbox.ablation import WORLDS, Contrast, Finding
from domain.sandbox.study.work import NAMED, Row
from domain.timestamp import format_millis
from graphdb.runs import RunState, StoredRun
from resolvers.sandbox import sweeps
from schema.sandbox.types import (
    Overrides,
    SandboxInterval,
    SandboxOutcome,
    SandboxScenario,
    ScenarioName,
    Yaml,
    asked_for,
    interval_of,
    outcome_of,
    scenario_of,
)
from schema.scalars import After, Connection, First, Info, connection, enum

enum(
    Contrast,
    "SandboxContrast",
    "What is compared to tell what a lever does.",
    {
        Contrast.ALONE: "The lever and no other, with no lever at all.",
        Contrast.ADDED: "All levers, with all but this one.",
        Contrast.TOGETHER: "All levers, with no lever at all.",
    },
)


@strawberry.input(description="A setting that varies: over `values`, or anywhere from `low` to `high`.")
class SandboxAxis:
    name: str = strawberry.field(description="Where, such as `governance.audit_probability` or `agents.0.count`.")
    values: list[JSON] | None = strawberry.field(default=None, description="The values that it takes.")
    low: JSON | None = strawberry.field(
        default=None, description="The least value of a random design; whole values only where both ends are whole."
    )
    high: JSON | None = strawberry.field(default=None, description="The greatest value of a random design.")


@strawberry.type(description="One run of a sweep.")
class SandboxRow:
    number: int = strawberry.field(description="Its number, from 0: give it as `after` to go on.")
    condition: int = strawberry.field(description="Which of the conditions.")
    seed: str = strawberry.field(description="What decided every draw, in decimal.")
    met: bool = strawberry.field(description="Whether it met the success criteria of its scenario.")
    figures: JSON = strawberry.field(description="Every figure over the run, null where it is undefined.")


@strawberry.type(description="What a lever does to one figure.")
class SandboxFinding:
    lever: str | None = strawberry.field(description="The lever; null for all together.")
    contrast: Contrast = strawberry.field(description="What is compared.")
    figure: str = strawberry.field(description="The figure, such as `honest.real_payoff`, which says who pays.")
    difference: SandboxInterval = strawberry.field(description="How much more than without, run by run.")
    size: float | None = strawberry.field(description="The effect in standard deviations of the differences.")
    p: float | None = strawberry.field(description="Its p value, corrected for all questions of the ablation (Holm).")
    direction: int = strawberry.field(description="1 raises, -1 lowers, 0: nothing that could not be chance.")
    holds: int = strawberry.field(description="In how many of the other hidden worlds the same is found.")
    worlds: int = strawberry.field(description="In how many of them it was asked again.")


@strawberry.type(
    description="Many runs of one scenario under different settings, owned by the agent that started them."
)
class SandboxSweep:
    stored: strawberry.Private[StoredRun]
    id: str = strawberry.field(description="Its name here.")
    state: RunState = strawberry.field(description="Where it stands.")
    settled: int = strawberry.field(description="How many of its runs are over.")
    runs: int = strawberry.field(description="How many runs there will be, of all conditions together.")
    problem: str | None = strawberry.field(description="Why it failed.")
    created_at: str = strawberry.field(description="When it was asked for.")
    changed_at: str = strawberry.field(description="When it last got on.")

    @strawberry.field(description="What is run, but for what the conditions set.")
    async def scenario(self) -> SandboxScenario:
        return scenario_of((await sweeps.plan_of_sweep(self.stored)).scenario, None)

    @strawberry.field(description="What each condition differs in, in the order of their numbers.")
    async def conditions(self) -> list[list[str]]:
        return [list(label) for label in (await sweeps.plan_of_sweep(self.stored)).labels]

    @strawberry.field(description="The runs that are over, by condition and seed.")
    async def rows(
        self,
        info: Info,
        first: First = None,
        after: Annotated[
            int | None, strawberry.argument(description="Those after this number; null from the start.")
        ] = None,
    ) -> list[SandboxRow]:
        return [_row(number, row) for number, row in await sweeps.rows(info.context, self.stored, first, after)]

    @strawberry.field(
        description="What each condition did to each figure, compared with one of them; null until it is complete."
    )
    async def outcomes(
        self,
        info: Info,
        figures: Annotated[
            list[str] | None,
            strawberry.argument(description="Such as `true_toxicity`, over the whole run; null for the usual ones."),
        ] = None,
        baseline: Annotated[int, strawberry.argument(description="The number of the condition to compare with.")] = 0,
    ) -> list[SandboxOutcome] | None:
        found = await sweeps.outcomes(info.context, self.stored, figures, baseline)
        return None if found is None else [outcome_of(each) for each in found]

    @strawberry.field(description="What each lever does, and who pays; null for other sweeps and until it is complete.")
    async def findings(self, info: Info) -> list[SandboxFinding] | None:
        found = await sweeps.found_by_ablation(info.context, self.stored)
        return None if found is None else [_finding(each) for each in found]


SweepId = Annotated[str, strawberry.argument(description="The id of one of my sweeps.")]
RunsOfEach = Annotated[int, strawberry.argument(description="How many runs of each condition, each with its own seed.")]


@strawberry.type
class SandboxSweepQuery:
    @strawberry.field(description="My sweeps and ablations, the newest first.")
    async def sandbox_sweeps(self, info: Info, first: First = None, after: After = None) -> Connection[SandboxSweep]:
        return connection(await sweeps.sweeps(info.context, first, after), _sweep, after)

    @strawberry.field(description="One of my sweeps.")
    async def sandbox_sweep(self, info: Info, id: SweepId) -> SandboxSweep:
        return _sweep(await sweeps.sweep(info.context, id))


@strawberry.type
class SandboxSweepMutation:
    @strawberry.mutation(
        description="Run a scenario under several settings in a process of its own, to learn what the settings do."
    )
    async def sandbox_start_sweep(
        self,
        info: Info,
        vary: Annotated[list[SandboxAxis], strawberry.argument(description="What varies; each name once.")],
        scenario: ScenarioName = None,
        yaml: Yaml = None,
        overrides: Overrides = None,
        conditions: Annotated[
            int | None, strawberry.argument(description="How many random combinations; null for every combination.")
        ] = None,
        runs: RunsOfEach = 10,
        paired: Annotated[
            bool, strawberry.argument(description="Whether all conditions have the same seeds; else no two runs do.")
        ] = True,
    ) -> SandboxSweep:
        varied = [sweeps.Varied(each.name, each.values, each.low, each.high) for each in vary]  # type: ignore[arg-type]  # it is JSON
        design = sweeps.Design(varied, conditions, runs, paired)
        return _sweep(await sweeps.start(info.context, asked_for(scenario, yaml, overrides, None), design))

    @strawberry.mutation(
        description="Take the levers of a scenario apart: each alone and left out, in this world and in others."
    )
    async def sandbox_start_ablation(
        self,
        info: Info,
        scenario: ScenarioName = None,
        yaml: Yaml = None,
        overrides: Overrides = None,
        runs: RunsOfEach = 10,
        worlds: Annotated[
            int, strawberry.argument(description="In how many other hidden worlds to ask again, up to 6.")
        ] = len(WORLDS),
    ) -> SandboxSweep:
        asked = asked_for(scenario, yaml, overrides, None)
        return _sweep(await sweeps.start_ablation(info.context, asked, runs, worlds))

    @strawberry.mutation(description="End one of my sweeps; the rows that it has brought so far stay.")
    async def sandbox_cancel_sweep(self, info: Info, id: SweepId) -> SandboxSweep:
        return _sweep(await sweeps.cancel(info.context, id))


@strawberry.type
class SandboxSweepSubscription:
    @strawberry.subscription(description="How one of my sweeps stands, now and at every change, until it is over.")
    async def sandbox_sweep_progress(
        self,
        info: Info,
        sweep: SweepId,
        after: Annotated[
            int | None,
            strawberry.argument(
                description="Only once rows after this number are there, or it is over; null from now."
            ),
        ] = None,
    ) -> AsyncGenerator[SandboxSweep, None]:
        async with aclosing(sweeps.progress(info.context, sweep, after)) as changes:
            async for each in changes:
                yield _sweep(each)


def _sweep(stored: StoredRun) -> SandboxSweep:
    return SandboxSweep(
        stored=stored,
        id=stored.id,
        state=stored.state,
        settled=stored.settled,
        runs=stored.results,
        problem=stored.problem,
        created_at=format_millis(stored.created_at),
        changed_at=format_millis(stored.changed_at),
    )


def _row(number: int, row: Row) -> SandboxRow:
    return SandboxRow(
        number=number,
        condition=int(row["condition"] or 0),
        seed=str(row["seed"]),
        met=bool(row["met"]),
        figures={name: value for name, value in row.items() if name not in NAMED},  # type: ignore[arg-type]  # it is JSON
    )


def _finding(finding: Finding) -> SandboxFinding:
    return SandboxFinding(
        lever=finding.lever,
        contrast=finding.contrast,
        figure=finding.figure,
        difference=interval_of(finding.effect.difference),
        size=finding.effect.size,
        p=finding.corrected_p,
        direction=finding.direction,
        holds=finding.holds,
        worlds=finding.worlds,
    )
