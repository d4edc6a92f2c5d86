"""What every statement must pass before its own rule is asked (protocol section 2, order of acceptance)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from domain.canonical import Json
from domain.errors import DomainError
from domain.identity import Did
from domain.organisms.errors import ClockSkew, Dormant, EpochMoved, HeadRefused, NotAMember, StatementMismatch
from domain.organisms.log import head_from_json, verify_head
from domain.organisms.organism import Membership, Organism
from domain.organisms.statement import Statement
from domain.timestamp import format_millis


@dataclass(frozen=True, slots=True)
class Acceptance:
    """When and where statements are judged: the server's DID and clock, and how far clocks may differ (ms)."""

    server: Did
    now: int
    ahead: int = 60_000
    behind: int = 24 * 3_600_000


def check_arguments(statement: Statement, asked: Mapping[str, Json]) -> None:
    """A signed statement must say what the mutation's arguments say; raises `StatementMismatch`."""
    stated: dict[str, Json] = {"type": str(statement.type), "organism": statement.organism, **statement.fields}
    for field, value in asked.items():
        if stated.get(field) != value:
            raise StatementMismatch(field, stated.get(field), value)


def check_clock(statement: Statement, acceptance: Acceptance) -> None:
    if not acceptance.now - acceptance.behind <= statement.millis <= acceptance.now + acceptance.ahead:
        now = format_millis(acceptance.now)
        raise ClockSkew(statement.timestamp, now, acceptance.ahead, acceptance.behind)


def check_epoch(statement: Statement, organism: Organism) -> None:
    epoch = cast("int", statement.fields["epoch"])
    if epoch != organism.epoch:
        raise EpochMoved(epoch, organism.epoch)


def require_member(membership: Membership | None, did: Did, organism: Organism) -> Membership:
    if membership is None:
        raise NotAMember(did, organism.uri)
    return membership


def check_awake(organism: Organism) -> None:
    if organism.dormant:
        raise Dormant(organism.uri)


def check_head(statement: Statement, organism: Organism, server: Did) -> None:
    """A head in a statement must be one that this server signed, of this organism, not of its future."""
    value = statement.fields.get("head")
    if value is None:
        return
    head = head_from_json(value)
    if head.organism != organism.uri:
        raise HeadRefused(f"it is of {head.organism}")
    if head.size > organism.size:
        raise HeadRefused(f"its size {head.size} is beyond the log's {organism.size}")
    try:
        verify_head(head, server)
    except DomainError as exc:
        raise HeadRefused("this server did not sign it") from exc
