"""Mutations of the people section."""

from typing import Annotated

import strawberry

from domain.errors import DomainError
from domain.people.conduct import Finding
from domain.people.interaction import By, Kind
from domain.people.tier import Tier
from graphdb.people import PersonRecord, Sharing
from resolvers.people import correct, own, registry, rights, scene
from resolvers.people import record as recording
from resolvers.people.known import as_known
from resolvers.people.meeting import Subject
from schema.people.history import PersonInteraction, interaction_of
from schema.people.scene import DirectMessageGate, gate_of
from schema.people.trust import PersonTrust, trust_of, when
from schema.people.types import (
    Id,
    Person,
    PersonAppeal,
    PersonNote,
    PersonSharing,
    appeal_of,
    note_of,
    person_in,
    sharing_of,
)
from schema.scalars import Info, enum, plain_input

enum(
    Finding,
    "PersonFinding",
    "What a message was found to be, while it came in.",
    {
        Finding.FLOOD: "One of more than ten messages within 30 seconds.",
        Finding.IMPERSONATION: "Written under a name that can be taken for the owner's.",
        Finding.RELAYED_AUTHORITY: "It claims to pass on the owner's words.",
    },
)

Reason = Annotated[str, strawberry.argument(description="Why; it is kept in your audit. At most 500 characters.")]
WhyChanged = Annotated[
    str | None, strawberry.argument(description="Why; it is kept in the person's trail. At most 500 characters.")
]
Key = Annotated[
    str | None,
    strawberry.argument(description="Your own name for this event: sent again, it is answered and not recorded twice."),
]
DidArgument = Annotated[str, strawberry.argument(description="The agent's DID.")]
Account = Annotated[str, strawberry.argument(description="The account, `channel:sender_id`.")]
DisplayName = Annotated[
    str | None, strawberry.argument(description="The name that the platform shows, 1 to 100 characters.")
]
Username = Annotated[str | None, strawberry.argument(description="The user name on the platform.")]


@plain_input
@strawberry.input(description="Something that happened between you and a person: name exactly one of the first three.")
class PersonInteractionInput:
    person: str | None = strawberry.field(default=None, description="The person's id.")
    platform_id: str | None = strawberry.field(
        default=None, description="The account, `channel:sender_id`: a stranger is registered at first contact."
    )
    did: str | None = strawberry.field(
        default=None, description="The agent's DID: registered as a person of its own at first contact."
    )
    display_name: str | None = strawberry.field(default=None, description="The name that the platform shows.")
    username: str | None = strawberry.field(default=None, description="The user name on the platform.")
    kind: Kind = strawberry.field(description="What happened.")
    by: By | None = strawberry.field(
        default=None, description="Whose act it was: needed for replies and mentions, known for all others."
    )
    at: str | None = strawberry.field(
        default=None, description="When it happened, RFC 3339; now where it is not given, at most 300 s ahead."
    )
    context: str | None = strawberry.field(
        default=None,
        description="What it was about, such as a message's id: a second one of the same kind and side in it does not "
        "count.",
    )
    source: str | None = strawberry.field(default=None, description="Where you have it from, at most 100 characters.")
    weight: float | None = strawberry.field(
        default=None, description="How much a negative act counts, above 0 to 1; 1 where it is not given."
    )
    sentiment: float | None = strawberry.field(default=None, description="The mood of a message, -1 to 1.")
    severity: float | None = strawberry.field(default=None, description="How bad a violation is, 0 to 1.")
    code: str | None = strawberry.field(default=None, description="Which rule an automatic violation is about.")
    text: str | None = strawberry.field(
        default=None, description="What the message says: looked at for claims to speak for the owner, never kept."
    )
    key: str | None = strawberry.field(
        default=None, description="Your own name for this event: sent again, it is answered and not recorded twice."
    )


