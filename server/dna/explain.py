"""Explanations: why a goal is true, false or undecided, found by an interpreter in a contained instance.

An explanation never decides: the verdict is that of the plain evaluation, and where the two disagree (the interpreter
needs more of every resource, and a program can tell that it is watched) there is no tree.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.organisms.dna import DnaVerdict
from domain.organisms.explanation import Step
from server.dna.engine import Engine, Program
from server.dna.evaluation import REASON_LENGTH
from server.dna.machine import Limits, Stop, Stopped
from server.dna.terms import Fact, goal, term
from server.dna.toolbox import ask

STEPS = 20_000  # calls of predicates that one explanation follows
EXPLAINING = Limits(fuel=4_000_000_000, memory=192 << 20, output=1 << 20, wall_seconds=20)
REPLY_BYTES = 256 << 10
TEXT_LENGTH = 1_000
DEEPEST = 40
MOST_STEPS = 400


@dataclass(frozen=True, slots=True)
class Explained:
    """What the interpreter found; `tree` is None where it came to a limit itself and no place was found."""

    verdict: DnaVerdict
    reason: str | None
    tree: Step | None
    truncated: bool
    fuel: int


def explain(
    engine: Engine,
    program: Program,
    predicate: str,
    subject: str,
    facts: Iterable[Fact] = (),
    limits: Limits = EXPLAINING,
) -> Explained:
    """Explain `predicate("subject", Handle)`. Raises DnaMissingRegistration and InvalidFact. Blocks.

    A limit leaves no reply. But every step writes one byte of output before it is taken, and instances are
    deterministic: a second one stops right before the step that met the limit.
    """
    question = f"explain({term(program.text)},{goal(predicate, subject, program.handle)},{STEPS},"
    known = tuple(facts)
    found = _run(engine, program, known, f"{question}0)", limits)
    if found.tree is not None or not found.steps:
        return found.explained
    place = _run(engine, program, known, f"{question}{found.steps})", limits)
    return Explained(DnaVerdict.UNDECIDED, found.reason, place.tree, place.truncated, found.fuel + place.fuel)


@dataclass(frozen=True, slots=True)
class _Run:
    """`steps` is how many steps were begun where a limit ended the run (and more, if the program writes output)."""

    verdict: DnaVerdict
    reason: str | None
    tree: Step | None
    truncated: bool
    fuel: int
    steps: int = 0

    @property
    def explained(self) -> Explained:
        return Explained(self.verdict, self.reason, self.tree, self.truncated, self.fuel)


def _run(engine: Engine, program: Program, facts: tuple[Fact, ...], question: str, limits: Limits) -> _Run:
    try:
        instance = engine.tools.with_program(program, facts, limits)
    except Stopped as stopped:
        return _Run(DnaVerdict.UNDECIDED, f"{stopped} (before the explanation)", None, False, 0)
    with instance:
        try:
            return _read(ask(instance, question, REPLY_BYTES), instance.fuel)
        except Stopped as stopped:
            return _Run(DnaVerdict.UNDECIDED, str(stopped), None, False, instance.fuel, instance.written)


def _read(reply: dict[str, Any], fuel: int) -> _Run:
    """The program can spoil the reply, so nothing in it is taken for granted."""
    try:
        verdict, message = DnaVerdict(str(reply["verdict"])), reply["message"]
        tree, _ = _step(reply["tree"], 0, 0)
    except (KeyError, ValueError, TypeError) as error:
        raise Stopped(Stop.FAULT) from error
    reason = None if message is None else str(message)[:REASON_LENGTH]
    return _Run(verdict, reason, tree, reply.get("truncated") is True, fuel)


def _step(node: Any, depth: int, count: int) -> tuple[Step, int]:  # Any: what a program may have written
    if depth > DEEPEST or count > MOST_STEPS:
        raise ValueError("the explanation is too large")
    count += 1
    children = []
    for each in node["children"]:
        child, count = _step(each, depth + 1, count)
        children.append(child)
    words, line = node["words"], node["line"]
    found = Step(
        str(node["goal"])[:TEXT_LENGTH],
        str(node["kind"])[:TEXT_LENGTH],
        None if words is None else str(words)[:TEXT_LENGTH],
        line if isinstance(line, int) else None,
        tuple(children),
    )
    return found, count
