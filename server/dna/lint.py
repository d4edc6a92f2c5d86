"""Lint: what is wrong or probably not meant in a program, found by the engine's own reader. Nothing of it is run."""

from typing import Any

from domain.organisms.errors import DnaProblem
from domain.organisms.examination import Finding, Severity
from server.dna.engine import Engine
from server.dna.errors import DnaMissingRegistration, DnaSyntaxError
from server.dna.machine import Limits, Stop, Stopped
from server.dna.places import problem_of
from server.dna.terms import term
from server.dna.toolbox import ask

LINTING = Limits(fuel=20_000_000_000, memory=192 << 20, wall_seconds=20)
TEXT_LENGTH = 500


def lint(engine: Engine, text: str) -> tuple[Finding, ...]:
    """Return what is found, the whole program's first, then by line. Blocks."""
    refused = _refused(engine, text)
    if any(each.rule == "too-large" for each in refused):
        return tuple(refused)
    found = [*refused, *_examined(engine, text, {(each.line, each.message) for each in refused})]
    return tuple(sorted(found, key=lambda each: (each.line or 0, each.column or 0, each.rule, each.message)))


def _refused(engine: Engine, text: str) -> list[Finding]:
    """What the engine does not take, and a handle that nothing gives."""
    try:
        _ = engine.compile(text).handle
    except DnaSyntaxError as error:
        return [_problem(problem_of(problem)) for problem in error.problems]
    except DnaMissingRegistration as error:
        if engine.compile(text).defines("register_social_organism", 2):
            return [Finding("missing-registration", Severity.ERROR, None, None, str(error))]
    return []


def _problem(problem: DnaProblem) -> Finding:
    message = problem.message
    if message.startswith("syntax error"):
        rule = "syntax-error"
    elif problem.line is None:
        rule = "too-large"  # for the engine: its size, its encoding, or what reading it takes
    else:
        rule = "not-allowed"
    return Finding(rule, Severity.ERROR, problem.line, problem.column or (None if problem.line is None else 0), message)


def _examined(engine: Engine, text: str, known: set[tuple[int | None, str]]) -> list[Finding]:
    try:
        with engine.tools.with_text(text, LINTING) as instance:
            reply = ask(instance, f"lint({term(text)})")
        findings = [_finding(each, text) for each in reply["findings"]]
    except Stopped as stopped:
        return [Finding("too-large", Severity.ERROR, None, None, f"the program cannot be examined: {stopped}")]
    except (KeyError, TypeError, ValueError) as error:
        raise Stopped(Stop.FAULT) from error
    return [each for each in findings if (each.line, each.message) not in known]


def _finding(found: dict[str, Any], text: str) -> Finding:
    at, suggestion = int(found["at"]), found["suggestion"]
    line = None if at < 0 else text.count("\n", 0, at) + 1
    column = None if at < 0 else at - (text.rfind("\n", 0, at) + 1)
    short = None if suggestion is None else str(suggestion)[:TEXT_LENGTH]
    message = str(found["message"])[:TEXT_LENGTH]
    return Finding(str(found["rule"]), Severity(str(found["severity"])), line, column, message, short)
