"""What the subscription of the people section delivers: the observer's log of tiers, without a gap."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from graphdb.interactions import TierChange
from resolvers.context import Context
from resolvers.paging import event_position
from resolvers.people.known import observer_of
from resolvers.streams import guarded
from subscriptions.follow import follow


async def tier_changes(context: Context, after: str | None, person: str | None) -> AsyncGenerator[TierChange, None]:
    """Every change of tier that the observer's log keeps, from just after `after` on."""
    observer = observer_of(context, "READ", person or "*")
    interactions = context.services.store.interactions
    position = event_position(after, await interactions.tier_position(observer))

    async def read(position: int, count: int) -> Sequence[TierChange]:
        return await interactions.tier_changes(observer, position, count)

    changes = follow(read, context.services.bus, position)
    async with aclosing(guarded(context, changes, lambda: _check(context, person))) as checked:
        async for change in checked:
            if person in (None, change.person):
                yield change


def _check(context: Context, person: str | None) -> None:
    observer_of(context, "READ", person or "*")
