"""What a program may say, and what the engine reads from it."""

import pytest

from domain.organisms.dna import DnaVerdict
from server.dna import Atom, DnaMissingRegistration, DnaSyntaxError, Engine
from server.dna.terms import FACTS, RULES
from tests.dna.world import MAJORITY, REGISTER, O, judge

RESERVED = [*((name, arity) for name, arity in FACTS.items()), *((name, 2) for name in RULES)]


def problems(engine: Engine, program: str) -> tuple[str, ...]:
    with pytest.raises(DnaSyntaxError) as refused:
        engine.compile(program)
    return refused.value.problems


def head(name: str, arity: int) -> str:
    return f"{name}({', '.join('_' * arity)})"


@pytest.mark.parametrize(("name", "arity"), RESERVED)
@pytest.mark.parametrize(
    "clause",
    ["{head}.", "{head} :- true.", "{head}, X = 1 => true.", "{head} => true.", ":- table {name}/{arity}."],
)
def test_a_program_cannot_define_a_fact(engine: Engine, name: str, arity: int, clause: str) -> None:
    text = clause.format(head=head(name, arity), name=name, arity=arity)

    assert f"{name}/{arity} is a fact of the server" in problems(engine, REGISTER + text)[0]


def test_a_grammar_rule_cannot_define_a_fact(engine: Engine) -> None:
    assert "line 2: so_join/2 is a fact" in problems(engine, REGISTER + "so_join --> [].")[0]
    assert "so_vouch/3 is a fact" in problems(engine, REGISTER + "so_vouch(X) --> [X].")[0]


@pytest.mark.parametrize(
    "directive",
    [
        "assertz(so_member(mallory, o))",
        "asserta((so_vouch(_, _, _) :- true))",
        "dna:assertz(so_member(mallory, o))",
        "initialization(assertz(so_member(mallory, o)))",
        "(dynamic(foo/1), assertz(so_member(mallory, o)))",
        "consult(user)",
        "so_driver:retractall(reserved(_, _))",
        "dynamic(so_driver:problem/1)",
        "dynamic([foo/1, so_driver:problem/1])",
        "op(700, xfx, user:is_member)",
        "table(so_driver:problem/1)",
        "use_module(library(process))",
        "set_prolog_flag(stack_limit, 1)",
        "module(mine, [])",
        "X",
        "redefine_system_predicate(catch(_, _, _))",
    ],
)
def test_other_directives_are_refused(engine: Engine, directive: str) -> None:
    assert len(problems(engine, f"{REGISTER}:- {directive}.")) == 1


@pytest.mark.parametrize(
    "clause",
    [
        "term_expansion(make, so_member(mallory, o)).",
        "goal_expansion(fail, true).",
        "user:term_expansion(make, so_member(mallory, o)).",
        "system:catch(_, _, _) :- true.",
        "so_driver:problem(_).",
        "dna:so_member(mallory, o).",
        "(dna:so_member(mallory, o) :- true).",
        "call(_).",
        "(_, _) :- true.",
        "findall(_, _, _).",
        "atom_length(_, 1).",
        "X :- true.",
        "1.",
        '"text" :- true.',
        "p :- 1.",
        "?- true.",
    ],
)
def test_these_clauses_are_refused(engine: Engine, clause: str) -> None:
    assert len(problems(engine, f"{REGISTER}{clause}\nmake.")) == 1


def test_terms_are_not_expanded(engine: Engine) -> None:
    program = "expand(term_expansion). make.\np(_, _) :- so_member(mallory, _)."

    assert judge(engine, program).verdict is DnaVerdict.FALSE


def test_declarations_are_accepted(engine: Engine) -> None:
    program = """
:- use_module(library(lists)).
:- use_module(library(aggregate), [aggregate_all/3]).
:- dynamic so_member/2, so_vouch/3.
:- dynamic([counted/1]).
:- discontiguous p/2.
:- table path/2.
:- op(700, xfx, beats).
:- set_prolog_flag(double_quotes, codes).
path(X, Y) :- edge(X, Y).
path(X, Y) :- path(X, Z), edge(Z, Y).
edge(a, b). edge(b, c). edge(c, a).
greeting --> "hello".
append(mine, own, version).
rock beats scissors.
p(_, _) :- path(a, a), X beats scissors, X == rock, phrase(greeting, [0'h, 0'e, 0'l, 0'l, 0'o]), append(mine, own, _).
"""

    assert judge(engine, program).verdict is DnaVerdict.TRUE


def test_problems_name_their_line(engine: Engine) -> None:
    found = problems(engine, REGISTER + "p :- q(.\nr.\nso_member(a, b).\n")

    assert [problem.split(":")[0].split(",")[0] for problem in found] == ["line 2", "line 4"]


