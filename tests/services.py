"""The services of a process around a real store, with a clock that stands still, for tests of one part of them."""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from strawberry.types import ExecutionResult

from domain.organisms.dna import DnaEngine
from graphdb.sqlite.store import SqliteStore
from resolvers.context import Context, Services
from server.authority import Authority
from server.background import Background
from server.identity import load_identity
from server.keyring import StoreKeyring
from server.notices import LocalNotices
from server.schema import ChorusSchema
from server.sealing import Cost
from subscriptions.bus import Bus

Json = Any  # Any: answers are compared with literals

CHEAP = Cost(passes=1, lanes=1, memory_kib=8)
"""Argon2id's least: tests need many keys and no secrets."""


@dataclass
class Clock:
    """Milliseconds since 1970; it moves when a test says so."""

    now: int = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


class NoEngine:
    """Stands where no test of the part may come by."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the DNA engine was asked for {name}")


@dataclass
class World:
    """One process: what is in it, and how to talk to it in GraphQL."""

    services: Services
    authority: Authority
    keyring: StoreKeyring
    notices: LocalNotices
    clock: Clock
    schema: ChorusSchema
    background: Background

    def context(self, token: str = "") -> Context:
        return Context(self.services, token)

    async def answer(self, query: str, token: str = "", **variables: Json) -> ExecutionResult:
        return await self.schema.execute(query, variable_values=variables, context_value=self.context(token))

    async def ask(self, query: str, token: str = "", **variables: Json) -> Json:
        """The one field of an answer without errors."""
        answer = await self.answer(query, token, **variables)
        assert not answer.errors, answer.errors
        assert answer.data is not None
        (value,) = answer.data.values()
        return value

    async def refusal(self, query: str, token: str = "", **variables: Json) -> tuple[str, str]:
        """Code and message of the one error."""
        answer = await self.answer(query, token, **variables)
        assert answer.errors is not None
        (error,) = answer.errors
        assert error.extensions is not None
        return str(error.extensions["code"]), error.message


@asynccontextmanager
async def world(folder: Path, credential: str = "", clock: Clock | None = None) -> AsyncIterator[World]:
    """Two of them over one folder are two processes of one deployment."""
    clock = clock or Clock()
    store = await SqliteStore.open(str(folder / "chorus.db"))
    identity = load_identity(folder / "server.key")
    keyring = StoreKeyring(store.accounts, clock, os.urandom, CHEAP)
    authority, background = Authority(store.accounts, keyring, identity, credential, clock), Background()
    notices = LocalNotices()
    services = Services(
        store=store,
        engine=cast("DnaEngine", NoEngine()),
        keyring=keyring,
        authority=authority,
        bus=Bus(),
        notices=notices,
        server=identity.keys,
        clock=clock,
        random=os.urandom,
        spawn=background.spawn,
        guard=_unguarded,
        version="1.2.3",
    )
    async with authority:
        yield World(services, authority, keyring, notices, clock, ChorusSchema(), background)
    await background.close()
    await store.close()


def _unguarded(uri: str) -> AbstractAsyncContextManager[None]:
    return nullcontext()
