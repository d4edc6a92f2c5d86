"""The engine as the resolvers know it: domain values in, domain values and domain errors out."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from domain.errors import DomainError
from domain.organisms import dna
from domain.organisms.errors import DnaProblem, InvalidDna
from domain.organisms.examination import CaptureCost, Finding
from domain.organisms.explanation import Explanation
from domain.organisms.templates import recognised
from server.dna.batch import judge_all
from server.dna.capture import capture_cost
from server.dna.engine import Engine, Program
from server.dna.errors import DnaMissingRegistration, DnaSyntaxError, EngineBusy
from server.dna.explain import explain
from server.dna.lint import lint
from server.dna.places import problem_of

REMEMBERED = 64
"""Programs at hand without asking the engine's threads."""
SLICE = 64

Result = TypeVar("Result")


class DnaBusy(DomainError):
    """Too many evaluations wait already; nothing was evaluated."""

    code = "DNA_BUSY"

    def __init__(self) -> None:
        super().__init__("Too many evaluations of Social DNA wait already; nothing was written, try again")


@contextmanager
def translated() -> Iterator[None]:
    """What the engine refuses, as the domain says it: `InvalidDna` also for a program that registers no organism."""
    try:
        yield
    except DnaSyntaxError as exc:
        raise InvalidDna([problem_of(text) for text in exc.problems]) from exc
    except DnaMissingRegistration as exc:
        raise InvalidDna([DnaProblem(str(exc))]) from exc
    except EngineBusy as exc:
        raise DnaBusy from exc


class Judge:
    """The `DnaEngine` protocol of the domain over one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._newest: OrderedDict[str, Program] = OrderedDict()

    async def compile(self, program: str) -> Program:
        """Raises `InvalidDna` also for a program that registers no organism."""
        known = self._newest.get(program)
        if known is None:
            known = self._newest[program] = await self._compile(program)
            if len(self._newest) > REMEMBERED:
                self._newest.popitem(last=False)
        return known

    async def _compile(self, program: str) -> Program:
        with translated():
            compiled = await self._engine.compiled(program)
            _ = compiled.handle
        return compiled

    async def _soon(self, work: Callable[[], Result]) -> Result:
        with translated():
            return await self._engine.soon(work)

    async def evaluate(
        self,
        program: str,
        predicate: str,
        subject: str,
        facts: Sequence[dna.Fact],
        shared: dna.Shared | None = None,
    ) -> dna.Evaluation:
        compiled = await self.compile(program)
        with translated():
            return await self._engine.evaluate(compiled, predicate, subject, facts, shared=shared)

    async def facts_hash(self, program: str, facts: Sequence[dna.Fact]) -> str:
        compiled = await self.compile(program)
        return await self._soon(partial(compiled.facts_hash, facts))

    async def evaluate_all(self, program: str, cases: Sequence[dna.Case]) -> tuple[dna.Answer, ...]:
        """A batch takes one of the engine's threads at a time for SLICE cases, so that others get their turn."""
        compiled = await self.compile(program)
        answers: list[dna.Answer] = []
        for start in range(0, len(cases), SLICE):
            part = cases[start : start + SLICE]
            answers += await self._soon(partial(judge_all, self._engine, compiled, part))
        return tuple(answers)

    async def explain(self, program: str, predicate: str, subject: str, facts: Sequence[dna.Fact]) -> Explanation:
        compiled = await self.compile(program)
        return await self._soon(partial(self._explained, compiled, predicate, subject, tuple(facts)))

    def _explained(self, program: Program, predicate: str, subject: str, facts: tuple[dna.Fact, ...]) -> Explanation:
        plain = program.evaluate(predicate, subject, facts)
        found = explain(self._engine, program, predicate, subject, facts)
        if found.verdict is not plain.verdict:
            return Explanation(None, "It cannot be followed within the limits of an explanation", truncated=True)
        return Explanation(found.tree, found.reason, found.truncated)

    async def lint(self, program: str) -> tuple[Finding, ...]:
        return await self._soon(partial(lint, self._engine, program))

    async def capture_cost(self, program: str, members: int) -> CaptureCost:
        await self.compile(program)
        exact = recognised(program) is not None
        return await self._soon(partial(capture_cost, self._engine, program, members, exact=exact))
