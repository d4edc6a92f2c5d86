"""Queries of the people section."""

from typing import Annotated, cast

import strawberry
from strawberry.scalars import JSON

from domain.people.interaction import By, Kind
from domain.people.report import Profile
from domain.people.tier import Tier
from domain.timestamp import format_millis
from graphdb.interactions import Logged
from resolvers.people import known, listing, rights, scene, telling, trust
from schema.people.history import PersonInteraction
from schema.people.scene import DirectMessageGate, PeopleScene, PersonCard, card_of, gate_of, scene_of
from schema.people.trust import PersonTrust, PersonTrustSnapshot, snapshot_of, trust_of, when
from schema.people.types import (
    At,
    Id,
    NewestFirst,
    Person,
    PersonAppeal,
    PersonAuditEntry,
    PersonTrailEntry,
    PlatformIdArgument,
    ProfileArgument,
    appeal_of,
    audit_of,
    logged_of,
    person_in,
    trail_of,
)
from schema.scalars import After, Connection, First, Info, connection

ObserverArgument = Annotated[
    str | None,
    strawberry.argument(description="Whose trust: a DID; yours where it is not given, another's where it is shared."),
]
TierArgument = Annotated[Tier | None, strawberry.argument(description="Only people of this tier.")]
Search = Annotated[
    str | None,
    strawberry.argument(
        description="Only people with a name that begins with these words, or with what can be taken for them."
    ),
]
OfPerson = Annotated[str | None, strawberry.argument(description="Only about this person: an id.")]


@strawberry.type(description="One event as its subject may see it.")
class PersonInteractionAboutMe:
    id: str = strawberry.field(description="Its id: appeal against it with this.")
    kind: Kind = strawberry.field(description="What happened.")
    by: By = strawberry.field(description="Whose act it was: yours (PERSON) or the observer's.")
    at: str = strawberry.field(description="When it happened.")
    context: str | None = strawberry.field(description="What it was about.")
    severity: float | None = strawberry.field(description="How bad a violation is, 0.05 to 0.5.")
    code: str | None = strawberry.field(description="Which rule an automatic violation is about.")
    pardoned_at: str | None = strawberry.field(description="When a violation was pardoned.")


@strawberry.type(description="What an observer that shares it holds about you.")
class PersonAboutMe:
    of: strawberry.Private[rights.AboutMe]
    observer: str = strawberry.field(description="The observer.")
    person: str = strawberry.field(description="Your id.")
    gate: DirectMessageGate = strawberry.field(
        description="Whether your direct messages pass, and if not: why, until when, and what helps."
    )

    @strawberry.field(description="How far the observer trusts you, and why.")
    async def trust(self, info: Info) -> PersonTrust:
        return trust_of(await trust.assess_known(info.context.services, self.of.found))

    @strawberry.field(description="The events that count, by time.")
    async def interactions(
        self, info: Info, first: First = None, after: After = None, newest_first: NewestFirst = False
    ) -> Connection[PersonInteractionAboutMe]:
        page = await listing.interactions(info.context, self.of.found, first, after, newest_first=newest_first)
        return connection(page, _about_me, after)

    @strawberry.field(description="Your appeals and their answers, oldest first.")
    async def appeals(self, info: Info, first: First = None, after: After = None) -> Connection[PersonAppeal]:
        page = await rights.my_appeals(info.context.services, self.of.found, first, after)
        return connection(page, appeal_of, after)


def _about_me(logged: Logged) -> PersonInteractionAboutMe:
    each = logged.interaction
    return PersonInteractionAboutMe(
        id=each.id,
        kind=each.kind,
        by=each.by,
        at=format_millis(each.at),
        context=each.context or None,
        severity=each.clamped_severity if each.kind is Kind.VIOLATION else None,
        code=each.code,
        pardoned_at=when(each.pardoned_at),
    )


