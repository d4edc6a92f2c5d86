"""What an organism is at one point of its log: plain values that decisions read and stores fill."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.canonical import Json
from domain.identity import Did
from domain.organisms.statement import ChangeKind, Verdict


@dataclass(frozen=True, slots=True)
class Organism:
    """An organism as of its log entry number `size`.

    `facts_size` is the log size after the newest entry that facts of Social DNA can depend on:
    verdicts leave it alone, every other entry moves it. `roster` is the root of the present roster.
    Times are milliseconds since 1970.
    """

    uri: str
    name: str
    description: str | None
    founder: Did
    created_at: int
    epoch: int
    size: int
    facts_size: int
    root: str
    roster: str
    member_count: int
    dna: str
    meta: Mapping[str, Json] | None = None
    nucleus_neighbourhood: str | None = None
    outputs_neighbourhood: str | None = None
    inputs_dm_language: str | None = None

    @property
    def dormant(self) -> bool:
        """An organism whose last member left is readable and refuses every statement."""
        return self.member_count == 0


@dataclass(frozen=True, slots=True)
class Adoption:
    """From `epoch` on the organism follows this DNA; `proposal` is None for the one it was founded with."""

    epoch: int
    dna: str
    proposal: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Membership:
    """One stay of an agent in an organism; `until_epoch` is None while it lasts."""

    did: Did
    since_epoch: int
    since: int
    until_epoch: int | None = None

    def covers(self, epoch: int) -> bool:
        return self.since_epoch <= epoch and (self.until_epoch is None or epoch < self.until_epoch)


@dataclass(frozen=True, slots=True)
class SpokenExpression:
    """An expression that a member claimed for its organism with an accepted `speak`.

    `concurring` and `members` are the two counts of coherence as spoken: live concurrences
    of the roster of `epoch`, and the size of that roster.
    """

    url: str
    organism: str
    content: str
    speaker: Did
    language: str
    epoch: int
    roster: str
    dna: str
    spoken_at: int
    received_at: int
    concurring: int
    members: int
    retracted_at: int | None = None


@dataclass(frozen=True, slots=True)
class SignedVerdict:
    """The live verdict of one agent on one expression, with the statement that proves it."""

    url: str
    did: Did
    verdict: Verdict
    reason: str | None
    statement: str
    signature: str
    statement_id: str
    timestamp: int
    received_at: int
    automatic: bool
    as_spoken: bool
    member_now: bool


class ProposalState(StrEnum):
    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    MOOT = "MOOT"


class VoteKind(StrEnum):
    VOUCH = "vouch"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True)
class Vote:
    """The live vote of one member on one proposal; `received_at` is when the server got it."""

    did: Did
    vote: VoteKind
    reason: str | None
    timestamp: int
    received_at: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed change of an organism. `joined_at` is when its subject gave its own `join`.

    `base` is the DNA in force when another one was proposed; `profile` the fields of a proposed profile.
    """

    id: str
    organism: str
    change: ChangeKind
    subject: str
    author: Did
    state: ProposalState
    opened_at: int
    note: str | None = None
    joined_at: int | None = None
    closed_at: int | None = None
    votes: tuple[Vote, ...] = ()
    evaluation: Mapping[str, Json] | None = None
    base: str | None = None
    profile: Mapping[str, Json] | None = None

    @property
    def open(self) -> bool:
        return self.state is ProposalState.OPEN

    def vote_of(self, did: Did) -> Vote | None:
        return next((vote for vote in self.votes if vote.did == did), None)

    def voters(self, kind: VoteKind) -> tuple[Did, ...]:
        return tuple(vote.did for vote in self.votes if vote.vote is kind)
