"""Values become Prolog terms and nothing else."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.organisms.dna import DnaVerdict
from server.dna import Atom, Engine, InvalidFact
from server.dna.terms import FACTS, LAYERS, clauses, goal, layers, term
from tests.dna.world import REGISTER

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
CODES = (
    REGISTER
    + """
p(Subject, _) :-
    so_expression_data(Subject, Json),
    so_link(Subject, Text, Atom, Number),
    string(Subject), string(Json), string(Text), atom(Atom), integer(Number),
    string_codes(Text, Codes), atom_codes(Atom, Codes),
    format(string(Json), "~w ~d", [Codes, Number]).
"""
)


@settings(max_examples=150, deadline=None)
@given(subject=ANY_TEXT, text=ANY_TEXT, number=st.integers(-(10**40), 10**40))
def test_any_text_and_number_survives(engine: Engine, subject: str, text: str, number: int) -> None:
    spelled = "[" + ",".join(str(ord(character)) for character in text) + "] " + str(number)

    evaluation = engine.compile(CODES).evaluate(
        "p", subject, [("so_expression_data", subject, spelled), ("so_link", subject, text, Atom(text), number)]
    )

    assert evaluation.verdict is DnaVerdict.TRUE, evaluation.reason


@pytest.mark.parametrize(
    "text",
    ["", "\0", "'", '"', "\\", "`", "\n\r\t\x0b\x1b\x7f", "\\x41\\", "~w", "% comment", "/* */", '"). halt. %', 
     "\ufeff", "\U000d8000\U000dffff", "\u2028\u2029", "\U0001f600\U0010ffff",
     "é漢", "\ud7ff\ue000\ufffe\uffff", "\x80\x9f\xa0\xad"],
)  # fmt: skip
def test_awkward_texts_survive(engine: Engine, text: str) -> None:
    spelled = json.dumps([ord(character) for character in text], separators=(",", ":"))

    evaluation = engine.compile(CODES).evaluate(
        "p", text, [("so_expression_data", text, f"{spelled} 0"), ("so_link", text, text, Atom(text), 0)]
    )

    assert evaluation.verdict is DnaVerdict.TRUE, evaluation.reason


@given(ANY_TEXT)
def test_terms_are_printable_ascii(text: str) -> None:
    for written in (term(text), term(Atom(text))):
        assert all(" " <= character <= "~" for character in written)


@given(st.text(max_size=5), st.characters(categories=["Cs"]), st.text(max_size=5))
def test_lone_surrogates_are_refused(before: str, surrogate: str, after: str) -> None:
    with pytest.raises(InvalidFact, match="surrogate"):
        term(before + surrogate + after)


@pytest.mark.parametrize("value", [None, True, float("nan"), float("inf"), b"bytes", ["list"], ("tuple",)])
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(InvalidFact):
        term(value)  # type: ignore[arg-type]  # what is refused


def test_text_is_quoted_by_its_type() -> None:
    assert term('it\'s "é" 😀') == r'"it\u0027s \u0022\u00E9\u0022 \U0001F600"'
    assert term(Atom("it's")) == r"'it\u0027s'"
    assert term(-12) == "-12"
    assert goal("membrane", "did:key:z", Atom("o")) == "'membrane'(\"did:key:z\",'o')"


def test_facts_are_a_sorted_set_of_the_wanted_names() -> None:
    facts = [("so_member", "b", 1), ("now", 5), ("so_member", "a", 1), ("so_member", "b", 1), ("epoch", 2)]

    assert clauses(facts, frozenset({"so_member", "now"})) == (
        "now(5).\n",
        'so_member("a",1).\n',
        'so_member("b",1).\n',
    )


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_fractions_are_read_back_as_they_were(engine: Engine, value: float) -> None:
    text = term(value)

    assert float(text) == value
    assert re.fullmatch(r"-?\d+\.\d+(e[+-]\d+)?", text)
    found = engine.compile(SAME).evaluate("p", "u", [("so_coherence", "u", value), ("trust", "u", text, value)])
    assert (found.verdict, found.reason) == (DnaVerdict.TRUE, None)


SAME = (
    REGISTER
    + """
p(U, _) :- so_coherence(U, X), float(X), trust(U, Text, Y), X =:= Y, number_string(Z, Text), X =:= Z.
"""
)


def test_facts_are_sorted_into_layers() -> None:
    facts = [("now", 1), ("so_member", "b", "o"), ("so_verdict", "u", "d", "concur", 1), ("so_member", "a", "o")]

    loaded = layers(clauses(facts, frozenset(FACTS)))

    assert loaded == (
        ('so_member("a","o").\n', 'so_member("b","o").\n'),
        ('so_verdict("u","d","concur",1).\n',),
        ("now(1).\n",),
    )
    assert frozenset.union(*LAYERS) == FACTS.keys()
    assert sum(map(len, LAYERS)) == len(FACTS)
