"""The daily round over all observers: what time alone has changed is projected anew, and the day's scores are kept.

Everything in it may run again at any time: the first snapshot of a person and date stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.identity import Did
from domain.people.constants import DAY
from domain.people.history import Snapshot, snapshot
from domain.people.interaction import PersonId
from graphdb.interactions import Moment
from resolvers.alliance.settle import settle
from resolvers.context import Observing
from resolvers.people.known import among_known, moment
from resolvers.people.record import told
from resolvers.people.trust import assess

PAGE = 100


@dataclass(frozen=True, slots=True)
class Round:
    """What a round came to: observers looked at, people, new snapshots, and scores that had lapsed."""

    observers: int
    people: int
    snapshots: int
    lapsed: int


async def maintain(services: Observing) -> Round:
    """The whole round, whatever was done already."""
    done = Round(0, 0, 0, 0)
    for observer in await services.store.interactions.observers():
        lapsed = await refresh(services, moment(services, observer), observer)
        people, new = await _remember(services, observer)
        await settle(services, observer)
        done = Round(done.observers + 1, done.people + people, done.snapshots + new, done.lapsed + lapsed)
    return done


async def refresh(services: Observing, now: Moment, observer: Did) -> int:
    """Projects anew what is no longer true; how much that was."""
    lapsed = 0
    while True:
        changes = await services.store.interactions.refresh(observer, now)
        told(services, changes)
        if not changes:
            return lapsed
        lapsed += len(changes)


async def refresh_due(services: Observing) -> None:
    """What the timer does: tiers that time alone has changed are told to those who follow them.

    It wakes them in any case, for another process may have done the round.
    """
    for observer in await services.store.interactions.due_of_all_observers(services.clock()):
        await refresh(services, moment(services, observer), observer)
    services.bus.wake()


async def _remember(services: Observing, observer: Did) -> tuple[int, int]:
    people, new, after = 0, 0, None
    while True:
        page = await services.store.interactions.trusted(observer, PAGE, after)
        taken = await _snapshots(services, observer, [each.person for each in page.items])
        people, new = people + len(taken), new + await services.store.people.remember(observer, taken)
        if not page.more:
            return people, new
        after = page.cursors[-1]


async def _snapshots(services: Observing, observer: Did, people: Sequence[PersonId]) -> list[tuple[PersonId, Snapshot]]:
    if not people:
        return []
    records = await services.store.people.persons(people)
    found = [each for each in await among_known(services, observer, records) if each is not None]
    return [(each.person.id, snapshot(await assess(services, observer, each.person, each.grounds))) for each in found]


class Daily:
    """The round on a schedule: once a UTC date in this process, and harmless where another process did it too."""

    def __init__(self, services: Observing) -> None:
        self._services = services
        self._done: int | None = None

    async def __call__(self) -> None:
        date = self._services.clock() // DAY
        if date != self._done:
            await maintain(self._services)
            self._done = date
