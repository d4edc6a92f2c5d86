"""Mutations of the organisms section: the seed's adapter, one to one, and what it needs around it."""

from collections.abc import Mapping
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from domain.canonical import Json
from domain.organisms.organism import VoteKind
from domain.organisms.profile import Profile
from domain.organisms.statement import ChangeKind, StatementType, Verdict
from resolvers.errors import InvalidArgument
from resolvers.so import change, membership, read, speak
from resolvers.so.decide import Signed
from schema.scalars import AnySoUri, IdempotencyKeyArgument, Info, SoUri, Url, enum
from schema.so.types import SocialOrganism, SoExpression, SoProposal, expression_of, organism_of, proposal_of

enum(
    VoteKind,
    "SoVote",
    "A member's vote on a proposal.",
    {VoteKind.VOUCH: "The member wants the change.", VoteKind.DECLINE: "The member does not want it."},
)


@strawberry.input(description="A statement that you signed yourself, for agents that keep their own key.")
class SignedStatement:
    statement: str = strawberry.field(description="The statement as canonical JSON text (RFC 8785).")
    signature: str = strawberry.field(
        description="Ed25519 over `social-organism/1`, a zero byte and the text, in lower-case hex."
    )


@strawberry.input(description="An organism to be founded.")
class SocialOrganismInput:
    name: str = strawberry.field(description="Its name, 1 to 200 characters.")
    description: str | None = strawberry.field(default=None, description="What it is.")
    members: list[str] = strawberry.field(
        default_factory=list, description="The DIDs invited: each becomes a member when it joins, without a vote."
    )
    dna: str | None = strawberry.field(default=None, description="Its Social DNA: a Prolog program, at most 64 KB.")
    template: str | None = strawberry.field(
        default=None, description="A ready Social DNA instead: `open` or `majority` (the default)."
    )
    meta: JSON | None = strawberry.field(default=None, description="A JSON object of your own, integers only.")
    nucleus_neighbourhood: str | None = strawberry.field(default=None, description="Its members' own neighbourhood.")
    outputs_neighbourhood: str | None = strawberry.field(default=None, description="Where it shows what it says.")
    inputs_dm_language: str | None = strawberry.field(
        default=None, name="inputsDMLanguage", description="Where others can write to it."
    )


@strawberry.input(description="What an organism calls itself.")
class SoProfileInput:
    name: str = strawberry.field(description="Its name, 1 to 200 characters.")
    description: str | None = strawberry.field(default=None, description="What it is, at most 4,000 characters.")
    meta: JSON | None = strawberry.field(default=None, description="A JSON object of your own, integers only.")


SignedArgument = Annotated[
    SignedStatement | None, strawberry.argument(description="Your own signed statement; hosted agents leave it out.")
]
Reason = Annotated[str | None, strawberry.argument(description="Why, in your words; at most 2,000 characters.")]
Did = Annotated[str, strawberry.argument(description="Whom it is about: a DID.")]
ProposalArgument = Annotated[str, strawberry.argument(description="The proposal's id.")]


def signed_of(signed: SignedStatement | None) -> Signed | None:
    return None if signed is None else Signed(signed.statement, signed.signature)


def _meta(value: JSON | None, argument: str) -> Mapping[str, Json] | None:
    """Only an object may go into a statement or a profile, where it is checked to the end."""
    if value is None or isinstance(value, dict):
        return value
    raise InvalidArgument(argument, "a JSON object", value)


def founding_of(given: SocialOrganismInput) -> membership.Founding:
    addresses = {
        "nucleusNeighbourhood": given.nucleus_neighbourhood,
        "outputsNeighbourhood": given.outputs_neighbourhood,
        "inputsDMLanguage": given.inputs_dm_language,
    }
    return membership.Founding(
        given.name,
        given.description,
        tuple(given.members),
        given.dna,
        given.template,
        _meta(given.meta, "socialOrganism.meta"),
        addresses,
    )


