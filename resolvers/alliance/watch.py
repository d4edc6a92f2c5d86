"""What the subscription of the alliance section delivers: the observer's log of relationships, without a gap.

A change is logged when it is found: at once where somebody follows, else by the daily round, or when they come back.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress

from domain.identity import Did
from graphdb.alliances import RelationshipChange
from resolvers.alliance.settle import settle
from resolvers.alliance.subject import observer_of
from resolvers.context import Context, Services
from resolvers.paging import event_position
from resolvers.streams import guarded
from subscriptions.follow import PAGE

REST = 0.1
"""Seconds between two looks: what is recorded meanwhile is looked at together."""

LONGEST_WAIT = 60.0
"""Seconds after which everybody is looked at, also where nothing called for it: other processes write too."""


async def relationship_changes(
    context: Context, after: str | None, subject: str | None
) -> AsyncGenerator[RelationshipChange, None]:
    """Every change that the observer's log keeps, from just after `after` on."""
    services, wanted = context.services, subject or "*"
    observer = observer_of(context, "READ", wanted)
    newest = await services.store.alliances.position()
    if after is None:
        await settle(services, observer)
        newest = await services.store.alliances.position()
    changes = _follow(services, observer, event_position(after, newest))
    async with aclosing(guarded(context, changes, lambda: _check(context, wanted))) as checked:
        async for change in checked:
            if subject in (None, change.person):
                yield change


def _check(context: Context, subject: str) -> None:
    observer_of(context, "READ", subject)


async def _follow(services: Services, observer: Did, position: int) -> AsyncIterator[RelationshipChange]:
    while True:
        generation = services.standings.bus.generation
        due = await settle(services, observer)
        while page := await services.store.alliances.relationship_changes(observer, position, PAGE):
            for change in page:
                yield change
                position = change.position
        await asyncio.sleep(REST)
        await _news(services, generation, due)


async def _news(services: Services, generation: int, due: int | None) -> None:
    """Until something is written, or time alone may have changed something."""
    wait = LONGEST_WAIT if due is None else min(LONGEST_WAIT, max(0.0, (due - services.clock()) / 1_000))
    with suppress(TimeoutError):
        await asyncio.wait_for(services.standings.bus.grown(generation), wait)
