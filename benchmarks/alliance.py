"""Classifying people in a history of 100,000 interactions with 500 people, on the embedded store.

Beside each figure the same question asked as the original module does it, in the same run: one list of all
interactions, scanned for every person. Median of 5 runs.
Run: python -m benchmarks.alliance
"""

import asyncio
import os
import platform
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

import uvloop

from benchmarks.report import Measured, show
from domain.alliance.circle import circle as in_order
from domain.alliance.policy import SEED, STANDARD, Relationship
from domain.alliance.score import contribution
from domain.identity import Did, KeyPair
from domain.people.constants import DAY
from domain.people.interaction import Interaction, Kind, PersonId, doers
from domain.people.person import parse_platform_id
from domain.people.registry import Sighting
from graphdb.interactions import Moment, Recording, RecordingBatch
from graphdb.people import Encounter
from graphdb.sqlite.store import SqliteStore
from resolvers.alliance import reading
from resolvers.alliance.settle import settle
from resolvers.alliance.standings import Standings
from resolvers.context import Observatory
from server.garbage import spare_the_collector

PEOPLE, INTERACTIONS, RUNS = 500, 100_000, 5
WARM = 2_000
"""Questions of one warm run."""

NOW = 20_454 * DAY + DAY // 2
KINDS = [kind for kind in Kind if kind in STANDARD.weights]


