"""What the fields of the sandbox section do. A run belongs to the agent of the token, and nobody else sees it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache

import orjson

from domain.capabilities import Domain
from domain.organisms.errors import InvalidDna
from domain.sandbox.cost import Cost, cost
from domain.sandbox.errors import InvalidScenario
from domain.sandbox.eventlog.header import Branch, Fields, Header, header_of
from domain.sandbox.eventlog.reading import read_metrics
from domain.sandbox.figures import Figures, run_figures
from domain.sandbox.reading import changed, read_scenario
from domain.sandbox.scenario import Scenario
from domain.sandbox.study.comparing import Outcome, Runs, compared, conditions_of
from domain.sandbox.yaml_text import Data
from graphdb.page import Page
from graphdb.runs import OPEN, RunKind, RunState, StoredResult, StoredRun
from resolvers.context import Context
from resolvers.errors import InvalidArgument, InvalidCursor, UnknownRun, UnknownScenario
from resolvers.paging import decode, page_size
from resolvers.sandbox.own import owned, place, processes, require_watch, watched
from resolvers.sandbox.seats import AskedSeat, seating
from resolvers.streams import guarded

PAGE = 100
MOST_COMPARED = 100
"""Runs, and figures, of one comparison."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """A scenario that comes with Chorus."""

    yaml: str
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Checked:
    """A scenario, or what is wrong with it."""

    scenario: Scenario | None
    problem: InvalidScenario | None
    cost: Cost | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What to run: a scenario by name or as YAML, with other values at dotted paths."""

    name: str | None
    yaml: str | None
    changes: Mapping[str, Data]
    seed: str | None


def scenarios(context: Context) -> list[Shipped]:
    """Anybody may read them: they come with the source."""
    return [_shipped(text) for text in processes(context).shipped.values()]


def scenario(context: Context, name: str) -> Shipped:
    text = processes(context).shipped.get(name)
    if text is None:
        raise UnknownScenario(name)
    return _shipped(text)


@cache
def _shipped(text: str) -> Shipped:
    """Read once: whoever asks for all of them, and need not sign in, would keep the event loop for long."""
    return Shipped(text, read_scenario(text))


async def check(context: Context, asked: Asked) -> Checked:
    """Reading a scenario takes a while, and nothing of it waits."""
    context.require(Domain.SANDBOX, "READ")
    try:
        found = await usable(context, asked)
    except InvalidScenario as exc:
        return Checked(None, exc, None)
    return Checked(found, None, cost(found, logged=True))


async def start(
    context: Context, asked: Asked, seats: Sequence[AskedSeat] = (), seat_seconds: float | None = None
) -> StoredRun:
    context.require(Domain.SANDBOX, "CREATE")
    owner = context.me
    found = await usable(context, asked)
    return await processes(context).start(owner, Header(found, seating=seating(context, seats, seat_seconds)))


async def what_if(context: Context, run_id: str, epoch: int, changes: Mapping[str, Data]) -> StoredRun:
    """A new run with the same seed that follows other rules from an epoch on."""
    context.require(Domain.SANDBOX, "CREATE")
    header = await _header(await _mine(context, run_id))
    if header.branch is not None:
        raise InvalidArgument("run", "a run that is no what-if itself", run_id)
    if header.seating is not None:
        raise InvalidArgument("run", "a run without seats", run_id)
    await _check_membrane(context, await asyncio.to_thread(changed, header.scenario, changes))
    return await processes(context).start(context.me, Header(header.scenario, Branch(epoch, dict(changes))))


async def cancel(context: Context, run_id: str) -> StoredRun:
    context.require(Domain.SANDBOX, "UPDATE")
    await processes(context).cancel(await _mine(context, run_id))
    return await _mine(context, run_id)


async def run(context: Context, run_id: str) -> StoredRun:
    context.require(Domain.SANDBOX, "READ")
    return await _mine(context, run_id)


async def runs(context: Context, first: int | None, after: str | None) -> Page[StoredRun]:
    context.require(Domain.SANDBOX, "READ")
    size = page_size(first, context.services.limits.page)
    return await context.services.store.runs.runs(context.me, RunKind.RUN, size, decode(after))


async def events(context: Context, run_id: str, first: int | None, after: int | None) -> list[tuple[int, Fields]]:
    """Lines of the event log, from just after a line."""
    context.require(Domain.SANDBOX, "READ")
    size = page_size(first, context.services.limits.page)
    if after is not None and after < 0:
        raise InvalidCursor("after", "the number of a line", after)
    found = await processes(context).events(await _mine(context, run_id), after or 0, size)
    return [(number, orjson.loads(text)) for number, text in found]