@strawberry.type
class PeopleQuery:
    @strawberry.field(description="Somebody you recorded something with; null for everybody else.")
    async def person(self, info: Info, id: Id) -> Person | None:
        found = await known.person(info.context, id)
        return None if found is None else person_in(info, found)

    @strawberry.field(description="The person behind an account; null where you know nobody there.")
    async def person_by_platform_id(self, info: Info, platform_id: PlatformIdArgument) -> Person | None:
        found = await known.by_platform_id(info.context, platform_id)
        return None if found is None else person_in(info, found)

    @strawberry.field(description="The person behind an agent; null where you know nobody there.")
    async def person_by_did(
        self, info: Info, did: Annotated[str, strawberry.argument(description="The agent's DID.")]
    ) -> Person | None:
        found = await known.by_did(info.context, did)
        return None if found is None else person_in(info, found)

    @strawberry.field(description="The people you recorded something with, the most trusted first.")
    async def people(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        tier: TierArgument = None,
        search: Search = None,
    ) -> Connection[Person]:
        page = await listing.people(info.context, first, after, tier, search)
        return connection(page, lambda found: person_in(info, found), after)

    @strawberry.field(description="How far an observer trusts somebody, what it is made of, and what would raise it.")
    async def person_trust(
        self,
        info: Info,
        id: Id,
        observer: ObserverArgument = None,
        at: At = None,
        profile: ProfileArgument = Profile.STANDARD,
    ) -> PersonTrust:
        return trust_of(await trust.report(info.context, id, observer, at, profile))

    @strawberry.field(
        description="Your trust in somebody by UTC date, oldest first, for the last 365; dates without a snapshot are "
        "calculated from what is known of them now."
    )
    async def person_trust_history(
        self, info: Info, id: Id, first: First = None, after: After = None
    ) -> Connection[PersonTrustSnapshot]:
        found = await known.known(info.context, "READ", id)
        return connection(await listing.trust_history(info.context, found, first, after), snapshot_of, after)

    @strawberry.field(description="What you recorded with somebody, by time.")
    async def person_interactions(
        self, info: Info, id: Id, first: First = None, after: After = None, newest_first: NewestFirst = False
    ) -> Connection[PersonInteraction]:
        found = await known.known(info.context, "READ", id)
        page = await listing.interactions(info.context, found, first, after, newest_first=newest_first)
        return connection(page, logged_of, after)

    @strawberry.field(description="Whom you are talking to, for a prompt: by id, or by the account that writes.")
    async def person_card(
        self,
        info: Info,
        id: Annotated[str | None, strawberry.argument(description="The person's id.")] = None,
        platform_id: Annotated[
            str | None, strawberry.argument(description="Instead of the id: an account, met or not.")
        ] = None,
    ) -> PersonCard:
        return card_of(await scene.person_card(info.context, id, platform_id))

    @strawberry.field(description="Everybody in a conversation, for a prompt.")
    async def people_scene(
        self,
        info: Info,
        speaker: Annotated[str, strawberry.argument(description="The account of the one you answer.")],
        others: Annotated[list[str], strawberry.argument(description="The accounts of the others, at most 100.")],
    ) -> PeopleScene:
        return scene_of(await scene.people_scene(info.context, speaker, others))

    @strawberry.field(
        description="Whether a direct message from an account may reach your model. Nothing is recorded: the mutation "
        "of this name is for messages that have come in."
    )
    async def direct_message_gate(self, info: Info, platform_id: PlatformIdArgument) -> DirectMessageGate:
        return gate_of(await scene.gate(info.context, platform_id))

    @strawberry.field(description="Everything you hold about somebody, as a JSON object. It is noted in your audit.")
    async def person_export(self, info: Info, id: Id) -> JSON:
        found = await rights.export(info.context, id)
        return cast("JSON", telling.exported(found))

    @strawberry.field(description="What an observer holds about you, if it shares that.")
    async def person_about_me(
        self, info: Info, observer: Annotated[str, strawberry.argument(description="The observer's DID.")]
    ) -> PersonAboutMe:
        found = await rights.about_me(info.context, observer)
        return PersonAboutMe(
            of=found, observer=found.found.observer, person=found.found.person.id, gate=gate_of(found.gate)
        )

    @strawberry.field(description="What was appealed to you, oldest first.")
    async def person_appeals(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        person: OfPerson = None,
        open: Annotated[bool, strawberry.argument(description="Only those without an answer.")] = False,
    ) -> Connection[PersonAppeal]:
        page = await rights.appeals(info.context, first, after, person, open_only=open)
        return connection(page, appeal_of, after)

    @strawberry.field(description="What was pardoned, taken back, set by hand, shared, exported and forgotten for you.")
    async def person_audit(
        self, info: Info, first: First = None, after: After = None, person: OfPerson = None
    ) -> Connection[PersonAuditEntry]:
        page = await rights.audit(info.context, person, first, after)
        return connection(page, audit_of, after)

    @strawberry.field(description="What happened to the record of a person: names, links, merges; oldest first.")
    async def person_trail(
        self, info: Info, id: Id, first: First = None, after: After = None
    ) -> Connection[PersonTrailEntry]:
        found = await known.known(info.context, "READ", id)
        return connection(await rights.trail(info.context, found, first, after), trail_of, after)
