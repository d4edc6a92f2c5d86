"""Columns about people that every store selects alike, as values of the domain; raises `DamagedRecord`."""

from collections.abc import Sequence
from typing import Any

from domain.alliance.policy import Relationship
from domain.identity import Did
from domain.people.history import Snapshot
from domain.people.interaction import By, Interaction, Kind, PersonId
from domain.people.opinion import Opinion
from domain.people.report import Profile
from domain.people.tier import Tier
from graphdb.alliances import RelationshipChange
from graphdb.interactions import Logged, TierChange
from graphdb.ledger import whose
from graphdb.people import AuditEntry, Deed, SharedOpinion
from graphdb.person_text import read
from graphdb.running import Pair

# Looked up: calling an enumeration takes several times as long, and histories are long.
_KINDS = {each.value: each for each in Kind}
_DOERS = {each.value: each for each in By}

Columns = Sequence[Any]  # Any: a database's own types, in the order that each function unpacks


def logged(pair: Pair, columns: Columns) -> Logged:
    """From the first 14 columns: those of the interaction, with its sequence first, and when it was recorded."""
    return read(f"interaction {columns[0]} of {whose(pair)}", lambda: _logged(pair, columns[:14]))


def _logged(pair: Pair, columns: Columns) -> Logged:
    sequence, name, kind, by, at, context, source, weight, severity, code, pardoned, sentiment, *times = columns
    interaction = Interaction(
        id=name,
        observer=pair[0],
        person=pair[1],
        kind=_KINDS[kind],
        by=_DOERS[by],
        at=at,
        context=context,
        source=source,
        weight=weight,
        severity=severity,
        code=code,
        pardoned_at=pardoned,
        sentiment=sentiment,
    )
    return Logged(interaction, sequence, *times)


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
