"""The cache of documents, and the schema as it is published."""

from collections.abc import Iterator
from importlib.metadata import packages_distributions

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    is_introspection_type,
)

from server import documents
from server.documents import Documents
from server.limits import DocumentLimits
from server.schema import ChorusSchema

SCHEMA = ChorusSchema()
PACKAGES = ("domain", "graphdb", "resolvers", "schema", "server", "subscriptions")


def test_a_document_is_parsed_once() -> None:
    cache = Documents(DocumentLimits())

    first = cache.check("{ soAll { totalCount } }", SCHEMA._schema)

    assert cache.check("{ soAll { totalCount } }", SCHEMA._schema) is first


def test_the_cache_keeps_what_was_used_last_and_stays_bounded() -> None:
    cache = Documents(DocumentLimits())
    kept = "{ soAll { totalCount } }"
    padding = "# " + "x" * 5_000

    for number in range(2 * documents.CACHED_CHARACTERS // len(padding)):
        cache.check(kept, SCHEMA._schema)
        cache.check(f"{{ a{number}: __typename }} {padding}", SCHEMA._schema)

        assert cache.characters <= documents.CACHED_CHARACTERS

    assert kept in cache
    assert f"{{ a0: __typename }} {padding}" not in cache


def test_refused_and_very_long_documents_are_not_kept() -> None:
    cache = Documents(DocumentLimits())
    long = "{ soAll { totalCount } } # " + "x" * documents.CACHED_LENGTH

    for text in ("{", "{ nothing }", "{" + " __typename" * 500 + "}", long):
        cache.check(text, SCHEMA._schema)

        assert text not in cache


def test_everything_in_the_schema_is_described() -> None:
    types = [each for each in SCHEMA._schema.type_map.values() if not is_introspection_type(each)]

    assert [place for each in types for place in _undescribed(each)] == []
    assert len(types) > 40


def _undescribed(each: GraphQLNamedType) -> Iterator[str]:
    if not each.description:
        yield each.name
    if isinstance(each, GraphQLEnumType):
        yield from (f"{each.name}.{name}" for name, value in each.values.items() if not value.description)
    if isinstance(each, GraphQLInputObjectType):
        yield from (f"{each.name}.{name}" for name, field in each.fields.items() if not field.description)
    if isinstance(each, GraphQLObjectType):
        for name, field in each.fields.items():
            if not field.description:
                yield f"{each.name}.{name}"
            yield from (f"{each.name}.{name}({arg})" for arg, given in field.args.items() if not given.description)


def test_the_schema_prints_the_same_twice() -> None:
    assert ChorusSchema().as_str() == SCHEMA.as_str()


def test_no_other_distribution_provides_a_package_of_ours() -> None:
    """The flat packages have common names; PyPI has a `schema`, for one."""
    installed = packages_distributions()

    others = {package: set(installed.get(package, ())) - {"chorus-graphql"} for package in PACKAGES}

    assert others == {package: set() for package in PACKAGES}
