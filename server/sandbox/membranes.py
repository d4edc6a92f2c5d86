"""The Social DNA engine as the sandbox takes it: programs that judge many cases at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.organisms.dna import Case, Fact, Value
from domain.organisms.errors import DnaProblem, InvalidDna
from server.dna import batch
from server.dna.engine import Engine, Program
from server.dna.errors import DnaMissingRegistration, DnaSyntaxError
from server.dna.evaluation import Verdict
from server.dna.places import problem_of


@dataclass(frozen=True, slots=True)
class Membrane:
    """One compiled program."""

    engine: Engine
    program: Program

    @property
    def handle(self) -> Value:
        return self.program.handle

    def judge(self, cases: Sequence[Case], common: Sequence[Fact]) -> list[bool]:
        """Only facts that the program mentions are loaded."""
        asked = [batch.Case(each.predicate, each.subject, self._mentioned(each.facts)) for each in cases]
        outcomes = batch.judge_all(self.engine, self.program, asked, self._mentioned(common))
        return [outcome.verdict is Verdict.TRUE for outcome in outcomes]

    def _mentioned(self, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        return tuple(fact for fact in facts if fact[0] in self.program.mentions)


def judges(engine: Engine) -> Callable[[str], Membrane]:
    """Blocks while it compiles and judges: for worker processes and the command line."""

    def judge(program: str) -> Membrane:
        try:
            compiled = engine.compile(program)
            _ = compiled.handle
        except DnaSyntaxError as exc:
            raise InvalidDna([problem_of(text) for text in exc.problems]) from exc
        except DnaMissingRegistration as exc:
            raise InvalidDna([DnaProblem(str(exc))]) from exc
        return Membrane(engine, compiled)

    return judge
