"""What happened to the shared record of a person, all of it."""

from domain.people.interaction import PersonId
from graphdb.people import TrailEntry
from resolvers.context import Observing

AT_ONCE = 1_000
"""Events that are read together."""


async def whole_trail(services: Observing, person: PersonId) -> list[TrailEntry]:
    """Oldest first; of a merged person up to the merge."""
    entries: list[TrailEntry] = []
    after: str | None = None
    while True:
        page = await services.store.people.trail(person, AT_ONCE, after)
        entries += page.items
        if not page.more:
            return entries
        after = page.cursors[-1]
