"""What another Social DNA would have decided on an organism's own history: the past as its log tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import orjson

from domain.canonical import Json
from domain.identity import Did
from domain.organisms.dna import MEMBRANE, OUTPUT_EXPRESSION, DnaVerdict, Program
from domain.organisms.events import NewExpression
from domain.organisms.facts import Said, Situation
from domain.organisms.kept import Remembered
from domain.organisms.organism import Membership, Proposal
from domain.timestamp import parse_millis


class PastKind(StrEnum):
    EXPRESSION = "expression"
    ADMISSION = "admission"


class Compared(StrEnum):
    """What the other program says, if that can be told."""

    TRUE = "true"
    FALSE = "false"
    UNDECIDED = "undecided"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True)
class Past:
    """One recorded evaluation: of a speak or an admission, by the program `dna` with facts of this hash."""

    seq: int
    kind: PastKind
    subject: str
    verdict: DnaVerdict
    dna: str
    facts: str
    epoch: int
    at: int
    speaker: Did | None = None
    proposal: str | None = None

    @property
    def predicate(self) -> str:
        return OUTPUT_EXPRESSION if self.kind is PastKind.EXPRESSION else MEMBRANE


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What was decided, and what the other program says; `reason` where that is neither true nor false."""

    past: Past
    after: Compared
    reason: str | None = None

    @property
    def differs(self) -> bool:
        return self.after is not Compared.NOT_COMPARABLE and str(self.after) != str(self.past.verdict)


def past_of(text: str) -> Past:
    """From the entry of the log that records it."""
    entry: Mapping[str, Json] = orjson.loads(text)
    record, data = (cast("Mapping[str, Json]", entry[name]) for name in ("evaluation", "data"))
    verdict, dna, facts = DnaVerdict(str(record["verdict"])), str(record["dna"]), str(record["facts"])
    seq, at = cast("int", entry["seq"]), parse_millis(str(entry["receivedAt"]))
    if entry["event"] == NewExpression.name:
        said: Mapping[str, Json] = orjson.loads(str(entry["statement"]))
        epoch, speaker = cast("int", said["epoch"]), Did(str(said["author"]))
        return Past(seq, PastKind.EXPRESSION, str(said["expression"]), verdict, dna, facts, epoch, at, speaker)
    epoch, proposal = cast("int", data["epoch"]) - 1, str(data["proposal"])
    return Past(seq, PastKind.ADMISSION, str(data["did"]), verdict, dna, facts, epoch, at, None, proposal)


def situation_of(
    past: Past,
    remembered: Remembered,
    roster: Sequence[Membership],
    said: Sequence[Said],
    proposal: Proposal | None,
) -> Situation:
    """The situation of that time, put together again: the roster of the epoch, and what was kept."""
    return Situation(
        epoch=past.epoch,
        now=past.at,
        members=tuple(roster),
        said=tuple(said),
        verdicts=remembered.verdicts or (),
        links=remembered.links or (),
        relations=remembered.relations or (),
        proposal=proposal,
        me=past.speaker,
    )


def not_comparable(past: Past, why: str) -> WhatIf:
    return WhatIf(past, Compared.NOT_COMPARABLE, why)


def undefined(past: Past, program: Program) -> WhatIf | None:
    """A program without the predicate would have let nothing be said and nobody in."""
    if program.defines(past.predicate, 2):
        return None
    return WhatIf(past, Compared.FALSE, f"the program has no {past.predicate}/2")