async def compare(context: Context, run_ids: Sequence[str], figures: Sequence[str], baseline: int) -> list[Outcome]:
    """My runs by what their scenarios differ in, whatever the seed. Every run has to be complete."""
    context.require(Domain.SANDBOX, "READ")
    if not 0 < len(run_ids) <= MOST_COMPARED or not 0 < len(figures) <= MOST_COMPARED:
        raise InvalidArgument("runs and figures", f"1 to {MOST_COMPARED} of each", len(run_ids))
    runs_ = [await _complete(context, run_id) for run_id in dict.fromkeys(run_ids)]
    conditions = conditions_of(runs_)
    check_comparison(conditions, figures, baseline)
    return await asyncio.to_thread(compared, conditions, figures, baseline)


def check_comparison(conditions: Sequence[Runs], figures: Sequence[str], baseline: int) -> None:
    """Raises `InvalidArgument` for a figure or a condition that is not there."""
    if not 0 <= baseline < len(conditions):
        raise InvalidArgument("baseline", f"0 to {len(conditions) - 1}", baseline)
    known = {name for runs_of in conditions for row in runs_of.figures for name in row}
    for name in figures:
        if name not in known:
            raise InvalidArgument("figures", "figures of these runs", name)


async def _complete(context: Context, run_id: str) -> tuple[Header, Figures]:
    stored = await _mine(context, run_id)
    if stored.state is not RunState.COMPLETE:
        raise InvalidArgument("runs", "complete runs", run_id)
    header, found = await _header(stored), await every_result(context, stored)
    return header, await asyncio.to_thread(_figures, header, found)


def _figures(header: Header, found: Sequence[StoredResult]) -> Figures:
    return run_figures([read_metrics(header, orjson.loads(each.text)) for each in found])


async def every_result(context: Context, stored: StoredRun) -> list[StoredResult]:
    found: list[StoredResult] = []
    while page := await context.services.store.runs.results(stored.id, len(found) - 1, PAGE):
        found += page
    return found


async def results(context: Context, run_id: str, first: int | None, after: int | None) -> tuple[StoredResult, ...]:
    """Of a run or sweep that was shown to be the agent's."""
    size = page_size(first, context.services.limits.page)
    return await context.services.store.runs.results(run_id, place(after), size)


async def epochs(context: Context, run_id: str, after: int | None) -> AsyncGenerator[StoredResult, None]:
    """Those after the number given, then whatever comes; ends when the run is over."""
    require_watch(context)
    await _mine(context, run_id)
    found = _follow_epochs(context, run_id, place(after))
    async with aclosing(guarded(context, found, lambda: require_watch(context))) as checked:
        async for epoch in checked:
            yield epoch


def progress(context: Context, run_id: str, after: int | None) -> AsyncGenerator[StoredRun, None]:
    return watched(context, lambda: _mine(context, run_id), after)


async def scenario_of_run(stored: StoredRun) -> Scenario:
    return (await _header(stored)).scenario


async def _header(stored: StoredRun) -> Header:
    """In a thread: it may be of hundreds of agents, and a page has a hundred runs."""
    return await asyncio.to_thread(lambda: header_of(orjson.loads(stored.header)))


async def _follow_epochs(context: Context, run_id: str, place: int) -> AsyncIterator[StoredResult]:
    runs_, bus = context.services.store.runs, context.services.bus
    while True:
        generation = bus.generation
        over = (await _mine(context, run_id)).state not in OPEN
        page = await runs_.results(run_id, place, PAGE)
        for epoch in page:
            yield epoch
            place = epoch.number
        if len(page) == PAGE:
            continue
        if over:
            return
        await bus.grown(generation)


async def _mine(context: Context, run_id: str) -> StoredRun:
    found = await owned(context, run_id, RunKind.RUN)
    if found is None:
        raise UnknownRun(run_id)
    return found


async def usable(context: Context, asked: Asked) -> Scenario:
    """As `read`, and its membrane is Social DNA that the engine takes: else a run would begin only to fail."""
    found = await asyncio.to_thread(read, context, asked)
    await _check_membrane(context, found)
    return found


async def _check_membrane(context: Context, scenario_: Scenario) -> None:
    program = scenario_.governance.membrane.program
    if program:
        context.allow()
        try:
            await context.services.engine.compile(program)
        except InvalidDna as exc:
            raise InvalidScenario("governance.membrane.program", exc.message) from exc


def read(context: Context, asked: Asked) -> Scenario:
    if (asked.name is None) == (asked.yaml is None):
        raise InvalidArgument("scenario", "either a scenario or yaml", asked.name or "")
    found = scenario(context, asked.name).scenario if asked.name is not None else read_scenario(asked.yaml or "")
    changes = dict(asked.changes)
    if asked.seed is not None:
        changes["simulation.seed"] = seed_of(asked.seed)
    return changed(found, changes) if changes else found


def seed_of(text: str) -> int:
    """Raises `InvalidArgument`; one that is too large is the scenario's to refuse."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 20:
        raise InvalidArgument("seed", "a whole number from 0 to 2^64 - 1, in decimal", text)
    return int(text)
