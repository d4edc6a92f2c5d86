"""Durable concurrences a second on a real Neo4j, against the same batches of statements sent by the driver alone.

Every round has expressions of its own. Ours runs first and every statement of every transaction is noted. The graph
is then put back, and the bare driver sends the same transactions again, reads and writes side by side as they were,
and leaves what ours left.
Run: python -m benchmarks.neo4j_concurrences
"""

import asyncio
import hashlib
import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import uvloop
from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncManagedTransaction,
    AsyncSession,
    AsyncTransaction,
)

from benchmarks.concurrences import EXPRESSIONS, IN_FLIGHT, MEMBERS, concur, sign_concurrences
from benchmarks.populations import found
from benchmarks.report import Measured, show
from domain.identity import KeyPair
from domain.organisms.statement import Statement
from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore
from server.garbage import spare_the_collector
from server.signatures.verifier import Verifier

Statements = list[tuple[str, dict[str, Any]]]  # Any: parameters of Cypher statements
ROUNDS, COUNTED = 9, 5  # of the last ones the median counts: Neo4j compiles its plans and itself in the first ones

STATE = """
MATCH (l:Log) RETURN l.position AS position, COLLECT { MATCH (o:Organism) RETURN properties(o) } AS organisms,
  COLLECT { MATCH ()-[s:SPOKE]->() RETURN [s.key, s.concurring] } AS spoken,
  COUNT { MATCH (e:Entry) } AS entries, COUNT { MATCH ()-[s:SIGNED]->() } AS signed"""
PUT_BACK = (
    "MATCH (e:Entry) WHERE e.position > $position DETACH DELETE e",
    "MATCH ()-[s:SIGNED]->() WHERE s.position > $position DELETE s",
    "UNWIND $spoken AS s MATCH ()-[r:SPOKE {key: s[0]}]->() SET r.concurring = s[1]",
    "UNWIND $organisms AS o MATCH (x:Organism {uri: o.uri}) SET x = o",
    "MATCH (l:Log) SET l.position = $position",
)


class Noted:
    """What was sent: writes as transactions of their statements, in the order they began; reads as single ones."""

    def __init__(self) -> None:
        self.writes: list[Statements] = []
        self.reads: Statements = []
        self._write, self._alone = AsyncManagedTransaction.run, AsyncSession.run
        self._batches: dict[object, Statements] = {}

    def begin(self) -> None:
        noted, write_as_ever, alone_as_ever = self, self._write, self._alone

        async def write(self: AsyncManagedTransaction, query: Any, parameters: Any = None, **more: Any) -> Any:
            if self not in noted._batches:
                noted._batches[self] = []
                noted.writes.append(noted._batches[self])
            noted._batches[self].append((str(query), {**(parameters or {}), **more}))
            return await write_as_ever(self, query, parameters, **more)

        async def alone(self: AsyncSession, query: Any, parameters: Any = None, **more: Any) -> Any:
            sent = (str(query), {**(parameters or {}), **more})
            if self._config.default_access_mode == WRITE_ACCESS:
                noted.writes.append([sent])
            else:
                noted.reads.append(sent)
            return await alone_as_ever(self, query, parameters, **more)

        AsyncManagedTransaction.run = write  # type: ignore[assignment,method-assign]
        AsyncSession.run = alone  # type: ignore[method-assign]

    def end(self) -> None:
        AsyncManagedTransaction.run = self._write  # type: ignore[method-assign]
        AsyncSession.run = self._alone  # type: ignore[method-assign]


async def replay(driver: AsyncDriver, noted: Noted) -> float:
    """Seconds for what was noted: writes one after the other, reads beside them."""
    started = perf_counter()
    await asyncio.gather(_write(driver, noted.writes), _read(driver, noted.reads))
    return perf_counter() - started


async def _write(driver: AsyncDriver, batches: list[Statements]) -> None:
    for batch in batches:
        async with driver.session(database="neo4j", default_access_mode=WRITE_ACCESS) as session:
            if len(batch) == 1:
                await _send(session, batch)
                continue
            async with await session.begin_transaction() as transaction:
                await _send(transaction, batch)
                await transaction.commit()


