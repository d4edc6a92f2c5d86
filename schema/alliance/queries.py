"""Queries of the alliance section: the observer is the agent of the token."""

from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from domain.alliance.policy import Profile
from domain.timestamp import format_millis
from resolvers.alliance import engage, exchange, lists, replay
from resolvers.paging import encode
from schema.alliance.published import ProfileArgument
from schema.alliance.types import (
    AllianceContext,
    AllianceCount,
    AllianceDecision,
    AllianceExport,
    AllianceRelationship,
    AllianceSummary,
    decision_of,
    relationship_of,
)
from schema.people.history import PersonInteraction, interaction_of
from schema.scalars import After, Connection, First, Info, connection

Subject = Annotated[
    str,
    strawberry.argument(
        description="Whom: a person's id, an account (`channel:sender_id`) or a DID. Somebody with whom you recorded "
        "nothing is unknown to you."
    ),
]
Observer = Annotated[
    str | None,
    strawberry.argument(description="Whose, where another agent shares it with you: a DID; null for yours."),
]
PastAt = Annotated[
    str | None,
    strawberry.argument(description="A moment of the past, from what is known today; null for now. RFC 3339."),
]


@strawberry.type
class AllianceQuery:
    @strawberry.field(description="What somebody is to you, and the figures behind it.")
    async def alliance_relationship(
        self,
        info: Info,
        subject: Subject,
        at: PastAt = None,
        profile: ProfileArgument = Profile.STANDARD,
        observer: Observer = None,
    ) -> AllianceRelationship:
        found = await engage.relationship(info.context, subject, observer, at, profile)
        return relationship_of(found)

    @strawberry.field(description="Whether and how to engage with somebody over a post, and by which rule.")
    async def alliance_should_engage(
        self,
        info: Info,
        subject: Subject,
        context: Annotated[AllianceContext | None, strawberry.argument(description="The post in question.")] = None,
        profile: ProfileArgument = Profile.STANDARD,
    ) -> AllianceDecision:
        post = (context or AllianceContext()).to_domain()
        return decision_of(await engage.should_engage(info.context, subject, post, profile))

    @strawberry.field(description="Your allies, the highest score first.")
    async def alliance_allies(
        self, info: Info, first: First = None, after: After = None, profile: ProfileArgument = Profile.STANDARD
    ) -> Connection[AllianceRelationship]:
        return connection(await lists.allies(info.context, profile, first, after), relationship_of, after)

    @strawberry.field(description="Your rivals, the lowest score first.")
    async def alliance_rivals(
        self, info: Info, first: First = None, after: After = None, profile: ProfileArgument = Profile.STANDARD
    ) -> Connection[AllianceRelationship]:
        return connection(await lists.rivals(info.context, profile, first, after), relationship_of, after)

    @strawberry.field(description="How many people are what to you.")
    async def alliance_summary(self, info: Info, profile: ProfileArgument = Profile.STANDARD) -> AllianceSummary:
        found = await lists.circle(info.context, profile)
        return AllianceSummary(
            at=format_millis(found.now),
            profile=found.policy.profile,
            version=found.policy.version,
            people=len(found.circle.assessments),
            counts=[AllianceCount(relationship=each, people=count) for each, count in found.counts.items()],
        )

    @strawberry.field(
        description="What was recorded between an observer and somebody, by time, without what was taken back: yours, "
        "or about yourself from an observer who shares it."
    )
    async def alliance_history(
        self, info: Info, subject: Subject, observer: Observer = None, first: First = None, after: After = None
    ) -> Connection[PersonInteraction]:
        page = await replay.history(info.context, subject, observer, first, after)
        return connection(page, lambda logged: interaction_of(logged.interaction), after)

    @strawberry.field(
        description="Everything that your answers about somebody depend on, as JSON: with `alliancePolicy`, anybody "
        "computes them. Notes and sources are not in it."
    )
    async def alliance_replay(
        self,
        info: Info,
        subject: Subject,
        observer: Observer = None,
        profile: ProfileArgument = Profile.STANDARD,
    ) -> JSON:
        return await replay.replay(info.context, subject, observer, profile)  # type: ignore[return-value]  # it is JSON

    @strawberry.field(description="Your histories with their marks, as JSON for `allianceImport`, by the person's id.")
    async def alliance_export(self, info: Info, first: First = None, after: After = None) -> AllianceExport:
        found = await exchange.export(info.context, first, after)
        return AllianceExport(
            data=found.data,  # type: ignore[arg-type]  # it is JSON
            people=found.people,
            end_cursor=None if found.last is None else encode(found.last),
            has_next_page=found.more,
        )
