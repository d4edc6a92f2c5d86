"""Columns about people and interactions as values of the domain."""

from typing import Any

from domain.identity import Did
from domain.people.interaction import LATEST, PersonId
from domain.people.tier import Tier
from domain.timestamp import format_millis
from graphdb import people_columns
from graphdb.interactions import Head, Logged, Trusted
from graphdb.ledger import Added, Ledger, whose
from graphdb.people import Appeal, PersonRecord
from graphdb.people_columns import Columns
from graphdb.person_text import read, read_person
from graphdb.recording import Likeness
from graphdb.running import Pair

PERSON = "[p.id, p.record, p.version]"
INTERACTION = (
    "[i.seq, i.id, i.kind, i.by, i.happenedAt, i.context, i.source, i.weight, i.severity, i.code, i.pardonedAt,"
    " i.sentiment, i.recordedAt, i.retractedAt, i.counted, i.observer, i.person]"
)
AUDIT = "[e.number, e.observer, e.person, e.deed, e.actor, e.happenedAt, e.reason, e.about]"
APPEAL = (
    "[a.number, [a.id, a.person, a.appellant, a.happenedAt, a.text, a.interaction, a.answer, a.answeredBy,"
    " a.answeredAt]]"
)
NOTE = "[n.id, n.content, n.author, n.addedAt, n.source]"


def person(columns: Columns) -> PersonRecord:
    name, text, version = columns
    return PersonRecord(read_person(text, PersonId(name)), version)


def logged(columns: Columns) -> Logged:
    """From the columns INTERACTION, which say whose they are."""
    return people_columns.logged((Did(columns[15]), PersonId(columns[16])), columns)


def added(each: Added, likeness: str | None) -> list[Any]:  # Any: Neo4j's own types
    one = each.interaction
    return [
        one.observer,
        one.person,
        each.sequence,
        one.id,
        one.kind.value,
        one.by.value,
        one.at,
        format_millis(one.at),
        one.context,
        one.source,
        one.weight,
        one.severity,
        one.code,
        one.pardoned_at,
        one.sentiment,
        each.recorded_at,
        each.counted,
        likeness,
    ]


def likeness_key(likeness: Likeness | None) -> str | None:
    return None if likeness is None else " ".join(likeness)


def head_text(ledger: Ledger) -> str:
    return f"{ledger.head.sequence} {ledger.head.era} {ledger.rows} {ledger.interactions}"


def head(text: str | None) -> Head:
    sequence, era, _, _ = _numbers(text)
    return Head(sequence, era)


def _numbers(text: str | None) -> list[int]:
    return (
        [0, 0, 0, 0] if text is None else read("where a history stands", lambda: [int(part) for part in text.split()])
    )


def trust_text(trusted: Trusted) -> str:
    """All of it in one property."""
    numbers = (trusted.at, trusted.valid_until, trusted.interactions, trusted.sequence)
    return " ".join((repr(trusted.score), trusted.tier, *("-" if each is None else str(each) for each in numbers)))


def trusted(pair: Pair, text: str | None) -> Trusted | None:
    return None if text is None else read(f"trust in {whose(pair)}", lambda: _trusted(pair, text))


def _trusted(pair: Pair, text: str) -> Trusted:
    score, tier, at, valid_until, interactions, sequence = text.split()
    valid = None if valid_until == "-" else int(valid_until)
    return Trusted(*pair, float(score), Tier(tier), int(at), valid, int(interactions), int(sequence))


def time_text(at: int | None) -> str | None:
    """For people who read the graph; a time beyond the year 9999 is never."""
    return None if at is None or at > LATEST else format_millis(at)


def ledger_numbers(text: str | None) -> tuple[Head, int, int]:
    sequence, era, rows, interactions = _numbers(text)
    return Head(sequence, era), rows, interactions


def appeal(columns: Columns) -> Appeal:
    return Appeal(*columns)
