"""Planned variables are coerced as graphql-core does, value for value and error for error, request after request."""

import asyncio
import enum
import gc
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, ExecutionResult, build_schema, execute, parse
from hypothesis import example, given
from hypothesis import strategies as st
from strawberry import Schema
from strawberry.scalars import JSON
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.scalars import plain_input
from server import operations
from server.coercion import coercion
from server.execution import PlannedExecution


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"
    LIGHT_BLUE = "light blue"


@plain_input
@strawberry.input
class Plain:
    count: int
    colour: Colour
    display_name: str | None = None
    weight: float | None = 0.5
    id: strawberry.ID | None = strawberry.UNSET
    sure: bool = True


@strawberry.input
class Nested:
    plain: Plain
    more: list[Plain] | None = None
    grid: list[list[int | None]] = strawberry.field(default_factory=lambda: [[1], []])
    anything: JSON | None = None


@strawberry.input
class Recursive:
    name: str
    inner: "Recursive | None" = None


@strawberry.input(one_of=True)
class Either:
    one: strawberry.Maybe[int]
    other: strawberry.Maybe[str]


@strawberry.type
class Query:
    @strawberry.field
    def plain(self, it: Plain) -> str:
        return repr(it)

    @strawberry.field
    def nested(self, it: Nested | None = None) -> str:
        return repr(it)

    @strawberry.field
    def plains(self, it: list[Plain] | None) -> str:
        return repr(it)

    @strawberry.field
    def recursive(self, it: Recursive) -> str:
        return repr(it)

    @strawberry.field
    def either(self, it: Either) -> str:
        return repr(it)

    @strawberry.field
    def two(self, number: int = 7, text: str | None = "none") -> str:
        return repr((number, text))

    @strawberry.field
    def variables(self, info: strawberry.Info[None, None]) -> str:
        return repr(sorted(info.variable_values.items()))


SCHEMA = Schema(Query)._schema
DOCUMENTS = {
    name: parse(text)
    for name, text in {
        "plain": "query ($it: Plain!) { plain(it: $it) variables }",
        "nested": "query ($it: Nested) { nested(it: $it) variables }",
        "plains": "query ($it: [Plain!]) { plains(it: $it) variables }",
        "recursive": "query ($it: Recursive!) { recursive(it: $it) }",
        "either": "query ($it: Either!) { either(it: $it) }",
        "defaults": "query ($it: Int! = 3, $text: String = null) { two(number: $it, text: $text) variables }",
        "optional": "query ($it: Int, $text: String) { two(text: $text) variables }",
        "fields": "query ($it: Int!, $text: String) { plain(it: {count: $it, colour: RED, displayName: $text}) }",
        "directives": "query ($it: Boolean!, $text: String) {"
        " two(text: $text) @skip(if: $it) variables @include(if: $it) }",
        "undefined type": "query ($it: Nothing) { two variables }",
        "an output type": "query ($it: Query) { two variables }",
    }.items()
}


def run(document: DocumentNode, variables: dict[str, Any], *, planned: bool) -> object:  # Any: what clients send
    context = PlannedExecution if planned else StrawberryGraphQLCoreExecutionContext
    result = execute(SCHEMA, document, variable_values=variables, executor_class=context)
    assert isinstance(result, ExecutionResult)
    return result.data, [str(error.formatted) for error in result.errors or ()]


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([2**31, 0.5, 3.0, float("nan"), "RED", "red", "LIGHT_BLUE", "", "7", "text"]),
)
plains = st.fixed_dictionaries(
    {"count": st.integers(0, 9) | leaves, "colour": st.sampled_from(["RED", "LIGHT_BLUE"]) | leaves},
    optional={
        "displayName": leaves,
        "weight": st.floats(0, 1) | leaves,
        "id": leaves,
        "sure": leaves,
        "display_name": leaves,
    },
)
nested = st.fixed_dictionaries(
    {"plain": plains | leaves},
    optional={
        "more": st.lists(plains | leaves, max_size=3) | plains,
        "grid": st.lists(st.lists(leaves, max_size=2) | leaves, max_size=2),
        "anything": st.lists(leaves, max_size=2) | leaves,
        "other": leaves,
    },
)
recursive = st.recursive(leaves, lambda inner: st.fixed_dictionaries({"name": leaves}, optional={"inner": inner}))
either = st.fixed_dictionaries({}, optional={"one": leaves, "other": leaves})
anything = st.one_of(plains, nested, recursive, either, leaves, st.lists(plains | leaves, max_size=3))