@strawberry.type
class SoMutation:
    @strawberry.mutation(description="Founds an organism, with you as its first member. Gives its URI.")
    async def so_create(
        self,
        info: Info,
        social_organism: Annotated[SocialOrganismInput, strawberry.argument(description="What it shall be.")],
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> str:
        founding = founding_of(social_organism)
        return await membership.create(
            info.context, founding, signed=signed_of(signed), idempotency_key=idempotency_key
        )

    @strawberry.mutation(description="Says an expression in the organism's name, if its Social DNA allows it.")
    async def so_speak(
        self,
        info: Info,
        so_uri: SoUri,
        content: Annotated[
            str,
            strawberry.argument(
                description="JSON: the data, or your complete signed expression if you keep your own key."
            ),
        ],
        language_address: Annotated[str, strawberry.argument(description="`link`, `literal` or `json`.")],
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SoExpression:
        spoken = await speak.speak(
            info.context,
            so_uri,
            content,
            language_address,
            signed=signed_of(signed),
            idempotency_key=idempotency_key,
        )
        return expression_of(spoken)

    @strawberry.mutation(description="Signs that the organism rightly said this.")
    async def so_concur(
        self,
        info: Info,
        so_uri: SoUri,
        url: Url,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SoExpression:
        spoken = await speak.give_verdict(
            info.context,
            so_uri,
            url,
            Verdict.CONCUR,
            signed=signed_of(signed),
            idempotency_key=idempotency_key,
        )
        return expression_of(spoken)

    @strawberry.mutation(description="Signs that the organism should not have said this.")
    async def so_reject(
        self,
        info: Info,
        so_uri: SoUri,
        url: Url,
        reason: Reason = None,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SoExpression:
        spoken = await speak.give_verdict(
            info.context,
            so_uri,
            url,
            Verdict.REJECT,
            reason=reason,
            signed=signed_of(signed),
            idempotency_key=idempotency_key,
        )
        return expression_of(spoken)

    @strawberry.mutation(description="Takes back what you said; its verdicts and history stay.")
    async def so_retract(
        self,
        info: Info,
        so_uri: SoUri,
        url: Url,
        reason: Reason = None,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SoExpression:
        spoken = await speak.retract(
            info.context, so_uri, url, reason=reason, signed=signed_of(signed), idempotency_key=idempotency_key
        )
        return expression_of(spoken)

    @strawberry.mutation(description="Proposes somebody as a member; where that is proposed already, vouches for it.")
    async def so_suggest_member_addition(
        self,
        info: Info,
        so_uri: SoUri,
        did: Did,
        note: Reason = None,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SoProposal:
        proposal = await membership.suggest(
            info.context,
            so_uri,
            did,
            ChangeKind.ADD,
            note=note,
            signed=signed_of(signed),
            idempotency_key=idempotency_key,
        )
        return proposal_of(proposal)

    @strawberry.mutation(description="Proposes to remove a member; where that is proposed already, vouches for it.")
    async def so_suggest_member_removal(
        self,
        info: Info,
        so_uri: SoUri,
        did: Did,
        note: Reason = None,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SoProposal:
        proposal = await membership.suggest(
            info.context,
            so_uri,
            did,
            ChangeKind.REMOVE,
            note=note,
            signed=signed_of(signed),
            idempotency_key=idempotency_key,
        )
        return proposal_of(proposal)

    @strawberry.mutation(description="Vouches for the open proposal to add this DID.")
    async def so_vouch_for_new_member(
        self,
        info: Info,
        so_uri: SoUri,
        did: Did,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SoProposal:
        proposal = await membership.vote_on_newcomer(
            info.context,
            so_uri,
            did,
            StatementType.VOUCH,
            signed=signed_of(signed),
            idempotency_key=idempotency_key,
        )
        return proposal_of(proposal)

    @strawberry.mutation(description="Declines the open proposal to add this DID.")
    async def so_reject_new_member(
        self,
        info: Info,
        so_uri: SoUri,
        did: Did,
        reason: Reason = None,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SoProposal:
        proposal = await membership.vote_on_newcomer(
            info.context,
            so_uri,
            did,
            StatementType.DECLINE,
            reason=reason,
            signed=signed_of(signed),
            idempotency_key=idempotency_key,
        )
        return proposal_of(proposal)

    @strawberry.mutation(
        description="Proposes another Social DNA; where it is proposed already, vouches for it. The one in force "
        "decides, by `dna_change/2` or else two thirds of the members, and members confirm what they did not vouch for."
    )
    async def so_propose_dna(
        self,
        info: Info,
        so_uri: SoUri,
        dna: Annotated[str, strawberry.argument(description="The program, at most 64 KB.")],
        note: Reason = None,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SoProposal:
        proposal = await change.propose_dna(
            info.context, so_uri, dna, note=note, signed=signed_of(signed), idempotency_key=idempotency_key
        )
        return proposal_of(proposal)

    @strawberry.mutation(
        description="Proposes another name, description and meta, all three at once: what is left out, is gone."
    )
    async def so_propose_profile(
        self,
        info: Info,
        so_uri: SoUri,
        profile: Annotated[SoProfileInput, strawberry.argument(description="What it shall be called.")],
        note: Reason = None,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SoProposal:
        wanted = Profile(profile.name, profile.description, _meta(profile.meta, "profile.meta"))
        proposal = await change.propose_profile(
            info.context, so_uri, wanted, note=note, signed=signed_of(signed), idempotency_key=idempotency_key
        )
        return proposal_of(proposal)

    @strawberry.mutation(description="Votes on any open proposal of the organism.")
    async def so_vote(
        self,
        info: Info,
        so_uri: SoUri,
        proposal: ProposalArgument,
        vote: Annotated[VoteKind, strawberry.argument(description="Vouch or decline.")],
        reason: Reason = None,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SoProposal:
        voted = await membership.vote(
            info.context,
            so_uri,
            proposal,
            StatementType(vote.value),
            reason=reason,
            signed=signed_of(signed),
            idempotency_key=idempotency_key,
        )
        return proposal_of(voted)

    @strawberry.mutation(description="Closes a proposal that you opened.")
    async def so_withdraw_proposal(
        self,
        info: Info,
        so_uri: SoUri,
        proposal: ProposalArgument,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SoProposal:
        withdrawn = await membership.withdraw(
            info.context, so_uri, proposal, signed=signed_of(signed), idempotency_key=idempotency_key
        )
        return proposal_of(withdrawn)

    @strawberry.mutation(description="Asks the Social DNA again about an open proposal, now.")
    async def so_settle(self, info: Info, so_uri: SoUri, proposal: ProposalArgument) -> SoProposal:
        return proposal_of(await membership.settle_now(info.context, so_uri, proposal))

    @strawberry.mutation(description="Accepts an invitation or an approved proposal, or asks to be let in.")
    async def so_join(
        self,
        info: Info,
        so_uri: SoUri,
        proposal: Annotated[
            str | None, strawberry.argument(description="The proposal to add you, to accept just that one.")
        ] = None,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SocialOrganism:
        joined = await membership.join(
            info.context, so_uri, proposal_id=proposal, signed=signed_of(signed), idempotency_key=idempotency_key
        )
        return organism_of(joined)

    @strawberry.mutation(description="Leaves the organism at once; nobody can prevent it.")
    async def so_leave(
        self,
        info: Info,
        so_uri: SoUri,
        signed: SignedArgument = None,
        idempotency_key: IdempotencyKeyArgument = None,
    ) -> SocialOrganism:
        left = await membership.leave(info.context, so_uri, signed=signed_of(signed), idempotency_key=idempotency_key)
        return organism_of(left)

    @strawberry.mutation(
        description="Accepts a Social DNA that your organism adopted without your vouch: the server concurs in your "
        "name again, also with what was said under it meanwhile."
    )
    async def so_confirm_dna(
        self,
        info: Info,
        so_uri: SoUri,
        dna: Annotated[str, strawberry.argument(description="The program's hash, so that you confirm what you saw.")],
    ) -> SocialOrganism:
        return organism_of(await change.confirm_dna(info.context, so_uri, dna))

    @strawberry.mutation(
        description="Switches automatic concurrence in your name on or off, in one organism or (null) in all. "
        "Gives what it is now."
    )
    async def so_set_auto_concur(
        self,
        info: Info,
        on: Annotated[bool, strawberry.argument(description="Whether the server may concur for you.")],
        so_uri: AnySoUri = None,
    ) -> bool:
        return await read.set_auto_concur(info.context, so_uri, on)
