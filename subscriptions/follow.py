"""Following the log: from a place on without a gap, a duplicate or a change of order, then live.

A stream holds one page of entries at most and reads the next one only when its subscriber has
taken the last: a slow subscriber costs nothing but its place in the log.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from subscriptions.bus import Bus

PAGE = 100


class Placed(Protocol):
    """Anything with a place in the log."""

    @property
    def position(self) -> int: ...


Entry = TypeVar("Entry", bound=Placed)


async def follow(
    read: Callable[[int, int], Awaitable[Sequence[Entry]]], bus: Bus, position: int
) -> AsyncIterator[Entry]:
    """What `read(position, count)` gives after `position`, and then whatever the log grows by."""
    while True:
        generation = bus.generation
        page = await read(position, PAGE)
        for entry in page:
            yield entry
            position = entry.position
        if len(page) < PAGE:
            await bus.grown(generation)
