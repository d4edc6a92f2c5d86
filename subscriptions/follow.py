"""Following the log: from a cursor on without a gap, a duplicate or a change of order, then live.

A stream holds one page of entries at most and reads the next one only when its subscriber has
taken the last: a slow subscriber costs nothing but its place in the log.
"""

from collections.abc import AsyncIterator

from domain.identity import Did
from graphdb.store import Entry, Organisms
from subscriptions.bus import Bus

PAGE = 100


async def follow(
    organisms: Organisms, bus: Bus, position: int, *, uri: str | None = None, member: Did | None = None
) -> AsyncIterator[Entry]:
    """Entries after `position` of one organism, or of all that `member` belongs to while it does."""
    while True:
        generation = bus.generation
        page = await organisms.entries_since(position, PAGE, uri=uri, member=member)
        for entry in page:
            yield entry
            position = entry.position
        if len(page) < PAGE:
            await bus.grown(generation)
