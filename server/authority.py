"""Who may do what: sessions of tokens, sign-in, ad4m's permit flow, revocation."""

import asyncio
import hashlib
import hmac
import secrets
import uuid
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from domain.capabilities import ADMIN, AUTHENTICATE_ONLY, HOSTED, SELF_CUSTODY, AuthInfo, require_at_most
from domain.identity import Did, parse_did
from domain.sign_in import Challenge
from graphdb.store import Accounts, App
from resolvers.context import Issued, Keyring, Session
from resolvers.errors import NoPermittedRequest, Unauthorized, UnknownApp, UnknownChallenge
from server import tokens
from server.expiring import Expiring
from server.identity import Identity
from server.permits import Permits
from server.revocations import Revocations

CHALLENGE_LIFETIME = 60_000
OPEN_CHALLENGES = 10_000
REMEMBERED = 10_000
SIGN_IN = "sign-in:"
SIGN_INS = 20
"""Tokens by sign-in that an agent keeps: a further one ends the oldest."""
SIGN_IN_SECONDS = 30 * 24 * 3600
"""Short, as whoever has the key or the passphrase can sign in again at any time."""

SIGNED_IN = AuthInfo("sign-in", "Signed in with the agent's own key", capabilities=SELF_CUSTODY)
HOSTED_OWNER = AuthInfo("sign-in", "Signed in with the agent's passphrase", capabilities=HOSTED)


class Authority:
    """The `Authority` protocol; `async with` runs the watch over tokens that other processes revoke."""

    def __init__(
        self, accounts: Accounts, keyring: Keyring, identity: Identity, credential: str, clock: Callable[[], int]
    ) -> None:
        self._accounts = accounts
        self._keyring = keyring
        self._identity = identity
        self._credential = _digest(credential)
        self._clock = clock
        self._read: OrderedDict[str, tokens.Token] = OrderedDict()
        self._permits = Permits(clock)
        self._challenges: Expiring[Challenge] = Expiring(clock, CHALLENGE_LIFETIME, OPEN_CHALLENGES)
        self.revocations = Revocations(accounts, clock)

    async def __aenter__(self) -> Self:
        await self.revocations.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.revocations.__aexit__(kind, error, traceback)

    # Sessions

    async def session(self, token: str) -> Session:
        # Without a configured credential, which only a loopback server may be, the empty token is the admin's.
        if hmac.compare_digest(_digest(token), self._credential):
            return Session(await self._keyring.main_agent(), ADMIN, admin=True)
        if not token:
            return Session(None, AUTHENTICATE_ONLY)
        found = self._token(token)
        session = Session(found.agent, found.capabilities or AUTHENTICATE_ONLY, found.id, found.expires_at)
        if not self.alive(session):
            raise Unauthorized
        return session

    def _token(self, token: str) -> tokens.Token:
        """Read once: a socket shows the same token with every operation."""
        known = self._read.get(token)
        if known is None:
            known = self._read[token] = tokens.read(self._identity, token, self._clock())
            if len(self._read) > REMEMBERED:
                self._read.popitem(last=False)
        return known

    def alive(self, session: Session) -> bool:
        return self._lives(session.token_id, session.expires_at)

    def _lives(self, token_id: str | None, expires_at: int | None) -> bool:
        if token_id is None or expires_at is None:
            return True
        return not self.revocations.is_dead(token_id, expires_at)

    def until_dead(self, session: Session) -> asyncio.Future[None]:
        if session.token_id is None or session.expires_at is None:
            return asyncio.get_running_loop().create_future()
        return self.revocations.until_dead(session.token_id, session.expires_at)

    # Signing in

    def challenge(self, did: Did) -> Challenge:
        nonce = secrets.token_hex(32)
        given = Challenge(parse_did(did), self._identity.keys.did, nonce, self._clock() + CHALLENGE_LIFETIME)
        self._challenges.put(nonce, given)
        return given

    async def sign_in(self, did: Did, nonce: str, signature: str) -> str:
        """A challenge serves once, right or wrong."""
        given = self._challenges.pop(nonce)
        if given is None or given.did != did:
            raise UnknownChallenge
        given.verify(signature)
        return await self._signed_in(did, SIGNED_IN)

    async def sign_in_hosted(self, did: Did) -> str:
        return await self._signed_in(did, HOSTED_OWNER)

    async def _signed_in(self, agent: Did, auth: AuthInfo) -> str:
        """Listed and revocable as an app's token; an agent that signs in all the time keeps the newest only."""
        listed = [app for app in await self._accounts.apps(agent) if app.request_id.startswith(SIGN_IN)]
        for app in listed[: 1 - SIGN_INS]:
            with suppress(UnknownApp):  # another sign-in at the same moment removed it
                await self.remove(agent, app.request_id)
        return await self._issue(agent, auth, f"{SIGN_IN}{uuid.uuid4()}", SIGN_IN_SECONDS)

    async def _issue(self, agent: Did, auth: AuthInfo, request_id: str, lifetime: int = tokens.LIFETIME_SECONDS) -> str:
        now = self._clock()
        token, token_id = tokens.issue(self._identity, agent, auth, now, lifetime)
        await self._accounts.add_app(App(request_id, agent, auth.text, token_id, now))
        return token

    # Tokens that agents grant

    def request(self) -> str:
        return self._permits.request()

    def permit(self, session: Session, request_id: str, auth: AuthInfo) -> str:
        require_at_most(auth.capabilities, session.capabilities)
        return self._permits.permit(session, request_id, auth)

    async def generate_jwt(self, request_id: str, rand: str) -> Issued:
        """What a token permitted that is dead by now is void."""
        granted = self._permits.redeem(request_id, rand)
        if not self._lives(granted.token_id, granted.expires_at):
            raise NoPermittedRequest
        return Issued(granted.agent, await self._issue(granted.agent, granted.auth, request_id))

    async def apps(self, agent: Did) -> tuple[App, ...]:
        return await self._accounts.apps(agent)

    async def revoke(self, agent: Did, request_id: str) -> tuple[App, ...]:
        """The token is dead at once here, within a second in other processes; the app stays listed."""
        return await self._killed(agent, request_id, await self._accounts.revoke_app(agent, request_id))

    async def remove(self, agent: Did, request_id: str) -> tuple[App, ...]:
        return await self._killed(agent, request_id, await self._accounts.remove_app(agent, request_id))

    async def _killed(self, agent: Did, request_id: str, found: bool) -> tuple[App, ...]:
        if not found:
            raise UnknownApp(request_id)
        await self.revocations.look()
        return await self._accounts.apps(agent)


def _digest(secret: str) -> bytes:
    """Of one length, so that comparing them in constant time does not tell the secret's."""
    return hashlib.sha256(secret.encode("utf8", "surrogatepass")).digest()
