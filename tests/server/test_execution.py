"""Planned execution answers as graphql-core does, value for value and error for error."""

import enum
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult
from strawberry import Schema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from server.execution import PlannedExecution


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"


@strawberry.type
class Leaf:
    number: int
    text: str | None
    tags: list[str]
    colour: Colour

    @strawberry.field
    async def resolved(self) -> str:
        return f"resolved {self.number}"


@strawberry.type
class Branch:
    name: str
    leaves: list[Leaf]
    first: Leaf | None
    grid: list[list[int]]
    maybe: list[Leaf | None] | None

    @strawberry.field
    def computed(self, factor: int = 2) -> int:
        return factor * len(self.leaves)


def leaf(number: Any, text: Any = "text", tags: Any = ("a", "b"), colour: Any = Colour.RED) -> Leaf:
    """Any: what a resolver gives by mistake is tried too."""
    return Leaf(number=number, text=text, tags=tags if tags is None else list(tags), colour=colour)


def branch(*leaves: Leaf, **changes: Any) -> Branch:
    plain = {"name": "branch", "leaves": list(leaves), "first": None, "grid": [[1, 2], []], "maybe": [None, leaf(9)]}
    return Branch(**{**plain, **changes})


BRANCHES = {
    "plain": branch(leaf(1), leaf(2, None)),
    "empty": branch(maybe=None),
    "first": branch(first=leaf(3)),
    "null in a list": branch(leaf(1), leaf(None)),
    "a number beyond 32 bits": branch(leaf(2**40)),
    "text for a number": branch(leaf(1), first=leaf("many")),
    "no list": branch(first=leaf(1, tags=None)),
    "null where an object must be": branch(leaves=[leaf(1), None]),
    "another colour": branch(first=leaf(1, colour="blue")),
    "an error as a value": branch(first=leaf(1, text=ValueError("no text"))),
    "missing": branch(first=object()),
    "a tuple": branch(leaves=(leaf(1), leaf(2))),
    "a generator": branch(leaves=(leaf(number) for number in ()), grid=iter([[1]])),
}

DOCUMENTS = {
    "everything": "{ it { name leaves { number text tags colour } first { number text tags colour } grid } }",
    "aliases": "{ a: it { n: name n2: name ls: leaves { x: number y: number __typename } } __typename }",
    "resolvers inside": "{ it { name computed leaves { number resolved } first { resolved text } } }",
    "arguments": "{ it { computed(factor: 3) maybe { number } } }",
    "fragments": "{ it { ...F leaves { ...L } leaves { text } } } fragment F on Branch { name first { ...L } }"
    " fragment L on Leaf { number ... on Leaf { tags } }",
    "skipped": "query ($yes: Boolean = true, $no: Boolean = false) {"
    " it { name @skip(if: $yes) grid @include(if: $no) first @include(if: $yes) { text number @skip(if: $yes) } } }",
    "a list": "{ all { name first { text } leaves { number } } }",
    "a list of leaves": "{ words numbers }",
}


@strawberry.type
class Query:
    @strawberry.field
    def it(self, info: strawberry.Info[Any, Any]) -> Branch | None:
        return info.context  # type: ignore[no-any-return]

    @strawberry.field
    async def all(self, info: strawberry.Info[Any, Any]) -> list[Branch]:
        return [info.context, branch(leaf(7))]

    @strawberry.field
    def words(self) -> list[str]:
        return ["one", "two"]

    @strawberry.field
    def numbers(self) -> list[int | None]:
        return [1, None, "three"]  # type: ignore[list-item]  # a mistake on purpose


PLANNED = Schema(Query, execution_context_class=PlannedExecution)
ORDINARY = Schema(Query, execution_context_class=StrawberryGraphQLCoreExecutionContext)


def shown(result: ExecutionResult) -> object:
    return result.data, sorted(str(error.formatted) for error in result.errors or ())


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("given", [name for name in BRANCHES if name != "a generator"])
async def test_answers_are_the_same(document: str, given: str) -> None:
    planned = await PLANNED.execute(DOCUMENTS[document], context_value=BRANCHES[given])
    ordinary = await ORDINARY.execute(DOCUMENTS[document], context_value=BRANCHES[given])

    assert shown(planned) == shown(ordinary)


async def test_an_iterator_is_not_used_up_by_a_plan_that_does_not_fit() -> None:
    result = await PLANNED.execute("{ it { name grid } }", context_value=BRANCHES["a generator"])

    assert (result.data, result.errors) == ({"it": {"name": "branch", "grid": [[1]]}}, None)


async def test_some_of_the_cases_fail_and_some_do_not() -> None:
    """So that the comparison above compares something."""
    results = [await ORDINARY.execute(DOCUMENTS["everything"], context_value=each) for each in BRANCHES.values()]

    assert {result.errors is None for result in results} == {True, False}
