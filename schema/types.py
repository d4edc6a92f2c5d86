"""Types that several sections share, named as in ad4m."""

import strawberry

from domain.expressions import Expression, link_from_data, proof_valid
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

    @classmethod
    def of(cls, expression: Expression) -> "LinkExpression":
        """A shared link; raises `InvalidExpression` where the data is none."""
        link, valid = link_from_data(expression.data), proof_valid(expression)
        key, signature = expression.key, expression.signature
        proof = ExpressionProof(url=None, spoken=False, key=key, signature=signature, valid=valid, invalid=not valid)
        data = Link(source=link.source, predicate=link.predicate, target=link.target)
        return cls(author=expression.author, timestamp=expression.timestamp, data=data, proof=proof, status="SHARED")


@strawberry.type(description="A set of links.")
class Perspective:
    links: list[LinkExpression] = strawberry.field(description="The links.")
