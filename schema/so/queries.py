"""Queries of the organisms section."""

from typing import Annotated

import strawberry

from domain.organisms.automatic import NotAutomatic
from domain.organisms.organism import Organism, Proposal, SpokenExpression
from graphdb.store import ExpressionFilter
from resolvers.so import change, read
from resolvers.so.watch import happened
from schema.scalars import After, Connection, First, Info, SoUri, Url, connection, enum
from schema.so.types import (
    AuthorArgument,
    EpochArgument,
    LanguageArgument,
    MinCoherence,
    OpenArgument,
    SocialOrganism,
    SoCoherence,
    SoExpression,
    SoHead,
    SoLogEntry,
    SoMember,
    SoProposal,
    SoSignature,
    coherence_of,
    expression_of,
    head_of,
    log_entry,
    member_of,
    organism_of,
    proposal_of,
    signature_of,
)
from schema.types import LinkExpression

MemberArgument = Annotated[str | None, strawberry.argument(description="Only organisms this DID is a member of.")]
SearchArgument = Annotated[str | None, strawberry.argument(description="Only with this text in name or description.")]
AfterSeq = Annotated[int, strawberry.argument(description="Entries after this number; 0 for the first ones.")]


@strawberry.type(description="A candidate's way in that waits for its own `join`.")
class SoPendingJoin:
    organism: SocialOrganism = strawberry.field(description="The organism that I may join.")
    proposal: SoProposal | None = strawberry.field(description="The proposal to add me; null for an invitation.")


enum(
    NotAutomatic,
    "SoNotAutomatic",
    "Why the server did not concur by itself.",
    {
        NotAutomatic.OWN_KEY: "I keep my own key.",
        NotAutomatic.SWITCHED_OFF: "I switched it off (`soSetAutoConcur`).",
        NotAutomatic.DNA_NOT_CONFIRMED: "The Social DNA changed, and I neither vouched for it nor confirmed it "
        "(`soConfirmDna`).",
        NotAutomatic.DNA_FALSE: "The Social DNA says no in my eyes.",
        NotAutomatic.DNA_UNDECIDED: "The Social DNA came to no decision in my eyes: a limit or an error.",
        NotAutomatic.KEY_LOCKED: "My key is locked; it is caught up when I unlock it.",
        NotAutomatic.NOT_YET: "It is about to be tried.",
    },
)


@strawberry.type(description="Why an expression has no automatic verdict of mine.")
class SoUnsigned:
    url: str = strawberry.field(description="The expression.")
    so_uri: str = strawberry.field(name="soURI", description="The organism that said it.")
    reason: NotAutomatic = strawberry.field(description="Why the server did not concur by itself.")


@strawberry.type(description="What still needs me, over all my organisms.")
class SoPending:
    @strawberry.field(description="Expressions that have no verdict of mine, oldest first.")
    async def verdicts(self, info: Info, first: First = None, after: After = None) -> Connection[SoExpression]:
        return connection(await read.awaiting_verdict(info.context, first, after), expression_of, after)

    @strawberry.field(description="The same expressions: why the server did not concur with each by itself.")
    async def unsigned(self, info: Info, first: First = None, after: After = None) -> Connection[SoUnsigned]:
        return connection(await read.awaiting_reason(info.context, first, after), _unsigned, after)

    @strawberry.field(description="Open proposals that have no vote of mine, oldest first.")
    async def votes(self, info: Info, first: First = None, after: After = None) -> Connection[SoProposal]:
        return connection(await read.awaiting_vote(info.context, first, after), proposal_of, after)

    @strawberry.field(description="Invitations and proposals to add me, oldest first.")
    async def joins(self, info: Info, first: First = None, after: After = None) -> Connection[SoPendingJoin]:
        return connection(await read.awaiting_join(info.context, first, after), _pending_join, after)


def _pending_join(waiting: tuple[Organism, Proposal | None]) -> SoPendingJoin:
    organism, proposal = waiting
    return SoPendingJoin(organism=organism_of(organism), proposal=None if proposal is None else proposal_of(proposal))


def _unsigned(waiting: tuple[SpokenExpression, NotAutomatic]) -> SoUnsigned:
    spoken, reason = waiting
    return SoUnsigned(url=spoken.url, so_uri=spoken.organism, reason=reason)


