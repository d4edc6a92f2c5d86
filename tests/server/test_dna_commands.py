"""`chorus dna …`, typed as a person types it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from domain.organisms.templates import DEFAULT
from server.dna import Engine, Program
from server.dna.terms import goal

ROOT = Path(__file__).parents[2]
FACTS = [["so_member", "a"], ["so_member", "b", "o"], ["so_vouch", "n", "a", 1], ["so_vouch", "n", "b", 2]]


def chorus(*words: str | Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", "dna", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, input=typed, capture_output=True, text=True, timeout=120)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "majority.pl"
    file.write_text(DEFAULT.program, encoding="utf8")
    return file


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(FACTS), encoding="utf8")
    return file


def test_lint_prints_findings_and_the_capture_cost(program: Path) -> None:
    done = chorus("lint", program, "--members", "5")

    assert done.returncode == 0, done.stderr
    assert "[missing-predicate]" in done.stdout
    assert "capture cost with 5 members: 3" in done.stdout
    assert "  3 of 5 members collude" in done.stdout


def test_lint_fails_for_errors_with_their_places(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pl"
    broken.write_text(DEFAULT.program + "p :- q(.\n", encoding="utf8")

    done = chorus("lint", broken)

    assert done.returncode == 1
    assert f"{broken}:17:7: error: syntax error" in done.stdout


def test_eval_reports_the_record_of_a_server(program: Path, facts: Path) -> None:
    done = chorus("eval", program, "--facts", facts, "--query", 'membrane("n", o)')

    record = json.loads(done.stdout)
    with Engine() as engine:
        compiled = engine.compile(DEFAULT.program)
        known = _known(compiled)
        same = compiled.evaluate("membrane", "n", known)
        assert done.returncode == 0
        assert record["verdict"] == "true"
        assert (record["engine"], record["dna"], record["facts"]) == (same.engine_hash, same.dna_hash, same.facts_hash)
        assert record["fuel"] == compiled.judge(goal("membrane", "n", compiled.handle).replace("'", ""), known).fuel
        assert record["milliseconds"] > 0


def _known(program: Program) -> list[tuple[str | int, ...]]:
    return [(each[0], each[1], program.handle) if each[0] == "so_member" else tuple(each) for each in FACTS]


@pytest.mark.parametrize(
    ("query", "code", "verdict"),
    [('membrane("m", o)', 1, "false"), ("X is foo + 1", 3, "undecided"), ("repeat, fail.", 3, "undecided")],
)
def test_eval_ends_with_the_verdict(program: Path, facts: Path, query: str, code: int, verdict: str) -> None:
    done = chorus("eval", program, "--facts", facts, "--query", query)

    assert done.returncode == code
    assert json.loads(done.stdout)["verdict"] == verdict


@pytest.mark.parametrize("query", ["true. fail", "true. )", "", "% nothing"])
def test_a_query_is_one_goal(program: Path, query: str) -> None:
    done = chorus("eval", program, "--query", query)

    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("query", ['X = "a. b", X \\== Y.', "true. % and no more", "true % with a comment"])
def test_a_goal_may_have_an_end_and_a_comment(program: Path, query: str) -> None:
    assert chorus("eval", program, "--query", query).returncode == 0


def test_repl_answers_and_explains(program: Path, facts: Path) -> None:
    asked = ["membrane(X, o)", "so_member(X, o)", ":why membrane m", "foo(", "between(1, 50, X)", ":facts", ":what"]
    typed = "\n".join([*asked, ":quit", "membrane(Y, o)", ""])

    done = chorus("repl", program, "--facts", facts, typed=typed)

    assert done.returncode == 0, done.stderr
    assert 'X = "a"\nX = "b"\n' in done.stdout
    assert "0 is not more than 2" in done.stdout
    assert "error: " in done.stdout
    assert "X = 10\n…\n" in done.stdout
    assert '["so_vouch", "n", "a", 1]' in done.stdout
    assert done.stdout.count(":why PREDICATE SUBJECT") == 2
    assert "Y = " not in done.stdout
    record = json.loads(chorus("eval", program, "--facts", facts, "--query", "true").stdout)
    assert [f"{name} {record[name]}" for name in ("engine", "dna", "facts")] == done.stdout.splitlines()[1:4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "expected a JSON list of facts"),
        ("[1]", "expected a JSON list of facts"),
        ("[" * 100_000, "expected a JSON list of facts"),
        ('[["so_member", {}]]', "expected a JSON list of facts"),
        ('[["so_nothing", 1]]', "there is no fact so_nothing/1"),
        ('[["so_vouch", 1]]', "there is no fact so_vouch/1"),
    ],
)
def test_what_is_wrong_with_the_facts_is_said(program: Path, tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "bad.json"
    file.write_text(content, encoding="utf8")

    done = chorus("eval", program, "--facts", file, "--query", "true")

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_wrong_with_the_program_is_said(tmp_path: Path) -> None:
    binary, broken = tmp_path / "binary.pl", tmp_path / "broken.pl"
    binary.write_bytes(b"\xff\xfe")
    broken.write_text("p :- q(.")

    for command in (("lint", binary), ("eval", binary, "--query", "true"), ("eval", broken, "--query", "true")):
        done = chorus(*command)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
