"""Finding out whose relationship has changed, and logging it: by what was recorded, or by time alone."""

import asyncio
from collections.abc import Sequence

from domain.alliance.policy import DEFAULT
from domain.identity import Did
from graphdb.alliances import Regard, Settlement
from resolvers.alliance.reading import caught_up
from resolvers.alliance.standings import Held
from resolvers.context import Observing

TOGETHER = 200
"""People whose histories are read at once."""


async def settle(services: Observing, observer: Did) -> int | None:
    """Looks at everybody whose relationship may have changed since it was last found.

    Answers with the next time (ms) at which one may change without anything new; None for never.
    """
    now, writes = services.clock(), services.standings.writes
    stances = await services.store.alliances.circle(observer)
    changing = [each for each in stances if not each.settled(DEFAULT, now)]
    times = [each.regard.valid_until for each in stances if each.regard is not None and each.settled(DEFAULT, now)]
    for start in range(0, len(changing), TOGETHER):
        held = await caught_up(services, observer, changing[start : start + TOGETHER], writes)
        found = await asyncio.to_thread(_settlements, held, now)
        await services.store.alliances.settle(observer, found)
        times += [each.after.valid_until for each in found]
    return min((time for time in times if time is not None), default=None)


def _settlements(held: Sequence[Held], now: int) -> list[Settlement]:
    return [_settlement(each, now) for each in held]


def _settlement(held: Held, now: int) -> Settlement:
    stance, found = held.stance, held.assess(DEFAULT, now)
    after = Regard(found.relationship, found.tally.score, now, found.valid_until, stance.basis(DEFAULT))
    return Settlement(stance.person, stance.regard, after)
