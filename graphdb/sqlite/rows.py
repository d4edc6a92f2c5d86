"""Rows of the tables as values of the domain."""

from collections.abc import Sequence
from typing import Any

import apsw
import orjson

from domain.canonical import parse
from domain.expressions import Expression, from_json
from domain.identity import Did
from domain.organisms.facts import Given
from domain.organisms.organism import (
    Membership,
    Organism,
    Proposal,
    ProposalState,
    SignedVerdict,
    SpokenExpression,
    Vote,
    VoteKind,
)
from domain.organisms.statement import ChangeKind, Verdict
from graphdb.store import Entry

Row = tuple[Any, ...]  # Any: SQLite's own types, named by the column lists below

ORGANISM = (
    "o.uri, o.name, o.description, o.founder, o.created_at, o.epoch, o.size, o.facts_size, o.root, o.roster,"
    " o.member_count, o.dna, o.meta, o.nucleus_neighbourhood, o.outputs_neighbourhood, o.inputs_dm_language"
)
SPOKEN = (
    "s.url, s.organism, s.content, s.speaker, s.language, s.epoch, s.roster, s.dna, s.spoken_at, s.received_at,"
    " s.concurring, s.members, s.retracted_at"
)
MEMBERSHIP = "m.did, m.since_epoch, m.since, m.until_epoch"
PROPOSAL = (
    "p.id, p.organism, p.change, p.subject, p.author, p.state, p.opened_at, p.note, p.joined_at, p.closed_at,"
    " p.evaluation, p.base, p.profile"
)
VERDICT = "v.url, v.did, v.verdict, v.statement_id, v.timestamp, v.received_at, v.automatic, v.as_spoken"
ENTRY = "e.position, e.organism, e.seq, e.text"


def fetch(connection: apsw.Connection, query: str, values: Sequence[object] = ()) -> list[Row]:
    """All rows of a query whose values are plain ones."""
    return connection.execute(query, tuple(values)).fetchall()


def fetch_one(connection: apsw.Connection, query: str, values: Sequence[object] = ()) -> Row | None:
    found = fetch(connection, query, values)
    return found[0] if found else None


def organism(row: Row) -> Organism:
    meta = None if row[12] is None else orjson.loads(row[12])
    values: Row = (*row[:12], meta, *row[13:16])
    return Organism(*values)


def spoken(row: Row) -> SpokenExpression:
    return SpokenExpression(*row[:13])


def membership(row: Row) -> Membership:
    return Membership(Did(row[0]), row[1], row[2], row[3])


def entry(row: Row) -> Entry:
    return Entry(*row[:4])


def proposal(row: Row, votes: tuple[Vote, ...]) -> Proposal:
    evaluation = None if row[10] is None else orjson.loads(row[10])
    change, state = ChangeKind(row[2]), ProposalState(row[5])
    profile = None if row[12] is None else orjson.loads(row[12])
    values: Row = (*row[:2], change, *row[3:5], state, *row[6:10], votes, evaluation, row[11], profile)
    return Proposal(*values)


def vote(row: Row) -> Vote:
    return Vote(Did(row[0]), VoteKind(row[1]), row[2], row[3], row[4])


def given(row: Row) -> Given:
    return Given(row[0], Did(row[1]), Verdict(row[2]), row[3])


def verdict(row: Row) -> SignedVerdict:
    """Expects the columns VERDICT, then whether the agent is a member now, then its log entry's text."""
    entry_fields = orjson.loads(row[9])
    statement = entry_fields["statement"]
    return SignedVerdict(
        url=row[0],
        did=Did(row[1]),
        verdict=Verdict(row[2]),
        reason=orjson.loads(statement).get("reason"),
        statement=statement,
        signature=entry_fields["signature"],
        statement_id=row[3],
        timestamp=row[4],
        received_at=row[5],
        automatic=bool(row[6]),
        as_spoken=bool(row[7]),
        member_now=bool(row[8]),
    )


def expression(text: str) -> Expression:
    return from_json(parse(text, floats=True))
