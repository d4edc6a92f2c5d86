"""What a resolver has at hand: the services of the process and the session of the request."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from domain.capabilities import AuthInfo, Capability, Domain, require
from domain.errors import DomainError
from domain.identity import Did, KeyPair
from domain.organisms.dna import DnaEngine
from graphdb.store import App, Store
from resolvers.errors import NoAgent
from subscriptions.bus import Bus


@dataclass(frozen=True, slots=True)
class Session:
    """Who asks: the agent of the token, what the token may do; its id and expiry (ms) are None for the admin."""

    agent: Did | None
    capabilities: tuple[Capability, ...]
    token_id: str | None = None
    expires_at: int | None = None


class Keyring(Protocol):
    """The keys of hosted agents: sealed in the store, open in memory once unlocked."""

    async def create(self, name: str | None, passphrase: str) -> Did: ...
    async def unlock(self, did: Did, passphrase: str) -> None: ...
    async def lock(self, did: Did, passphrase: str) -> None: ...
    async def change_passphrase(self, did: Did, old: str, new: str) -> None: ...
    async def export(self, did: Did, passphrase: str) -> str: ...
    async def restore(self, did: Did, keystore: str, passphrase: str) -> None: ...
    async def main_agent(self) -> Did | None: ...
    async def hosts(self, did: Did) -> bool: ...
    def open_key(self, did: Did) -> KeyPair | None: ...
    def unlocked(self) -> frozenset[Did]: ...


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a self-custody agent signs to get a token (protocol section 7)."""

    did: Did
    server: Did
    nonce: str
    expires_at: int


class Authority(Protocol):
    """Tokens: issued, permitted, checked, revoked."""

    async def session(self, token: str) -> Session: ...
    def alive(self, session: Session) -> bool:
        """False once the session's token is revoked or has expired."""
        ...

    def until_dead(self, session: Session) -> asyncio.Future[None]:
        """Done within a second of the token's revocation or expiry; cancel it when it is not needed any more."""
        ...

    def challenge(self, did: Did) -> Challenge: ...
    async def sign_in(self, did: Did, nonce: str, signature: str) -> str: ...
    async def issue(self, agent: Did, auth: AuthInfo) -> str: ...
    def request(self, auth: AuthInfo) -> str: ...
    def permit(self, session: Session, request_id: str, auth: AuthInfo) -> str: ...
    async def generate_jwt(self, request_id: str, rand: str) -> str: ...
    async def apps(self, agent: Did) -> tuple[App, ...]: ...
    async def revoke(self, agent: Did, request_id: str) -> tuple[App, ...]: ...
    async def remove(self, agent: Did, request_id: str) -> tuple[App, ...]: ...


class Notices(Protocol):
    """Things that agents are told while they happen and that no log keeps: agentUpdated, exceptionOccurred, …"""

    def publish(self, topic: str, agent: Did | None, notice: object) -> None: ...
    def follow(self, topic: str, agent: Did | None) -> AsyncIterator[object]: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What strangers may send; every one is a setting. Times are milliseconds."""

    page: int = 100
    clock_ahead: int = 60_000
    clock_behind: int = 24 * 3_600_000
    proposal_lifetime: int = 30 * 24 * 3_600_000
    open_proposals: int = 1_000
    members: int = 10_000
    content_length: int = 1_000_000
    facts_expressions: int = 200
    attempts: int = 5


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that lives as long as the process."""

    store: Store
    engine: DnaEngine
    keyring: Keyring
    authority: Authority
    bus: Bus
    notices: Notices
    server: KeyPair
    clock: Callable[[], int]
    random: Callable[[int], bytes]
    spawn: Callable[[Awaitable[None]], None]
    guard: Callable[[str], AbstractAsyncContextManager[None]]
    limits: Limits = field(default_factory=Limits)
    version: str = "0.0.0"


@dataclass(slots=True)
class Context:
    """One request, or one socket: its services, its token, and the session that the token stands for now.

    The session is looked up again for every operation, so that a socket sees a token revoked, an
    agent generated or unlocked since it was opened.
    """

    services: Services
    token: str
    connection_params: Mapping[str, object] | None = None
    _session: Session | DomainError | None = None

    async def authenticate(self) -> None:
        """Looks the token up; what is wrong with it is raised by the first field that needs it."""
        try:
            self._session = await self.services.authority.session(self.token)
        except DomainError as exc:
            self._session = exc

    @property
    def session(self) -> Session:
        if isinstance(self._session, DomainError):
            raise self._session
        if self._session is None:
            raise NoAgent
        return self._session

    @property
    def me(self) -> Did:
        """The agent of the token; raises `NoAgent` where there is none."""
        if self.session.agent is None:
            raise NoAgent
        return self.session.agent

    def require(self, domain: Domain, operation: str, pointers: Sequence[str] = ("*",)) -> None:
        """Raises `CapabilityNotMatched` unless the token allows it."""
        require(self.session.capabilities, domain, operation, pointers)