async def _read(driver: AsyncDriver, queries: Statements) -> None:
    for query, parameters in queries:
        async with driver.session(database="neo4j", default_access_mode=READ_ACCESS) as session:
            result = await session.run(query, parameters)
            await result.consume()


async def _send(transaction: AsyncTransaction | AsyncSession, batch: Statements) -> None:
    for query, parameters in batch:
        result = await transaction.run(query, parameters)
        await result.consume()


@dataclass(frozen=True, slots=True)
class Cost:
    """Of all concurrences of a round: seconds on the clock, of this process and of Neo4j."""

    clock: float
    process: float
    database: float

    def each(self, many: int) -> str:
        clock, process, database = (1000 * cost / many for cost in (self.clock, self.process, self.database))
        return f"{clock:.3f} ms each, of processors {process:.3f} here and {database:.3f} in Neo4j"


class Meter:
    """What passes from its making to `read`."""

    def __init__(self, database: int) -> None:
        self._database = database
        self._started = self._now()

    def read(self) -> Cost:
        now = self._now()
        return Cost(*(each - before for each, before in zip(now, self._started, strict=True)))

    def _now(self) -> tuple[float, float, float]:
        return perf_counter(), process_time(), _seconds_of(self._database)


def _seconds_of(pid: int) -> float:
    """Processor time that a process has used (proc(5): utime and stime, behind the name in parentheses)."""
    columns = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(columns[11]) + int(columns[12])) / os.sysconf("SC_CLK_TCK")


async def _round(
    store: Neo4jStore,
    verifier: Verifier,
    driver: AsyncDriver,
    database: int,
    prepared: list[tuple[KeyPair, Statement]],
) -> tuple[Cost, Cost]:
    """Ours and the driver's; the graph is as it was before each."""
    before, noted = await _state(driver), Noted()
    noted.begin()
    meter = Meter(database)
    await concur(store, verifier, prepared)
    ours = meter.read()
    noted.end()
    after = await _state(driver)
    for query in PUT_BACK:
        await driver.execute_query(query, before, database_="neo4j")
    meter = Meter(database)
    await replay(driver, noted)
    alone = meter.read()
    assert await _state(driver) == after, "the driver alone did not do the same"
    return ours, alone


async def _state(driver: AsyncDriver) -> dict[str, Any]:
    return (await driver.execute_query(STATE, database_="neo4j")).records[0].data()


async def main() -> None:
    with closing(LocalNeo4j()) as server:
        server.start()
        store, verifier = await Neo4jStore.open(server.uri), Verifier()
        costs: list[tuple[Cost, Cost]] = []
        driver = AsyncGraphDatabase.driver(server.uri, auth=server.auth, notifications_min_severity="OFF")
        try:
            population = await found(store, MEMBERS, hashlib.sha256(os.urandom(8)).hexdigest())
            for number in range(ROUNDS):
                prepared = await sign_concurrences(store, population, number * EXPRESSIONS)
                costs.append(await _round(store, verifier, driver, server.pid, prepared))
                told = [cost.each(len(prepared)) for cost in costs[-1]]
                print(f"round {number + 1}: ours {told[0]}; driver alone {told[1]}")
        finally:
            await driver.close()
            await verifier.close()
            await store.close()
    ours, alone = sorted(costs[-COUNTED:], key=_ratio)[COUNTED // 2]
    many = len(prepared)
    rate, limit = many / ours.clock, many / alone.clock
    show(
        f"Concurrences on Neo4j {server.version}, {IN_FLIGHT} in flight, one organism of {MEMBERS}",
        [
            Measured("durable concurrences, Neo4j", rate, "/s", limit, "driver alone", "ratio ≥ 0.80"),
            Measured("processor time of this process, each", *_millis(ours.process, alone.process, many)),
            Measured("processor time of Neo4j, each", *_millis(ours.database, alone.database, many)),
        ],
    )


def _ratio(costs: tuple[Cost, Cost]) -> float:
    ours, alone = costs
    return alone.clock / ours.clock


def _millis(ours: float, alone: float, many: int) -> tuple[float, str, float, str]:
    return ours / many * 1000, "ms", alone / many * 1000, "driver alone"


if __name__ == "__main__":
    spare_the_collector()  # as the server does
    uvloop.run(main())
