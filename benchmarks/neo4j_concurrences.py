"""Durable concurrences a second on a real Neo4j, against the same batches of statements sent by the driver alone.

Ours runs first and every statement of every transaction is noted. The graph is then put back, and the bare driver
sends the same transactions again, reads and writes side by side as they were.
Run: python -m benchmarks.neo4j_concurrences
"""

import asyncio
import hashlib
import os
from contextlib import closing
from time import perf_counter
from typing import Any

import uvloop
from neo4j import READ_ACCESS, WRITE_ACCESS, AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, AsyncTransaction

from benchmarks.concurrences import IN_FLIGHT, MEMBERS, concur, prepare
from benchmarks.report import Measured, show
from domain.identity import KeyPair
from domain.organisms.statement import Statement
from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore

Statements = list[tuple[str, dict[str, Any]]]  # Any: parameters of Cypher statements
ROUNDS = 3  # the last one counts: the database compiles its plans and itself in the first
WRITES = ("CREATE", "SET ", "MERGE", "DELETE")

PUT_BACK = (
    "MATCH (e:Entry) WHERE e.position > $position DETACH DELETE e",
    "MATCH ()-[s:SIGNED]->() WHERE s.position > $position DELETE s",
    "MATCH ()-[s:SPOKE]->() SET s.concurring = 1",
    "UNWIND $organisms AS o MATCH (x:Organism {uri: o.uri}) SET x = o",
    "MATCH (l:Log) SET l.position = $position",
)


class Noted:
    """The statements of every transaction, in the order they began."""

    def __init__(self) -> None:
        self.transactions: dict[int, Statements] = {}
        self._run = AsyncManagedTransaction.run
        self._kept: list[object] = []

    def begin(self) -> None:
        noted, original = self, self._run

        async def run(self: AsyncManagedTransaction, query: Any, parameters: Any = None, **more: Any) -> Any:
            noted._kept.append(self)  # so that no id is used again
            noted.transactions.setdefault(id(self), []).append((str(query), {**(parameters or {}), **more}))
            return await original(self, query, parameters, **more)

        AsyncManagedTransaction.run = run  # type: ignore[assignment,method-assign]

    def end(self) -> None:
        AsyncManagedTransaction.run = self._run  # type: ignore[method-assign]


async def replay(driver: AsyncDriver, noted: Noted) -> float:
    """Seconds for the noted transactions: writes one after the other, reads beside them."""
    batches = list(noted.transactions.values())
    writes = [batch for batch in batches if any(word in query for query, _ in batch for word in WRITES)]
    reads = [batch for batch in batches if batch not in writes]

    async def send(some: list[Statements], access: str) -> None:
        for batch in some:
            async with (
                driver.session(database="neo4j", default_access_mode=access) as session,
                await session.begin_transaction() as transaction,
            ):
                await _send(transaction, batch)
                await transaction.commit()

    started = perf_counter()
    await asyncio.gather(send(writes, WRITE_ACCESS), send(reads, READ_ACCESS))
    return perf_counter() - started


async def _send(transaction: AsyncTransaction, batch: Statements) -> None:
    for query, parameters in batch:
        result = await transaction.run(query, parameters)
        await result.consume()


async def _round(
    store: Neo4jStore, driver: AsyncDriver, prepared: list[tuple[KeyPair, Statement]], before: dict[str, Any]
) -> tuple[float, float]:
    """Ours and the driver's, a second; the graph is as it was before each."""
    noted = Noted()
    noted.begin()
    ours = await concur(store, prepared)
    noted.end()
    await _put_back(driver, before)
    limit = len(prepared) / await replay(driver, noted)
    await _put_back(driver, before)
    return ours, limit


async def _put_back(driver: AsyncDriver, before: dict[str, Any]) -> None:
    for query in PUT_BACK:
        await driver.execute_query(query, before, database_="neo4j")


async def main() -> None:
    with closing(LocalNeo4j()) as server:
        server.start()
        store = await Neo4jStore.open(server.uri)
        driver = AsyncGraphDatabase.driver(server.uri, auth=server.auth, notifications_min_severity="OFF")
        try:
            await concur(store, (await prepare(store, hashlib.sha256(os.urandom(8)).hexdigest()))[:1500])  # warm
            prepared = await prepare(store, hashlib.sha256(os.urandom(8)).hexdigest())
            before = await driver.execute_query(
                "MATCH (l:Log) MATCH (o:Organism) RETURN l.position AS position, collect(properties(o)) AS organisms",
                database_="neo4j",
            )
            pairs = [await _round(store, driver, prepared, before.records[0].data()) for _ in range(ROUNDS)]
        finally:
            await driver.close()
            await store.close()
    ours, limit = pairs[-1]
    row = Measured("durable concurrences, Neo4j", ours, "/s", limit, "driver alone", "ratio ≥ 0.80")
    show(f"Concurrences on Neo4j {server.version}, {IN_FLIGHT} in flight, one organism of {MEMBERS}", [row])


if __name__ == "__main__":
    uvloop.run(main())
