"""Recording an interaction in GraphQL over HTTP, against a mutation with the same token that writes nothing.

A server of its own on the embedded store; 64 connections, each with one request at a time. Medians of five runs.
Run: python -m benchmarks.people_http
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import count
from statistics import median
from time import perf_counter

import orjson
import uvloop

from benchmarks.reads import Http
from benchmarks.report import Measured, show

RUNS, CONNECTIONS, REQUESTS, PEOPLE = 5, 64, 4_000, 200
AGENT = 'mutation { agentGenerate(passphrase: "a long one") { did } }'
RECORD = """mutation ($i: PersonInteractionInput!) {
  personRecordInteraction(interaction: $i) { id person score tier } }"""
EMPTY = "mutation ($d: String!) { agentChallenge(did: $d) { nonce } }"
"""Checks the token and its capability, draws a nonce, and writes nothing: as empty as mutations are."""


async def main() -> None:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        environment = {**os.environ, "CHORUS_DATA": folder, "CHORUS_PORT": "0", "CHORUS_LOG_LEVEL": "WARNING"}
        serving = subprocess.Popen(  # noqa: ASYNC220 -- nothing else runs yet
            [sys.executable, "-m", "server", "serve"], env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert serving.stdout is not None
            port = int(serving.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
            rows = await _measure(port)
        finally:
            serving.terminate()
            serving.wait()
    show(f"Interactions in GraphQL over HTTP, {os.cpu_count()} cores", rows)


async def _measure(port: int) -> list[Measured]:
    clients = [Http(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    agent = orjson.loads(await clients[0].post(orjson.dumps({"query": AGENT})))["data"]["agentGenerate"]["did"]
    nothing = orjson.dumps({"query": EMPTY, "variables": {"d": agent}})
    accounts = [f"bench:{number}" for number in range(PEOPLE)]
    met = [orjson.loads(await clients[0].post(_recording({"platformId": each}))) for each in accounts]
    people = [each["data"]["personRecordInteraction"]["person"] for each in met]
    turn = count()
    empty, recorded = [], []
    for _ in range(RUNS):
        empty.append(await _rate(clients, lambda: nothing))
        recorded.append(await _rate(clients, lambda: _recording({"person": people[next(turn) % PEOPLE]})))
    target = "ratio ≥ 0.60"
    return [Measured("recorded, durable, answered", median(recorded), "/s", median(empty), "empty mutations", target)]


def _recording(subject: dict[str, str]) -> bytes:
    given = {**subject, "kind": "UPVOTE_RECEIVED"}
    return orjson.dumps({"query": RECORD, "variables": {"i": given}})


async def _rate(clients: list[Http], body: Callable[[], bytes]) -> float:
    """Answers a second, none of them with an error."""
    left = iter(range(REQUESTS))

    async def client(http: Http) -> None:
        for _ in left:
            assert b'"errors"' not in await http.post(body())

    started = perf_counter()
    await asyncio.gather(*map(client, clients))
    return REQUESTS / (perf_counter() - started)


if __name__ == "__main__":
    uvloop.run(main())
