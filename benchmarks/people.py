"""People on the embedded store: recorded, durable and trust recomputed, against the seed's method in the same run.

The seed keeps a file for each person and rewrites it twice for every message: once with the signals, once with the
score. Each rate is the median of five runs.
Run: python -m benchmarks.people
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

import uvloop

from benchmarks.report import Measured, show
from domain.identity import Did, KeyPair
from domain.people.constants import DAY, HOUR
from domain.people.ene import EneSignals, calculate
from domain.people.interaction import By, Interaction, Kind, PersonId, doer
from domain.people.person import PlatformId
from domain.people.registry import Sighting
from domain.people.trust import trust
from graphdb.interactions import Moment, Recording, RecordingBatch
from graphdb.people import Encounter
from graphdb.sqlite.store import SqliteStore
from server.garbage import spare_the_collector

RUNS, IN_FLIGHT = 5, 64
PEOPLE, SINGLE, BULK, BATCH, LONG = 200, 4_000, 20, 1_000, 100_000
START = 20_000 * DAY
OBSERVER: Did = KeyPair.generate(bytes(32)).did

Json = Any  # Any: a person's file


def made(person: PersonId, at: int, kind: Kind = Kind.MESSAGE, by: By | None = None) -> Interaction:
    return Interaction(id=uuid4().hex, observer=OBSERVER, person=person, kind=kind, by=doer(kind, by), at=at)


def moments(people: int) -> "count[int]":
    """A message of somebody every so often, such that each of them comes by every eight hours."""
    return count(START, 8 * HOUR // people)


async def register(store: SqliteStore, number: int) -> PersonId:
    person = PersonId(f"p_{uuid4().hex}")
    sighting = Sighting(PlatformId("bench", uuid4().hex), f"Person {number}", START)
    return (await store.people.meet(Encounter(sighting, person))).record.person.id


@dataclass(frozen=True, slots=True)
class Rate:
    """Interactions a second by the clock, and what one took of the processor in µs, whoever else uses it."""

    a_second: float
    processor: float


async def record(store: SqliteStore, batches: Sequence[RecordingBatch], in_flight: int) -> Rate:
    """Until all are durable, with the trust of everybody touched."""
    left = iter(batches)

    async def client() -> None:
        for batch in left:
            await store.interactions.record(batch)

    recorded = sum(len(each.recordings) for each in batches)
    started, used = perf_counter(), process_time()
    await asyncio.gather(*(client() for _ in range(in_flight)))
    return Rate(recorded / (perf_counter() - started), (process_time() - used) / recorded * 1e6)


def batches(people: Sequence[PersonId], clock: "count[int]", number: int, size: int) -> list[RecordingBatch]:
    turn = count()
    made_ones = [[made(people[next(turn) % len(people)], next(clock)) for _ in range(size)] for _ in range(number)]
    return [RecordingBatch(OBSERVER, tuple(map(Recording, each)), Moment(each[-1].at)) for each in made_ones]


async def rates(store: SqliteStore) -> list[Measured]:
    people = [await register(store, number) for number in range(PEOPLE)]
    clock = moments(PEOPLE)
    single = [await record(store, batches(people, clock, SINGLE, 1), IN_FLIGHT) for _ in range(RUNS)]
    bulk = [await record(store, batches(people, clock, BULK, BATCH), 4) for _ in range(RUNS)]
    with tempfile.TemporaryDirectory(dir=".") as folder:
        seed = median(seeds_rate(Path(folder), PEOPLE) for _ in range(RUNS))
    return [
        *_rows("recorded, durable, trust told", single, seed, "≥ 3,000/s"),
        *_rows(f"recorded {BATCH:,} at a time", bulk, seed, "≥ 10,000/s"),
    ]


def _rows(name: str, rates: Sequence[Rate], seed: float, target: str) -> list[Measured]:
    return [
        Measured(name, median(each.a_second for each in rates), "/s", seed, "a file per person", target),
        Measured(f"{name}, processor", median(each.processor for each in rates), "µs"),
    ]


def seeds_rate(folder: Path, people: int, messages: int = 1_000) -> float:
    """The seed's method, with the mended signals, and not even durable: it never asks for a flush."""
    profiles: list[Json] = [{"id": f"p_{number}", "hours": [], "weekdays": []} for number in range(people)]
    clock = moments(people)
    started = perf_counter()
    for number in range(messages):
        profile, at = profiles[number % people], next(clock)
        _hear(profile, at)
        _rewrite(folder, profile)
        profile["score"], profile["tier"] = _score(profile, at)
        _rewrite(folder, profile)
    return messages / (perf_counter() - started)


