"""Durable concurrences a second: signed beforehand, through the resolver function, 64 in flight.

Limits in the same run: bare Ed25519 verification for the embedded store; for Neo4j the same batches of statements sent
by the driver alone. Neo4j is measured where CHORUS_BENCH_NEO4J names one.
Run: python -m benchmarks.concurrences
"""

import asyncio
import hashlib
import os
import tempfile
from contextlib import nullcontext
from pathlib import Path
from time import perf_counter
from typing import cast

import uvloop

from benchmarks.populations import SERVER, Population, found, now_millis, signed, speak
from benchmarks.report import Measured, show
from domain.capabilities import ADMIN
from domain.identity import Did, KeyPair, verify
from domain.organisms.statement import Statement, Verdict, signed_bytes
from graphdb.sqlite.store import SqliteStore
from graphdb.store import Store
from resolvers.context import Authority, Context, Keyring, Notices, Services, Session
from resolvers.so.decide import Signed
from resolvers.so.speak import give_verdict
from server.background import Background
from server.garbage import spare_the_collector
from server.signatures.verifier import Verifier
from subscriptions.bus import Bus

MEMBERS, EXPRESSIONS, IN_FLIGHT = 64, 100, 64


class _NoKeys:
    """All agents keep their own keys."""

    async def hosts(self, did: Did) -> bool:
        return False


class _Everybody:
    """A token is the DID that it acts as."""

    async def session(self, token: str) -> Session:
        return Session(Did(token), ADMIN)


def services(store: Store, verifier: Verifier) -> Services:
    """What a concurrence needs of a process: nothing is signed and nothing evaluated."""
    return Services(
        store=store,
        engine=cast("object", None),  # type: ignore[arg-type]  # verdicts ask no program
        keyring=cast("Keyring", _NoKeys()),
        authority=cast("Authority", _Everybody()),
        bus=Bus(),
        notices=cast("Notices", None),
        server=SERVER,
        clock=now_millis,
        random=os.urandom,
        spawn=Background().spawn,
        guard=lambda _: nullcontext(),
        verify=verifier.verify,
    )


async def sign_concurrences(store: Store, population: Population, first: int = 0) -> list[tuple[KeyPair, Statement]]:
    """Concurrences of all members but the speaker with expressions that are spoken now."""
    verdicts = [await speak(store, population, number) for number in range(first, first + EXPRESSIONS)]
    return [
        (member, signed(member, "verdict", population.uri, fields))
        for fields in verdicts
        for member in population.members[1:]
    ]


async def concur(store: Store, verifier: Verifier, prepared: list[tuple[KeyPair, Statement]]) -> float:
    """All of them, IN_FLIGHT at a time; gives how many a second were durable."""
    process = services(store, verifier)
    contexts: dict[Did, Context] = {}
    for member in {keys.did for keys, _ in prepared}:
        contexts[member] = Context(process, member)
        await contexts[member].authenticate()
    left = iter(prepared)

    async def client() -> None:
        for keys, statement in left:
            given = Signed(statement.text, statement.signature)
            uri, url = statement.organism, statement.expression
            await give_verdict(contexts[keys.did], uri, url, Verdict.CONCUR, signed=given)

    started = perf_counter()
    await asyncio.gather(*(client() for _ in range(IN_FLIGHT)))
    return len(prepared) / (perf_counter() - started)


def bare_verification(prepared: list[tuple[KeyPair, Statement]]) -> float:
    sample = prepared[:3000]
    started = perf_counter()
    for keys, statement in sample:
        verify(keys.did, signed_bytes(statement.text), statement.signature)
    return len(sample) / (perf_counter() - started)


async def embedded() -> Measured:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        store, verifier = await SqliteStore.open(str(Path(folder) / "bench.db")), Verifier(aside=False)
        try:
            population = await found(store, MEMBERS, hashlib.sha256(os.urandom(8)).hexdigest())
            first, prepared = [await sign_concurrences(store, population, start) for start in (0, EXPRESSIONS)]
            await concur(store, verifier, first)
            limit = bare_verification(prepared)
            ours = await concur(store, verifier, prepared)
        finally:
            await verifier.close()
            await store.close()
    return Measured("durable concurrences, SQLite", ours, "/s", limit, "bare verification", "≥ 3,000/s")


async def main() -> None:
    show(f"Concurrences, {IN_FLIGHT} in flight, one organism of {MEMBERS}", [await embedded()])


if __name__ == "__main__":
    spare_the_collector()  # as the server does
    uvloop.run(main())
