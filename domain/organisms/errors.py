"""What an organism refuses, each with a stable code and the facts.

DomainError
└── Refused
    ├── UnknownOrganism, UnknownExpression, UnknownProposal
    ├── NotAMember, AlreadyMember, NotTheAuthor, Dormant
    ├── ClockSkew, EpochMoved, EpochMismatch, NotLater, HeadRefused
    ├── StatementMismatch, RosterMismatch, DnaMismatch, ExpressionMismatch, AlreadySpoken
    ├── InvalidDna, DnaRefused, DnaUndecided, DnaNoMembrane, Unchanged
    └── ProposalIsClosed, AlreadyJoined, SubjectCannotVote, IdempotencyKeyReused, TooMany, Contended
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import DomainError


class Refused(DomainError):
    """A well-formed request that the organism's state or rules do not allow."""

    code = "REFUSED"


class UnknownOrganism(Refused):
    code = "UNKNOWN_ORGANISM"

    def __init__(self, uri: str) -> None:
        super().__init__(f"No organism has the URI {uri!r:.120}", soURI=uri[:120])


class UnknownExpression(Refused):
    code = "UNKNOWN_EXPRESSION"

    def __init__(self, url: str, uri: str | None = None) -> None:
        super().__init__(f"The organism never spoke {url!r:.120}", url=url[:120], soURI=uri)


class UnknownProposal(Refused):
    code = "UNKNOWN_PROPOSAL"

    def __init__(self, proposal: str) -> None:
        super().__init__(f"No such proposal in this organism: {proposal!r:.140}", proposal=proposal[:140])


class NotAMember(Refused):
    code = "NOT_A_MEMBER"

    def __init__(self, did: str, uri: str) -> None:
        super().__init__(f"{did} is not a member of {uri}", did=did, soURI=uri)


class AlreadyMember(Refused):
    code = "ALREADY_A_MEMBER"

    def __init__(self, did: str, uri: str) -> None:
        super().__init__(f"{did} is a member of {uri} already", did=did, soURI=uri)


class NotTheAuthor(Refused):
    code = "NOT_THE_AUTHOR"

    def __init__(self, author: str, expected: str, what: str) -> None:
        super().__init__(f"The {what} is {expected}'s, not {author}'s", author=author, expected=expected)


class Dormant(Refused):
    code = "DORMANT"

    def __init__(self, uri: str) -> None:
        super().__init__(f"The last member has left {uri}: it can be read and refuses every statement", soURI=uri)


class ClockSkew(Refused):
    code = "CLOCK_SKEW"

    def __init__(self, timestamp: str, now: str, ahead: int, behind: int) -> None:
        super().__init__(
            f"Dated {timestamp}; accepted are {behind // 1000} s before to {ahead // 1000} s after {now}",
            timestamp=timestamp,
            now=now,
            secondsAhead=ahead // 1000,
            secondsBehind=behind // 1000,
        )


class EpochMoved(Refused):
    code = "EPOCH_MOVED"

    def __init__(self, epoch: int, current: int) -> None:
        super().__init__(
            f"The statement names epoch {epoch}; the organism is at {current}", epoch=epoch, current=current
        )


class EpochMismatch(Refused):
    code = "EPOCH_MISMATCH"

    def __init__(self, epoch: int, expected: str) -> None:
        super().__init__(f"The statement names epoch {epoch}; expected {expected}", epoch=epoch, expected=expected)


class NotLater(Refused):
    code = "NOT_LATER"

    def __init__(self, timestamp: str, previous: str) -> None:
        super().__init__(
            f"Dated {timestamp}, it cannot replace the one dated {previous}: a replacement must be strictly later",
            timestamp=timestamp,
            previous=previous,
        )


class HeadRefused(Refused):
    code = "HEAD_REFUSED"

    def __init__(self, why: str) -> None:
        super().__init__(f"The head in the statement is refused: {why}", reason=why)


class StatementMismatch(Refused):
    code = "STATEMENT_MISMATCH"

    def __init__(self, field: str, stated: object, asked: object) -> None:
        super().__init__(
            f"The signed statement says {field} {stated!r:.120}, the arguments say {asked!r:.120}",
            field=field,
            statement=str(stated)[:120],
            argument=str(asked)[:120],
        )


