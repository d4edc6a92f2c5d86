"""Goals that a person types: read with the program's own operators, judged as ever, or answered with bindings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.organisms.dna import Evaluation
from server.dna.engine import DEFAULT_LIMITS, Engine, Program
from server.dna.errors import DnaEngineError
from server.dna.machine import Instance, Limits, Stopped
from server.dna.terms import Fact, term
from server.dna.toolbox import ask

QUERY_LENGTH = 10_000
SOLUTIONS = 10


class InvalidQuery(DnaEngineError):
    """The text is not a goal, or answering it met an error or a limit."""


@dataclass(frozen=True, slots=True)
class Solutions:
    """The first values of a goal's variables, as Prolog text; `more` says whether there are others."""

    bindings: tuple[dict[str, str], ...]
    more: bool


def judge_query(
    engine: Engine, program: Program, text: str, facts: Iterable[Fact] = (), limits: Limits = DEFAULT_LIMITS
) -> Evaluation:
    """Evaluate a goal in a fresh instance. Raises InvalidQuery for what is not a goal, and InvalidFact."""
    with engine.tools.with_program(program, (), limits) as instance:
        goal = str(_asked(instance, f"parsed({term(_bare(text))})")["goal"])
    return program.judge(goal, facts, limits)


def solve(
    engine: Engine, program: Program, text: str, facts: Iterable[Fact] = (), limits: Limits = DEFAULT_LIMITS
) -> Solutions:
    """Answer a goal with bindings. Raises InvalidQuery also for an error or a limit, and InvalidFact."""
    with engine.tools.with_program(program, facts, limits) as instance:
        reply = _asked(instance, f"solutions({term(_bare(text))},{SOLUTIONS})")
    found = tuple({str(name): str(value) for name, value in each.items()} for each in reply["solutions"])
    return Solutions(found, reply["more"] is True)


def _bare(text: str) -> str:
    if len(text) > QUERY_LENGTH:
        raise InvalidQuery(f"a goal has at most {QUERY_LENGTH} characters")
    return text.strip().removesuffix(".")


def _asked(instance: Instance, goal: str) -> dict[str, Any]:
    try:
        reply = ask(instance, goal)
    except Stopped as stopped:
        raise InvalidQuery(str(stopped)) from stopped
    if "status" in reply:
        raise InvalidQuery(str(reply.get("message", "it is false")))
    return reply
