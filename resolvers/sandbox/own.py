"""Runs and sweeps belong to the agent that started them: finding one's own, and following how it stands."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing

from domain.capabilities import Domain
from graphdb.runs import OPEN, RunKind, StoredRun
from resolvers.context import Context, Sandbox
from resolvers.errors import InvalidCursor
from resolvers.streams import guarded


async def owned(context: Context, run_id: str, kind: RunKind) -> StoredRun | None:
    """None too where it is another agent's, or of another kind."""
    found = await context.services.store.runs.run(run_id)
    return found if found is not None and (found.owner, found.kind) == (context.me, kind) else None


async def watched(
    context: Context, look: Callable[[], Awaitable[StoredRun]], after: int | None
) -> AsyncGenerator[StoredRun, None]:
    """How it stands, now and whenever that changes; after a number only once more is over. Ends when all is."""
    require_watch(context)
    known = None if after is None else place(after)
    await look()
    async with aclosing(guarded(context, _changes(context, look, known), lambda: require_watch(context))) as checked:
        async for each in checked:
            yield each


async def _changes(
    context: Context, look: Callable[[], Awaitable[StoredRun]], known: int | None
) -> AsyncIterator[StoredRun]:
    """`known` is the last epoch or row that whoever asks has."""
    bus, told = context.services.bus, None
    while True:
        generation = bus.generation
        found = await look()
        over = found.state not in OPEN
        if found != told and (over or known is None or found.settled - 1 > known):
            yield found
            told = found
        if over:
            return
        await bus.grown(generation)


def require_watch(context: Context) -> None:
    context.require(Domain.SANDBOX, "SUBSCRIBE")


def place(after: int | None) -> int:
    """The number after which to go on, -1 for the start; raises `InvalidCursor`."""
    if after is not None and after < 0:
        raise InvalidCursor("after", "the number of an epoch or a row", after)
    return -1 if after is None else after


def processes(context: Context) -> Sandbox:
    assert context.services.sandbox is not None
    return context.services.sandbox
