"""The Social DNA engine as the sandbox takes it: programs that judge many cases at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.organisms.dna import Case, DnaVerdict, Fact, Value
from server.dna.batch import judge_all
from server.dna.engine import Engine, Program
from server.dna.judge import translated


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
        asked = [Case(each.predicate, each.subject, self._mentioned(each.facts)) for each in cases]
        answers = judge_all(self.engine, self.program, asked, self._mentioned(common))
        return [answer.verdict is DnaVerdict.TRUE for answer in answers]

    def _mentioned(self, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        return tuple(fact for fact in facts if fact[0] in self.program.mentions)


def judges(engine: Engine) -> Callable[[str], Membrane]:
    """Blocks while it compiles and judges: for worker processes and the command line."""

    def judge(program: str) -> Membrane:
        with translated():
            compiled = engine.compile(program)
            _ = compiled.handle
        return Membrane(engine, compiled)

    return judge
