"""What a resolver has at hand: the services of the process and the session of the request."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from domain.capabilities import AuthInfo, Capability, Domain, require
from domain.errors import CodedError
from domain.identity import Did, KeyPair, verify
from domain.organisms.dna import DnaEngine
from domain.organisms.facts import NucleusLink, Relation
from domain.people.gate import REFUSAL
from domain.people.owner import Owners
from domain.sandbox.eventlog.header import Header
from domain.sandbox.seats.action import Action
from domain.sandbox.seats.observation import Observation
from domain.sandbox.study.plan import Plan
from domain.sign_in import Challenge
from graphdb.runs import StoredRun
from graphdb.store import App, Store
from resolvers.alliance.standings import Standings
from resolvers.errors import NoAgent
from resolvers.people.conduct import Conducts
from subscriptions.bus import Bus


@dataclass(frozen=True, slots=True)
class Session:
    """Who asks: the agent of the token, what the token may do, its id and when it ends (ms).

    The last two are None for the admin and for strangers. The admin acts as the main agent, and as nobody
    while there is none.
    """

    agent: Did | None
    capabilities: tuple[Capability, ...]
    token_id: str | None = None
    expires_at: int | None = None
    admin: bool = False


class Keyring(Protocol):
    """The keys of hosted agents: sealed in the store, open in memory once unlocked.

    Whatever takes a passphrase raises `NotHosted`, `WrongPassphrase`, `TooManyAttempts` or `KeyringBusy`.
    """

    async def create_main(self, passphrase: str) -> Did:
        """The main agent, unlocked; raises `AgentExists` if there is one."""
        ...

    async def create(self, name: str, passphrase: str) -> Did:
        """A further agent, unlocked."""
        ...

    async def check(self, did: Did, passphrase: str) -> None: ...
    async def unlock(self, did: Did, passphrase: str) -> None: ...
    async def lock(self, did: Did, passphrase: str) -> None: ...
    async def change_passphrase(self, did: Did, old: str, new: str) -> None: ...
    async def export(self, did: Did, passphrase: str) -> str:
        """The sealed key as JSON text, for `restore` under the same passphrase."""
        ...

    async def restore(self, did: Did, keystore: str, passphrase: str) -> None:
        """Takes an exported key in, unlocked; as the main agent's where there is none. Raises `InvalidKeystore`."""
        ...

    async def main_agent(self) -> Did | None: ...
    async def hosts(self, did: Did) -> bool: ...
    def open_key(self, did: Did) -> KeyPair | None: ...
    def unlocked(self) -> frozenset[Did]: ...


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token and the agent that it acts as."""

    agent: Did
    token: str


class Authority(Protocol):
    """Tokens: issued, permitted, checked, revoked."""

    async def session(self, token: str) -> Session:
        """Raises `InvalidToken`, or `Unauthorized` for a revoked one."""
        ...

    def alive(self, session: Session) -> bool:
        """False once the session's token is revoked or has expired."""
        ...

    def until_dead(self, session: Session) -> asyncio.Future[None]:
        """Done within a second of the token's revocation or expiry; cancel it when it is not needed any more."""
        ...

    def challenge(self, did: Did) -> Challenge: ...
    async def sign_in(self, did: Did, nonce: str, signature: str) -> str:
        """A token for the agent that signed the challenge. Raises `UnknownChallenge` or `InvalidSignature`."""
        ...

    async def sign_in_hosted(self, did: Did) -> str:
        """A hosted agent's own token, for whoever gave its passphrase."""
        ...

    def request(self) -> str:
        """The id of a new open request; what it asks for is only shown to people."""
        ...

    def permit(self, session: Session, request_id: str, auth: AuthInfo) -> str:
        """Six digits that turn the request into a token of the session's agent, once.

        Raises `UnknownRequest`, and `CapabilityNotMatched` for more than the session may do itself.
        """
        ...

    async def generate_jwt(self, request_id: str, rand: str) -> Issued:
        """Raises `NoPermittedRequest`."""
        ...

    async def apps(self, agent: Did) -> tuple[App, ...]: ...
    async def revoke(self, agent: Did, request_id: str) -> tuple[App, ...]:
        """Kills a token that the agent granted; raises `UnknownApp`."""
        ...

    async def remove(self, agent: Did, request_id: str) -> tuple[App, ...]:
        """As `revoke`, and forgets the app."""
        ...


