"""GraphQL reads over HTTP on a real Neo4j, against the raw Bolt query that answers the same.

A point read of one organism, and the list of its 100 members. Server and client are processes of their own; both
sides are asked in turn.
Run: python -m benchmarks.reads
"""

import asyncio
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from statistics import median
from time import perf_counter

import orjson
import uvloop
from neo4j import AsyncGraphDatabase

from benchmarks.populations import found
from benchmarks.report import Measured, show
from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore

ROUNDS, WARM = 400, 100
POINT = "query ($u: String!) { so(uri: $u) { uri name memberCount epoch } }"
MEMBERS = "query ($u: String!) { soMembers(soURI: $u) }"
LIST = "query ($u: String!) { soMemberPage(soURI: $u, first: 100) { edges { node { did since sinceEpoch } } } }"
RAW_POINT = "MATCH (o:Organism {uri: $uri}) RETURN o.uri, o.name, o.memberCount, o.epoch"
RAW_MEMBERS = "MATCH (a:Agent)-[:MEMBER_OF]->(:Organism {uri: $uri}) RETURN collect(a.did)"
RAW_LIST = """MATCH (a:Agent)-[m:MEMBER_OF]->(:Organism {uri: $uri})
RETURN collect([a.did, m.since, m.epoch])"""


class Http:
    """One kept-alive connection, as little client as can be: what is measured is the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def post(self, body: bytes) -> bytes:
        head = (
            b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        )
        self._writer.write(head % len(body) + body)
        headers = await self._reader.readuntil(b"\r\n\r\n")
        length = int(headers.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return await self._reader.readexactly(length)


async def paired(ours: Callable[[], Awaitable[object]], raw: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """The p50 of each in milliseconds, asked in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(WARM + ROUNDS):
        for side, ask in enumerate((ours, raw)):
            started = perf_counter()
            await ask()
            if number >= WARM:
                times[side].append(perf_counter() - started)
    return median(times[0]) * 1000, median(times[1]) * 1000


async def main() -> None:
    with closing(LocalNeo4j()) as database, tempfile.TemporaryDirectory(dir=".") as folder:
        database.start()
        store = await Neo4jStore.open(database.uri)
        population = await found(store, 100, hashlib.sha256(os.urandom(8)).hexdigest())
        await store.close()
        environment = {**os.environ, "CHORUS_STORE": database.uri, "CHORUS_DATA": folder, "CHORUS_PORT": "0"}
        serving = subprocess.Popen(  # noqa: ASYNC220 -- nothing else runs yet
            [sys.executable, "-m", "server", "serve"], env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert serving.stdout is not None
            port = int(serving.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
            rows = await _measure(database.uri, population.uri, port)
        finally:
            serving.terminate()
            serving.wait()
    show(f"Reads on Neo4j {database.version}: GraphQL over HTTP against raw Bolt", rows)


async def _measure(database: str, uri: str, port: int) -> list[Measured]:
    http = Http(*await asyncio.open_connection("127.0.0.1", port))
    async with AsyncGraphDatabase.driver(database) as driver:

        def asked(query: str) -> Callable[[], Awaitable[bytes]]:
            body = orjson.dumps({"query": query, "variables": {"u": uri}})
            return lambda: http.post(body)

        def raw(query: str) -> Callable[[], Awaitable[object]]:
            return lambda: driver.execute_query(query, uri=uri, database_="neo4j", routing_="r")

        assert b'"errors"' not in await asked(POINT)() + await asked(LIST)()
        point = await paired(asked(POINT), raw(RAW_POINT))
        members = await paired(asked(MEMBERS), raw(RAW_MEMBERS))
        listed = await paired(asked(LIST), raw(RAW_LIST))
    return [
        Measured("point read, p50", point[0], "ms", point[1], "raw Bolt", "ratio ≤ 1.50"),
        Measured("100 members' DIDs, p50", members[0], "ms", members[1], "raw Bolt", "ratio ≤ 1.50"),
        Measured("100 members as a connection, p50", listed[0], "ms", listed[1], "raw Bolt", "ratio ≤ 1.50"),
    ]


if __name__ == "__main__":
    uvloop.run(main())
