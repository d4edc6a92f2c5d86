"""Who may do what: sessions of tokens, sign-in by signature, ad4m's permit flow, revocation."""

import asyncio
import hmac
import secrets
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import structlog

from domain.canonical import canonical
from domain.capabilities import ADMIN, AUTHENTICATE_ONLY, OWN_AGENT, AuthInfo, CapabilityNotMatched
from domain.errors import DomainError
from domain.identity import Did, verify
from domain.timestamp import format_millis
from graphdb.errors import StoreUnavailable
from graphdb.store import Accounts, App
from resolvers.context import Challenge, Keyring, Session
from resolvers.errors import Unauthorized
from server import tokens
from server.identity import Identity

log = structlog.get_logger(__name__)

SIGN_IN_DOMAIN = b"chorus-sign-in/1\0"
CHALLENGE_LIFETIME = 60_000
REQUEST_LIFETIME = 600_000
WAITING = 10_000
ATTEMPTS = 5
POLL_SECONDS = 0.5
REMEMBERED = 10_000


class UnknownRequest(DomainError):
    code = "UNKNOWN_REQUEST"

    def __init__(self) -> None:
        super().__init__("Can't find permitted request: ask for the capability again")


class UnknownChallenge(DomainError):
    code = "UNKNOWN_CHALLENGE"

    def __init__(self) -> None:
        super().__init__("No such challenge for this DID: it was used, has expired, or was never given")


class UnknownApp(DomainError):
    code = "UNKNOWN_APP"

    def __init__(self, request_id: str) -> None:
        super().__init__("This agent granted no token under that request", requestId=request_id[:100])


@dataclass(slots=True)
class _Request:
    """A capability asked for; once permitted, with what was granted, by whom, and the code to fetch it with."""

    expires_at: int
    granted: AuthInfo | None = None
    agent: Did | None = None
    code: str = field(default="", repr=False)
    attempts: int = ATTEMPTS


