"""Coherence under concurrent verdicts, joins and leaves, with faults at the writes (properties 2, 4 and 8)."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from tests.faults import documents
from tests.faults.actor import Actor, View
from tests.faults.audit import Audited, audit
from tests.faults.faulty import Inside, inside
from tests.faults.line import Json
from tests.faults.observed import Observation, Observer, unexplained
from tests.faults.world import World, found

ACTS = {"sqlite": 12, "neo4j": 4}
HANDS = 2
CASES = [("sqlite", 1, 2), ("sqlite", 2, 5), ("sqlite", 3, 0), ("neo4j", 2, 5)]
"""Stores, seeds, and every how many-th commit fails: in turn before it is written, and after."""


async def _acts(here: Inside, world: World, actor: Actor, observers: dict[str, Observer], count: int) -> None:
    """Random acts, each repeated until its outcome is known; what an answer says of coherence is noted."""
    async with here.connect(actor.token) as direct:
        for _ in range(count):
            sent = world.fleet.random_act(actor)
            while sent.outcome is None:
                before = await here.size(sent.organism)
                await world.fleet.send(direct, sent)
            if sent.outcome == "accepted" and sent.query in {documents.SPEAK, documents.CONCUR, documents.REJECT}:
                ((_, expression),) = sent.answer.items()
                await observers[sent.organism].notes(before, [expression])


async def _reads(here: Inside, view: View, observer: Observer, acting: "asyncio.Future[Any]") -> None:
    """One by one, and whole pages, as long as somebody acts."""
    chance = random.Random(view.uri)
    async with here.connect("") as direct:
        while not acting.done():
            before = await here.size(view.uri)
            kind = chance.random() if view.expressions else 1
            if kind < 0.5:
                url = chance.choice(view.expressions)["url"]
                told = (await direct.ask(documents.COHERENCE, {"u": view.uri, "l": url}))["soCoherence"]
                await observer.notes(before, [{"url": url, "coherence": told}])
            elif kind < 0.8:
                url = chance.choice(view.expressions)["url"]
                signatures = (await direct.ask(documents.SIGNATURES, {"u": view.uri, "l": url}))["soSignatures"]
                await observer.notes_signatures(before, url, signatures)
            else:
                page = (await direct.ask(documents.EXPRESSIONS, {"u": view.uri}))["soExpressions"]
                await observer.notes(before, [edge["node"] for edge in page["edges"]])


async def _history(here: Inside, seed: int, every: int, count: int) -> tuple[World, list[Observation]]:
    world = await found(here.connect, seed)
    observations: list[Observation] = []
    observers = {uri: Observer(here, uri, observations) for uri in world.organisms}
    here.faults.every = every
    hands = world.fleet.actors * HANDS
    acting = asyncio.ensure_future(asyncio.gather(*(_acts(here, world, actor, observers, count) for actor in hands)))
    reading = [_reads(here, view, observers[view.uri], acting) for view in world.fleet.views.values()]
    await asyncio.gather(acting, *reading)
    here.faults.every = 0
    await here.quiet()
    return world, observations


async def _audited(here: Inside, world: World) -> list[Audited]:
    async with here.connect("") as direct:
        return [await audit(direct, uri, world.fleet.ledger) for uri in world.organisms]


@pytest.mark.parametrize(("on_store", "seed", "every"), CASES, indirect=["on_store"])
async def test_every_answered_coherence_is_that_of_the_log_between_question_and_answer(
    tmp_path: Path,
    on_store: dict[str, Any],  # Any: keyword arguments of Settings
    seed: int,
    every: int,
) -> None:
    async with inside(tmp_path, on_store) as here:
        world, observations = await _history(here, seed, every, ACTS["neo4j" if on_store else "sqlite"])

        logs = {each.uri: each.texts for each in await _audited(here, world)}

        wrong: list[Json] = []
        for uri, texts in logs.items():
            wrong += unexplained((each for each in observations if each.uri == uri), texts)
        assert not wrong
        assert len(observations) > 100
        assert not every or min(here.faults.before, here.faults.after) > 1
