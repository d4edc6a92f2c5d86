"""Organisms, what they say, how coherent it is, and what is proposed, as GraphQL types."""

from typing import Annotated, cast

import strawberry
from strawberry.scalars import JSON

from domain.organisms.coherence import Coherence
from domain.organisms.difference import Difference
from domain.organisms.dna import DnaVerdict
from domain.organisms.log import Head
from domain.organisms.organism import (
    Membership,
    Organism,
    Proposal,
    ProposalState,
    SignedVerdict,
    SpokenExpression,
    VoteKind,
)
from domain.organisms.profile import profile_from
from domain.organisms.statement import ChangeKind, Verdict
from domain.timestamp import format_millis
from graphdb.store import ExpressionFilter
from resolvers.so import change, read
from resolvers.so.watch import Happened
from schema.expression import ExpressionRendered
from schema.scalars import After, Connection, First, Info, connection, enum

enum(
    Verdict,
    "SoVerdict",
    "What a member signs about an expression.",
    {
        Verdict.CONCUR: "The organism rightly said it.",
        Verdict.REJECT: "The organism should not have said it.",
    },
)
enum(
    ChangeKind,
    "SoChange",
    "What a proposal would change.",
    {
        ChangeKind.ADD: "A DID becomes a member.",
        ChangeKind.REMOVE: "A member is removed.",
        ChangeKind.DNA: "Another Social DNA takes effect.",
        ChangeKind.PROFILE: "Another name, description and meta take effect.",
    },
)
enum(
    ProposalState,
    "SoProposalState",
    "Where a proposal stands; only an OPEN one takes votes.",
    {
        ProposalState.OPEN: "It can be voted on.",
        ProposalState.ACCEPTED: "The Social DNA said true, and the change was made.",
        ProposalState.WITHDRAWN: "Whoever opened it closed it.",
        ProposalState.EXPIRED: "It was not decided in time.",
        ProposalState.MOOT: "What it wanted has come about otherwise, or cannot any more.",
    },
)

enum(
    DnaVerdict,
    "SoDnaVerdict",
    "What an evaluation of Social DNA found. Only TRUE is true.",
    {
        DnaVerdict.TRUE: "Yes, by its rules.",
        DnaVerdict.FALSE: "No, by its rules.",
        DnaVerdict.UNDECIDED: "Nothing: a limit or an error. Nothing is done on it.",
    },
)


def when(millis: int) -> str:
    return format_millis(millis)


@strawberry.type(description="A signed statement of the server: at this size, the organism's log has this root.")
class SoHead:
    organism: str = strawberry.field(description="The organism's URI.")
    size: int = strawberry.field(description="How many entries the log has.")
    root: str = strawberry.field(description="The root of the RFC 6962 tree over the entries, in hex.")
    epoch: int = strawberry.field(description="The organism's epoch at that size.")
    timestamp: str = strawberry.field(description="When the server signed it.")
    signature: str = strawberry.field(
        description="Ed25519 by the server's DID over `social-organism-head/1`, a zero byte and the canonical JSON."
    )
    server: str = strawberry.field(description="The server's DID.")


def head_of(head: Head, server: str) -> SoHead:
    return SoHead(
        organism=head.organism,
        size=head.size,
        root=head.root,
        epoch=head.epoch,
        timestamp=head.timestamp,
        signature=head.signature,
        server=server,
    )


@strawberry.type(description="One entry of an organism's append-only log, as it is hashed.")
class SoLogEntry:
    seq: int = strawberry.field(description="Its number in the organism's log, from 1.")
    event: str = strawberry.field(description="What happened: Founded, NewExpression, VerdictGiven, NewMember, …")
    statement: str | None = strawberry.field(description="The signed statement behind it, as canonical JSON text.")
    signature: str | None = strawberry.field(description="The statement's signature by its author.")
    evaluation: JSON | None = strawberry.field(description="The evaluation of Social DNA it follows from.")
    data: JSON = strawberry.field(description="What the server adds: who, which epoch, which proposal.")
    received_at: str = strawberry.field(description="When the server accepted it.")
    text: str = strawberry.field(description="The whole entry as canonical JSON: the leaf of the tree.")
    leaf: str = strawberry.field(description="The entry's leaf hash (RFC 6962), in hex.")


