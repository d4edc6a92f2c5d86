"""The subscription of the people section."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from domain.people.tier import Tier
from domain.timestamp import format_millis
from resolvers.paging import encode
from resolvers.people import watch
from schema.scalars import AfterEvent, Info

PersonFilter = Annotated[str | None, strawberry.argument(description="Only this person: an id; null for all of them.")]


@strawberry.type(description="Your trust in somebody reached another tier.")
class PersonTrustEvent:
    cursor: str = strawberry.field(description="Give it as `after` to go on from here.")
    person: str = strawberry.field(description="The person's id.")
    at: str = strawberry.field(description="When.")
    score: float = strawberry.field(description="The score, 0 to 1.")
    before: Tier | None = strawberry.field(description="The tier before; null at first contact.")
    tier: Tier = strawberry.field(description="The tier from then on.")


@strawberry.type
class PeopleSubscription:
    @strawberry.subscription(description="The people whose tier changes in your eyes.")
    async def person_trust_changed(
        self, info: Info, after: AfterEvent = None, person: PersonFilter = None
    ) -> AsyncGenerator[PersonTrustEvent, None]:
        async with aclosing(watch.tier_changes(info.context, after, person)) as changes:
            async for each in changes:
                yield PersonTrustEvent(
                    cursor=encode(str(each.position)),
                    person=each.person,
                    at=format_millis(each.at),
                    score=each.score,
                    before=each.before,
                    tier=each.after,
                )