class RosterMismatch(Refused):
    code = "ROSTER_MISMATCH"

    def __init__(self, stated: str, current: str) -> None:
        super().__init__(
            f"The statement names roster {stated}; the roster is {current}", roster=stated, current=current
        )


class DnaMismatch(Refused):
    code = "DNA_MISMATCH"

    def __init__(self, stated: str, expected: str) -> None:
        super().__init__(f"The statement names DNA {stated}; expected {expected}", dna=stated, expected=expected)


class ExpressionMismatch(Refused):
    code = "EXPRESSION_MISMATCH"

    def __init__(self, url: str, stated: str, expected: str) -> None:
        super().__init__(
            f"{url:.120} has the content {expected}, the statement says {stated}",
            url=url[:120],
            content=stated,
            expected=expected,
        )


class AlreadySpoken(Refused):
    code = "ALREADY_SPOKEN"

    def __init__(self, url: str, organism: str) -> None:
        super().__init__(f"{url:.120} was spoken for {organism} already", url=url[:120], soURI=organism)


@dataclass(frozen=True, slots=True)
class DnaProblem:
    """What is wrong with a program, and where: lines from 1, columns from 0, None where it is not known."""

    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = "" if self.line is None else f"line {self.line}"
        place += "" if self.column is None else f", column {self.column}"
        return f"{place}: {self.message}" if place else self.message


class InvalidDna(Refused):
    code = "DNA_INVALID"

    def __init__(self, problems: Sequence[DnaProblem]) -> None:
        shown = [{"message": each.message, "line": each.line, "column": each.column} for each in problems[:20]]
        super().__init__("The Social DNA cannot be used: " + "; ".join(map(str, problems[:5])), problems=shown)


class DnaRefused(Refused):
    code = "DNA_REFUSED"

    def __init__(self, predicate: str, subject: str, dna: str) -> None:
        super().__init__(
            f"The organism's Social DNA does not allow it: {predicate}({subject!r:.120}) is false",
            predicate=predicate,
            subject=subject[:120],
            dna=dna,
            reason=f"{predicate}/2 is false for this subject",
        )


class DnaUndecided(Refused):
    code = "DNA_UNDECIDED"

    def __init__(self, predicate: str, subject: str, dna: str, reason: str) -> None:
        super().__init__(
            f"The organism's Social DNA came to no decision on {predicate}({subject!r:.120}): {reason}",
            predicate=predicate,
            subject=subject[:120],
            dna=dna,
            reason=reason,
        )


class DnaNoMembrane(Refused):
    code = "DNA_NO_MEMBRANE"

    def __init__(self, predicate: str, uri: str) -> None:
        super().__init__(f"The Social DNA of {uri} has no {predicate}/2", predicate=predicate, soURI=uri)


class Unchanged(Refused):
    code = "UNCHANGED"

    def __init__(self, what: str, subject: str) -> None:
        super().__init__(f"The proposed {what} is the one that the organism has: {subject}", what=what, subject=subject)


class ProposalIsClosed(Refused):
    code = "PROPOSAL_CLOSED"

    def __init__(self, proposal: str, state: str) -> None:
        super().__init__(f"Proposal {proposal} is closed: {state}", proposal=proposal, state=state)


class AlreadyJoined(Refused):
    code = "ALREADY_JOINED"

    def __init__(self, did: str, proposal: str) -> None:
        super().__init__(f"{did} has asked to join already; proposal {proposal} is open", did=did, proposal=proposal)


class SubjectCannotVote(Refused):
    code = "SUBJECT_CANNOT_VOTE"

    def __init__(self, did: str) -> None:
        super().__init__(f"{did} cannot vote on its own removal; it may leave", did=did)


class IdempotencyKeyReused(Refused):
    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self, key: str) -> None:
        super().__init__(f"The idempotency key {key!r:.120} was used for another request", idempotencyKey=key[:120])


class TooMany(Refused):
    code = "LIMIT_EXCEEDED"

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"At most {limit} {what} are allowed", limit=limit, what=what)


class Contended(Refused):
    code = "CONTENDED"

    def __init__(self, uri: str) -> None:
        super().__init__(f"{uri} changed during every attempt; nothing was written, try again", soURI=uri)
