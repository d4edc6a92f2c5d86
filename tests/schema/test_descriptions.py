"""Whoever looks around in GraphiQL finds every type, field, argument and value described."""

import re
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
)

from server.schema import ChorusSchema

LEFTOVERS = re.compile(r"todo|fixme|xxx|tbd|lorem|placeholder|\?\?|<[a-z ]+>|\(guess\)", re.IGNORECASE)


def described() -> dict[str, str | None]:
    """The description of everything in the schema, by its place."""
    types = build_schema(ChorusSchema().as_str()).type_map.values()
    own = (each for each in types if not is_introspection_type(each) and not is_specified_scalar_type(each))
    return {place: text for each in own for place, text in _in(each)}


def _in(each: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    yield each.name, each.description
    if isinstance(each, GraphQLEnumType):
        yield from ((f"{each.name}.{name}", value.description) for name, value in each.values.items())
    if isinstance(each, GraphQLInputObjectType):
        yield from ((f"{each.name}.{name}", field.description) for name, field in each.fields.items())
    if isinstance(each, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in each.fields.items():
            yield f"{each.name}.{name}", field.description
            yield from ((f"{each.name}.{name}({arg})", found.description) for arg, found in field.args.items())


DESCRIBED = described()


def test_everything_is_described() -> None:
    assert len(DESCRIBED) > 400
    assert [place for place, text in DESCRIBED.items() if not (text or "").strip()] == []


def test_descriptions_are_sentences_without_leftovers() -> None:
    texts = {place: text or "" for place, text in DESCRIBED.items()}

    assert {place: text for place, text in texts.items() if LEFTOVERS.search(text)} == {}
    assert {place: text for place, text in texts.items() if not text.rstrip("`)").endswith((".", "…", "*"))} == {}
    assert {place: text for place, text in texts.items() if len(text) < 4 or text != text.strip()} == {}


@pytest.mark.parametrize("text", ["TODO", "Which? ??", "The <name here>.", "An id (guess)."])
def test_leftovers_are_found(text: str) -> None:
    assert LEFTOVERS.search(text)
