"""Who plays an agent of a run: the holder of its seat, and nobody else.

A run is its owner's; a holder who is not sees nothing of it but what the own seats see. Whoever is neither learns not
even that the run exists.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import orjson

from domain.capabilities import Domain
from domain.sandbox.seats.action import Action
from domain.sandbox.seats.seating import TIME_OUT, Seat, Seating, seating_of
from graphdb.runs import OPEN, RunKind, StoredRun
from resolvers.context import Context, OpenTurn
from resolvers.errors import NotYourSeat, UnknownRun, UnknownSeat
from resolvers.sandbox.own import processes, require_watch
from resolvers.streams import guarded

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class AskedSeat:
    """An agent to be played; by whoever starts the run where `holder` is None."""

    agent: str
    holder: str | None


def seating(context: Context, seats: Sequence[AskedSeat], seconds: float | None) -> Seating | None:
    """For a new run; None where nobody is to be played. Its masks cannot be guessed."""
    if not seats:
        return None
    held = tuple(Seat(each.agent, context.me if each.holder is None else each.holder) for each in seats)
    return Seating(held, context.services.random(SALT_BYTES).hex(), TIME_OUT if seconds is None else seconds)


def seating_of_run(run: StoredRun) -> Seating | None:
    return seating_of(orjson.loads(run.header).get("seating"))


async def observe(context: Context, run_id: str, agent: str) -> AsyncGenerator[OpenTurn, None]:
    """Every turn that the seat is waited for, the present one first; ends with the run."""
    require_watch(context)
    await _held(context, run_id, agent)
    found = _follow(context, run_id, agent)
    async with aclosing(guarded(context, found, lambda: require_watch(context))) as checked:
        async for asked in checked:
            yield asked


async def act(context: Context, run_id: str, agent: str, turn: int, action: Action) -> None:
    """Raises `NotYourTurn`, `AlreadyActed` or `ImpossibleAction`."""
    context.require(Domain.SANDBOX, "UPDATE")
    await _held(context, run_id, agent)
    processes(context).seats.act(run_id, agent, turn, action)


async def _follow(context: Context, run_id: str, agent: str) -> AsyncIterator[OpenTurn]:
    bus, told = context.services.bus, -1
    while True:
        generation = bus.generation
        run = await _held(context, run_id, agent)
        asked = processes(context).seats.asked(run_id, agent)
        if asked is not None and asked.seen.turn > told:
            yield asked
            told = asked.seen.turn
        if run.state not in OPEN:
            return
        await bus.grown(generation)


async def _held(context: Context, run_id: str, agent: str) -> StoredRun:
    """The run, if the agent of the token plays this agent of it."""
    run = await _known(context, run_id)
    there = seating_of_run(run)
    holder = None if there is None else there.holder(agent)
    if holder is None:
        raise UnknownSeat(agent)
    if holder != context.me:
        raise NotYourSeat(agent)
    return run


async def _known(context: Context, run_id: str) -> StoredRun:
    """A run that is the agent's own, or in which it has a seat."""
    run = await context.services.store.runs.run(run_id)
    if run is not None and run.kind is RunKind.RUN:
        there = seating_of_run(run)
        if run.owner == context.me or (there is not None and there.held_by(context.me)):
            return run
    raise UnknownRun(run_id)
