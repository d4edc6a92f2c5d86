"""A killed server loses no acknowledged statement and shows none that was not committed (property 6)."""

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.audit import Audited, audit
from tests.faults.process import ServerProcess, serving, spawn
from tests.faults.stores import Database, database
from tests.faults.watcher import Watcher
from tests.faults.world import World, found

SETTINGS = {"settle_interval": 1}
AFTER_ANSWERS = {"sqlite": (20, 250), "neo4j": (10, 40)}
RECOVERED = 15
ROUNDS = 10
SEED = 20_260


@dataclass
class Figures:
    """What a run of kills came to."""

    kills: int = 0
    database_kills: int = 0
    kills_while_starting: int = 0
    in_flight: int = 0
    repeats_accepted: int = 0
    acknowledged: int = 0
    refused: int = 0
    entries: int = 0
    began: float = field(default_factory=time.monotonic)

    def __str__(self) -> str:
        parts = [f"{name.replace('_', ' ')}: {value}" for name, value in vars(self).items() if name != "began"]
        return ", ".join(parts) + f"; 0 lost, 0 phantoms, {time.monotonic() - self.began:.0f} s"


@dataclass
class Run:
    """One data folder through many servers."""

    data: Path
    kind: str
    database: Database
    chance: random.Random
    figures: Figures = field(default_factory=Figures)
    watchers: list[Watcher] = field(default_factory=list)
    world: World | None = None

    async def rounds(self, count: int) -> Figures:
        for number in range(count):
            async with serving(self.data, **SETTINGS, **self.database.settings) as server:
                world = await self._recovered(server)
                await self._load_and_kill(server, world, database_too=number % 2 == 1)
            await self._kill_while_starting()
        async with serving(self.data, **SETTINGS, **self.database.settings) as server:
            await self._finish(server, await self._recovered(server))
        return self.figures

    async def _recovered(self, server: ServerProcess) -> World:
        """The world as it came out of the last kill: sound at once, and again when what was in flight is repeated."""
        if self.world is None:
            self.world = await found(server.connect, self.chance.randrange(1 << 30))
            token = self.world.fleet.actors[0].token
            self.watchers = [Watcher(uri, token) for uri in self.world.organisms]
            return self.world
        await self._audited(server, self.world)
        await self.world.unlock(server.connect)
        pending = self.world.fleet.ledger.pending()
        await self.world.fleet.settle(server.connect)
        self.figures.in_flight += len(pending)
        self.figures.repeats_accepted += sum(each.outcome == "accepted" for each in pending)
        await self._audited(server, self.world)
        return self.world

    async def _audited(self, server: ServerProcess, world: World) -> list[Audited]:
        async with server.connect() as opened:
            return [await audit(opened, uri, world.fleet.ledger) for uri in world.organisms]

    async def _load_and_kill(self, server: ServerProcess, world: World, *, database_too: bool) -> None:
        watching = asyncio.gather(*(each.watch(server) for each in self.watchers))
        load = asyncio.ensure_future(world.fleet.run(server.connect))
        await world.fleet.answers(self.chance.randint(*AFTER_ANSWERS[self.kind]), load)
        if database_too and self.database.neo4j is not None:
            await self.database.crash()
            self.figures.database_kills += 1
            await world.fleet.acceptances(RECOVERED, load)
        await server.kill()
        self.figures.kills += 1
        await asyncio.gather(load, watching)
        assert not server.unexpected(), server.unexpected()

    async def _kill_while_starting(self) -> None:
        """Now and then a server dies before it listens, in the middle of opening what the last one left."""
        if self.chance.random() < 0.6:
            return
        starting = await spawn(self.data, **SETTINGS, **self.database.settings)
        with suppress(TimeoutError):
            await asyncio.wait_for(starting.process.wait(), self.chance.uniform(0.3, 2.0))
        assert starting.running, "it ended by itself"
        await starting.kill()
        self.figures.kills_while_starting += 1

    async def _finish(self, server: ServerProcess, world: World) -> None:
        for watcher, audited in zip(self.watchers, await self._audited(server, world), strict=True):
            await watcher.watch(server, until=audited.counted.size)
            assert watcher.seen == audited.texts
            self.figures.entries += audited.counted.size
        ledger = world.fleet.ledger
        self.figures.acknowledged = ledger.count("accepted")
        self.figures.refused = len(ledger.requests) - self.figures.acknowledged


async def _rounds(folder: Path, kind: str, count: int, seed: int) -> Figures:
    with database(kind) as under_test:
        return await Run(folder, kind, under_test, random.Random(seed)).rounds(count)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("kind", "count"), [("sqlite", 5), ("neo4j", 2)])
async def test_a_killed_server_loses_nothing_and_invents_nothing(tmp_path: Path, kind: str, count: int) -> None:
    figures = await _rounds(tmp_path, kind, count, SEED)

    assert figures.kills == count
    assert figures.acknowledged > 50
    assert figures.in_flight > 0
    assert figures.database_kills == (count // 2 if kind == "neo4j" else 0)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("kind", "count"), [("sqlite", 50), ("neo4j", 10)])
async def test_many_kills_lose_nothing_and_invent_nothing(tmp_path: Path, kind: str, count: int) -> None:
    for part in range(count // ROUNDS):
        folder = tmp_path / str(part)
        folder.mkdir()
        figures = await _rounds(folder, kind, ROUNDS, SEED + part)

        print(f"\n{kind}, part {part + 1} of {count // ROUNDS}: {figures}")
        assert figures.kills == ROUNDS