def log_entry(each: Happened) -> SoLogEntry:
    fields = each.fields
    return SoLogEntry(
        seq=each.entry.seq,
        event=each.event,
        statement=_text(fields.get("statement")),
        signature=_text(fields.get("signature")),
        evaluation=cast("JSON | None", fields.get("evaluation")),
        data=cast("JSON", dict(each.data)),
        received_at=str(fields["receivedAt"]),
        text=each.entry.text,
        leaf=read.entry_hash(each.entry.text),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


@strawberry.type(description="How much of the group stands behind an expression, with the counts to check it.")
class SoCoherence:
    as_spoken: float = strawberry.field(
        description="Concurring members of the roster that spoke / its size, from 0 to 1."
    )
    as_spoken_concurring: int = strawberry.field(description="How many of that roster concur.")
    as_spoken_members: int = strawberry.field(description="How many that roster has.")
    current: float | None = strawberry.field(
        description="Concurring members of today / members of today; null where nobody is left."
    )
    current_concurring: int = strawberry.field(description="How many of today's members concur.")
    current_members: int = strawberry.field(description="How many members there are today.")
    rejecting: int = strawberry.field(description="How many live verdicts reject it.")
    epoch: int = strawberry.field(description="The epoch it was spoken in.")
    roster_root: str = strawberry.field(description="The root of the roster of that epoch.")


def coherence_of(counts: Coherence) -> SoCoherence:
    return SoCoherence(
        as_spoken=counts.as_spoken,
        as_spoken_concurring=counts.as_spoken_concurring,
        as_spoken_members=counts.as_spoken_members,
        current=counts.current,
        current_concurring=counts.current_concurring,
        current_members=counts.current_members,
        rejecting=counts.rejecting,
        epoch=counts.epoch,
        roster_root=counts.roster,
    )


@strawberry.type(description="A member's live verdict on an expression, with the statement that proves it.")
class SoSignature:
    did: str = strawberry.field(description="Who signed.")
    verdict: Verdict = strawberry.field(description="Concur or reject.")
    reason: str | None = strawberry.field(description="Why, in the signer's words.")
    statement: str = strawberry.field(description="The signed statement, as canonical JSON text.")
    signature: str = strawberry.field(
        description="Ed25519 by `did` over `social-organism/1`, a zero byte and the statement's text; in hex."
    )
    statement_id: str = strawberry.field(description="SHA-256 of the signed bytes, in hex.")
    timestamp: str = strawberry.field(description="When the author says it signed.")
    received_at: str = strawberry.field(description="When the server accepted it.")
    automatic: bool = strawberry.field(description="Whether the server signed it by itself, as Social DNA allows.")
    member_now: bool = strawberry.field(description="Whether the signer is a member today.")
    url: str = strawberry.field(description="The expression it is about.")


def signature_of(verdict: SignedVerdict) -> SoSignature:
    return SoSignature(
        did=verdict.did,
        verdict=verdict.verdict,
        reason=verdict.reason,
        statement=verdict.statement,
        signature=verdict.signature,
        statement_id=verdict.statement_id,
        timestamp=when(verdict.timestamp),
        received_at=when(verdict.received_at),
        automatic=verdict.automatic,
        member_now=verdict.member_now,
        url=verdict.url,
    )


@strawberry.type(description="Something a member said in the organism's name.")
class SoExpression:
    url: str = strawberry.field(description="The expression's URL.")
    content: str = strawberry.field(description="SHA-256 of the canonical JSON of the signed expression.")
    so_uri: str = strawberry.field(name="soURI", description="The organism it was said for.")
    speaker: str = strawberry.field(description="The member that said it, its author.")
    epoch: int = strawberry.field(description="The organism's epoch when it was said.")
    roster_root: str = strawberry.field(description="The root of the roster of that epoch.")
    dna_hash: str = strawberry.field(description="The Social DNA it was said under.")
    spoken_at: str = strawberry.field(description="When its speaker says it was said.")
    retracted_at: str | None = strawberry.field(description="When its speaker took it back.")

    @strawberry.field(description="The expression itself, as ad4m serves it; null once its content is erased.")
    async def expression(self, info: Info) -> ExpressionRendered | None:
        read.require_read(info.context, self.so_uri)
        (found,) = await read.rendered(info.context.services, [self.url])
        return None if found is None else ExpressionRendered.of(found)

    @strawberry.field(description="Both coherence numbers with their counts, from one moment of the log.")
    async def coherence(self, info: Info) -> SoCoherence:
        read.require_read(info.context, self.so_uri)
        return coherence_of(await read.coherence(info.context.services, self.url))

    @strawberry.field(description="The live verdicts, each with its signed statement.")
    async def signatures(self, info: Info, first: First = None, after: After = None) -> Connection[SoSignature]:
        read.require_read(info.context, self.so_uri)
        page = await read.signatures(info.context.services, self.url, first, after)
        return connection(page, signature_of, after)


def expression_of(spoken: SpokenExpression) -> SoExpression:
    return SoExpression(
        url=spoken.url,
        content=spoken.content,
        so_uri=spoken.organism,
        speaker=spoken.speaker,
        epoch=spoken.epoch,
        roster_root=spoken.roster,
        dna_hash=spoken.dna,
        spoken_at=when(spoken.spoken_at),
        retracted_at=None if spoken.retracted_at is None else when(spoken.retracted_at),
    )


@strawberry.type(description="What a proposed Social DNA would change.")
class SoDnaDifference:
    unified: str = strawberry.field(
        description="Line by line: a unified diff from the program in force when it was proposed, with line numbers."
    )
    added: list[str] = strawberry.field(description="Predicates that only the proposed program has, as name/arity.")
    removed: list[str] = strawberry.field(description="Predicates that only the program in force has.")
    changed: list[str] = strawberry.field(
        description="Predicates with other clauses than before; layout, comments and names of variables do not count."
    )


@strawberry.type(description="What an organism calls itself.")
class SoProfile:
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="What it is.")
    meta: JSON | None = strawberry.field(description="A JSON object of its own.")


