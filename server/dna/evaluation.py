"""The record of one evaluation, and how it is read from the driver's reply."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

REASON_LENGTH = 400


class Verdict(StrEnum):
    """What an evaluation found."""

    TRUE = "true"
    FALSE = "false"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The record of one evaluation.

    `reason` says which limit or error left it undecided, else it is None. `fuel` is what the goal used, in WebAssembly
    instructions; the hashes are lower-case hex SHA-256 of the module, the program's text and the canonical facts.
    Verdict and fuel are the same in every process with the same engine, program, facts, goal and limits.
    """

    verdict: Verdict
    reason: str | None
    fuel: int
    milliseconds: float
    engine_hash: str
    dna_hash: str
    facts_hash: str


def verdict_of(reply: Mapping[str, object]) -> tuple[Verdict, str | None]:
    """Return verdict and reason. Only true is true.

    The reply may come from a driver that the program has spoiled, so anything unexpected is undecided.
    """
    if reply == {"status": "true"}:
        return Verdict.TRUE, None
    if reply == {"status": "false"}:
        return Verdict.FALSE, None
    return Verdict.UNDECIDED, str(reply.get("message", "the program spoiled its evaluation"))[:REASON_LENGTH]
