"""Explanations: true with its proof, false with where it got stuck, undecided with where it stopped."""

import pytest

from domain.organisms.dna import DnaVerdict, Evaluation
from domain.organisms.explanation import LINES, Explanation, Step
from domain.organisms.templates import DEFAULT, template
from server.dna import Engine, Fact, Limits
from server.dna.explain import Explained, explain
from server.dna.judge import Judge
from tests.dna.random_programs import sample
from tests.dna.world import REGISTER, O, majority_facts

CANDIDATE = "did:key:zCandidate"
SMALL = Limits(fuel=60_000_000, memory=48 << 20, wall_seconds=120)


def why(engine: Engine, clauses: str, facts: tuple[Fact, ...] = ()) -> Explained:
    return explain(engine, engine.compile(REGISTER + clauses), "p", "x", facts)


def outline(step: Step | None) -> list[str]:
    assert step is not None
    return [f"{step.kind} {step.goal}", *(f"  {line}" for child in step.children for line in outline(child))]


def majority(engine: Engine, vouches: int) -> Explanation:
    found = explain(engine, engine.compile(DEFAULT.program), "membrane", CANDIDATE, majority_facts(vouches))
    return Explanation(found.tree, found.reason, found.truncated)


def test_what_is_true_has_its_proof(engine: Engine) -> None:
    found = majority(engine, 5)

    assert (
        found.prolog
        == """\
yes: membrane("did:key:zCandidate", o)  % line 8
  yes: majority("did:key:zCandidate")  % line 13
    yes: aggregate_all(count, so_vouch("did:key:zCandidate", _, _), 5)
    yes: aggregate_all(count, so_member(_, o), 9)
    yes: 2*5>9"""
    )
    assert found.words.splitlines()[0] == "More than half of the members vouch for the newcomer."
    assert found.words.splitlines()[-1].strip() == "10 is more than 9"


def test_what_is_false_says_where_each_clause_got_stuck(engine: Engine) -> None:
    found = majority(engine, 4)

    assert found.prolog.splitlines()[-1].strip() == "no: 2*4>9"
    assert (
        found.words
        == """\
membrane("did:key:zCandidate", o) does not hold:
  not so: More than half of the members vouch for the newcomer.
    majority("did:key:zCandidate") does not hold:
      the clause in line 13 needs:
        8 is not more than 9"""
    )


def test_every_clause_is_told_with_its_bindings(engine: Engine) -> None:
    found = why(engine, "p(S, _) :- q(S, N), N > 5.\np(S, O) :- so_member(S, O).\nq(_, 3).\nq(_, 4).\nq(y, 9).")

    assert outline(found.tree) == [
        'failed p("x", o)',
        '  clause p("x", o)',
        "    failed 3>5",
        '  clause p("x", o)',
        '    failed so_member("x", o)',
    ]


def test_a_variable_keeps_the_name_that_the_program_gives_it(engine: Engine) -> None:
    found = why(engine, "p(_, _) :- so_vouch(Subject, Voter, _), Subject == Voter.")

    assert "failed so_vouch(Subject, Voter, _)" in outline(found.tree)[-1]


def test_who_is_missing_is_named(engine: Engine) -> None:
    facts = majority_facts(8)
    found = explain(engine, engine.compile(template("unanimous").program), "membrane", CANDIDATE, facts)

    words = Explanation(found.tree, None, found.truncated).words
    assert "did:key:z6Mk0008 does not vouch for did:key:zCandidate" in words
    assert "There is a member that does not vouch." in words


def test_a_clause_that_was_committed_to_hides_the_later_ones(engine: Engine) -> None:
    found = why(engine, "p(_, _) :- !, 1 > 2.\np(_, _) :- 3 > 4.")

    assert outline(found.tree)[1:] == ['  clause p("x", o)', "    failed 1>2"]