@strawberry.type(description="A change of the organism that its members and its Social DNA decide on.")
class SoProposal:
    of: strawberry.Private[Proposal]
    id: str = strawberry.field(description="The id of the statement that opened it.")
    so_uri: str = strawberry.field(name="soURI", description="The organism it would change.")
    change: ChangeKind = strawberry.field(description="What it would change.")
    subject: str = strawberry.field(description="Whom or what it is about: a DID, or a hash.")
    author: str = strawberry.field(description="Who opened it.")
    note: str | None = strawberry.field(description="The author's words.")
    state: ProposalState = strawberry.field(description="Where it stands.")
    vouches: list[str] = strawberry.field(description="Who vouches for it.")
    declines: list[str] = strawberry.field(description="Who declines it.")
    joined: bool = strawberry.field(description="Whether the candidate has consented.")
    opened_at: str = strawberry.field(description="When it was opened.")
    closed_at: str | None = strawberry.field(description="When it was closed.")
    evaluation: JSON | None = strawberry.field(description="The evaluation of Social DNA that decided it.")
    profile: SoProfile | None = strawberry.field(description="The proposed profile; null for another change.")

    @strawberry.field(description="The proposed Social DNA; null for another change.")
    async def dna(self, info: Info) -> str | None:
        read.require_read(info.context, self.so_uri)
        return await change.proposed_program(info.context.services, self.of)

    @strawberry.field(description="What the proposed Social DNA would change; null for another change.")
    async def difference(self, info: Info) -> SoDnaDifference | None:
        read.require_read(info.context, self.so_uri)
        found = await change.proposed_difference(info.context.services, self.of)
        return None if found is None else difference_of(found)


def difference_of(found: Difference) -> SoDnaDifference:
    return SoDnaDifference(
        unified=found.unified, added=list(found.added), removed=list(found.removed), changed=list(found.changed)
    )


def _profile_of(proposal: Proposal) -> SoProfile | None:
    if proposal.profile is None:
        return None
    profile = profile_from(proposal.profile)
    meta = None if profile.meta is None else cast("JSON", dict(profile.meta))
    return SoProfile(name=profile.name, description=profile.description, meta=meta)


def proposal_of(proposal: Proposal) -> SoProposal:
    return SoProposal(
        of=proposal,
        id=proposal.id,
        so_uri=proposal.organism,
        change=proposal.change,
        subject=proposal.subject,
        author=proposal.author,
        note=proposal.note,
        state=proposal.state,
        vouches=list(proposal.voters(VoteKind.VOUCH)),
        declines=list(proposal.voters(VoteKind.DECLINE)),
        joined=proposal.joined_at is not None,
        opened_at=when(proposal.opened_at),
        closed_at=None if proposal.closed_at is None else when(proposal.closed_at),
        evaluation=None if proposal.evaluation is None else cast("JSON", dict(proposal.evaluation)),
        profile=_profile_of(proposal),
    )


@strawberry.type(description="One stay of an agent in an organism.")
class SoMember:
    did: str = strawberry.field(description="The member.")
    since: str = strawberry.field(description="When it was admitted.")
    since_epoch: int = strawberry.field(description="The first epoch of its stay.")
    until_epoch: int | None = strawberry.field(description="The first epoch without it; null while it stays.")