class Topic(StrEnum):
    """What notices are about; named after the subscriptions that deliver them."""

    AGENT_UPDATED = "agentUpdated"
    AGENT_STATUS_CHANGED = "agentStatusChanged"
    AGENT_APPS_CHANGED = "agentAppsChanged"
    EXCEPTION_OCCURRED = "exceptionOccurred"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell an agent; everybody, where `agent` is None."""

    agent: Did | None
    content: object


class Notices(Protocol):
    """What agents are told while it happens and no log keeps; missed by those who are not there."""

    def publish(self, topic: Topic, agent: Did | None, content: object) -> None: ...
    def follow(self, topic: Topic, agent: Did | None) -> AsyncIterator[Notice]:
        """Notices to this agent and to everybody; all of the topic for None."""
        ...


class Nucleus(Protocol):
    """The perspectives that only the members of an organism read and write, as Social DNA sees them."""

    async def links(self, uri: str) -> Sequence[NucleusLink]: ...


class Relations(Protocol):
    """What agents think of each other, as Social DNA sees it."""

    async def between(self, observers: Sequence[Did], about: Sequence[str]) -> Sequence[Relation]: ...


class NoNucleus:
    """Until organisms have perspectives: there are no links."""

    async def links(self, uri: str) -> Sequence[NucleusLink]:
        return ()


class NoRelations:
    """Until agents have relations: nobody says anything of anybody."""

    async def between(self, observers: Sequence[Did], about: Sequence[str]) -> Sequence[Relation]:
        return ()


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """A turn that a seat is waited for, until the deadline (ms)."""

    seen: Observation
    deadline: int


class Seats(Protocol):
    """Turns of runs that wait for whoever plays their agents."""

    def asked(self, run_id: str, agent: str) -> OpenTurn | None:
        """What the seat is waited for; None while it is not."""
        ...

    def act(self, run_id: str, agent: str, number: int, action: Action) -> None:
        """Once per turn; the same again changes nothing.

        Raises `NotYourTurn`, `AlreadyActed` for another action than before, or `ImpossibleAction`.
        """
        ...


class Sandbox(Protocol):
    """Simulations on behalf of agents, in processes of their own."""

    @property
    def shipped(self) -> Mapping[str, str]:
        """The scenarios that come with Chorus, as YAML by name."""
        ...

    @property
    def seats(self) -> Seats: ...

    async def start(self, owner: Did, header: Header) -> StoredRun:
        """Raises `TooManyRuns`, `TooLarge` for what would not fit into the bounds, or as `check_header`."""
        ...

    async def start_sweep(self, owner: Did, plan: Plan) -> StoredRun:
        """Raises `TooManyRuns`, `SweepTooLarge`, `InvalidSweep` or `InvalidScenario`."""
        ...

    async def cancel(self, run: StoredRun) -> None: ...
    async def events(self, run: StoredRun, after: int, first: int) -> Sequence[tuple[int, str]]:
        """Lines of the run's event log with their numbers, from just after a line; none where it is not here."""
        ...


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
    facts_verdicts: int = 130_000
    attempts: int = 5


@dataclass(frozen=True, slots=True)
class PeopleRules:
    """What the operator decides about people: the observers' owners, names that nobody else may show, and what a
    sender reads whose direct message is refused."""

    owners: Owners = field(default_factory=Owners)
    reserved_names: tuple[str, ...] = ()
    refusal: str = REFUSAL


class Observing(Protocol):
    """As much of the services as trust needs: also at hand where no server runs."""

    @property
    def store(self) -> Store: ...
    @property
    def clock(self) -> Callable[[], int]: ...
    @property
    def random(self) -> Callable[[int], bytes]: ...
    @property
    def bus(self) -> Bus: ...
    @property
    def people(self) -> PeopleRules: ...
    @property
    def standings(self) -> Standings: ...


@dataclass(frozen=True, slots=True)
class Observatory:
    """The least that is `Observing`: for the command line, and for what the services themselves are made of."""

    store: Store
    clock: Callable[[], int]
    people: PeopleRules = field(default_factory=PeopleRules)
    bus: Bus = field(default_factory=Bus)
    standings: Standings = field(default_factory=Standings)
    random: Callable[[int], bytes] = secrets.token_bytes


def _everything(agent: str) -> None:
    """No limit: for tests of other parts."""


async def _verify(did: Did, message: bytes, signature: str) -> None:
    verify(did, message, signature)


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
    owed: set[Did] = field(default_factory=set)
    """Hosted agents whose automatic concurrences were cut short: the timer catches up with them."""
    nucleus: Nucleus = field(default_factory=NoNucleus)
    relations: Relations = field(default_factory=NoRelations)
    people: PeopleRules = field(default_factory=PeopleRules)
    conducts: Conducts = field(default_factory=Conducts)
    standings: Standings = field(default_factory=Standings)
    sandbox: Sandbox | None = None
    """None where no simulations are run: in tests of other parts."""
    verify: Callable[[Did, bytes, str], Awaitable[None]] = _verify
    """Strict Ed25519, as `domain.identity.verify`."""
    allow: Callable[[str], None] = _everything
    """Counts what an agent asks of Social DNA by hand, and its requests to join; raises `TooManyRequests`."""
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
    _session: Session | CodedError | None = None

    async def authenticate(self) -> None:
        """Looks the token up; what is wrong with it is raised by the first field that needs it."""
        try:
            self._session = await self.services.authority.session(self.token)
        except CodedError as exc:
            self._session = exc

    @property
    def session(self) -> Session:
        if isinstance(self._session, CodedError):
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

    def allow(self) -> None:
        """Counts one evaluation more for the agent of the token; raises where it has had as many as it may."""
        self.services.allow(str(self.session.agent))
