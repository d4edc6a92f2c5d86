"""Who may speak for an organism, concur with it, reject it, or take a word back."""

from typing import cast

from domain.errors import InvalidExpression
from domain.expressions import Expression, proof_valid
from domain.organisms.acceptance import Acceptance, check_awake, check_clock, check_epoch, check_head, require_member
from domain.organisms.dna import OUTPUT_EXPRESSION, DnaVerdict, Evaluation
from domain.organisms.errors import (
    AlreadySpoken,
    DnaMismatch,
    DnaRefused,
    DnaUndecided,
    EpochMismatch,
    ExpressionMismatch,
    NotLater,
    NotTheAuthor,
    RosterMismatch,
    UnknownExpression,
)
from domain.organisms.events import Event, ExpressionRetracted, NewExpression, VerdictGiven
from domain.organisms.organism import Membership, Organism, SignedVerdict, SpokenExpression
from domain.organisms.statement import Statement
from domain.timestamp import format_millis


def check_speak(
    statement: Statement,
    expression: Expression,
    url: str,
    *,
    organism: Organism,
    membership: Membership | None,
    acceptance: Acceptance,
) -> None:
    """Everything about a `speak` but the organism's own rule."""
    check_awake(organism)
    check_clock(statement, acceptance)
    check_epoch(statement, organism)
    require_member(membership, statement.author, organism)
    check_head(statement, organism, acceptance.server)
    if statement.fields["roster"] != organism.roster:
        raise RosterMismatch(str(statement.fields["roster"]), organism.roster)
    _check_dna(statement, organism.dna)
    _check_expression(statement, expression, url)


def _check_dna(statement: Statement, expected: str) -> None:
    if statement.fields["dna"] != expected:
        raise DnaMismatch(str(statement.fields["dna"]), expected)


def _check_expression(statement: Statement, expression: Expression, url: str) -> None:
    if expression.author != statement.author:
        raise NotTheAuthor(statement.author, expression.author, "expression")
    if not proof_valid(expression):
        raise InvalidExpression(
            "$.proof", "a valid signature of the author over data and timestamp", expression.signature
        )
    if statement.fields["expression"] != url:
        raise ExpressionMismatch(url, str(statement.fields["expression"]), url)
    if statement.fields["content"] != expression.content:
        raise ExpressionMismatch(url, str(statement.fields["content"]), expression.content)


def check_unspoken(spoken: SpokenExpression | None, organism: Organism, content: str) -> bool:
    """Whether this organism said the same before (a repeat).

    Raises `AlreadySpoken` if another organism did, `ExpressionMismatch` if the URL stands for something else:
    two links of one author and moment can share a URL, because AD4M joins their parts without separators.
    """
    if spoken is None:
        return False
    if spoken.organism != organism.uri:
        raise AlreadySpoken(spoken.url, spoken.organism)
    if spoken.content != content:
        raise ExpressionMismatch(spoken.url, content, spoken.content)
    return True


def require_true(evaluation: Evaluation, predicate: str, subject: str) -> None:
    if evaluation.verdict is DnaVerdict.UNDECIDED:
        raise DnaUndecided(predicate, subject, evaluation.dna_hash, evaluation.reason or "no reason given")
    if not evaluation.true:
        raise DnaRefused(predicate, subject, evaluation.dna_hash)


def speak(statement: Statement, language: str, organism: Organism, evaluation: Evaluation) -> tuple[Event, ...]:
    """The expression is said, if the Social DNA allows it; it counts as its speaker's concurrence."""
    require_true(evaluation, OUTPUT_EXPRESSION, str(statement.fields["expression"]))
    spoken = NewExpression(
        statement=statement, evaluation=evaluation.record(), language=language, members=organism.member_count
    )
    return (spoken,)


def give_verdict(
    statement: Statement,
    *,
    organism: Organism,
    membership: Membership | None,
    spoken: SpokenExpression | None,
    previous: SignedVerdict | None,
    in_spoken_roster: bool,
    acceptance: Acceptance,
    automatic: bool = False,
) -> tuple[Event, ...]:
    """One live verdict per member and expression: a later one replaces it, an earlier one is refused."""
    check_awake(organism)
    check_clock(statement, acceptance)
    known = require_spoken(spoken, str(statement.fields["expression"]), organism)
    if statement.fields["epoch"] != known.epoch:
        raise EpochMismatch(cast("int", statement.fields["epoch"]), f"{known.epoch}, the one it was spoken in")
    require_member(membership, statement.author, organism)
    check_head(statement, organism, acceptance.server)
    _check_dna(statement, known.dna)
    _check_content(statement, known)
    if previous is not None and statement.millis <= previous.timestamp:
        raise NotLater(statement.timestamp, format_millis(previous.timestamp))
    return (VerdictGiven(statement=statement, automatic=automatic, as_spoken=in_spoken_roster),)


def require_spoken(spoken: SpokenExpression | None, url: str, organism: Organism) -> SpokenExpression:
    if spoken is None or spoken.organism != organism.uri:
        raise UnknownExpression(url, organism.uri)
    return spoken


def _check_content(statement: Statement, spoken: SpokenExpression) -> None:
    if statement.fields["content"] != spoken.content:
        raise ExpressionMismatch(spoken.url, str(statement.fields["content"]), spoken.content)


def retract(
    statement: Statement, *, organism: Organism, spoken: SpokenExpression | None, acceptance: Acceptance
) -> tuple[Event, ...]:
    """Its speaker takes an expression back; retracting twice changes nothing."""
    check_awake(organism)
    check_clock(statement, acceptance)
    known = require_spoken(spoken, str(statement.fields["expression"]), organism)
    if statement.author != known.speaker:
        raise NotTheAuthor(statement.author, known.speaker, "expression")
    _check_content(statement, known)
    return () if known.retracted_at is not None else (ExpressionRetracted(statement=statement),)
