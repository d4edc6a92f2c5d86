"""A real store that fails now and then, and the server's services around it, within the test's own process."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from domain.identity import Did
from domain.organisms.organism import SpokenExpression
from graphdb.errors import StoreUnavailable
from graphdb.store import Commit, Committed, Organisms, Standing, Store
from resolvers.context import Context, Services
from server.app import open_services
from server.background import Background
from server.schema import ChorusSchema
from server.settings import Settings
from tests.faults.line import Asks, Json, Refused

NEVER = 3_600


class FaultyOrganisms:
    """Every `every`-th commit fails, in turn before it is written and after: then it is durable and nobody is told.

    Of what is read, one in `one_read_in` fails, by chance: else a request could fail at the same place for ever.
    """

    def __init__(self, real: Organisms) -> None:
        self._real = real
        self.every = self.one_read_in = 0
        self.before = self.after = 0
        self._commits = 0
        self._chance = random.Random(7)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        async def read(*args: object, **kwargs: object) -> object:
            if self.one_read_in and self._chance.randrange(self.one_read_in) == 0:
                raise StoreUnavailable("broken while reading")
            return await getattr(self._real, name)(*args, **kwargs)

        return read

    def recall(self, uri: str, url: str, did: Did) -> Standing | None:
        return self._real.recall(uri, url, did)

    def remembered(self, url: str) -> SpokenExpression | None:
        return self._real.remembered(url)

    async def commit(self, commit: Commit) -> Committed:
        self._commits += 1
        if not self.every or self._commits % self.every:
            return await self._real.commit(commit)
        if self.before <= self.after:
            self.before += 1
            raise StoreUnavailable("broken before the commit")
        await self._real.commit(commit)
        self.after += 1
        raise StoreUnavailable("broken after the commit")

    @contextmanager
    def next_fails(self, *, written: bool) -> Iterator[None]:
        """Every commit fails while this lasts, after it was written or before."""
        self.before, self.after, self.every = (1, 0, 1) if written else (0, 0, 1)
        try:
            yield
        finally:
            self.every = 0


class FaultyStore:
    """The `Store` protocol over a real one, with `FaultyOrganisms`."""

    def __init__(self, real: Store) -> None:
        self._real = real
        self.organisms = FaultyOrganisms(real.organisms)

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


@dataclass
class Direct:
    """GraphQL without a socket."""

    schema: ChorusSchema
    context: Context

    async def ask(self, query: str, variables: Json = None) -> Json:
        answer = await self.schema.execute(query, variable_values=variables, context_value=self.context)
        if answer.errors:
            raise Refused([error.formatted for error in answer.errors])
        return answer.data


@dataclass
class Inside:
    """The services of one process over a store that fails when told to."""

    services: Services
    faults: FaultyOrganisms
    real: Organisms
    background: Background
    schema: ChorusSchema = field(default_factory=ChorusSchema)

    @asynccontextmanager
    async def connect(self, token: str = "") -> AsyncIterator[Asks]:
        yield Direct(self.schema, Context(self.services, token))

    async def size(self, uri: str) -> int:
        organism = await self.real.organism(uri)
        assert organism is not None
        return organism.size

    async def quiet(self) -> None:
        """Everything that the server does by itself is done."""
        await self.background.close()


@asynccontextmanager
async def inside(folder: Path, on_store: dict[str, Any]) -> AsyncIterator[Inside]:
    async with open_services(Settings(data=folder, settle_interval=NEVER, **on_store)) as services:
        store, background = FaultyStore(services.store), Background()
        faulty = replace(services, store=cast("Store", store), spawn=background.spawn)
        yield Inside(faulty, store.organisms, services.store.organisms, background)
        await background.close()
