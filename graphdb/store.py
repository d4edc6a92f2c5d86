"""The protocols of the property graph. Two implementations stand behind them: `sqlite` and `neo4j`.

Every method is one atomic, retry-safe transaction. A method raises `StoreUnavailable` when the
database cannot be reached, and nothing else of its driver's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.expressions import Expression
from domain.identity import Did
from domain.organisms.automatic import Automatic
from domain.organisms.coherence import Coherence
from domain.organisms.dna import DnaVerdict
from domain.organisms.events import Event
from domain.organisms.facts import Given
from domain.organisms.gathering import Gathering
from domain.organisms.organism import Adoption, Membership, Organism, Proposal, SignedVerdict, SpokenExpression
from graphdb.alliances import Alliances
from graphdb.interactions import Interactions
from graphdb.page import Page as Page
from graphdb.people import People
from graphdb.runs import Runs
from graphdb.social_graph import SocialGraph


@dataclass(frozen=True, slots=True)
class Entry:
    """One log entry as stored: `position` orders the entries of all organisms, `seq` those of one."""

    position: int
    organism: str
    seq: int
    text: str


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's name for one request of one agent; `fingerprint` is what it asked for."""

    agent: Did
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What a decision was taken from; a commit is refused with `Moved` where it no longer holds.

    `facts_size` is compared for everything but verdicts, `size` as well where the decision looked at
    verdicts; `verdict` is the statement id of the author's live verdict on the expression, None when
    there was none.
    """

    epoch: int
    facts_size: int | None = None
    verdict: str | None = None
    size: int | None = None


FOUNDING = Expected(epoch=-1)


KEPT_FACTS = 256
"""Evaluations of one organism whose facts are kept: the newest ones, a few more than what-if looks at."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Events of one organism to be appended to its log and projected into the graph, all or none.

    `result` is what a repeat is answered with: an expression's URL, a proposal's id, or the URI. `facts`
    are the hash of those that the decision was taken from and what is kept of them.
    """

    organism: str
    events: tuple[Event, ...]
    expected: Expected
    received_at: int
    result: str
    program: str | None = None
    expression: tuple[str, Expression] | None = None
    idempotency: IdempotencyKey | None = None
    facts: tuple[str, bytes] | None = None

    def __post_init__(self) -> None:
        # It would be found out in the midst of a batch, and fail the others there.
        if not self.events:
            raise ValueError("a commit has at least one event")


@dataclass(frozen=True, slots=True)
class Committed:
    """The entries that a commit appended; none, and `repeated`, for a statement already accepted.

    `concurring` is the count as spoken of the expression that a verdict is about, right after the commit.
    """

    entries: tuple[Entry, ...]
    result: str
    repeated: bool = False
    concurring: int | None = None


class Moved(Exception):
    """The organism is no longer what the decision was taken from: decide again."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The first outcome of a statement or an idempotency key."""

    result: str
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision about one agent and one expression of one organism reads, in one snapshot.

    `spoken` is the expression with that URL, whichever organism it was spoken for; `verdict` is
    the agent's live one; `in_spoken_roster` whether the agent was in the roster of its epoch.
    """

    organism: Organism | None
    membership: Membership | None = None
    spoken: SpokenExpression | None = None
    verdict: SignedVerdict | None = None
    in_spoken_roster: bool = False
    repeat: Repeat | None = None


@dataclass(frozen=True, slots=True)
class ExpressionFilter:
    """Which spoken expressions are wanted; coherence is `as_spoken`."""

    min_coherence: float | None = None
    author: Did | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class StoredExpression:
    """An expression kept by the graph under its URL; `content` is None once it is erased."""

    url: str
    language: str
    expression: Expression | None


class Organisms(Protocol):
    """Organisms, their logs and everything that their logs decide."""

    async def commit(self, commit: Commit) -> Committed:
        """Append and project in one durable transaction.

        Raises `Moved` where `commit.expected` no longer holds, and answers a repeated statement or
        idempotency key with its first result, writing nothing.
        """
        ...

    async def repeat(self, statement_id: str | None, key: IdempotencyKey | None) -> Repeat | None: ...
    def recall(self, uri: str, url: str, did: Did) -> Standing | None:
        """A standing without a verdict that this process remembers; None where `standing` has to be asked.

        It may be out of date: a commit that was decided from it is compared as any other, and what it would
        refuse must be read again.
        """
        ...

    def remembered(self, url: str) -> SpokenExpression | None:
        """The expression after the newest commit of this process; None where `spoken` has to be asked."""
        ...

    async def standing(self, uri: str, url: str, did: Did, statement_id: str | None = None) -> Standing: ...
    async def gathering(self, uri: str) -> Gathering | None:
        """The whole roster with open invitations and open proposals, in one snapshot."""
        ...

    async def organism(self, uri: str) -> Organism | None: ...
    async def organisms(
        self, first: int, after: str | None, *, member: Did | None = None, search: str | None = None
    ) -> Page[Organism]: ...
    async def program(self, dna: str) -> str | None: ...
    async def adoptions(self, uri: str) -> tuple[Adoption, ...]:
        """Every Social DNA that the organism followed, from the founding one on."""
        ...

    async def members(
        self, uri: str, first: int, after: str | None, *, epoch: int | None = None
    ) -> Page[Membership]: ...
    async def memberships(self, did: Did) -> tuple[tuple[str, Membership], ...]: ...
    async def invited(self, uri: str) -> tuple[Did, ...]: ...

    async def spoken(self, urls: Sequence[str]) -> tuple[SpokenExpression | None, ...]: ...
    async def expressions(
        self, uri: str, first: int, after: str | None, wanted: ExpressionFilter
    ) -> Page[SpokenExpression]: ...
    async def newest_expressions(self, uri: str, count: int) -> tuple[tuple[SpokenExpression, Expression], ...]: ...
    async def given(self, urls: Sequence[str], most: int) -> tuple[Given, ...]:
        """Live verdicts on these expressions, at most so many, by URL and DID."""
        ...

    async def coherence(self, url: str) -> Coherence | None: ...
    async def verdicts(self, url: str, first: int, after: str | None) -> Page[SignedVerdict]: ...
    async def automatic_verdicts(self, did: Did, first: int, after: str | None) -> Page[SignedVerdict]: ...
    async def awaiting_verdict(
        self, did: Did, first: int, after: str | None, *, untried: bool = False
    ) -> Page[SpokenExpression]:
        """What its organisms said since its admission without a verdict of its own; `untried`: nor a silent try."""
        ...

    async def awaiting_vote(self, did: Did, first: int, after: str | None) -> Page[Proposal]: ...
    async def awaiting_join(
        self, did: Did, first: int, after: str | None
    ) -> Page[tuple[Organism, Proposal | None]]: ...

    async def proposal(self, proposal_id: str) -> Proposal | None: ...
    async def proposals(
        self, uri: str, first: int, after: str | None, *, open_only: bool | None = None
    ) -> Page[Proposal]: ...
    async def open_proposals(self) -> tuple[tuple[str, str], ...]: ...

    async def entries(self, uri: str, after_seq: int, first: int) -> tuple[Entry, ...]: ...
    async def entries_since(
        self, position: int, first: int, *, uri: str | None = None, member: Did | None = None
    ) -> tuple[Entry, ...]: ...
    async def position(self) -> int: ...
    async def evaluated(self, uri: str, count: int) -> tuple[Entry, ...]:
        """The newest entries that speak or admit somebody by an evaluation, newest first."""
        ...

    async def kept_facts(self, uri: str, hashes: Sequence[str]) -> dict[str, bytes]:
        """What is kept of the facts with these hashes, where it still is."""
        ...

    async def set_auto_concur(self, did: Did, uri: str | None, on: bool) -> None: ...
    async def confirm_dna(self, did: Did, uri: str, dna: str) -> None: ...
    async def automatic(self, uri: str, dids: Sequence[Did], epoch: int) -> tuple[Automatic, ...]:
        """What each agent allows under the Social DNA of that epoch.

        A Social DNA is confirmed by having joined under it, vouched for it, or said so with `confirm_dna`.
        """
        ...

    async def leave_unsigned(self, did: Did, url: str, verdict: DnaVerdict) -> None:
        """Notes that the server evaluated the expression for the agent, and was silent."""
        ...

    async def unsigned(self, did: Did, urls: Sequence[str]) -> dict[str, DnaVerdict]: ...


class Expressions(Protocol):
    """Expressions by URL, spoken or not."""

    async def put(self, stored: StoredExpression) -> None: ...
    async def get(self, urls: Sequence[str]) -> tuple[StoredExpression | None, ...]: ...


@dataclass(frozen=True, slots=True)
class HostedAgent:
    """An agent whose key the server keeps, sealed under its passphrase; `sealed` is JSON text."""

    did: Did
    name: str | None
    sealed: str
    created_at: int


@dataclass(frozen=True, slots=True)
class App:
    """A capability token that an agent granted: ad4m's `Apps`. `auth` is its AuthInfo as JSON text."""

    request_id: str
    agent: Did
    auth: str
    token_id: str
    issued_at: int
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class DeadTokens:
    """Ids of tokens that were revoked or removed, and how many there have been up to the last of them."""

    ids: frozenset[str]
    count: int