class Authority:
    """The `Authority` protocol; `async with` runs the watch over tokens that other processes revoke."""

    def __init__(
        self, accounts: Accounts, keyring: Keyring, identity: Identity, credential: str, clock: Callable[[], int]
    ) -> None:
        self._accounts = accounts
        self._keyring = keyring
        self._identity = identity
        self._credential = credential
        self._clock = clock
        self._dead: frozenset[str] = frozenset()
        self._read: OrderedDict[str, tokens.Token] = OrderedDict()
        self._requests: OrderedDict[str, _Request] = OrderedDict()
        self._challenges: OrderedDict[str, Challenge] = OrderedDict()
        self._watched: dict[str, set[asyncio.Future[None]]] = {}
        self._expiry: dict[str, int] = {}
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._dead = await self._accounts.dead_tokens()
        self._watch = asyncio.create_task(self._poll())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._watch is not None
        self._watch.cancel()
        await asyncio.gather(self._watch, return_exceptions=True)

    # Sessions

    async def session(self, token: str) -> Session:
        """Raises `InvalidToken` and `Unauthorized`."""
        if self._is_admin(token):
            return Session(await self._keyring.main_agent(), ADMIN)
        if not token:
            return Session(None, AUTHENTICATE_ONLY)
        found = self._token(token)
        session = Session(found.agent, found.capabilities or AUTHENTICATE_ONLY, found.id, found.expires_at)
        if not self.alive(session):
            raise Unauthorized
        return session

    def _is_admin(self, token: str) -> bool:
        """Without a configured credential, which only a loopback server may be, the empty token is the admin's."""
        return hmac.compare_digest(token.encode("utf8", "replace"), self._credential.encode())

    def _token(self, token: str) -> tokens.Token:
        known = self._read.get(token)
        if known is None:
            known = self._read[token] = tokens.read(self._identity, token, self._clock())
            if len(self._read) > REMEMBERED:
                self._read.popitem(last=False)
        return known

    def alive(self, session: Session) -> bool:
        if session.token_id is None:
            return True
        expired = session.expires_at is not None and session.expires_at <= self._clock()
        return session.token_id not in self._dead and not expired

    def until_dead(self, session: Session) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        token_id = session.token_id
        if token_id is None:
            return future
        if not self.alive(session):
            future.set_result(None)
            return future
        self._watched.setdefault(token_id, set()).add(future)
        self._expiry[token_id] = session.expires_at or 0
        future.add_done_callback(lambda done: self._forget(token_id, done))
        return future

    def _forget(self, token_id: str, future: asyncio.Future[None]) -> None:
        watching = self._watched.get(token_id, set())
        watching.discard(future)
        if not watching:
            self._watched.pop(token_id, None)
            self._expiry.pop(token_id, None)

    async def _poll(self) -> None:
        """One task for all sockets: what other processes revoked, and what has expired."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                self._dead = self._dead | await self._accounts.dead_tokens()
            except StoreUnavailable:
                log.warning("revocations_not_read")
            self._announce()

    def _announce(self) -> None:
        now = self._clock()
        for token_id in [each for each in self._watched if each in self._dead or self._expiry[each] <= now]:
            for future in list(self._watched[token_id]):
                if not future.done():
                    future.set_result(None)

    # Sign-in of agents that keep their own key

    def challenge(self, did: Did) -> Challenge:
        nonce = secrets.token_hex(32)
        expires_at = self._clock() + CHALLENGE_LIFETIME
        given = self._challenges[nonce] = Challenge(did, self._identity.keys.did, nonce, expires_at)
        _trim(self._challenges)
        return given

    async def sign_in(self, did: Did, nonce: str, signature: str) -> str:
        """Raises `UnknownChallenge` and `InvalidSignature`; a challenge serves once, right or wrong."""
        given = self._challenges.pop(nonce, None)
        if given is None or given.did != did or given.expires_at <= self._clock():
            raise UnknownChallenge
        verify(did, signed_challenge(given), signature)
        return await self.issue(did, AuthInfo("sign-in", "Signed in with its own key", capabilities=OWN_AGENT))

    # Tokens that agents grant

    async def issue(self, agent: Did, auth: AuthInfo, request_id: str | None = None) -> str:
        now = self._clock()
        token, token_id = tokens.issue(self._identity, agent, auth, now)
        await self._accounts.add_app(App(request_id or uuid.uuid4().hex, agent, auth.text(), token_id, now))
        return token

    def request(self, auth: AuthInfo) -> str:
        """Notes that somebody asks; what it asked for is only shown, what is granted the permit says."""
        request_id = str(uuid.uuid4())
        self._requests[request_id] = _Request(self._clock() + REQUEST_LIFETIME)
        _trim(self._requests)
        return request_id

    def permit(self, session: Session, request_id: str, auth: AuthInfo) -> str:
        """The six digits that fetch the token. Nobody grants more than it has."""
        request = self._request(request_id)
        for capability in auth.capabilities:
            if not capability.within(session.capabilities):
                raise CapabilityNotMatched(capability.domain, ", ".join(capability.can), capability.pointers)
        request.granted, request.agent = auth, session.agent
        request.code = f"{secrets.randbelow(1_000_000):06d}"
        return request.code

    async def generate_jwt(self, request_id: str, rand: str) -> str:
        request = self._request(request_id)
        if request.granted is None or request.agent is None:
            raise UnknownRequest
        if not hmac.compare_digest(rand.encode("utf8", "replace"), request.code.encode()):
            request.attempts -= 1
            if request.attempts <= 0:
                del self._requests[request_id]
            raise UnknownRequest
        del self._requests[request_id]
        return await self.issue(request.agent, request.granted, request_id)

    def _request(self, request_id: str) -> _Request:
        request = self._requests.get(request_id)
        if request is None or request.expires_at <= self._clock():
            raise UnknownRequest
        return request

    async def apps(self, agent: Did) -> tuple[App, ...]:
        return await self._accounts.apps(agent)

    async def revoke(self, agent: Did, request_id: str) -> tuple[App, ...]:
        """The token is dead at once here, within a second in other processes; the app stays listed."""
        return await self._kill(agent, request_id, await self._accounts.revoke_app(agent, request_id))

    async def remove(self, agent: Did, request_id: str) -> tuple[App, ...]:
        return await self._kill(agent, request_id, await self._accounts.remove_app(agent, request_id))

    async def _kill(self, agent: Did, request_id: str, killed: bool) -> tuple[App, ...]:
        if not killed:
            raise UnknownApp(request_id)
        self._dead = self._dead | await self._accounts.dead_tokens()
        self._announce()
        return await self._accounts.apps(agent)


def signed_challenge(given: Challenge) -> bytes:
    """What the client signs (protocol section 7)."""
    text = canonical(
        {
            "did": given.did,
            "server": given.server,
            "nonce": given.nonce,
            "expiresAt": format_millis(given.expires_at),
        }
    )
    return SIGN_IN_DOMAIN + text.encode()


def _trim(waiting: OrderedDict[str, _Request] | OrderedDict[str, Challenge]) -> None:
    if len(waiting) > WAITING:
        waiting.popitem(last=False)
