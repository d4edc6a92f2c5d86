"""Injection (property 7): whatever the values of facts are, they are values, and the program means what it says."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.organisms.dna import DnaVerdict
from server.dna import Atom, Engine, Fact
from tests.dna.world import REGISTER

LONG = 100_000
PIECES = (
    *("\"'`\\\n\r\0\t|{}()[],._X!%~éё漢😀\u2028"),
    *('").\n', "').\n", '", o).\nso_vouch("did:new", "mallory", 1).\nso_member("', "mallory :- true.\n", ":- halt.\n"),
    *("/*", "*/", "% ", "\\x41\\", "\\u0022", "~w~n", "0'a", "'$VAR'(1)", "\\+ ", "end_of_file.\n"),
)
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=9), max_size=6).map("".join).filter(
    lambda text: not any("\ud800" <= character <= "\udfff" for character in text)
)  # fmt: skip
HUGE = TEXT.filter(bool).map(lambda text: (text * LONG)[:LONG])
VALUE = st.one_of(TEXT, TEXT, TEXT, HUGE)
SUBJECT = "did:new"

PROGRAM = (
    REGISTER
    + """
:- dynamic(mallory/0).
p(Subject, o) :- counted(Subject, Vouches, Members), 2 * Vouches > Members, untouched.
q(Subject, o) :- counted(Subject, Vouches, Members), 2 * Vouches =< Members, untouched.
counted(Subject, Vouches, Members) :-
    aggregate_all(count, so_vouch(Subject, _, _), Vouches),
    aggregate_all(count, so_member(_, o), Members).
untouched :-
    \\+ mallory,
    \\+ so_member("mallory", _), \\+ so_vouch(_, "mallory", _),
    aggregate_all(count, so_expression(_, _, _, _), 1),
    aggregate_all(count, so_expression_data(_, _), 1),
    aggregate_all(count, so_link(_, _, _, _), 1),
    aggregate_all(count, triple(_, _, _), 1),
    so_expression_data(Url, Json), so_expression(Url, _, 7, _), string(Json),
    current_op(700, xfx, =), \\+ current_op(_, _, mallory).
"""
)


def facts(values: list[str], members: set[str], vouching: int) -> list[Fact]:
    """Values wherever a fact has room for a text."""
    url, json, source, predicate, target = values
    return [
        ("so_expression", url, source, 7, predicate),
        ("so_expression_data", url, json),
        ("so_link", url, source, predicate, target),
        ("triple", source, predicate, target),
        *(("so_member", did, Atom("o")) for did in members),
        *(("so_vouch", SUBJECT, did, 1) for did in sorted(members)[:vouching]),
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow])
@given(
    values=st.lists(VALUE, min_size=5, max_size=5),
    members=st.sets(TEXT.filter(lambda text: text != "mallory"), max_size=5),
    vouching=st.integers(0, 5),
)
def test_no_value_changes_what_a_program_means(
    engine: Engine, values: list[str], members: set[str], vouching: int
) -> None:
    more = 2 * min(vouching, len(members)) > len(members)
    program, given_facts = engine.compile(PROGRAM), facts(values, members, vouching)

    yes, no = (program.evaluate(predicate, SUBJECT, given_facts) for predicate in ("p", "q"))

    assert (yes.verdict, yes.reason) == (DnaVerdict.TRUE if more else DnaVerdict.FALSE, None)
    assert (no.verdict, no.reason) == (DnaVerdict.FALSE if more else DnaVerdict.TRUE, None)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow])
@given(subject=VALUE)
def test_no_subject_changes_what_is_asked(engine: Engine, subject: str) -> None:
    program = engine.compile(REGISTER + "p(Subject, o) :- string(Subject), so_vouch(Subject, _, _).\n")

    asked = program.evaluate("p", subject, [("so_vouch", subject, "did:a", 1)])
    other = program.evaluate("p", subject, [("so_vouch", subject + ".", "did:a", 1)])

    assert (asked.verdict, other.verdict) == (DnaVerdict.TRUE, DnaVerdict.FALSE)