class Accounts(Protocol):
    """Hosted agents and the tokens that agents granted."""

    async def add_agent(self, agent: HostedAgent) -> None: ...
    async def replace_key(self, did: Did, sealed: str) -> None: ...
    async def agent(self, did: Did) -> HostedAgent | None: ...
    async def agents(self) -> tuple[HostedAgent, ...]:
        """All hosted agents, oldest first: the first one is the main agent."""
        ...

    async def add_app(self, app: App) -> None: ...
    async def apps(self, agent: Did) -> tuple[App, ...]: ...
    async def revoke_app(self, agent: Did, request_id: str) -> bool: ...
    async def remove_app(self, agent: Did, request_id: str) -> bool: ...
    async def dead_tokens(self, after: int) -> DeadTokens:
        """Those that died after the first `after` of them, in whatever process."""
        ...


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a store holds: for `chorus replay` and the health page."""

    organisms: int
    entries: int
    position: int
    tables: dict[str, int] = field(default_factory=dict)


class Store(Protocol):
    """One property graph, opened once and closed by whoever opened it."""

    @property
    def organisms(self) -> Organisms: ...
    @property
    def expressions(self) -> Expressions: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def people(self) -> People: ...
    @property
    def interactions(self) -> Interactions: ...
    @property
    def alliances(self) -> Alliances: ...
    @property
    def social_graph(self) -> SocialGraph: ...
    @property
    def runs(self) -> Runs: ...

    async def ready(self) -> None:
        """Raises `StoreUnavailable` unless the database answers a query."""
        ...

    async def close(self) -> None: ...
