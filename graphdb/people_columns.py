"""Columns about people that every store selects alike, as values of the domain; raises `DamagedRecord`."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from domain.alliance.policy import Relationship
from domain.identity import Did
from domain.people.columns import DOERS, KINDS, ordinary
from domain.people.history import Snapshot
from domain.people.interaction import Interaction, PersonId
from domain.people.opinion import Opinion
from domain.people.report import Profile
from domain.people.tier import Tier
from graphdb.alliances import RelationshipChange
from graphdb.errors import DamagedRecord
from graphdb.interactions import Logged, TierChange, standing
from graphdb.ledger import whose
from graphdb.people import AuditEntry, Deed, SharedOpinion
from graphdb.person_text import UNREADABLE, read
from graphdb.running import Pair

Columns = Sequence[Any]  # Any: a database's own types, in the order that each function unpacks

_LOGGED = partial(tuple.__new__, Logged)


def logged(pair: Pair, columns: Columns) -> Logged:
    """From the first 14 columns: those of the interaction, with its sequence first, and when it was recorded."""
    try:
        return _logged(pair, columns)
    except UNREADABLE as exc:
        raise DamagedRecord(f"interaction {columns[0]} of {whose(pair)}", repr(exc)) from exc


def _logged(pair: Pair, columns: Columns) -> Logged:
    sequence, name, kind, by, at, context, source, weight, severity, code, pardoned, sentiment = columns[:12]
    interaction = Interaction._make(
        (name, *pair, KINDS[kind], DOERS[by], at, context, source, weight, severity, code, pardoned, sentiment)
    )
    return Logged(interaction, sequence, columns[12], columns[13])


def all_logged(pair: Pair, rows: Sequence[Columns]) -> list[Logged]:
    """As `logged` of each row, in a third of the time where all of them are ordinary."""
    if not rows:
        return []
    sequences, *columns = zip(*rows, strict=True)
    interactions = ordinary(*pair, columns[:11])
    if interactions is None:
        return [logged(pair, row) for row in rows]
    return list(map(_LOGGED, zip(interactions, sequences, columns[11], columns[12], strict=True)))


def standing_interactions(pair: Pair, rows: Sequence[Columns]) -> list[Interaction]:
    """The interactions of those rows that are not retracted."""
    columns = list(zip(*rows, strict=True))
    interactions = ordinary(*pair, columns[1:12]) if columns and columns[13].count(None) == len(rows) else None
    if interactions is None:
        return list(standing(logged(pair, row) for row in rows))
    return list(interactions)


def tier_change(columns: Columns) -> TierChange:
    position, person, at, score, before, after = columns
    return TierChange(position, PersonId(person), at, score, None if before is None else Tier(before), Tier(after))


def relationship_change(observer: Did, columns: Columns) -> RelationshipChange:
    position, person, before, after, score, at = columns
    return read(
        f"change {position} of {observer}",
        lambda: RelationshipChange(position, PersonId(person), Relationship(before), Relationship(after), score, at),
    )


def snapshot(pair: Pair, columns: Columns) -> Snapshot:
    date, score, tier, profile, version = columns
    return read(
        f"trust snapshot {date} of {whose(pair)}", lambda: Snapshot(date, score, Tier(tier), Profile(profile), version)
    )


def audit_entry(columns: Columns) -> AuditEntry:
    number, observer, person, deed, *rest = columns
    return read(f"audit entry {number}", lambda: AuditEntry(number, observer, person, Deed(deed), *rest))


def opinion(columns: Columns) -> SharedOpinion:
    observer, person, r, s, at = columns
    return read(f"opinion of {observer}", lambda: SharedOpinion(Did(observer), PersonId(person), Opinion(r, s), at))