@strawberry.type(description="An interaction as it was recorded, and the trust that follows.")
class PersonRecorded:
    of: strawberry.Private[recording.Outcome]
    id: str = strawberry.field(description="The interaction's id.")
    person: str = strawberry.field(description="The person's id.")
    sequence: int = strawberry.field(description="The how-manieth it is that you recorded with the person.")
    repeated: bool = strawberry.field(description="Whether it was there already: nothing was recorded now.")
    score: float = strawberry.field(description="Your trust in the person after it, 0 to 1.")
    tier: Tier = strawberry.field(description="Their tier after it.")
    tier_before: Tier | None = strawberry.field(description="Their tier before it; null at first contact.")
    findings: list[Finding] = strawberry.field(
        description="What a message was found to be: each is recorded as a violation of 0.10."
    )
    muted_until: str | None = strawberry.field(description="Until when the person is muted; null where they are not.")

    @strawberry.field(description="The interaction as it is kept.")
    async def interaction(self, info: Info) -> PersonInteraction:
        return interaction_of(await recording.interaction(info.context.services, self.of))

    @strawberry.field(description="The whole report of your trust in the person now.")
    async def trust(self, info: Info) -> PersonTrust:
        return trust_of(await recording.trust(info.context.services, self.of))


@strawberry.type(description="Why something was not recorded.")
class PersonRefusal:
    code: str = strawberry.field(description="The error's code.")
    message: str = strawberry.field(description="What is wrong, in words.")


@strawberry.type(description="What became of one of many interactions: one of the two is null.")
class PersonRecordOutcome:
    recorded: PersonRecorded | None = strawberry.field(description="How it was recorded.")
    refusal: PersonRefusal | None = strawberry.field(description="Why it was not.")


def _happening(given: PersonInteractionInput) -> recording.Happening:
    return recording.Happening(
        subject=Subject(given.person, given.platform_id, given.did, given.display_name, given.username),
        kind=given.kind,
        by=given.by,
        at=given.at,
        context=given.context,
        source=given.source,
        weight=given.weight,
        sentiment=given.sentiment,
        severity=given.severity,
        code=given.code,
        text=given.text,
        key=given.key,
    )


def recorded_of(outcome: recording.Outcome) -> PersonRecorded:
    return PersonRecorded(
        of=outcome,
        id=outcome.recorded.id,
        person=outcome.recorded.person,
        sequence=outcome.recorded.sequence,
        repeated=outcome.recorded.repeated,
        score=outcome.trusted.score,
        tier=outcome.trusted.tier,
        tier_before=None if outcome.before is None else outcome.before.tier,
        findings=list(outcome.findings),
        muted_until=when(outcome.muted_until),
    )


def _outcome_of(outcome: recording.Outcome | DomainError) -> PersonRecordOutcome:
    if isinstance(outcome, DomainError):
        refusal = PersonRefusal(code=outcome.code, message=outcome.message)
        return PersonRecordOutcome(recorded=None, refusal=refusal)
    return PersonRecordOutcome(recorded=recorded_of(outcome), refusal=None)


async def _changed(info: Info, record: PersonRecord) -> Person:
    return person_in(info, await as_known(info.context.services, info.context.me, record))