@strawberry.type
class SoQuery:
    @strawberry.field(description="One organism by its URI; null where there is none.")
    async def so(
        self, info: Info, uri: Annotated[str, strawberry.argument(description="Its URI.")]
    ) -> SocialOrganism | None:
        found = await read.organism(info.context, uri)
        return None if found is None else organism_of(found)

    @strawberry.field(description="All organisms, oldest first.")
    async def so_all(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        member: MemberArgument = None,
        search: SearchArgument = None,
    ) -> Connection[SocialOrganism]:
        page = await read.organisms(info.context, first, after, member, search)
        return connection(page, organism_of, after)

    @strawberry.field(description="The DIDs of all members.")
    async def so_members(self, info: Info, so_uri: SoUri) -> list[str]:
        return await read.all_members(info.context, so_uri)

    @strawberry.field(description="Members with their stays, a page at a time, today's or those of an epoch.")
    async def so_member_page(
        self, info: Info, so_uri: SoUri, first: First = None, after: After = None, epoch: EpochArgument = None
    ) -> Connection[SoMember]:
        page = await read.members(info.context, so_uri, first, after, epoch)
        return connection(page, member_of, after)

    @strawberry.field(description="The DIDs that may join without a vote.")
    async def so_invited(self, info: Info, so_uri: SoUri) -> list[str]:
        return list(await read.invited(info.context, so_uri))

    @strawberry.field(description="What was said in an organism's name, in the order of its log.")
    async def so_expressions(
        self,
        info: Info,
        so_uri: SoUri,
        first: First = None,
        after: After = None,
        min_coherence: MinCoherence = None,
        author: AuthorArgument = None,
        language: LanguageArgument = None,
    ) -> Connection[SoExpression]:
        wanted = ExpressionFilter(min_coherence, author, language)  # type: ignore[arg-type]  # checked by the resolver
        page = await read.expressions(info.context, so_uri, first, after, wanted)
        return connection(page, expression_of, after)

    @strawberry.field(description="One expression of an organism; null where it never said it.")
    async def so_expression(self, info: Info, so_uri: SoUri, url: Url) -> SoExpression | None:
        found = await read.expression(info.context, so_uri, url)
        return None if found is None else expression_of(found)

    @strawberry.field(description="The live verdicts on an expression; at most 100, page through `SoExpression`.")
    async def so_signatures(self, info: Info, so_uri: SoUri, url: Url) -> list[SoSignature]:
        await read.known_expression(info.context, so_uri, url)
        page = await read.signatures(info.context.services, url, None, None)
        return [signature_of(verdict) for verdict in page.items]

    @strawberry.field(description="Both coherence numbers of an expression with their counts.")
    async def so_coherence(self, info: Info, so_uri: SoUri, url: Url) -> SoCoherence:
        await read.known_expression(info.context, so_uri, url)
        return coherence_of(await read.coherence(info.context.services, url))

    @strawberry.field(
        description="The organism's Social DNA as links that ad4m's tools read (`ad4m://has_custom_sdna`), signed by "
        "the server; only the organism's own changes alter them."
    )
    async def so_dna_links(self, info: Info, so_uri: SoUri) -> list[LinkExpression]:
        return [LinkExpression.of(link) for link in await change.dna_links(info.context, so_uri)]

    @strawberry.field(description="What was proposed in an organism, oldest first.")
    async def so_proposals(
        self, info: Info, so_uri: SoUri, first: First = None, after: After = None, open: OpenArgument = None
    ) -> Connection[SoProposal]:
        page = await read.proposals(info.context, so_uri, first, after, open)
        return connection(page, proposal_of, after)

    @strawberry.field(description="The organism's log, a page at a time.")
    async def so_log(
        self,
        info: Info,
        uri: Annotated[str, strawberry.argument(description="The organism's URI.")],
        after: AfterSeq = 0,
        first: First = None,
    ) -> list[SoLogEntry]:
        entries = await read.log_entries(info.context, uri, first, after)
        return [log_entry(happened(entry)) for entry in entries]

    @strawberry.field(description="The newest head of the organism's log, signed by the server.")
    async def so_head(
        self, info: Info, uri: Annotated[str, strawberry.argument(description="The organism's URI.")]
    ) -> SoHead:
        organism = await read.known_organism(info.context, uri)
        services = info.context.services
        return head_of(read.head(services, organism), services.server.did)

    @strawberry.field(description="What still needs my verdict, vote or join, over all my organisms.")
    async def so_pending(self, info: Info) -> SoPending:
        read.require_read(info.context)
        return SoPending()

    @strawberry.field(description="Everything the server signed by itself in my name.")
    async def so_signed_in_my_name(
        self, info: Info, first: First = None, after: After = None
    ) -> Connection[SoSignature]:
        page = await read.signed_in_my_name(info.context, first, after)
        return connection(page, signature_of, after)
