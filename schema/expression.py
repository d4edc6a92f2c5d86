"""Expressions as ad4m serves them, with what organisms make of them."""

from typing import Annotated

import orjson
import strawberry

from domain.expressions import proof_valid
from resolvers.so import read, speak
from resolvers.so.read import Rendered
from schema.scalars import Info


@strawberry.type(description="The proof that an expression's author wrote it.")
class ExpressionProof:
    url: strawberry.Private[str | None]
    spoken: strawberry.Private[bool]
    key: str = strawberry.field(description="The author's verification method: DID, `#`, key.")
    signature: str = strawberry.field(description="Ed25519 over SHA-256 of the data's JSON and the timestamp, in hex.")
    valid: bool = strawberry.field(description="Whether the signature is the author's.")
    invalid: bool = strawberry.field(description="The opposite of `valid`, as ad4m has it.")

    @strawberry.field(
        description="How much of the organism stands behind it, 0 to 1 (`asSpoken`); null if none spoke it."
    )
    async def social_organism_coherence(self, info: Info) -> float | None:
        if self.url is None or not self.spoken:
            return None
        return (await read.coherence(info.context.services, self.url)).as_spoken


@strawberry.type(description="The language an expression is written in.")
class LanguageRef:
    address: str = strawberry.field(description="Its address; link, literal and json are built in.")
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="A signed expression with its computed proof.")
class ExpressionRendered:
    author: str = strawberry.field(description="Who wrote it: a DID.")
    timestamp: str = strawberry.field(description="When its author says it was written.")
    data: str = strawberry.field(description="The data as JSON text.")
    language: LanguageRef = strawberry.field(description="Its language.")
    proof: ExpressionProof = strawberry.field(description="The proof, checked by the server.")
    social_organism_source: str | None = strawberry.field(
        description="The organism it was spoken for, as an accepted statement shows; null if for none."
    )

    @classmethod
    def of(cls, rendered: Rendered) -> "ExpressionRendered":
        expression, spoken = rendered.expression, rendered.spoken
        valid = proof_valid(expression)
        proof = ExpressionProof(
            url=rendered.url,
            spoken=spoken is not None,
            key=expression.key,
            signature=expression.signature,
            valid=valid,
            invalid=not valid,
        )
        return cls(
            author=expression.author,
            timestamp=expression.timestamp,
            data=orjson.dumps(expression.data).decode(),
            language=LanguageRef(address=rendered.language, name=rendered.language),
            proof=proof,
            social_organism_source=None if spoken is None else spoken.organism,
        )


UrlArgument = Annotated[str, strawberry.argument(description="The expression's URL.")]


@strawberry.type
class ExpressionQuery:
    @strawberry.field(description="An expression by its URL; null if it is unknown.")
    async def expression(self, info: Info, url: UrlArgument) -> ExpressionRendered | None:
        (found,) = await read.expressions_by_url(info.context, [url])
        return None if found is None else ExpressionRendered.of(found)

    @strawberry.field(description="Expressions by their URLs, in order; null for the unknown ones. At most 100.")
    async def expression_many(
        self, info: Info, urls: Annotated[list[str], strawberry.argument(description="The URLs.")]
    ) -> list[ExpressionRendered | None]:
        found = await read.expressions_by_url(info.context, urls)
        return [None if each is None else ExpressionRendered.of(each) for each in found]

    @strawberry.field(description="The whole signed expression as JSON text, `null` if it is unknown.")
    async def expression_raw(self, info: Info, url: UrlArgument) -> str:
        (found,) = await read.expressions_by_url(info.context, [url])
        return "null" if found is None else orjson.dumps(_raw(found)).decode()


def _raw(rendered: Rendered) -> dict[str, object]:
    expression = rendered.expression
    valid = proof_valid(expression)
    proof = {"key": expression.key, "signature": expression.signature, "valid": valid, "invalid": not valid}
    return {
        "author": expression.author,
        "timestamp": expression.timestamp,
        "data": expression.data,
        "proof": proof,
    }


@strawberry.type
class ExpressionMutation:
    @strawberry.mutation(description="Signs and keeps an expression of yours. Gives its URL.")
    async def expression_create(
        self,
        info: Info,
        content: Annotated[str, strawberry.argument(description="The data as JSON text.")],
        language_address: Annotated[str, strawberry.argument(description="`link`, `literal` or `json`.")],
    ) -> str:
        return await speak.create_expression(info.context, content, language_address)
