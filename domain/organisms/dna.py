"""Social DNA seen from the rules: what an evaluation answers, and the facts it may read.

The engine itself lives in `server/dna`; decisions get it handed in (protocol section 5).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.canonical import Json, canonical
from domain.expressions import Expression, link_from_data
from domain.identity import Did
from domain.organisms.organism import Membership, Proposal, SpokenExpression, VoteKind
from domain.organisms.statement import ChangeKind
from domain.timestamp import parse_millis

OUTPUT_EXPRESSION = "output_expression"
MEMBRANE = "membrane"
MEMBRANE_EXIT = "membrane_exit"

Value = str | int
Fact = tuple[Value, ...]


class DnaVerdict(StrEnum):
    """Only TRUE is true. A limit, an error or an interrupt is UNDECIDED, never a verdict."""

    TRUE = "true"
    FALSE = "false"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One run of a program: what it said, why it could not, and what it ran on. `fuel` counts wasm instructions."""

    verdict: DnaVerdict
    reason: str | None
    fuel: int
    milliseconds: float
    engine_hash: str
    dna_hash: str
    facts_hash: str

    @property
    def true(self) -> bool:
        return self.verdict is DnaVerdict.TRUE

    def record(self) -> dict[str, Json]:
        """What the log keeps: everything that another process would find again."""
        return {
            "verdict": str(self.verdict),
            "engine": self.engine_hash,
            "dna": self.dna_hash,
            "facts": self.facts_hash,
            "fuel": self.fuel,
        }


@dataclass(frozen=True, slots=True)
class Case:
    """One question of a batch: whether `predicate(subject, Handle)` is true with these facts."""

    predicate: str
    subject: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a batch says to one case. It is for showing and searching: nothing is signed or committed on it."""

    verdict: DnaVerdict
    reason: str | None


class Program(Protocol):
    """A compiled Social DNA. `handle` is the O of `register_social_organism(Name, O)`."""

    @property
    def handle(self) -> Value: ...
    @property
    def mentions(self) -> frozenset[str]: ...
    def defines(self, name: str, arity: int) -> bool: ...


class DnaEngine(Protocol):
    """Compiles programs and evaluates them, off the event loop, each in a fresh instance."""

    async def compile(self, program: str) -> Program:
        """Raises `InvalidDna` with the problems found."""
        ...

    async def evaluate(self, program: str, predicate: str, subject: str, facts: Sequence[Fact]) -> Evaluation: ...
    async def evaluate_all(self, program: str, cases: Sequence[Case]) -> tuple[Answer, ...]:
        """Answers to many cases, on shared instances: for what-if and searches only."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """An expression as Social DNA sees it."""

    url: str
    language: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Situation:
    """What one evaluation may look at. `me` is set for `output_expression` only, `proposal` for the membranes."""

    epoch: int
    now: int
    members: tuple[Membership, ...]
    said: tuple[Said, ...] = ()
    proposal: Proposal | None = None
    me: Did | None = None


def said(spoken: SpokenExpression, expression: Expression) -> Said:
    return Said(spoken.url, spoken.language, expression)


def facts(situation: Situation, program: Program) -> tuple[Fact, ...]:
    """The facts of a situation that the program mentions, in a stable order."""
    every: list[Fact] = [("now", situation.now), ("epoch", situation.epoch)]
    every += _member_facts(situation, program.handle)
    every += _vote_facts(situation)
    if situation.me is not None:
        every.append(("agent_did", situation.me))
    if program.mentions & {"so_expression", "so_expression_data", "so_link"}:
        for each in situation.said:
            every += _expression_facts(each)
    return tuple(fact for fact in every if fact[0] in program.mentions)


def _counted(situation: Situation) -> tuple[Membership, ...]:
    """The subject of a removal neither votes nor counts in the denominator."""
    proposal = situation.proposal
    if proposal is None or proposal.change is not ChangeKind.REMOVE:
        return situation.members
    return tuple(member for member in situation.members if member.did != proposal.subject)


def _member_facts(situation: Situation, handle: Value) -> Iterable[Fact]:
    for member in _counted(situation):
        yield ("so_member", member.did, handle)
        yield ("so_member_since", member.did, member.since)


def _vote_facts(situation: Situation) -> Iterable[Fact]:
    """Votes of this proposal only, of present members, cast since their latest admission."""
    proposal = situation.proposal
    if proposal is None:
        return
    since: Mapping[str, int] = {member.did: member.since for member in _counted(situation)}
    for vote in proposal.votes:
        if vote.did in since and vote.received_at >= since[vote.did]:
            name = "so_vouch" if vote.vote is VoteKind.VOUCH else "so_decline"
            yield (name, proposal.subject, vote.did, vote.received_at)
    if proposal.joined_at is not None:
        yield ("so_join", proposal.subject, proposal.joined_at)
    if proposal.author != proposal.subject:
        yield ("so_proposed", proposal.subject, proposal.author, proposal.opened_at)


def _expression_facts(each: Said) -> Iterable[Fact]:
    expression = each.expression
    millis = parse_millis(expression.timestamp)
    yield ("so_expression", each.url, expression.author, millis, each.language)
    yield ("so_expression_data", each.url, canonical(expression.data))
    if each.language == "link":
        link = link_from_data(expression.data)
        yield ("so_link", each.url, link.source, link.predicate or "", link.target)
