"""Subscriptions of the organisms section. Every event carries the cursor to resume from."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from resolvers.so import membership, read, speak, watch
from schema.scalars import AfterEvent, AnySoUri, Info
from schema.so.types import (
    SoCoherence,
    SoExpression,
    SoLogEntry,
    SoProposal,
    coherence_of,
    expression_of,
    log_entry,
    proposal_of,
)

CURSOR = "Give it as `after` to go on from here."


@strawberry.type(description="An organism said something.")
class SoExpressionEvent:
    cursor: str = strawberry.field(description=CURSOR)
    so_uri: str = strawberry.field(name="soURI", description="The organism.")
    expression: SoExpression = strawberry.field(description="What it said.")


@strawberry.type(description="Somebody became a member, or is one no longer.")
class SoMemberEvent:
    cursor: str = strawberry.field(description=CURSOR)
    so_uri: str = strawberry.field(name="soURI", description="The organism.")
    did: str = strawberry.field(description="Who.")
    epoch: int = strawberry.field(description="The epoch that began with it.")
    member_count: int = strawberry.field(description="How many members that epoch has.")


@strawberry.type(description="A proposal was opened, voted on, joined or closed.")
class SoProposalEvent:
    cursor: str = strawberry.field(description=CURSOR)
    so_uri: str = strawberry.field(name="soURI", description="The organism.")
    proposal: SoProposal = strawberry.field(description="The proposal as it stands.")


@strawberry.type(description="An organism follows another Social DNA.")
class SoDnaEvent:
    cursor: str = strawberry.field(description=CURSOR)
    so_uri: str = strawberry.field(name="soURI", description="The organism.")
    dna_hash: str = strawberry.field(description="SHA-256 of the program that it follows now.")
    previous: str = strawberry.field(description="SHA-256 of the one before.")
    epoch: int = strawberry.field(description="The epoch that began with it.")
    proposal: SoProposal = strawberry.field(description="The proposal that brought it about, with its difference.")


@strawberry.type(description="A verdict moved an expression's coherence, or a change of the roster moved all of them.")
class SoCoherenceEvent:
    cursor: str = strawberry.field(description=CURSOR)
    so_uri: str = strawberry.field(name="soURI", description="The organism.")
    url: str | None = strawberry.field(
        description="The expression; null where the roster changed and you watch all expressions."
    )
    coherence: SoCoherence | None = strawberry.field(description="Its coherence now; null with a null URL.")


@strawberry.type(description="One entry of an organism's log, as it is written.")
class SoEvent:
    cursor: str = strawberry.field(description=CURSOR)
    so_uri: str = strawberry.field(name="soURI", description="The organism.")
    entry: SoLogEntry = strawberry.field(description="The entry.")


UrlFilter = Annotated[str | None, strawberry.argument(description="Only this expression; null for all of them.")]


def _member_event(each: watch.Happened) -> SoMemberEvent:
    return SoMemberEvent(
        cursor=each.cursor,
        so_uri=each.entry.organism,
        did=str(each.data["did"]),
        epoch=int(str(each.data["epoch"])),
        member_count=int(str(each.data["members"])),
    )


@strawberry.type
class SoSubscription:
    @strawberry.subscription(description="Everything said in an organism's name.")
    async def so_new_expression(
        self, info: Info, so_uri: AnySoUri = None, after: AfterEvent = None
    ) -> AsyncGenerator[SoExpressionEvent, None]:
        async with aclosing(watch.expression_events(info.context, so_uri, after)) as events:
            async for each in events:
                spoken = await speak.spoken_expression(info.context.services, str(each.statement["expression"]))
                yield SoExpressionEvent(cursor=each.cursor, so_uri=spoken.organism, expression=expression_of(spoken))

    @strawberry.subscription(description="Everybody who becomes a member.")
    async def so_new_member(
        self, info: Info, so_uri: AnySoUri = None, after: AfterEvent = None
    ) -> AsyncGenerator[SoMemberEvent, None]:
        async with aclosing(watch.member_events(info.context, so_uri, after, removed=False)) as events:
            async for each in events:
                yield _member_event(each)

    @strawberry.subscription(description="Everybody who leaves or is removed.")
    async def so_member_removed(
        self, info: Info, so_uri: AnySoUri = None, after: AfterEvent = None
    ) -> AsyncGenerator[SoMemberEvent, None]:
        async with aclosing(watch.member_events(info.context, so_uri, after, removed=True)) as events:
            async for each in events:
                yield _member_event(each)

    @strawberry.subscription(description="Proposals as they are opened, voted on, joined and closed.")
    async def so_proposal_changed(
        self, info: Info, so_uri: AnySoUri = None, after: AfterEvent = None
    ) -> AsyncGenerator[SoProposalEvent, None]:
        async with aclosing(watch.proposal_events(info.context, so_uri, after)) as events:
            async for each in events:
                proposal = await membership.proposal(info.context.services, each.proposal)
                happened = each.happened
                yield SoProposalEvent(
                    cursor=happened.cursor, so_uri=happened.entry.organism, proposal=proposal_of(proposal)
                )

    @strawberry.subscription(description="Every Social DNA that an organism adopts.")
    async def so_dna_changed(
        self, info: Info, so_uri: AnySoUri = None, after: AfterEvent = None
    ) -> AsyncGenerator[SoDnaEvent, None]:
        async with aclosing(watch.dna_events(info.context, so_uri, after)) as events:
            async for each in events:
                proposal = await membership.proposal(info.context.services, str(each.data["proposal"]))
                yield SoDnaEvent(
                    cursor=each.cursor,
                    so_uri=each.entry.organism,
                    dna_hash=str(each.data["dna"]),
                    previous=str(each.data["previous"]),
                    epoch=int(str(each.data["epoch"])),
                    proposal=proposal_of(proposal),
                )

    @strawberry.subscription(description="Coherence as verdicts and changes of the roster move it.")
    async def so_coherence_changed(
        self, info: Info, so_uri: AnySoUri = None, url: UrlFilter = None, after: AfterEvent = None
    ) -> AsyncGenerator[SoCoherenceEvent, None]:
        async with aclosing(watch.coherence_events(info.context, so_uri, url, after)) as events:
            async for each in events:
                moved = None if each.url is None else await read.coherence(info.context.services, each.url)
                happened = each.happened
                yield SoCoherenceEvent(
                    cursor=happened.cursor,
                    so_uri=happened.entry.organism,
                    url=each.url,
                    coherence=None if moved is None else coherence_of(moved),
                )

    @strawberry.subscription(description="Every entry of the log as it is written.")
    async def so_events(
        self, info: Info, so_uri: AnySoUri = None, after: AfterEvent = None
    ) -> AsyncGenerator[SoEvent, None]:
        async with aclosing(watch.events(info.context, so_uri, after)) as events:
            async for each in events:
                yield SoEvent(cursor=each.cursor, so_uri=each.entry.organism, entry=log_entry(each))
