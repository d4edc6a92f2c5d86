import json
from collections.abc import Iterator

import domain.errors
from domain.errors import CodedError, InvalidDid, InvalidStatement


def every_error(parent: type[CodedError] = CodedError) -> Iterator[type[CodedError]]:
    yield parent
    for child in parent.__subclasses__():
        yield from every_error(child)


def test_every_error_has_a_code_of_its_own() -> None:
    errors = list(every_error())

    codes = {error.code for error in errors}

    assert len(codes) == len(errors)
    assert all(code.isupper() and code.replace("_", "").isalnum() for code in codes)


def test_the_tree_in_the_module_names_every_error_of_the_module() -> None:
    tree = domain.errors.__doc__ or ""

    missing = [
        error.__name__ for error in every_error() if error.__module__ == "domain.errors" and error.__name__ not in tree
    ]

    assert not missing


def test_long_values_are_cut_in_message_and_facts() -> None:
    error = InvalidDid("d" * 10_000, "a DID", path="$." + "p" * 10_000)

    assert len(str(error)) < 300
    assert all(len(str(fact)) <= 120 for fact in error.facts.values())


def test_facts_are_json_whatever_the_value() -> None:
    for value in (None, 1.5, [object()], {"a": {1}}, "text"):
        json.dumps(InvalidStatement("$.x", "something", value).facts)


def test_a_missing_value_is_not_told_as_a_value() -> None:
    assert "value" not in InvalidStatement("$.x", "a field").facts
    assert InvalidStatement("$.x", "a field", None).facts["value"] == "None"
