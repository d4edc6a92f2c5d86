"""What one evaluation of Social DNA may look at, and the facts that follow (protocol section 5)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from domain.canonical import canonical
from domain.expressions import Expression, link_from_data
from domain.identity import Did
from domain.organisms.dna import Fact, Program, Shared, Value
from domain.organisms.organism import Membership, Organism, Proposal, SpokenExpression, VoteKind
from domain.organisms.statement import ChangeKind, Verdict
from domain.timestamp import parse_millis

ROSTER = frozenset({"so_member", "so_member_since"})
EXPRESSIONS = frozenset({"so_expression", "so_expression_data", "so_link", "so_verdict", "so_coherence"})
VERDICTS = frozenset({"so_verdict"})
MOVED_BY_VERDICTS = frozenset({"so_verdict", "so_coherence"})
NUCLEUS = frozenset({"triple", "link", "reachable"})
RELATIONS = frozenset({"trust", "trust_tier", "relationship"})


@dataclass(frozen=True, slots=True)
class Said:
    """An expression as Social DNA sees it; `coherence` (as spoken) is None until the organism has said it."""

    url: str
    language: str
    expression: Expression
    coherence: float | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A live verdict; `received_at` is when the server got it (ms)."""

    url: str
    did: Did
    verdict: Verdict
    received_at: int


@dataclass(frozen=True, slots=True)
class NucleusLink:
    """A link of the perspective that only members read and write; `millis` is its own timestamp."""

    source: str
    predicate: str
    target: str
    millis: int
    author: str


@dataclass(frozen=True, slots=True)
class Relation:
    """What one agent thinks of another: a score, a tier, a class of relationship; None for what it does not say."""

    observer: Did
    did: str
    score: float | None = None
    tier: str | int | None = None
    relationship: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What one evaluation may look at. `me` is set for `output_expression` only, `proposal` for the other ones."""

    epoch: int
    now: int
    members: tuple[Membership, ...]
    said: tuple[Said, ...] = ()
    verdicts: tuple[Given, ...] = ()
    links: tuple[NucleusLink, ...] = ()
    relations: tuple[Relation, ...] = ()
    proposal: Proposal | None = None
    me: Did | None = None


def said(spoken: SpokenExpression, expression: Expression) -> Said:
    return Said(spoken.url, spoken.language, expression, spoken.concurring / spoken.members)


def facts(situation: Situation, program: Program) -> tuple[Fact, ...]:
    """The facts of a situation that the program mentions, in a stable order."""
    return (*roster_facts(situation, program), *moving_facts(situation, program))


def roster_facts(situation: Situation, program: Program) -> tuple[Fact, ...]:
    """Those that stay the same for an epoch."""
    if not program.mentions & ROSTER:
        return ()
    return tuple(fact for fact in _members(situation, program.handle) if fact[0] in program.mentions)


def moving_facts(situation: Situation, program: Program) -> tuple[Fact, ...]:
    """All the others."""
    every: list[Fact] = []
    for names, made in _SOURCES:
        if names & program.mentions:
            every += made(situation, program.handle)
    return tuple(fact for fact in every if fact[0] in program.mentions)


def shared_roster(organism: Organism, situation: Situation, program: Program) -> Shared | None:
    """The roster's facts under a name of their own, without the subject of a removal."""
    if not program.mentions & ROSTER:
        return None
    proposal = situation.proposal
    without = proposal.subject if proposal is not None and proposal.change is ChangeKind.REMOVE else ""
    key = f"{organism.uri} {organism.epoch} {organism.roster} {without}"
    return Shared(key, lambda: roster_facts(situation, program))


def counted(situation: Situation) -> tuple[Membership, ...]:
    """The subject of a removal neither votes nor counts in the denominator."""
    proposal = situation.proposal
    if proposal is None or proposal.change is not ChangeKind.REMOVE:
        return situation.members
    return tuple(member for member in situation.members if member.did != proposal.subject)


def voters(situation: Situation, kind: VoteKind) -> list[tuple[Did, int]]:
    """Who voted so on the proposal, and when: present members, since their latest admission."""
    if situation.proposal is None:
        return []
    since: Mapping[str, int] = {member.did: member.since for member in counted(situation)}
    return [
        (vote.did, vote.received_at)
        for vote in situation.proposal.votes
        if vote.vote is kind and vote.did in since and vote.received_at >= since[vote.did]
    ]


def _moment(situation: Situation, handle: Value) -> Iterable[Fact]:
    yield ("now", situation.now)
    yield ("epoch", situation.epoch)
    if situation.me is not None:
        yield ("agent_did", situation.me)


def _members(situation: Situation, handle: Value) -> Iterable[Fact]:
    for member in counted(situation):
        yield ("so_member", member.did, handle)
        yield ("so_member_since", member.did, member.since)


def _votes(situation: Situation, handle: Value) -> Iterable[Fact]:
    """Of this proposal only."""
    proposal = situation.proposal
    if proposal is None:
        return
    for kind, name in ((VoteKind.VOUCH, "so_vouch"), (VoteKind.DECLINE, "so_decline")):
        for did, received_at in voters(situation, kind):
            yield (name, proposal.subject, did, received_at)
    if proposal.joined_at is not None:
        yield ("so_join", proposal.subject, proposal.joined_at)
    if proposal.author != proposal.subject:
        yield ("so_proposed", proposal.subject, proposal.author, proposal.opened_at)


def _expressions(situation: Situation, handle: Value) -> Iterable[Fact]:
    for each in situation.said:
        expression = each.expression
        yield ("so_expression", each.url, expression.author, parse_millis(expression.timestamp), each.language)
        yield ("so_expression_data", each.url, canonical(expression.data))
        if each.language == "link":
            link = link_from_data(expression.data)
            yield ("so_link", each.url, link.source, link.predicate or "", link.target)
        if each.coherence is not None:
            yield ("so_coherence", each.url, each.coherence)
    for given in situation.verdicts:
        yield ("so_verdict", given.url, given.did, str(given.verdict), given.received_at)


def _nucleus(situation: Situation, handle: Value) -> Iterable[Fact]:
    for link in situation.links:
        yield ("triple", link.source, link.predicate, link.target)
        yield ("link", link.source, link.predicate, link.target, link.millis, link.author)


def _relations(situation: Situation, handle: Value) -> Iterable[Fact]:
    for each in situation.relations:
        if each.score is not None:
            yield ("trust", each.observer, each.did, each.score)
        if each.tier is not None:
            yield ("trust_tier", each.observer, each.did, each.tier)
        if each.relationship is not None:
            yield ("relationship", each.observer, each.did, each.relationship)


_SOURCES: tuple[tuple[frozenset[str], Callable[[Situation, Value], Iterable[Fact]]], ...] = (
    (frozenset({"now", "epoch", "agent_did"}), _moment),
    (frozenset({"so_vouch", "so_decline", "so_join", "so_proposed"}), _votes),
    (EXPRESSIONS, _expressions),
    (NUCLEUS, _nucleus),
    (RELATIONS, _relations),
)
