"""Social DNA seen from the rules: its predicates, and what an evaluation answers.

The engine itself lives in `server/dna`; decisions get it handed in (protocol section 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.canonical import Json

OUTPUT_EXPRESSION = "output_expression"
MEMBRANE = "membrane"
MEMBRANE_EXIT = "membrane_exit"
DNA_CHANGE = "dna_change"

Value = str | int | float
Fact = tuple[Value, ...]


class DnaVerdict(StrEnum):
    """Only TRUE is true. A limit, an error or an interrupt is UNDECIDED, never a verdict."""

    TRUE = "true"
    FALSE = "false"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One run of a program: what it said, why it could not, and what it ran on. `fuel` counts wasm instructions."""

    verdict: DnaVerdict
    reason: str | None
    fuel: int
    milliseconds: float
    engine_hash: str
    dna_hash: str
    facts_hash: str

    @property
    def true(self) -> bool:
        return self.verdict is DnaVerdict.TRUE

    def record(self) -> dict[str, Json]:
        """What the log keeps: everything that another process would find again."""
        return {
            "verdict": str(self.verdict),
            "engine": self.engine_hash,
            "dna": self.dna_hash,
            "facts": self.facts_hash,
            "fuel": self.fuel,
        }


@dataclass(frozen=True, slots=True)
class Case:
    """One question of a batch: whether `predicate(subject, Handle)` is true with these facts."""

    predicate: str
    subject: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a batch says to one case. It is for showing and searching: nothing is signed or committed on it."""

    verdict: DnaVerdict
    reason: str | None


class Program(Protocol):
    """A compiled Social DNA. `handle` is the O of `register_social_organism(Name, O)`."""

    @property
    def handle(self) -> Value: ...
    @property
    def mentions(self) -> frozenset[str]: ...
    def defines(self, name: str, arity: int) -> bool: ...


class DnaEngine(Protocol):
    """Compiles programs and evaluates them, off the event loop, each in a fresh instance."""

    async def compile(self, program: str) -> Program:
        """Raises `InvalidDna` with the problems found."""
        ...

    async def evaluate(self, program: str, predicate: str, subject: str, facts: Sequence[Fact]) -> Evaluation: ...
    async def evaluate_all(self, program: str, cases: Sequence[Case]) -> tuple[Answer, ...]:
        """Answers to many cases, on shared instances: for what-if and searches only."""
        ...
