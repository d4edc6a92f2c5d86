"""Columns of the queries as values of the domain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson

from domain.canonical import Json, parse, sha256_hex
from domain.expressions import Expression, from_json
from domain.identity import Did
from domain.organisms.automatic import Automatic
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
from domain.timestamp import parse_millis
from graphdb.store import Entry, Repeat, Standing

Columns = Sequence[Any]  # Any: Neo4j's own types, named by the column lists of `queries`

_VOTES = {"VOUCHED": VoteKind.VOUCH, "DECLINED": VoteKind.DECLINE}


def key(url: str) -> str:
    """What an expression is found by: its URL may be longer than an index entry."""
    return sha256_hex(url.encode())


def idempotency_id(agent: str, name: str) -> str:
    """What an idempotency key is found by: a client may choose a long one."""
    return sha256_hex(f"{agent}\0{name}".encode())


@dataclass(frozen=True, slots=True)
class Head:
    """What moves in an organism, from the one property that holds all of it; `position` is its newest entry's."""

    epoch: int
    size: int
    facts_size: int
    members: int
    root: str
    roster: str
    position: int
    dna: str


def head(text: str) -> Head:
    epoch, size, facts_size, members, root, roster, position, dna = text.split(" ")
    return Head(int(epoch), int(size), int(facts_size), int(members), root, roster, int(position), dna)


def organism(columns: Columns) -> Organism:
    uri, name, description, founder, created_at, moving, meta, nucleus, outputs, inputs = columns
    now = head(moving)
    return Organism(
        uri=uri,
        name=name,
        description=description,
        founder=Did(founder),
        created_at=created_at,
        epoch=now.epoch,
        size=now.size,
        facts_size=now.facts_size,
        root=now.root,
        roster=now.roster,
        member_count=now.members,
        dna=now.dna,
        meta=None if meta is None else orjson.loads(meta),
        nucleus_neighbourhood=nucleus,
        outputs_neighbourhood=outputs,
        inputs_dm_language=inputs,
    )


def newest(columns: Columns) -> int:
    """The position of an organism's newest entry, from the columns of `organism`."""
    return head(columns[5]).position


def spoken(columns: Columns) -> SpokenExpression:
    return SpokenExpression(*columns[:13])


def standing(organism: Organism | None, spoken: SpokenExpression | None, columns: Columns) -> Standing:
    """`columns` are what the graph says about one agent: its stay, verdict, place in the spoken roster, repeat."""
    if organism is None:
        return Standing(None)
    member, signed, in_spoken_roster, repeated = columns
    return Standing(
        organism,
        None if member is None else membership(member),
        spoken,
        None if signed is None else verdict(signed),
        in_spoken_roster,
        None if repeated is None else Repeat(repeated),
    )


def membership(columns: Columns) -> Membership:
    return Membership(*columns[:4])


def entry(columns: Columns) -> Entry:
    return Entry(*columns[:4])


def automatic(off: bool, confirmed: bool) -> Automatic:
    """What a member allows."""
    if off:
        return Automatic.OFF
    return Automatic.ON if confirmed else Automatic.UNCONFIRMED


def proposal(columns: Columns) -> Proposal:
    evaluation = None if columns[10] is None else orjson.loads(columns[10])
    change, state = ChangeKind(columns[2]), ProposalState(columns[5])
    votes = tuple(vote(each) for each in columns[11])
    profile = None if columns[13] is None else orjson.loads(columns[13])
    values = (*columns[:2], change, *columns[3:5], state, *columns[6:10], votes, evaluation, columns[12], profile)
    return Proposal(*values)


def vote(columns: Columns) -> Vote:
    return Vote(Did(columns[0]), _VOTES[columns[1]], columns[2], columns[3], columns[4])


def given(columns: Columns) -> Given:
    url, did, verdict, at = columns
    return Given(url, Did(did), Verdict(verdict), parse_millis(at))


def verdict(columns: Columns) -> SignedVerdict:
    """From the log entry that gave it, which never changes; the author of a `speak` concurs by it."""
    statement_id, as_spoken, member_now, text = columns
    entry_fields: Mapping[str, Json] = orjson.loads(text)
    statement = str(entry_fields["statement"])
    fields: Mapping[str, Json] = orjson.loads(statement)
    data = cast("Mapping[str, Json]", entry_fields["data"])
    reason = fields.get("reason")
    return SignedVerdict(
        url=str(fields["expression"]),
        did=Did(str(fields["author"])),
        verdict=Verdict(str(fields.get("verdict", Verdict.CONCUR))),
        reason=None if reason is None else str(reason),
        statement=statement,
        signature=str(entry_fields["signature"]),
        statement_id=statement_id,
        timestamp=parse_millis(str(fields["timestamp"])),
        received_at=parse_millis(str(entry_fields["receivedAt"])),
        automatic=bool(data.get("automatic", False)),
        as_spoken=as_spoken,
        member_now=member_now,
    )


def expression(text: str) -> Expression:
    return from_json(parse(text, floats=True))
