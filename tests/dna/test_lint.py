"""Lint: every rule finds what it is for, with its place, and nothing in what is well."""

from pathlib import Path

import pytest

from domain.organisms.examination import Finding, Severity
from domain.organisms.templates import TEMPLATES
from server.dna import Engine
from server.dna.engine import PROGRAM_BYTES
from server.dna.lint import lint
from tests.dna.world import REGISTER

WHOLE = REGISTER + (
    "output_expression(_, o).\nmembrane(Did, o) :- rule(Did).\nmembrane_exit(_, o) :- fail.\n"
    "dna_change(_, o) :- fail.\n"
)  # fmt: skip
FOUNDER = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"

RULES: dict[str, list[tuple[str, int, int, str, str | None]]] = {
    "syntax-error": [
        ("rule(Did) :- so_join(Did _).", 6, 22, "syntax error", None),
        ("rule(Did) :- so_join(Did, _)", 6, 0, "syntax error", None),
        ('rule("Did).', 6, 0, "syntax error", None),
    ],
    "not-allowed": [
        ("rule(_).\n:- initialization(rule(_)).", 7, 0, "initialization", None),
        ("rule(_).\nso_member(mallory, o).", 7, 0, "so_member/2 is a fact of the server", None),
        ("rule(_).\nterm_expansion(a, b).", 7, 0, "programs are not expanded", None),
        ("rule(_).\nfindall(_, _, _).", 7, 0, "findall/3", None),
    ],
    "unknown-predicate": [
        ("rule(Did) :- so_jion(Did, _).", 6, 13, "There is no so_jion/2", "Did you mean so_join/2?"),
        ("rule(Did) :-\n    forall(so_membr(M, _), so_vouch(Did, M, _)).", 7, 11, "so_membr/2", "so_member/2?"),
        ("rule(Did) :- \\+ rulle(Did).", 6, 16, "rulle/1", "Did you mean rule/1?"),
        ("rule(Did) :- maplist(xyzzy, [Did]).", 6, 13, "There is no xyzzy/1", None),
        ("rule(Did) :- agregate_all(count, so_vouch(Did, _, _), 2).", 6, 13, "agregate_all/3", "aggregate_all/3?"),
    ],
    "wrong-arity": [
        ("rule(Did) :- so_join(Did).", 6, 13, "There is no so_join/1", "Write so_join with 2 arguments"),
        (
            "rule(Did) :- so_vouch(Did, Did), rule(Did, 1, 2, 3).",
            6,
            33,
            "There is no rule/4",
            "Write rule with 1 arguments",
        ),
        ("rule(_) :- length([], 0, 0).", 6, 11, "There is no length/3", "Write length with 2 arguments"),
        ("rule(_).\nmembrane(_).", 7, 0, "membrane/1 is never asked for", "Write membrane with 2 arguments"),
    ],
    "singleton-variable": [
        ("rule(Did) :- so_vouch(Did, Member, _).", 6, 27, "Member occurs only once", "Write _ or _Member"),
        ("rule(_) :-\n    findall(X, so_join(Y, _), [X]).", 7, 23, "Y occurs only once", None),
    ],
    "never-succeeds": [
        ("rule(_) :- 2 > 3.", 6, 11, "2>3 is not so", None),
        ('rule(_) :- "a" = b.', 6, 11, '"a"=b has no solution', None),
        ("rule(Did) :- enough(Did, 2).\nenough(_, 1).", 6, 13, "no clause is about enough(Did, 2)", None),
        ("rule(Did) :- \\+ so_verdict(_, Did, reject, _).", 6, 16, "a text in double quotes where reject", None),
        ("rule(Did) :- so_member(Did, other).", 6, 13, "the registered handle where other", None),
        ('rule(Did) :- so_join(Did, "now").', 6, 13, 'a whole number where "now"', None),
        ("rule(Did) :- N = 1, so_join(Did, _), N > 2.", 6, 37, "1>2 is not so", None),
        ("rule(Did) :- X = Did, so_join(X, _), Did = 3, X = 4.", 6, 46, "3=4 has no solution", None),
        ("rule(X) :- so_join(X, _), now(X).", 6, 26, "X is a text in double quotes and a whole number at once", None),
        ("rule(_).\nmembrane(X, o) :- now(X).", 7, 18, "X is a text in double quotes and a whole number", None),
        ("rule(_).\nmembrane(_, other).", 7, 0, "the registered handle, which is not other", None),
        ("rule(_).\nmembrane(alice, o).", 7, 0, "asked with a text, which alice is not", "Write it in double quotes"),
    ],
    "recursion-without-progress": [
        ("rule(Did) :- rule(Did).", 6, 13, "rule/1 asks for itself", "declare `:- table rule/1.`"),
        ("rule(Did) :- other(Did).\nother(X) :- string(X), rule(X).", 6, 13, "rule/1 asks for itself", None),
        ("rule(Did) :- Did \\== 1, rule(Did).", 6, 24, "rule/1 asks for itself", None),
    ],
    "unsafe-call": [
        ("rule(_) :- open(a, read, _).", 6, 11, "open/3 reaches for what an evaluation does not have", None),
        ("rule(_) :- shell(ls).", 6, 11, "shell/1", None),
        ("rule(_) :- assertz(a).", 6, 11, "changes the program", None),
        ("rule(_) :- nb_setval(a, 1).", 6, 11, "nb_setval/2 changes", None),
        ("rule(_) :- get_time(_).", 6, 11, "there is no clock", None),
        ("rule(_) :- lists:append([], [], _).", 6, 11, "another module", None),
        ("rule(_) :- ignore(halt).", 6, 18, "halt/0", None),
    ],
    "misspelt-predicate": [("rule(_).\nmembrain(_, o).", 7, 0, "membrain/2 is never asked for", "membrane/2?")],
    "unused-predicate": [("rule(_).\nnobody_asks.", 7, 0, "nobody_asks/0 is never asked for", None)],
}
CASES = [(rule, *case) for rule, cases in RULES.items() for case in cases]


