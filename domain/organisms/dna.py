"""Social DNA seen from the rules: its predicates, and what an evaluation answers.

The engine itself lives in `server/dna`; decisions get it handed in (protocol section 5).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.canonical import Json, sha256_hex
from domain.organisms.errors import DnaProblem, InvalidDna
from domain.organisms.examination import CaptureCost, Finding
from domain.organisms.explanation import Explanation

OUTPUT_EXPRESSION = "output_expression"
MEMBRANE = "membrane"
MEMBRANE_EXIT = "membrane_exit"
DNA_CHANGE = "dna_change"

Value = str | int | float
Fact = tuple[Value, ...]


def dna_hash(program: str) -> str:
    """What statements name a program by: lower-case hex SHA-256 of its UTF-8. Raises `InvalidDna` where it has none."""
    try:
        return sha256_hex(program.encode())
    except UnicodeEncodeError as error:
        line = program.count("\n", 0, error.start) + 1
        column = error.start - (program.rfind("\n", 0, error.start) + 1)
        raise InvalidDna([DnaProblem("a lone surrogate, which UTF-8 does not have", line, column)]) from None


class DnaVerdict(StrEnum):
    """Only TRUE is true. A limit, an error or an interrupt is UNDECIDED, never a verdict."""

    TRUE = "true"
    FALSE = "false"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One run of a program: what it said, why it could not, and what it ran on.

    `reason` says which limit or error left it undecided, else it is None. `fuel` is what the goal used, in WebAssembly
    instructions; the hashes are lower-case hex SHA-256 of the engine's module, the program's text and the canonical
    facts. Verdict and fuel are the same in every process with the same engine, program, facts, goal and limits.
    """

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


class Decision(Protocol):
    """What a change follows from: an evaluation of the Social DNA, or the rule that holds without one."""

    @property
    def true(self) -> bool: ...
    def record(self) -> dict[str, Json]: ...


@dataclass(frozen=True, slots=True)
class Shared:
    """Facts that many evaluations have in common, as an organism's roster: `key` names them, wherever they are from.

    `make` gives them where they are not at hand.
    """

    key: str
    make: Callable[[], Sequence[Fact]]


@dataclass(frozen=True, slots=True)
class Case:
    """One question of a batch: whether `predicate(subject, Handle)` is true with these facts."""

    predicate: str
    subject: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a batch says to one case; `reason` says which limit or error left it undecided, else it is None.

    It is for showing and searching: nothing is signed or committed on it.
    """

    verdict: DnaVerdict
    reason: str | None


class Program(Protocol):
    """A compiled Social DNA. `handle` is the O of `register_social_organism(Name, O)`."""

    @property
    def handle(self) -> Value: ...
    @property
    def mentions(self) -> frozenset[str]: ...
    @property
    def predicates(self) -> Mapping[str, str]:
        """Its own predicates as name/arity, each with a digest of its clauses, whatever their layout."""
        ...

    def defines(self, name: str, arity: int) -> bool: ...


class DnaEngine(Protocol):
    """Compiles programs and evaluates them, off the event loop, each in a fresh instance."""

    async def compile(self, program: str) -> Program:
        """Raises `InvalidDna` with the problems found."""
        ...

    async def evaluate(
        self, program: str, predicate: str, subject: str, facts: Sequence[Fact], shared: Shared | None = None
    ) -> Evaluation: ...
    async def facts_hash(self, program: str, facts: Sequence[Fact]) -> str:
        """The hash that an evaluation of the program with these facts would record."""
        ...

    async def evaluate_all(self, program: str, cases: Sequence[Case]) -> tuple[Answer, ...]:
        """Answers to many cases, on shared instances: for what-if and searches only."""
        ...

    async def explain(self, program: str, predicate: str, subject: str, facts: Sequence[Fact]) -> Explanation:
        """Why an evaluation of the same says what it says; its verdict is the one that counts."""
        ...

    async def lint(self, program: str) -> tuple[Finding, ...]:
        """What is wrong in any text; nothing of it is run."""
        ...

    async def capture_cost(self, program: str, members: int) -> CaptureCost:
        """How few of a roster of 3 to 12 could take the organism over. Raises `InvalidDna`."""
        ...