def test_64_kilobytes_are_accepted_and_one_byte_more_is_not(engine: Engine) -> None:
    comment = "% é"
    filler = comment + "x" * (65536 - len((REGISTER + comment).encode()))

    assert engine.compile(REGISTER + filler).handle == O
    assert "65537 bytes" in problems(engine, REGISTER + filler + "x")[0]


def test_a_lone_surrogate_is_refused(engine: Engine) -> None:
    assert problems(engine, REGISTER + "p('\ud800').") == ("the program has a lone surrogate",)


@pytest.mark.parametrize(
    ("clauses", "handle"),
    [
        ("register_social_organism(_, o).", Atom("o")),
        ("register_social_organism(_, 'so://Qmz Ä 漢').", Atom("so://Qmz Ä 漢")),
        ('register_social_organism(_, "o").', "o"),
        ("register_social_organism(_, 12345678901234567890123).", 12345678901234567890123),
        ("register_social_organism(_, -1).", -1),
        ("register_social_organism(_, X) :- member(X, [first, second]).", Atom("first")),
    ],
)
def test_the_handle_is_the_first_solution(engine: Engine, clauses: str, handle: object) -> None:
    found = engine.compile(clauses).handle

    assert found == handle
    assert type(found) is type(handle)


@pytest.mark.parametrize(
    ("clauses", "reason"),
    [
        ("p.", "there is no predicate register_social_organism/2"),
        ("register_social_organism(_, _) :- fail.", "it has no solution"),
        ("register_social_organism(_, _).", "the handle is not an atom, a string or an integer"),
        ("register_social_organism(_, f(x)).", "the handle is not an atom, a string or an integer"),
        ("register_social_organism(_, o) :- repeat, fail.", "fuel limit"),
        ("register_social_organism(_, o) :- throw(no).", "uncaught no"),
    ],
)
def test_without_a_handle_nothing_can_be_evaluated(engine: Engine, clauses: str, reason: str) -> None:
    program = engine.compile(clauses)

    with pytest.raises(DnaMissingRegistration, match=reason):
        _ = program.handle
    with pytest.raises(DnaMissingRegistration):
        program.evaluate("p", "x")


def test_a_program_mentions_the_facts_it_could_ask_for(engine: Engine) -> None:
    program = engine.compile(
        REGISTER
        + """
p(X, O) :- \\+ so_member(X, O), forall(so_vouch(X, _, _), findall(T, trust(_, X, T), _)).
q(X) :- maplist(epoch, [X]), reachable(X, "b").
r --> so_join.
:- dynamic so_decline/3.
% so_verdict in a comment
s("so_link").
"""
    )

    assert program.mentions == {"so_member", "so_vouch", "trust", "epoch", "reachable", "triple", "so_join"}


def test_defines_says_which_predicates_have_clauses(engine: Engine) -> None:
    program = engine.compile(MAJORITY + ":- dynamic dna_change/2.\ngreeting --> [].\n")

    assert program.defines("membrane", 2)
    assert program.defines("greeting", 2)
    assert not program.defines("membrane", 3)
    assert not program.defines("membrane_exit", 2)
    assert not program.defines("dna_change", 2)


def test_compiling_again_gives_the_same_program(engine: Engine) -> None:
    assert engine.compile(MAJORITY) is engine.compile(MAJORITY)


def test_a_huge_program_of_small_clauses_compiles(engine: Engine) -> None:
    program = engine.compile(REGISTER + "".join(f"a{number}.\n" for number in range(8000)))

    assert program.defines("a7999", 0)


@pytest.mark.parametrize(
    ("clause", "reason"),
    [
        ("p :- " + "(" * 20_000 + "a" + ")" * 20_000 + ".", "stack limit"),
        ("p :- " + "\\+ " * 20_000 + "a.", "stack limit"),
        ("p(" + "[" * 30_000 + "]" * 30_000 + ").", "stack limit"),
        ("p(" + "9" * 64_000 + ").", "fuel limit"),
    ],
)
def test_a_program_made_to_exhaust_the_compiler_is_refused(engine: Engine, clause: str, reason: str) -> None:
    assert problems(engine, REGISTER + clause) == (f"the program cannot be compiled: {reason}",)


def test_a_predicate_stays_the_same_however_it_is_laid_out(engine: Engine) -> None:
    one = engine.compile(REGISTER + "p(X) :- q(X), X > 1. q('a'). q(\"a\"). r --> [x].")
    same = engine.compile(REGISTER + '% a comment\np(Number):-\n  q(Number),Number>1.\nq(a).\nq("a").\nr --> [x].')
    other = engine.compile(REGISTER + 'p(X) :- q(X), X > 2.\nq("a").\nq(a).\nr --> [y].')

    assert one.predicates == same.predicates
    assert one.predicates.keys() == {"register_social_organism/2", "p/1", "q/1", "r/2"}
    assert {name for name in one.predicates if one.predicates[name] != other.predicates[name]} == {"p/1", "q/1", "r/2"}