@pytest.mark.parametrize(("rule", "clauses", "line", "column", "message", "suggestion"), CASES)
def test_each_rule_finds_what_it_is_for(
    engine: Engine, rule: str, clauses: str, line: int, column: int, message: str, suggestion: str | None
) -> None:
    found = lint(engine, WHOLE + clauses)

    matching = [each for each in found if each.rule == rule and message in each.message]
    assert matching, found
    assert (matching[0].line, matching[0].column) == (line, column) or rule == "syntax-error"
    assert matching[0].line == line or rule == "syntax-error"
    assert suggestion is None or suggestion in str(matching[0].suggestion)


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_are_well(engine: Engine, name: str) -> None:
    found = lint(engine, TEMPLATES[name].write(asker=FOUNDER).program)

    assert {each.rule for each in found} <= {"missing-predicate"}
    assert {each.severity for each in found} <= {Severity.INFO}


WELL = [
    "rule(Did) :- so_join(Did, _).",
    "rule(Did) :- rule(Did, 3).\nrule(_, 0).\nrule(Did, N) :- N > 0, M is N - 1, rule(Did, M).",
    ":- table rule/1.\nrule(Did) :- rule(Did).\nrule(_).",
    "rule(Did) :- findall(M, so_vouch(Did, M, _), Ms), sort(Ms, Set), length(Set, N), N >= 2.",
    "rule(Did) :- maplist([M]>>so_vouch(Did, M, _), []).",
    "rule(Did) :- foldl(plus_, [1, 2], 0, 3), so_join(Did, _).\nplus_(A, B, C) :- C is A + B.",
    'rule(Did) :- so_expression_data(_, Json), json_property(Json, "did", Did).',
    "rule(Did) :- setof(M, T^so_vouch(Did, M, T), _).",
    "rule(Did) :- atom_string(A, Did), atom_codes(A, Cs), phrase(any, Cs).\nany --> [].\nany --> [_], any.",
    'rule(Did) :- string_codes(Did, Cs), phrase((did, rest), Cs).\ndid --> "did:".\nrest --> "key".',
    ":- dynamic seen/1.\nrule(Did) :- \\+ seen(Did).",
    "rule(Did) :- ( so_join(Did, _) -> true ; fail ).",
    "rule(Did) :- catch(so_join(Did, _), _, fail).",
    ':- use_module(library(lists)).\n:- op(700, xfx, beats).\nrule(Did) :- "x" beats Did.\n_ beats _.',
    "rule(Did) => so_join(Did, _).",
    "rule(Did) :- ( Did = 1 ; Did = 2 ).",
    "rule(Did) :- so_vouch(Did, _, T), so_join(Did, T), X = 1, X < 2.",
    "rule(D) :- other(D, 9).\nother(_, 0).\nother(D, N) :- N > 0, M is N - 1, agn(D, M).\nagn(D, N) :- other(D, N).",
    "rule(Did) :- so_join(Did, T), trust(_, Did, S), S > T.",
]