@given(
    document=st.sampled_from(sorted(DOCUMENTS)),
    variables=st.fixed_dictionaries({}, optional={"it": anything, "text": leaves, "more": leaves}),
)
@example(document="plain", variables={"it": {"count": 1, "colour": "RED"}})
@example(document="nested", variables={"it": {"plain": {"count": 1, "colour": "RED", "id": "x"}, "more": []}})
@example(document="nested", variables={})
@example(document="plains", variables={"it": None})
@example(document="defaults", variables={})
@example(document="defaults", variables={"it": None})
@example(document="optional", variables={})
@example(document="directives", variables={"it": True})
@example(document="directives", variables={"it": False})
def test_values_and_errors_are_the_same(document: str, variables: dict[str, Any]) -> None:
    it = DOCUMENTS[document]

    assert run(it, variables, planned=True) == run(it, variables, planned=False)


@pytest.mark.parametrize("document", ["plain", "nested", "plains", "optional"])
def test_good_values_are_taken_by_plans(document: str) -> None:
    """So that the comparison above compares something."""
    good = {"count": 1, "colour": "LIGHT_BLUE", "weight": None, "id": "x"}
    given = {"plain": good, "nested": {"plain": good, "grid": [[1, None]]}, "plains": [good, good], "optional": 4}

    operation = PlannedExecution.operations.of(SCHEMA, DOCUMENTS[document], None)

    assert operation is not None
    assert operation.coerced({"it": given[document]}) is not None
    assert operation.coerced({"it": [[good]]}) is None


def test_an_input_that_holds_itself_or_is_one_of_several_has_no_plan() -> None:
    schema = build_schema(
        "input Plain { a: Int } input Either @oneOf { a: Int b: Int } input List { inner: [[List!]] }"
        " input Holder { plain: Plain list: List } type Query { it(a: Holder, b: Either): Int }"
    )
    names = ("Plain", "Either", "List", "Holder")

    planned = [name for name in names if coercion(schema.type_map[name]) is not None]  # type: ignore[arg-type]  # inputs

    assert planned == ["Plain"]


def test_operations_of_one_document_are_told_apart() -> None:
    document = parse("query A($it: Int!) { two(number: $it) } query B($it: Int = 5) { two(number: $it) variables }")
    asked = [(name, given) for name in ("A", "B", "A", "C", None) for given in ({}, {"it": 2})]

    def answers(context: type[StrawberryGraphQLCoreExecutionContext]) -> list[str]:
        return [
            str(execute(SCHEMA, document, variable_values=given, operation_name=name, executor_class=context))
            for name, given in asked
        ]

    assert answers(PlannedExecution) == answers(StrawberryGraphQLCoreExecutionContext)


def test_an_operation_is_forgotten_with_its_document() -> None:
    known, document = PlannedExecution.operations, parse("query ($it: Int) { two(number: $it) }")
    before = len(known)
    run(document, {"it": 1}, planned=True)
    held = len(known)

    del document
    gc.collect()

    assert (held, len(known)) == (before + 1, before)


@strawberry.type
class Item:
    name: str
    number: int
    of: "Item | None" = None


@strawberry.type
class Things:
    @strawberry.field
    async def thing(self, number: int) -> Item:
        await asyncio.sleep(0)
        return Item(name="thing", number=number, of=Item(name="inner", number=number + 1))

    @strawberry.field
    def things(self, count: int) -> list[Item]:
        return [Item(name=str(number), number=number) for number in range(count)]


THINGS = Schema(Things)._schema


@pytest.mark.parametrize(
    "text",
    [
        "query ($n: Int!, $b: Boolean!) { thing(number: $n) { name @skip(if: $b) number of { ...F } } }"
        " fragment F on Item { name @include(if: $b) number }",
        "query ($n: Int!, $b: Boolean = true) { thing(number: $n) { name ...F of { ...F number } }"
        " things(count: $n) { name } } fragment F on Item { number n2: number __typename }",
    ],
)
async def test_one_document_answers_with_other_values_each_time(text: str) -> None:
    document = parse(text)

    async def answer(context: type[StrawberryGraphQLCoreExecutionContext], number: int) -> object:
        given = {"n": number, "b": number % 2 == 0}
        answered = execute(THINGS, document, Things(), variable_values=given, executor_class=context)
        assert not isinstance(answered, ExecutionResult)
        return await answered

    for number in range(4):
        assert await answer(PlannedExecution, number) == await answer(StrawberryGraphQLCoreExecutionContext, number)


async def test_no_more_plans_last_than_their_document_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "ANSWERS", 0)
    document = parse("{ thing(number: 1) { name of { name of { number } } } things(count: 2) { of { name } } }")

    async def answer(context: type[StrawberryGraphQLCoreExecutionContext]) -> object:
        answered = execute(THINGS, document, Things(), executor_class=context)
        assert not isinstance(answered, ExecutionResult)
        return await answered

    assert await answer(PlannedExecution) == await answer(StrawberryGraphQLCoreExecutionContext)
    operation = PlannedExecution.operations.of(THINGS, document, None)
    assert operation is not None
    assert operation.fixed
    assert operation.answers == {}
