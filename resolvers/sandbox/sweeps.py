"""What the fields about sweeps do. A sweep is kept like a run, and belongs to the agent of the token alone."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

import orjson

from domain.capabilities import Domain
from domain.sandbox.ablation import WORLDS, Finding, findings
from domain.sandbox.scenario import Scenario
from domain.sandbox.study.comparing import Outcome, Runs, compared, runs_of, usual
from domain.sandbox.study.design import Axis, axis
from domain.sandbox.study.plan import Plan, ablating, designed, plan_of
from domain.sandbox.study.work import Row
from domain.sandbox.yaml_text import Data
from graphdb.page import Page
from graphdb.runs import RunKind, RunState, StoredRun
from resolvers.context import Context
from resolvers.errors import InvalidArgument, UnknownSweep
from resolvers.paging import decode, page_size
from resolvers.sandbox.own import owned, processes, watched
from resolvers.sandbox.runs import Asked, check_comparison, every_result, results, usable

MOST_OUTCOMES = 2_000
"""Figures of conditions in one answer."""


@dataclass(frozen=True, slots=True)
class Varied:
    """One setting that varies: over values, or over a span."""

    name: str
    values: Sequence[Data] | None
    low: Data
    high: Data


@dataclass(frozen=True, slots=True)
class Design:
    """Which settings are tried and how often; every combination, or that many random ones."""

    varied: Sequence[Varied]
    conditions: int | None
    runs: int
    paired: bool


async def start(context: Context, asked: Asked, design: Design) -> StoredRun:
    context.require(Domain.SANDBOX, "CREATE")
    owner = context.me
    scenario = await usable(context, asked)
    plan = await asyncio.to_thread(_designed, scenario, design)
    return await processes(context).start_sweep(owner, plan)


async def start_ablation(context: Context, asked: Asked, runs: int, worlds: int) -> StoredRun:
    context.require(Domain.SANDBOX, "CREATE")
    owner = context.me
    plan = await asyncio.to_thread(ablating, await usable(context, asked), runs, worlds)
    return await processes(context).start_sweep(owner, plan)


async def cancel(context: Context, sweep_id: str) -> StoredRun:
    context.require(Domain.SANDBOX, "UPDATE")
    await processes(context).cancel(await _mine(context, sweep_id))
    return await _mine(context, sweep_id)


async def sweep(context: Context, sweep_id: str) -> StoredRun:
    context.require(Domain.SANDBOX, "READ")
    return await _mine(context, sweep_id)


async def sweeps(context: Context, first: int | None, after: str | None) -> Page[StoredRun]:
    context.require(Domain.SANDBOX, "READ")
    size = page_size(first, context.services.limits.page)
    return await context.services.store.runs.runs(context.me, RunKind.SWEEP, size, decode(after))


def progress(context: Context, sweep_id: str, after: int | None) -> AsyncGenerator[StoredRun, None]:
    return watched(context, lambda: _mine(context, sweep_id), after)


async def plan_of_sweep(stored: StoredRun) -> Plan:
    """In a thread: its scenario may be of hundreds of agents."""
    return await asyncio.to_thread(plan_of, stored.header)


async def rows(context: Context, stored: StoredRun, first: int | None, after: int | None) -> list[tuple[int, Row]]:
    """Each with its number."""
    found = await results(context, stored.id, first, after)
    return [(each.number, orjson.loads(each.text)) for each in found]


async def outcomes(
    context: Context, stored: StoredRun, figures: Sequence[str] | None, baseline: int
) -> list[Outcome] | None:
    """The usual figures where none are asked for; None until the sweep is complete."""
    if stored.state is not RunState.COMPLETE:
        return None
    runs = await _runs(context, stored)
    asked = list(dict.fromkeys(usual(set(runs[0].figures[0])) if figures is None else figures))
    if len(asked) * len(runs) > MOST_OUTCOMES:
        raise InvalidArgument("figures", f"at most {MOST_OUTCOMES // len(runs)} of so many conditions", len(asked))
    check_comparison(runs, asked, baseline)
    return await asyncio.to_thread(compared, runs, asked, baseline)


async def found_by_ablation(context: Context, stored: StoredRun) -> tuple[Finding, ...] | None:
    """None for another sweep, and until it is complete."""
    plan = await plan_of_sweep(stored)
    if stored.state is not RunState.COMPLETE or plan.worlds is None:
        return None
    runs = await _runs(context, stored)
    return await asyncio.to_thread(findings, plan.scenario, WORLDS[: plan.worlds], runs)


async def _runs(context: Context, stored: StoredRun) -> list[Runs]:
    """By condition."""
    found = await every_result(context, stored)
    return await asyncio.to_thread(
        lambda: runs_of(plan_of(stored.header).labels, (orjson.loads(each.text) for each in found))
    )


def _designed(scenario: Scenario, design: Design) -> Plan:
    axes: dict[str, Axis] = {}
    for each in design.varied:
        if each.name in axes:
            raise InvalidArgument("vary", "each name once", each.name)
        axes[each.name] = axis(each.values, each.low, each.high)
    return designed(scenario, axes, design.conditions, design.runs, design.paired)


async def _mine(context: Context, sweep_id: str) -> StoredRun:
    found = await owned(context, sweep_id, RunKind.SWEEP)
    if found is None:
        raise UnknownSweep(sweep_id)
    return found
