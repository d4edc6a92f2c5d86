"""How every act in an organism goes: load, decide, commit, wake; and again where the organism moved meanwhile."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from domain.canonical import Json, canonical, sha256_hex
from domain.capabilities import Domain
from domain.identity import Did, KeyPair
from domain.organisms.acceptance import Acceptance, check_arguments
from domain.organisms.errors import Contended, IdempotencyKeyReused, Refused, UnknownOrganism
from domain.organisms.gathering import Gathering
from domain.organisms.statement import (
    Statement,
    StatementType,
    make_statement,
    signed_bytes,
    unverified_statement,
)
from domain.timestamp import format_millis
from graphdb.errors import StoreUnavailable
from graphdb.store import Commit, Committed, IdempotencyKey, Moved, Repeat
from resolvers.context import Context, Services
from resolvers.errors import AgentLocked, InvalidArgument, NotThisAgent, SignatureRequired

UPDATE = "UPDATE"
IDEMPOTENCY_KEY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement that the client signed itself: its canonical text and the signature in hex."""

    statement: str
    signature: str


@dataclass(frozen=True, slots=True)
class Act:
    """One request to act: who asks, what the statement must say, and how it is signed and repeated.

    `fields` are those that the arguments fix; those that the organism's state decides (epoch,
    roster, …) are added when the server signs.
    """

    context: Context
    type: StatementType
    organism: str
    fields: Mapping[str, Json]
    signed: Statement | None
    key: IdempotencyKey | None

    @property
    def services(self) -> Services:
        return self.context.services

    @property
    def agent(self) -> Did:
        return self.context.me

    def statement(self, now: int, decided: Mapping[str, Json]) -> Statement:
        """The client's own statement, or one that the server signs with the agent's unlocked key."""
        if self.signed is not None:
            return self.signed
        return sign(self.services, self.agent, self.type, self.organism, {**self.fields, **decided}, now)


def acceptance(services: Services) -> Acceptance:
    limits = services.limits
    return Acceptance(services.server.did, services.clock(), limits.clock_ahead, limits.clock_behind)


def sign(
    services: Services, did: Did, kind: StatementType, organism: str, fields: Mapping[str, Json], now: int
) -> Statement:
    keys: KeyPair | None = services.keyring.open_key(did)
    if keys is None:
        raise AgentLocked(did)
    given = {name: value for name, value in fields.items() if value is not None}
    common = {"type": str(kind), "organism": organism, "author": did, "timestamp": format_millis(now)}
    return make_statement(keys, {**common, **given})


@dataclass(frozen=True, slots=True)
class Request:
    """What a mutation's arguments say: `fields` are the statement's, `arguments` tell two requests apart."""

    type: StatementType
    organism: str
    fields: Mapping[str, Json]
    arguments: Mapping[str, Json] | None = None
    signed: Signed | None = None
    idempotency_key: str | None = None


async def act(context: Context, request: Request) -> Act:
    """Checks the capability and the client's signature; raises what is wrong with either."""
    operation = "CREATE" if request.type is StatementType.FOUND else UPDATE
    context.require(Domain.SOCIAL_ORGANISM, operation, [request.organism or "*"])
    statement = None if request.signed is None else await _own_statement(context, request, request.signed)
    if statement is None and not await context.services.keyring.hosts(context.me):
        raise SignatureRequired(context.me)
    key = None if request.idempotency_key is None else _key(context, request, request.idempotency_key)
    return Act(context, request.type, request.organism, request.fields, statement, key)


async def _own_statement(context: Context, request: Request, signed: Signed) -> Statement:
    """The client's statement; an argument that was not given may be whatever the statement says."""
    statement = unverified_statement(signed.statement, signed.signature)
    await context.services.verify(statement.author, signed_bytes(signed.statement), signed.signature)
    if statement.author != context.me:
        raise NotThisAgent(statement.author, context.me)
    given = {name: value for name, value in request.fields.items() if value is not None}
    check_arguments(statement, {"type": str(request.type), "organism": request.organism, **given})
    return statement


def _key(context: Context, request: Request, key: str) -> IdempotencyKey:
    if not 0 < len(key) <= IDEMPOTENCY_KEY_LENGTH:
        raise InvalidArgument("idempotencyKey", f"1 to {IDEMPOTENCY_KEY_LENGTH} characters", key)
    asked: Json = [str(request.type), request.organism, dict(request.fields), dict(request.arguments or {})]
    return IdempotencyKey(context.me, key, sha256_hex(canonical(asked).encode()))


async def first_outcome(asked: Act) -> Repeat | None:
    """The result of the same statement or idempotency key, if it was accepted before."""
    if asked.signed is None and asked.key is None:
        return None
    statement_id = None if asked.signed is None else asked.signed.id
    repeat = await asked.services.store.organisms.repeat(statement_id, asked.key)
    if repeat is not None and repeat.fingerprint is not None:
        assert asked.key is not None
        if repeat.fingerprint != asked.key.fingerprint:
            raise IdempotencyKeyReused(asked.key.key)
    return repeat


async def commit(services: Services, organism: str, decide: Callable[[], Awaitable[Commit | None]]) -> Committed | None:
    """Commits what `decide` says, asking it again where the organism moved; None where nothing is to be done."""
    for _ in range(services.limits.attempts):
        decided = await decide()
        if decided is None:
            return None
        try:
            return await append(services, decided)
        except Moved:
            continue
    raise Contended(organism)


async def carry_out(asked: Act, decide: Callable[[], Awaitable[Commit | None]]) -> Committed | None:
    """As `commit`, one act of an organism at a time.

    Of one request that came twice at once, the second is refused by what the first one changed: it is
    answered with the first outcome, as if it had come later.
    """
    try:
        async with asked.services.guard(asked.organism):
            return await commit(asked.services, asked.organism, decide)
    except Refused:
        repeat = await first_outcome(asked)
        if repeat is None:
            raise
        return Committed((), repeat.result, repeated=True)


async def append(services: Services, decided: Commit) -> Committed:
    """Writes the commit and wakes whoever follows the log, also where nobody knows whether it was written."""
    try:
        committed = await services.store.organisms.commit(decided)
    except StoreUnavailable:
        services.bus.wake()
        raise
    services.bus.wake()
    return committed


async def gathering(services: Services, uri: str) -> Gathering:
    found = await services.store.organisms.gathering(uri)
    if found is None:
        raise UnknownOrganism(uri)
    return found
