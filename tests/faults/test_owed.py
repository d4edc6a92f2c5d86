"""Automatic concurrences that a failing store cut short: each is given in the end."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from resolvers.so.automatic import catch_up_owed
from tests.faults.actor import Actor, View
from tests.faults.audit import audit
from tests.faults.faulty import Inside, inside
from tests.faults.world import World, found

SPOKEN = {"sqlite": 6, "neo4j": 3}
AWAITED = "query { soPending { verdicts { totalCount } } }"


async def _speak(here: Inside, world: World, view: View, actor: Actor, count: int) -> None:
    async with here.connect(actor.token) as direct:
        for _ in range(count):
            sent = actor.speak(view)
            while sent.outcome is None:
                await world.fleet.send(direct, sent)


async def _awaited(here: Inside, actors: Iterable[Actor]) -> list[int]:
    counts = []
    for actor in actors:
        async with here.connect(actor.token) as direct:
            counts.append((await direct.ask(AWAITED))["soPending"]["verdicts"]["totalCount"])
    return counts


@pytest.mark.parametrize(("every", "one_read_in"), [(2, 0), (3, 7), (0, 4)])
async def test_none_is_forgotten(
    tmp_path: Path,
    on_store: dict[str, Any],  # Any: keyword arguments of Settings
    every: int,
    one_read_in: int,
) -> None:
    async with inside(tmp_path, on_store) as here:
        world = await found(here.connect, seed=6)
        view, count = next(iter(world.fleet.views.values())), SPOKEN["neo4j" if on_store else "sqlite"]
        here.faults.every, here.faults.one_read_in = every, one_read_in
        await asyncio.gather(*(_speak(here, world, view, actor, count) for actor in world.fleet.actors))
        await here.quiet()
        await catch_up_owed(here.services)
        here.faults.every = here.faults.one_read_in = 0

        await catch_up_owed(here.services)

        assert await _awaited(here, world.hosted) == [0, 0]
        assert not here.services.owed
        async with here.connect() as direct:
            await audit(direct, view.uri, world.fleet.ledger)
