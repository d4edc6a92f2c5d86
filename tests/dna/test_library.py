"""ad4m's helper predicates without side effects."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.organisms.dna import DnaVerdict
from server.dna import Engine
from tests.dna.world import REGISTER, judge

HOLDS = (
    'paginate(["a","b","c","d","e"], 1, 2, ["a","b"])',
    'paginate(["a","b","c","d","e"], 3, 2, ["d","e"])',  # the last page is full
    'paginate(["a","b"], 1, 5, ["a","b"])',
    "\\+ paginate([a], 0, 2, _)",
    "\\+ paginate([a], 1, 0, _)",
    "takeN([a,b,c], 2, [a,b])",
    "takeN([a], 3, [a])",
    "takeN([a], 0, [])",
    "\\+ takeN([a], -1, _)",
    "skipN([a,b,c], 2, [c])",
    "skipN([a], 0, [a])",
    "\\+ skipN([a], 2, _)",
    'string_includes("social organism", "organ")',
    'string_includes(abc, "")',
    '\\+ string_includes("social", "sozial")',
    "string_includes([a,b,c], [b,c])",
    'remove_html_tags("<p>Hello <b>you</b></p>", "Hello you")',
    'remove_html_tags("1 < 2", "1 < 2")',
    'remove_html_tags("", "")',
    'literal_from_url("literal://string:Hello%20w%C3%B6rld%F0%9F%98%80", "Hello wörld😀", string)',
    'literal_from_url("literal://number:42", "42", number)',
    'literal_from_url("literal://boolean:true", "true", boolean)',
    'literal_from_url("literal://json:%7B%22a%22%3A1%7D", Json, json), json_property(Json, "a", 1)',
    'findall(S, literal_from_url("literal://string:x", _, S), [string])',
    '\\+ literal_from_url("link:00", _, _)',
    '\\+ literal_from_url("literal://string:%", _, _)',
    '\\+ literal_from_url("literal://string:%FF", _, _)',
    '\\+ literal_from_url("literal://string:%ED%A0%80", _, _)',
    'json_property("{\\"a\\": [1, -2.5, 1e3, true, null, \\"x\\"]}", "a", [1, -2.5, 1000.0, true, null, "x"])',
    'json_property("{\\"a\\": {\\"b\\": \\"c\\"}}", a, A), get_assoc("b", A, "c")',
    'findall(N-V, json_property("{\\"b\\":2,\\"a\\":1}", N, V), ["a"-1, "b"-2])',
    'json_property("{\\"a\\":1,\\"a\\":2}", "a", 2)',
    'json_property(" { } ", _, _) -> fail ; true',
    '\\+ json_property("[1]", _, _)',
    '\\+ json_property("{\\"a\\":01}", _, _)',
    '\\+ json_property("{\\"a\\":1,}", _, _)',
    '\\+ json_property("not JSON", _, _)',
)


@pytest.mark.parametrize("goal", HOLDS)
def test_a_helper_is_what_its_name_says(engine: Engine, goal: str) -> None:
    evaluation = judge(engine, f"p(_, _) :- {goal}.")

    assert (evaluation.verdict, evaluation.reason) == (DnaVerdict.TRUE, None)


def test_a_program_may_have_a_helper_of_its_own(engine: Engine) -> None:
    evaluation = judge(engine, "takeN(mine).\ntakeN(_, _, mine).\np(_, _) :- takeN(mine), takeN([a], 1, mine).")

    assert (evaluation.verdict, evaluation.reason) == (DnaVerdict.TRUE, None)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inside: st.lists(inside, max_size=4),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(st.text(), VALUES, max_size=5), st.booleans())
def test_json_is_read_as_it_was_written(engine: Engine, value: dict[str, object], ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    program = engine.compile(REGISTER + PROPERTIES)
    facts = [("so_expression_data", "u", text), ("epoch", len(value))]

    evaluation = program.evaluate("p", "u", facts)

    assert (evaluation.verdict, evaluation.reason) == (DnaVerdict.TRUE, None)


PROPERTIES = """
p(U, _) :-
    so_expression_data(U, Json), epoch(Count),
    findall(N-V, json_property(Json, N, V), Pairs),
    length(Pairs, Count),
    forall(member(N-_, Pairs), ( string(N), json_property(Json, N, _) )).
"""


@settings(max_examples=60)
@given(st.text())
def test_a_literal_decodes_to_what_was_encoded(engine: Engine, text: str) -> None:
    program = engine.compile(
        REGISTER + "p(U, _) :- literal_from_url(U, Text, string), so_expression_data(U, Expected), Text == Expected."
    )
    url = f"literal://string:{quote(text, safe='')}"

    assert program.evaluate("p", url, [("so_expression_data", url, text)]).verdict is DnaVerdict.TRUE
