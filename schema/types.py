"""Types that several sections share, named as in ad4m."""

import strawberry

from schema.expression import ExpressionProof


@strawberry.type(description="Source, predicate and target.")
class Link:
    source: str = strawberry.field(description="Where it starts.")
    predicate: str | None = strawberry.field(description="What it says.")
    target: str = strawberry.field(description="Where it ends.")


@strawberry.type(description="A signed link.")
class LinkExpression:
    author: str = strawberry.field(description="Who wrote it: a DID.")
    timestamp: str = strawberry.field(description="When.")
    data: Link = strawberry.field(description="The link.")
    proof: ExpressionProof = strawberry.field(description="The proof.")
    status: str | None = strawberry.field(description="SHARED or LOCAL.")


@strawberry.type(description="A set of links.")
class Perspective:
    links: list[LinkExpression] = strawberry.field(description="The links.")