UNDECIDED = {
    "error": ("q.\nq :- X is foo + 1, X > 0.", "is/2: Arithmetic: `foo/0' is not a function", "X is foo+1"),
    "missing": ("q.\nq :- nosuch(1).", "there is no predicate nosuch/1", "nosuch(1)"),
    "thrown": ("q.\nq :- throw(oops).", "uncaught oops", "throw(oops)"),
    "list": ("q.\nq :- r, length(L, 1000000000), L = [x|_].\nr.", "stack limit", "length(L, 1000000000)"),
    "forever": ("q.\nq :- numlist(1, 100, L), repeat, fail, L == [].", None, "fail"),
    "inside": ("q.\nq :- findall(x, (repeat, fail), _).", "fuel limit", "findall(x, (repeat, fail), _)"),
    "halt": ("q.\nq :- halt.", "the program ended the engine", "halt"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_is_undecided_says_where_it_stopped(engine: Engine, name: str) -> None:
    clauses, reason, goal = UNDECIDED[name]

    found = why(engine, f"p(_, _) :- {clauses}")

    assert found.verdict is DnaVerdict.UNDECIDED
    assert found.reason == (reason or "it takes more steps than an explanation may")
    assert outline(found.tree)[:2] == ['calling p("x", o)', "  calling q"]
    assert outline(found.tree)[-1].strip() == f"stuck {goal}"


def test_a_deep_recursion_is_told_from_both_ends(engine: Engine) -> None:
    found = why(engine, "p(_, _) :- q(0).\nq(N) :- M is N + 1, q(M).")

    lines = outline(found.tree)
    assert found.truncated
    assert len(lines) < 25
    assert lines[0] == 'calling p("x", o)'


@pytest.mark.parametrize("seed", range(300))
def test_explanations_agree_with_the_verdict(engine: Engine, seed: int) -> None:
    made = sample(seed)
    program = engine.compile(made.program)

    plain = program.evaluate("p", "x", made.facts, SMALL)
    found = explain(engine, program, "p", "x", made.facts, Limits(fuel=600_000_000, memory=96 << 20, wall_seconds=120))

    if limited(plain):
        return
    assert found.verdict is plain.verdict, made.program
    assert found.reason == plain.reason, made.program
    assert found.tree is not None


def limited(evaluation: Evaluation) -> bool:
    return evaluation.reason is not None and evaluation.reason.endswith("limit")


@pytest.mark.parametrize("count", [30, 300])
def test_explanations_are_bounded(engine: Engine, count: int) -> None:
    many = "p(_, _) :- " + ", ".join(["q"] * count) + ".\nq :- r, r, r, r.\nr.\n"

    found = why(engine, many)

    explanation = Explanation(found.tree, None, found.truncated)
    assert found.verdict is DnaVerdict.TRUE
    assert explanation.truncated
    assert len(outline(found.tree)) < 400
    assert len(explanation.words.splitlines()) <= LINES + 1


def test_long_values_are_cut(engine: Engine) -> None:
    found = why(engine, "p(S, _) :- so_member(X, _), S == X.", (("so_member", "m" * 100_000, O),))

    assert all(len(line) < 300 for line in outline(found.tree))


@pytest.mark.parametrize(
    "clauses",
    [
        "p(_, _) :- \\+ catch(so_tools:nb_current(so_steps, _), _, fail).",
        "p(_, _) :- nb_setval(so_steps, spoiled), q.\nq.",
    ],
)
async def test_the_verdict_is_that_of_the_plain_evaluation(engine: Engine, clauses: str) -> None:
    """A program can tell that it is watched, and can spoil its explanation; it changes no verdict by that."""
    text = REGISTER + clauses

    explanation = await Judge(engine).explain(text, "p", "x", ())

    assert engine.compile(text).evaluate("p", "x").verdict is DnaVerdict.TRUE
    assert why(engine, clauses).verdict is DnaVerdict.FALSE
    assert explanation.tree is None
    assert explanation.words == "It cannot be followed within the limits of an explanation"