@pytest.mark.parametrize("clauses", WELL)
def test_good_programs_are_left_alone(engine: Engine, clauses: str) -> None:
    assert lint(engine, WHOLE + clauses) == ()


def test_what_is_missing_is_said(engine: Engine) -> None:
    found = {each.message.split(".")[0]: each.severity for each in lint(engine, "")}

    assert found == {
        "There is no register_social_organism/2": Severity.ERROR,
        "There is no output_expression/2": Severity.WARNING,
        "There is no membrane/2": Severity.INFO,
        "There is no membrane_exit/2": Severity.INFO,
        "There is no dna_change/2": Severity.INFO,
    }


def test_a_handle_that_nothing_gives_is_an_error(engine: Engine) -> None:
    found = lint(engine, "register_social_organism(_, _).\n" + WHOLE.split("\n", 1)[1] + "rule(_).")

    assert [(each.rule, each.severity) for each in found] == [("missing-registration", Severity.ERROR)]


@pytest.mark.parametrize(
    "text", ["% " + "x" * (64 << 10), REGISTER + "p('\ud800').", REGISTER + "p(" + "[" * 30_000 + "]" * 30_000 + ")."]
)
def test_what_cannot_be_read_is_one_finding(engine: Engine, text: str) -> None:
    assert [each.rule for each in lint(engine, text)] == ["too-large"]


def test_a_byte_order_mark_is_a_syntax_error_at_the_start(engine: Engine) -> None:
    found = lint(engine, "\ufeff" + WHOLE + "rule(_).")

    assert [(each.line, each.column) for each in found if each.rule == "syntax-error"] == [(1, 0)]
    assert "too-large" not in {each.rule for each in found}


LARGE = {
    "chain": ("a{0}(X) :- a{1}(X), so_join(X, _).\n", 5),
    "circle": ("a(X) :- b(X), a(X).\nb(X) :- a(X), b(X).\n", 200),
    "unknown names": ("a :- missing{0}.\n", 200),
}


@pytest.mark.parametrize("name", LARGE)
def test_the_largest_programs_are_examined(engine: Engine, name: str) -> None:
    clause, findings = LARGE[name]
    clauses = (clause.format(number, number + 1) for number in range(4_000))
    text = REGISTER + "".join(clauses)[: PROGRAM_BYTES - 100].rsplit("\n", 1)[0] + "\n"

    found = lint(engine, text)

    assert findings <= len(found) <= 200
    assert "too-large" not in {each.rule for each in found}


def test_findings_are_bounded(engine: Engine) -> None:
    found = lint(engine, REGISTER + "".join(f"p :- missing{number}.\n" for number in range(1500)))

    assert len(found) <= 200


def test_positions_count_characters(engine: Engine) -> None:
    found = lint(engine, WHOLE + "% 漢字 😀\nrule(_) :- /* 漢字 😀 */ missing_here.")

    assert [(each.line, each.column) for each in found] == [(7, 22)]


def test_nothing_of_the_program_is_run(engine: Engine) -> None:
    assert lint(engine, WHOLE + "rule(_) :- halt.\nterm_expansion(_, _) :- halt.")[0].severity


def test_a_finding_reads_as_compilers_write(engine: Engine) -> None:
    finding = Finding("wrong-arity", Severity.ERROR, 3, 4, "There is no so_join/1", "Write so_join with 2 arguments")

    assert str(finding) == "3:4: error: There is no so_join/1 (Write so_join with 2 arguments) [wrong-arity]"


def test_every_rule_is_documented() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "social-dna.md").read_text(encoding="utf8")

    for rule in (*RULES, "missing-predicate", "missing-registration", "too-large"):
        assert f"`{rule}`" in guide
