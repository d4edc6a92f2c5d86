"""The subscription of the alliance section."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from domain.alliance.policy import UNIT, Relationship
from domain.timestamp import format_millis
from resolvers.alliance import watch
from resolvers.paging import encode
from schema.scalars import AfterEvent, Info

PersonFilter = Annotated[str | None, strawberry.argument(description="Only this person: an id; null for all of them.")]


@strawberry.type(description="Somebody became something else to you.")
class AllianceEvent:
    cursor: str = strawberry.field(description="Give it as `after` to go on from here.")
    subject: str = strawberry.field(description="The person's id.")
    at: str = strawberry.field(description="When it was found.")
    before: Relationship = strawberry.field(description="What they were.")
    relationship: Relationship = strawberry.field(description="What they are from then on.")
    score: float = strawberry.field(description="The score, in units of weight.")


@strawberry.type
class AllianceSubscription:
    @strawberry.subscription(
        description="The people who become something else to you, by what is recorded or by time alone. What changed "
        "while you were away is told as what it came to."
    )
    async def alliance_relationship_changed(
        self, info: Info, after: AfterEvent = None, subject: PersonFilter = None
    ) -> AsyncGenerator[AllianceEvent, None]:
        async with aclosing(watch.relationship_changes(info.context, after, subject)) as changes:
            async for each in changes:
                yield AllianceEvent(
                    cursor=encode(str(each.position)),
                    subject=each.person,
                    at=format_millis(each.at),
                    before=each.before,
                    relationship=each.after,
                    score=each.score / UNIT,
                )