def _hear(profile: Json, at: int) -> None:
    last = profile.get("last", 0)
    profile.setdefault("first", at)
    profile["positive"] = profile.get("positive", 0) + 1
    profile["sessions"] = profile.get("sessions", 0) + (at - last > 1_800_000)
    profile["dates"] = profile.get("dates", 0) + (at // DAY != last // DAY)
    profile["hours"] = sorted({*profile["hours"], at % DAY // HOUR})
    profile["weekdays"] = sorted({*profile["weekdays"], (at // DAY + 3) % 7})
    profile["last"] = at


def _score(profile: Json, at: int) -> tuple[float, str]:
    scored = calculate(
        EneSignals(
            positive=profile["positive"],
            days_known=(at - profile["first"]) // DAY,
            days_active=profile["dates"],
            sessions=profile["sessions"],
            hours=frozenset(profile["hours"]),
            weekdays=frozenset(profile["weekdays"]),
        )
    )
    return scored.score, scored.tier


def _rewrite(folder: Path, profile: Json) -> None:
    (folder / f"{profile['id']}.json").write_text(json.dumps(profile, indent=2), encoding="utf8")


async def long_history(path: str) -> list[Measured]:
    """Somebody with very many interactions, a tenth of them bad, on both sides."""
    store = await SqliteStore.open(path)
    person = await register(store, 0)
    history = [_varied(person, number) for number in range(LONG)]
    now = history[-1].at
    for start in range(0, LONG, BATCH):
        part = tuple(map(Recording, history[start : start + BATCH]))
        await store.interactions.record(RecordingBatch(OBSERVER, part, Moment(now)))
    warm = await milliseconds(lambda: report(store, person, now), 50)
    late = await milliseconds(lambda: insert(store, person, now), 25)
    cold = [await cold_report(path, person, now) for _ in range(RUNS)]
    await store.close()
    return [
        Measured(f"report after {LONG:,} interactions", warm, "ms", 5, "limit", "≤ 5 ms"),
        Measured("the same, in a process just started", median(cold), "ms"),
        Measured("out-of-order insert", late, "ms", 50, "limit", "≤ 50 ms"),
    ]


def _varied(person: PersonId, number: int) -> Interaction:
    at = START + number * 20 * 60_000
    if number % 20 == 7:
        return made(person, at, Kind.REPLY_NEGATIVE, By.PERSON)
    if number % 20 == 17:
        return made(person, at, Kind.DOWNVOTE_GIVEN)
    return made(person, at)


async def report(store: SqliteStore, person: PersonId, now: int) -> None:
    (grounds,) = await store.interactions.grounds(OBSERVER, [person])
    trust(grounds.signals, now, override=grounds.override)


async def insert(store: SqliteStore, person: PersonId, now: int) -> None:
    """Something bad in the midst of the history."""
    late = made(person, START + (now - START) // 2 + uuid4().int % DAY, Kind.NEGATIVE)
    await store.interactions.record(RecordingBatch(OBSERVER, (Recording(late),), Moment(now)))


async def cold_report(path: str, person: PersonId, now: int) -> float:
    store = await SqliteStore.open(path)
    try:
        return await milliseconds(lambda: report(store, person, now), 1)
    finally:
        await store.close()


async def milliseconds(call: Callable[[], Awaitable[None]], times: int) -> float:
    """The median."""
    taken = []
    for _ in range(times):
        started = perf_counter()
        await call()
        taken.append((perf_counter() - started) * 1e3)
    return median(taken)


def flushes(folder: Path) -> float:
    """How many durable appends a second this disk takes, one after the other."""
    with (folder / "flushes").open("wb") as file:
        started = perf_counter()
        for _ in range(200):
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
        return 200 / (perf_counter() - started)


async def main() -> None:
    spare_the_collector()  # as the server does
    with tempfile.TemporaryDirectory(dir=".") as folder:
        disk = flushes(Path(folder))
        store = await SqliteStore.open(str(Path(folder) / "rates.db"))
        try:
            rows = await rates(store)
        finally:
            await store.close()
        rows += await long_history(str(Path(folder) / "long.db"))
    cores = len(os.sched_getaffinity(0))
    show(f"People: {PEOPLE} people, {IN_FLIGHT} in flight, {cores} cores, {disk:,.0f} flushes/s", rows)
    sys.exit(_missed(rows))


def _missed(rows: Sequence[Measured]) -> str | None:
    single, _, bulk, _, warm, _, late = rows
    kept = single.figure >= 3_000, bulk.figure >= 10_000, warm.figure <= 5, late.figure <= 50
    missed = [each.name for each, met in zip((single, bulk, warm, late), kept, strict=True) if not met]
    return f"missed: {', '.join(missed)}" if missed else None


if __name__ == "__main__":
    uvloop.run(main())
