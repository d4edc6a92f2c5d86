"""One process with a real store, a real engine and a clock that tests move; everything is asked in GraphQL."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from domain.canonical import canonical
from domain.identity import Did, KeyPair
from domain.organisms.statement import make_statement
from domain.timestamp import format_millis
from resolvers.alliance.relations import AllianceRelations, EveryRelation
from resolvers.context import Context, Limits, Nucleus, Observatory, Relations, Services
from resolvers.people.relations import TrustRelations
from resolvers.so.membership import settle_everything
from server.app import open_store
from server.authority import Authority
from server.background import Background, Guards
from server.dna.engine import Engine
from server.dna.judge import Judge
from server.identity import load_identity
from server.keyring import StoreKeyring
from server.notices import LocalNotices
from server.schema import ChorusSchema
from server.settings import Settings
from subscriptions.bus import Bus
from tests.servers import Json
from tests.services import CHEAP, Clock

PASSPHRASE = "open"

CREATE = "mutation ($o: SocialOrganismInput!) { soCreate(socialOrganism: $o) }"
JOIN = "mutation ($u: String!, $s: SignedStatement) { soJoin(soURI: $u, signed: $s) { epoch memberCount } }"
SPEAK = """mutation ($u: String!, $c: String!, $l: String!) {
  soSpeak(soURI: $u, content: $c, languageAddress: $l) { url epoch dnaHash } }"""


@dataclass(frozen=True)
class Person:
    """A hosted agent with its token."""

    did: Did
    token: str


@dataclass
class Society:
    """What tests ask of one process. Background work is done before `rest` returns."""

    services: Services
    keyring: StoreKeyring
    authority: Authority
    clock: Clock
    background: Background
    schema: ChorusSchema = field(default_factory=ChorusSchema)

    def look(self, *, nucleus: Nucleus | None = None, relations: Relations | None = None) -> None:
        """Gives Social DNA something to read besides the organism."""
        now = self.services
        self.services = replace(now, nucleus=nucleus or now.nucleus, relations=relations or now.relations)

    def limit(self, **limits: int) -> None:
        self.services = replace(self.services, limits=replace(self.services.limits, **limits))

    async def post(self, query: str, variables: Json = None, by: Person | str = "") -> Json:
        """The whole answer, as JSON."""
        token = by if isinstance(by, str) else by.token
        answer = await self.schema.execute(
            query, variable_values=variables or {}, context_value=Context(self.services, token)
        )
        errors = [{"message": error.message, "extensions": error.extensions} for error in answer.errors or ()]
        return {"data": answer.data} | ({"errors": errors} if errors else {})

    async def ask(self, query: str, variables: Json = None, by: Person | str = "") -> Json:
        """The one field of an answer without errors."""
        answer = await self.post(query, variables, by)
        assert "errors" not in answer, answer["errors"]
        (value,) = answer["data"].values()
        return value

    async def refusal(self, query: str, variables: Json = None, by: Person | str = "") -> Json:
        """The extensions of the one error, with its message."""
        (error,) = (await self.post(query, variables, by))["errors"]
        return error["extensions"] | {"message": error["message"]}

    async def events(self, query: str, count: int, variables: Json = None, by: Person | str = "") -> list[Json]:
        """The first so many events of a subscription."""
        token = by if isinstance(by, str) else by.token
        context = Context(self.services, token)
        stream = await self.schema.subscribe(query, variable_values=variables or {}, context_value=context)
        seen: list[Json] = []
        async with aclosing(stream) as answers:
            async for answer in answers:
                assert not answer.errors, answer.errors
                (value,) = answer.data.values()
                seen.append(value)
                if len(seen) == count:
                    return seen
        return seen

    async def rest(self) -> None:
        await self.background.idle()

    async def tick(self) -> None:
        """What the timer does."""
        await settle_everything(self.services)

    async def person(self, name: str) -> Person:
        did = await self.keyring.create(name, PASSPHRASE)
        return Person(did, await self.authority.sign_in_hosted(did))

    async def people(self, *names: str) -> list[Person]:
        return [await self.person(name) for name in names]

    async def unlock(self, person: Person) -> None:
        query = "mutation ($p: String!) { agentUnlock(passphrase: $p) { isUnlocked } }"
        await self.ask(query, {"p": PASSPHRASE}, person)
        await self.rest()

    async def lock(self, person: Person) -> None:
        query = "mutation ($p: String!) { agentLock(passphrase: $p) { isUnlocked } }"
        await self.ask(query, {"p": PASSPHRASE}, person)

    async def own_key(self, keys: KeyPair) -> Person:
        """Signs an agent in that keeps its own key."""
        challenge = self.authority.challenge(keys.did)
        signature = keys.sign(challenge.signed_bytes)
        return Person(keys.did, await self.authority.sign_in(keys.did, challenge.nonce, signature))

    def signed(self, keys: KeyPair, kind: str, organism: str, **fields: Json) -> Json:
        common = {"type": kind, "organism": organism, "timestamp": format_millis(self.clock())}
        statement = make_statement(keys, {**common, **fields})
        return {"statement": statement.text, "signature": statement.signature}

    async def found(self, founder: Person, *invited: Person, **organism: Json) -> str:
        """An organism that all the invited have joined."""
        given = {"name": "Garden club", "members": [each.did for each in invited], **organism}
        uri = await self.ask(CREATE, {"o": given}, founder)
        for each in invited:
            await self.ask(JOIN, {"u": uri}, each)
        return str(uri)

    async def say(self, uri: str, by: Person, words: Json, language: str = "json") -> Json:
        return await self.ask(SPEAK, {"u": uri, "c": canonical(words), "l": language}, by)


@asynccontextmanager
async def society(
    data: Path,
    engine: Engine,
    store: Json,
    clock: Clock | None = None,
    spawn: Callable[[Awaitable[None]], None] | None = None,
    schema: ChorusSchema | None = None,
    token_clock: Clock | None = None,
) -> AsyncIterator[Society]:
    """Opened twice over the same data, it is the same deployment again. `spawn` takes the background work.

    Tokens live by `token_clock`: they outlast years that pass on the other one.
    """
    clock = clock or Clock()
    settings = Settings(data=data, **store)
    opened = await open_store(settings)
    identity = load_identity(data / "server.key")
    keyring = StoreKeyring(opened.accounts, clock, os.urandom, CHEAP)
    authority, background = Authority(opened.accounts, keyring, identity, "", token_clock or clock), Background()
    observatory = Observatory(opened, clock)
    services = Services(
        store=opened,
        engine=Judge(engine),
        keyring=keyring,
        authority=authority,
        bus=Bus(),
        notices=LocalNotices(),
        server=identity.keys,
        clock=clock,
        random=os.urandom,
        spawn=spawn or background.spawn,
        guard=Guards(),
        limits=Limits(),
        relations=EveryRelation(TrustRelations(observatory), AllianceRelations(observatory)),
        standings=observatory.standings,
    )
    async with authority:
        yield Society(services, keyring, authority, clock, background, schema or ChorusSchema())
        await background.close()
    await opened.close()