@strawberry.type
class PeopleMutation:
    @strawberry.mutation(description="Records something that happened between you and a person.")
    async def person_record_interaction(
        self,
        info: Info,
        interaction: Annotated[PersonInteractionInput, strawberry.argument(description="What happened.")],
    ) -> PersonRecorded:
        return recorded_of(await recording.record(info.context, _happening(interaction)))

    @strawberry.mutation(description="Records up to 1,000 interactions at once, with an outcome for each.")
    async def person_record_interactions(
        self,
        info: Info,
        interactions: Annotated[
            list[PersonInteractionInput], strawberry.argument(description="What happened, in any order.")
        ],
        whole: Annotated[
            bool, strawberry.argument(description="All or none: with one that is refused, nothing is recorded.")
        ] = False,
    ) -> list[PersonRecordOutcome]:
        outcomes = await recording.record_each(info.context, [_happening(each) for each in interactions], whole=whole)
        return [_outcome_of(each) for each in outcomes]

    @strawberry.mutation(
        description="A direct message has come in: the attempt is recorded as a message, and the verdict says whether "
        "it may reach your model."
    )
    async def direct_message_gate(
        self,
        info: Info,
        platform_id: Account,
        display_name: DisplayName = None,
        username: Username = None,
        text: Annotated[
            str | None, strawberry.argument(description="What it says: looked at for pretended authority, never kept.")
        ] = None,
        message_id: Annotated[
            str | None,
            strawberry.argument(description="The message's id on its platform: the same message counts once."),
        ] = None,
        key: Key = None,
    ) -> DirectMessageGate:
        subject = Subject(platform_id=platform_id, display_name=display_name, username=username)
        return gate_of(await scene.knock(info.context, subject, text, message_id, key))

    @strawberry.mutation(description="Writes a note about somebody. Gives all your notes, oldest first.")
    async def person_add_note(
        self,
        info: Info,
        id: Id,
        content: Annotated[str, strawberry.argument(description="What to remember, at most 2,000 characters.")],
        source: Annotated[str | None, strawberry.argument(description="Where you have it from.")] = None,
    ) -> list[PersonNote]:
        return [note_of(each) for each in await own.add_note(info.context, id, content, source)]

    @strawberry.mutation(description="Removes one of your notes.")
    async def person_delete_note(
        self, info: Info, id: Id, note: Annotated[str, strawberry.argument(description="The note's id.")]
    ) -> bool:
        return await own.delete_note(info.context, id, note)

    @strawberry.mutation(description="Writes in a few words who somebody is, for their card.")
    async def person_set_summary(
        self,
        info: Info,
        id: Id,
        summary: Annotated[
            str | None, strawberry.argument(description="At most 500 characters; null takes it away.")
        ] = None,
    ) -> Person:
        return person_in(info, await own.set_summary(info.context, id, summary))

    @strawberry.mutation(description="Gives somebody another name, for everybody to see.")
    async def person_rename(
        self,
        info: Info,
        id: Id,
        name: Annotated[str, strawberry.argument(description="The name, 1 to 100 characters.")],
        reason: WhyChanged = None,
    ) -> Person:
        record = await registry.rename(info.context, id, name, reason)
        return await _changed(info, record)

    @strawberry.mutation(description="Records that somebody broke a rule. It takes effect at once.")
    async def person_record_violation(
        self,
        info: Info,
        id: Id,
        description: Annotated[str, strawberry.argument(description="What they did, at most 400 characters.")],
        severity: Annotated[
            float | None,
            strawberry.argument(
                description="0.05 mild, 0.15 moderate (where it is not given), 0.30 severe, 0.50 critical."
            ),
        ] = None,
        at: Annotated[str | None, strawberry.argument(description="When, RFC 3339; now where not given.")] = None,
        key: Key = None,
    ) -> PersonRecorded:
        outcome = await correct.record_violation(info.context, id, description, severity=severity, at=at, key=key)
        return recorded_of(outcome)

    @strawberry.mutation(description="Pardons a violation: it weighs no more from now on.")
    async def person_pardon_violation(
        self,
        info: Info,
        id: Id,
        violation: Annotated[str, strawberry.argument(description="The id of the interaction that records it.")],
        reason: Reason,
    ) -> PersonTrust:
        return trust_of(await correct.pardon(info.context, id, violation, reason))

    @strawberry.mutation(description="Takes back an interaction that was recorded wrongly.")
    async def person_retract_interaction(
        self,
        info: Info,
        id: Id,
        interaction: Annotated[str, strawberry.argument(description="The interaction's id.")],
        reason: Reason,
    ) -> PersonTrust:
        return trust_of(await correct.retract(info.context, id, interaction, reason))

    @strawberry.mutation(description="Sets your trust in somebody by hand: neither gate nor caps apply while it holds.")
    async def person_set_override(
        self,
        info: Info,
        id: Id,
        score: Annotated[float, strawberry.argument(description="The score, 0 to 1.")],
        reason: Reason,
        until: Annotated[
            str | None, strawberry.argument(description="Until when, RFC 3339; for always where not given.")
        ] = None,
    ) -> PersonTrust:
        return trust_of(await correct.set_override(info.context, id, score, reason, until))

    @strawberry.mutation(description="Lets the history decide again.")
    async def person_clear_override(self, info: Info, id: Id, reason: Reason) -> PersonTrust:
        return trust_of(await correct.clear_override(info.context, id, reason))

    @strawberry.mutation(description="One more account of a person. An account of another person's is merged instead.")
    async def person_link_platform_id(
        self,
        info: Info,
        id: Id,
        platform_id: Account,
        display_name: DisplayName = None,
        username: Username = None,
        reason: WhyChanged = None,
    ) -> Person:
        record = await registry.link_platform_id(
            info.context, id, platform_id, display_name=display_name, username=username, reason=reason
        )
        return await _changed(info, record)

    @strawberry.mutation(
        description="An account stands for a person of its own again, who keeps everything bad. Gives that person."
    )
    async def person_unlink_platform_id(
        self, info: Info, id: Id, platform_id: Account, reason: WhyChanged = None
    ) -> Person:
        record = await registry.unlink_platform_id(info.context, id, platform_id, reason)
        return await _changed(info, record)

    @strawberry.mutation(description="An agent of a person, which agrees: by asking itself, or by its signature.")
    async def person_link_did(
        self,
        info: Info,
        id: Id,
        did: DidArgument,
        consent: Annotated[
            str | None,
            strawberry.argument(
                description="The agent's signature (`agentSignMessage`) over `chorus-person/1 DID is ID`, in hex."
            ),
        ] = None,
        reason: WhyChanged = None,
    ) -> Person:
        record = await registry.link_did(info.context, id, did, consent, reason)
        return await _changed(info, record)

    @strawberry.mutation(description="An agent no longer stands for a person.")
    async def person_unlink_did(self, info: Info, id: Id, did: DidArgument, reason: WhyChanged = None) -> Person:
        record = await registry.unlink_did(info.context, id, did, reason)
        return await _changed(info, record)

    @strawberry.mutation(description="Two people turned out to be one: histories are united, the worst stays.")
    async def person_merge(
        self,
        info: Info,
        id: Id,
        absorbed: Annotated[str, strawberry.argument(description="The id of the record that goes into the other.")],
        reason: WhyChanged = None,
    ) -> Person:
        record = await registry.merge(info.context, id, absorbed, reason)
        return await _changed(info, record)

    @strawberry.mutation(
        description="Erases what you hold about somebody. Violations stay against a salted fingerprint of their "
        "accounts, so that coming back does not wash anybody white."
    )
    async def person_forget(
        self,
        info: Info,
        id: Id,
        everywhere: Annotated[
            bool,
            strawberry.argument(
                description="What everybody holds, and the shared record: for the person's own agents and the operator."
            ),
        ] = False,
        reason: WhyChanged = None,
    ) -> bool:
        return await rights.forget(info.context, id, reason, everywhere=everywhere)

    @strawberry.mutation(description="Says who may see your trust in somebody and the events behind it.")
    async def person_share(
        self,
        info: Info,
        id: Id,
        with_subject: Annotated[bool, strawberry.argument(description="The person's own agents may.")],
        with_everybody: Annotated[bool, strawberry.argument(description="Everybody may.")] = False,
    ) -> PersonSharing:
        given = Sharing(with_subject, with_everybody)
        await rights.share(info.context, id, given)
        return sharing_of(given)

    @strawberry.mutation(description="Asks an observer that shares its view of you to look again.")
    async def person_appeal(
        self,
        info: Info,
        observer: Annotated[str, strawberry.argument(description="The observer's DID.")],
        text: Annotated[str, strawberry.argument(description="Why, at most 2,000 characters.")],
        interaction: Annotated[
            str | None, strawberry.argument(description="The id of the event it is about; null for all of it.")
        ] = None,
    ) -> PersonAppeal:
        return appeal_of(await rights.appeal(info.context, observer, text, interaction))

    @strawberry.mutation(description="Answers an appeal. The first answer stays; pardon or take back what was wrong.")
    async def person_answer_appeal(
        self,
        info: Info,
        appeal: Annotated[str, strawberry.argument(description="The appeal's id.")],
        answer: Annotated[str, strawberry.argument(description="The answer, at most 2,000 characters.")],
    ) -> PersonAppeal:
        return appeal_of(await rights.answer_appeal(info.context, appeal, answer))
