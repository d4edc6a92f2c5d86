"""Batches: many evaluations of one program on one instance, for what signs and commits nothing.

What-if, lint and the capture search ask thousands of questions; a fresh instance for each would take most of the time.
The facts of a case and the clauses that the program asserts are taken back after it, but a program can keep other
state (global variables, flags) from one case to the next, so what a batch finds is checked by fresh evaluations
wherever it matters.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Any, Self

from domain.organisms.dna import Answer, Case, DnaVerdict
from server.dna.engine import DEFAULT_LIMITS, REPLY_BYTES, Engine, Program
from server.dna.evaluation import verdict_of
from server.dna.machine import Instance, Limits, Stop, Stopped
from server.dna.terms import Fact, clauses, goal
from server.dna.toolbox import ask

CHUNK = 32  # cases of one call into the instance: calls cost more than small evaluations do


class Batch:
    """Evaluates cases of one program one after the other. To be closed; for one thread at a time.

    `common` are facts that all cases share; no case may bring facts of the same names, so that their order is the
    same as in a fresh evaluation. `limits` are those of each case; `fuel` (of all cases together) and `stopped` (how
    many met a limit, which costs an instance) only grow.
    """

    def __init__(
        self, engine: Engine, program: Program, common: Iterable[Fact] = (), limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self._engine = engine
        self._program = program
        self._common = tuple(common)
        self._taken = frozenset(fact[0] for fact in self._common)
        self._limits = limits
        self._instance: Instance | None = None
        self.fuel = 0
        self.stopped = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the instance."""
        if self._instance is not None:
            self._instance.close()
            self._instance = None

    def judge(self, cases: Iterable[Case]) -> Iterator[Answer]:
        """Evaluate cases in their order.

        Raises DnaMissingRegistration, InvalidFact, and ValueError for facts of the same name as common ones.
        """
        waiting = iter(cases)
        while chunk := list(islice(waiting, CHUNK)):
            yield from self._several([self._question(case) for case in chunk])

    def _question(self, case: Case) -> str:
        if any(fact[0] in self._taken for fact in case.facts):
            raise ValueError("a case brings facts of the same name as the common ones")
        facts = ",".join(clause[:-2] for clause in clauses(case.facts, self._program.facts))
        return f"case({goal(case.predicate, case.subject, self._program.handle)},[{facts}])"

    def _several(self, questions: list[str]) -> list[Answer]:
        """All of them under the limits of one: where these do not suffice, each by itself."""
        try:
            return self._asked(questions)
        except Stopped as stopped:
            self.close()
            if len(questions) == 1:
                self.stopped += 1
                return [Answer(DnaVerdict.UNDECIDED, str(stopped))]
            return [answer for question in questions for answer in self._several([question])]

    def _asked(self, questions: list[str]) -> list[Answer]:
        if self._instance is None:
            self._instance = self._engine.tools.with_program(self._program, self._common, self._limits)
        instance = self._instance
        instance.limit(self._limits)
        try:
            reply = ask(instance, f"judge_all([{','.join(questions)}])", REPLY_BYTES * len(questions))
        finally:
            self.fuel += instance.fuel
        return _answers(reply, len(questions))


def _answers(reply: dict[str, Any], count: int) -> list[Answer]:
    """What the replies say; a program can spoil them."""
    replies = reply.get("replies")
    if not isinstance(replies, list) or len(replies) != count:
        raise Stopped(Stop.FAULT)
    return [Answer(*_read(each)) for each in replies]


def _read(reply: object) -> tuple[DnaVerdict, str | None]:
    try:
        answer = json.loads(str(reply))
    except (ValueError, RecursionError):
        answer = None
    return verdict_of(answer if isinstance(answer, dict) else {})


def judge_all(
    engine: Engine,
    program: Program,
    cases: Iterable[Case],
    common: Iterable[Fact] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[Answer, ...]:
    """Evaluate all cases in one batch. Blocks: see `Engine.soon`."""
    with Batch(engine, program, common, limits) as batch:
        return tuple(batch.judge(cases))
