"""What anybody may ask of the alliance, without a token."""

from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from domain.alliance.policy import Profile
from resolvers.alliance import publish
from schema.alliance.types import AllianceContext, AllianceDecision, AlliancePolicy, decision_of, policy_of
from schema.scalars import Info

ProfileArgument = Annotated[Profile, strawberry.argument(description="Which profile.")]
At = Annotated[str | None, strawberry.argument(description="The moment in question, RFC 3339; null for now.")]


@strawberry.type
class AlliancePublishedQuery:
    @strawberry.field(description="The policy by which agents of this server engage, as data and as text.")
    async def alliance_policy(
        self,
        profile: ProfileArgument = Profile.STANDARD,
        version: Annotated[
            int | None, strawberry.argument(description="Which version of it; null for the one in force.")
        ] = None,
    ) -> AlliancePolicy:
        return policy_of(publish.policy(profile, version))

    @strawberry.field(
        description="What the published policy answers to a history that you bring, as `allianceReplay` gives it: "
        "check an answer that you were told. Nothing is looked up or kept."
    )
    async def alliance_evaluate(
        self,
        info: Info,
        replay: Annotated[JSON, strawberry.argument(description="Replay data with at most 1,000 interactions.")],
        context: Annotated[AllianceContext | None, strawberry.argument(description="The post in question.")] = None,
        at: At = None,
    ) -> AllianceDecision:
        post = (context or AllianceContext()).to_domain()
        return decision_of(await publish.evaluate(info.context.services, replay, post, at))  # type: ignore[arg-type]  # it is JSON