@dataclass
class Original:
    """What the original keeps, and how it answers: by looking at everything."""

    interactions: list[tuple[str, Kind, int]] = field(default_factory=list)

    def classify(self, user: str, now: int) -> Relationship:
        mine = [each for each in self.interactions if each[0] == user]
        if len(mine) < SEED.ally_minimum:
            return Relationship.NEUTRAL if mine else Relationship.UNKNOWN
        score = self.score(user, now)
        if abs(score) < SEED.enter:
            return Relationship.NEUTRAL
        return Relationship.ALLY if score > 0 else Relationship.RIVAL

    def score(self, user: str, now: int) -> int:
        total = 0
        for name, kind, at in self.interactions:
            if name == user and kind in SEED.weights:
                total += contribution(SEED.weights[kind], (now - at) // DAY)
        return total

    def allies(self, now: int) -> list[str]:
        users = dict.fromkeys(name for name, _, _ in self.interactions)
        return [user for user in users if self.classify(user, now) is Relationship.ALLY]


@dataclass
class Ours:
    """A store with the history, and a clock that stands still."""

    store: SqliteStore
    observer: Did
    people: list[PersonId]
    now: int = NOW

    def services(self, standings: Standings | None = None) -> Observatory:
        """As after a start; or with what was read before."""
        return Observatory(self.store, lambda: self.now, standings=standings or Standings())

    async def classify(self, services: Observatory, person: PersonId) -> Relationship:
        (held,) = await reading.held(services, self.observer, [person])
        return held.assess(STANDARD, services.clock()).relationship

    async def allies(self, services: Observatory) -> list[str]:
        held = await reading.circle(services, self.observer)
        found = await asyncio.to_thread(lambda: in_order(each.assess(STANDARD, self.now) for each in held))
        return list(found.allies)


def history(chance: Random, observer: Did, people: list[PersonId]) -> list[Interaction]:
    """Everything that the alliance looks at, over the last 90 days, on posts of its own."""
    return [
        Interaction(
            id=f"i_{number:032x}",
            observer=observer,
            person=chance.choice(people),
            kind=(kind := chance.choice(KINDS)),
            by=chance.choice(sorted(doers(kind))),
            at=NOW - chance.randint(0, 90 * DAY),
            context=f"post-{number}",
        )
        for number in range(INTERACTIONS)
    ]


async def furnished(store: SqliteStore) -> tuple[Ours, Original]:
    observer = KeyPair.generate(b"benchmark of the alliance".ljust(32)).did
    people = [await _person(store, number) for number in range(PEOPLE)]
    interactions = history(Random(7), observer, people)
    for start in range(0, INTERACTIONS, 1_000):
        recordings = tuple(map(Recording, interactions[start : start + 1_000]))
        await store.interactions.record(RecordingBatch(observer, recordings, Moment(NOW)))
    original = Original([(each.person, each.kind, each.at) for each in interactions])
    return Ours(store, observer, people), original


async def _person(store: SqliteStore, number: int) -> PersonId:
    sighting = Sighting(parse_platform_id(f"discord:{number}"), f"Person {number}", NOW)
    return (await store.people.meet(Encounter(sighting, PersonId(f"p_{number:032x}")))).record.person.id


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds."""
    started = perf_counter()
    await work()
    return (perf_counter() - started) * 1_000


async def measure(ours: Ours, original: Original) -> list[Measured]:
    chance = Random(3)
    cold = [await _cold(ours, chance) for _ in range(RUNS * 20)]
    cold_allies = [await timed(lambda: ours.allies(ours.services())) for _ in range(RUNS)]
    standings = Standings()
    services = ours.services(standings)
    await ours.allies(services)
    warm = [await _warm(ours, services, chance) for _ in range(RUNS)]
    warm_allies = [await _after_a_second(ours, services) for _ in range(RUNS)]
    await settle(services, ours.observer)
    settled = [await timed(lambda: settle(services, ours.observer)) for _ in range(RUNS)]
    scans = [_scan(original, chance.choice(ours.people)) for _ in range(RUNS)]
    started = perf_counter()
    original.allies(NOW)
    scan_of_all = (perf_counter() - started) * 1_000
    plain = "scan of all"
    return [
        Measured("classify, warm", median(warm), "ms", median(scans), plain, "≤ 0.1 ms"),
        Measured("classify, cold", median(cold), "ms", median(scans), plain, "≤ 3 ms"),
        Measured(f"allies of {PEOPLE}, warm", median(warm_allies), "ms", scan_of_all, plain, "≤ 50 ms"),
        Measured(f"allies of {PEOPLE}, cold", median(cold_allies), "ms", scan_of_all, plain, "≤ 1,000 ms"),
        Measured(f"look for changes among {PEOPLE}", median(settled), "ms"),
    ]


async def _cold(ours: Ours, chance: Random) -> float:
    person = chance.choice(ours.people)
    return await timed(lambda: ours.classify(ours.services(), person))


async def _warm(ours: Ours, services: Observatory, chance: Random) -> float:
    """One question among many: each person's class is kept until it may change."""
    asked = chance.choices(ours.people, k=WARM)

    async def ask() -> None:
        for person in asked:
            await ours.classify(services, person)

    return await timed(ask) / WARM


async def _after_a_second(ours: Ours, services: Observatory) -> float:
    """The clock goes on, so that some classes have to be looked at again."""
    ours.now += 1_000
    return await timed(lambda: ours.allies(services))


def _scan(original: Original, user: str) -> float:
    started = perf_counter()
    original.classify(user, NOW)
    return (perf_counter() - started) * 1_000


def fsync_rate(folder: Path) -> float:
    """Durable appends of 4 kB a second."""
    with (folder / "fsync").open("wb") as file:
        started = perf_counter()
        for _ in range(200):
            file.write(b"x" * 4_096)
            file.flush()
            os.fsync(file.fileno())
        return 200 / (perf_counter() - started)


async def main() -> None:
    spare_the_collector()  # as the server does
    with tempfile.TemporaryDirectory(dir=".") as folder:
        store = await SqliteStore.open(str(Path(folder) / "chorus.db"))
        try:
            rows = await measure(*await furnished(store))
        finally:
            await store.close()
        machine = f"{os.cpu_count()} cores, {platform.machine()}, {fsync_rate(Path(folder)):,.0f} fsync/s"
    show(f"Alliance, {INTERACTIONS:,} interactions with {PEOPLE} people ({machine})", rows)


if __name__ == "__main__":
    uvloop.run(main())