def member_of(membership: Membership) -> SoMember:
    return SoMember(
        did=membership.did,
        since=when(membership.since),
        since_epoch=membership.since_epoch,
        until_epoch=membership.until_epoch,
    )


AuthorArgument = Annotated[str | None, strawberry.argument(description="Only what this DID said.")]
MinCoherence = Annotated[
    float | None, strawberry.argument(description="Only with `asSpoken` of at least this, 0 to 1.")
]
LanguageArgument = Annotated[str | None, strawberry.argument(description="Only this language: link, literal or json.")]
OpenArgument = Annotated[bool | None, strawberry.argument(description="Only open (true) or closed (false) ones.")]
EpochArgument = Annotated[int | None, strawberry.argument(description="The roster of this epoch; null for today's.")]


@strawberry.type(description="A group of people and AI agents that speaks with one voice and can prove it.")
class SocialOrganism:
    of: strawberry.Private[Organism]
    uri: str = strawberry.field(description="The organism's URI: an address of its founding statement.")
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="What it is, in its founder's words.")
    founder: str = strawberry.field(description="The DID that founded it.")
    created_at: str = strawberry.field(description="When it was founded.")
    epoch: int = strawberry.field(description="Counts every change of the roster or the Social DNA, from 0.")
    dormant: bool = strawberry.field(description="Whether the last member has left: readable, refuses everything.")
    member_count: int = strawberry.field(description="How many members it has.")
    roster_root: str = strawberry.field(description="SHA-256 of the canonical JSON array of its sorted members.")
    dna_hash: str = strawberry.field(description="SHA-256 of its Social DNA.")
    meta: JSON | None = strawberry.field(description="Whatever its founder wrote beside the name.")
    nucleus_neighbourhood: str | None = strawberry.field(description="Its members' own neighbourhood.")
    outputs_neighbourhood: str | None = strawberry.field(description="Where it shows what it says.")
    inputs_dm_language: str | None = strawberry.field(
        name="inputsDMLanguage", description="Where others can write to it."
    )

    @strawberry.field(description="Its members, by DID.")
    async def members(
        self, info: Info, first: First = None, after: After = None, epoch: EpochArgument = None
    ) -> Connection[SoMember]:
        page = await read.members(info.context, self.uri, first, after, epoch)
        return connection(page, member_of, after)

    @strawberry.field(description="Who may join without a vote.")
    async def invited(self, info: Info) -> list[str]:
        return list(await read.invited(info.context, self.uri))

    @strawberry.field(description="Its Social DNA: the program that decides what may be said and who may join.")
    async def dna(self, info: Info) -> str:
        read.require_read(info.context, self.uri)
        return await read.dna(info.context.services, self.of)

    @strawberry.field(description="The newest head of its log, signed by the server.")
    def head(self, info: Info) -> SoHead:
        read.require_read(info.context, self.uri)
        return head_of(read.head(info.context.services, self.of), info.context.services.server.did)

    @strawberry.field(description="What was said in its name, in the order of its log.")
    async def expressions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        min_coherence: MinCoherence = None,
        author: AuthorArgument = None,
        language: LanguageArgument = None,
    ) -> Connection[SoExpression]:
        wanted = ExpressionFilter(min_coherence, author, language)  # type: ignore[arg-type]  # checked by the resolver
        page = await read.expressions(info.context, self.uri, first, after, wanted)
        return connection(page, expression_of, after)

    @strawberry.field(description="What was proposed, oldest first.")
    async def proposals(
        self, info: Info, first: First = None, after: After = None, open: OpenArgument = None
    ) -> Connection[SoProposal]:
        page = await read.proposals(info.context, self.uri, first, after, open)
        return connection(page, proposal_of, after)


def organism_of(organism: Organism) -> SocialOrganism:
    return SocialOrganism(
        of=organism,
        uri=organism.uri,
        name=organism.name,
        description=organism.description,
        founder=organism.founder,
        created_at=when(organism.created_at),
        epoch=organism.epoch,
        dormant=organism.dormant,
        member_count=organism.member_count,
        roster_root=organism.roster,
        dna_hash=organism.dna,
        meta=None if organism.meta is None else cast("JSON", dict(organism.meta)),
        nucleus_neighbourhood=organism.nucleus_neighbourhood,
        outputs_neighbourhood=organism.outputs_neighbourhood,
        inputs_dm_language=organism.inputs_dm_language,
    )
