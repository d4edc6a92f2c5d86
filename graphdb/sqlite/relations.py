"""What an observer holds about a person, in SQLite: the history, its running signals, trust and the audit."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import apsw

from domain.identity import Did
from domain.people.interaction import Interaction, PersonId
from domain.people.registry import Act
from domain.people.signals import Signals
from domain.people.tier import Tier
from graphdb.interactions import NOTHING_RECORDED, Head, Logged, Moment, TrustChange, Trusted
from graphdb.ledger import Added, Ledger, caught_up, check_whole, projected, recounted, usable, whose
from graphdb.override_text import read_override
from graphdb.people import Deed
from graphdb.people_columns import all_logged, logged, standing_interactions
from graphdb.person_text import read
from graphdb.recording import Likeness
from graphdb.running import Pair, Running, RunningSignals
from graphdb.signals_text import read_signals, signals_bytes
from graphdb.sqlite import rows

INTERACTION = (
    "i.sequence, i.id, i.kind, i.done_by, i.at, i.context, i.source, i.weight, i.severity, i.code, i.pardoned_at,"
    " i.sentiment, i.recorded_at, i.retracted_at"
)
TRUSTED = "r.observer, r.person, r.score, r.tier, r.at, r.valid_until, r.interactions, r.sequence"
AUDIT = "number, observer, person, deed, actor, at, reason, about"

LEDGER = f"{TRUSTED}, r.era, r.rows, r.override, s.sequence, s.era, r.id"

_RELATION = (
    f"SELECT {LEDGER} FROM relation r LEFT JOIN signals s ON s.relation = r.id WHERE r.observer = ? AND r.person = ?"
)
_ROWS = (
    f"SELECT {INTERACTION}, i.counted FROM interaction i WHERE i.relation = ? AND i.sequence > ? ORDER BY i.sequence"
)
_ADD = (
    "INSERT INTO interaction (relation, sequence, id, kind, done_by, at, context, source, weight, severity, code,"
    " pardoned_at, sentiment, recorded_at, counted, likeness) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_STANDS = (
    "UPDATE relation SET sequence = ?, era = ?, rows = ?, interactions = ?, score = ?, tier = ?, at = ?,"
    " valid_until = ? WHERE id = ?"
)
_SNAPSHOT = "INSERT OR REPLACE INTO signals VALUES (?, ?, ?, ?)"


def relation_id(connection: apsw.Connection, pair: Pair) -> int | None:
    row = rows.fetch_one(connection, "SELECT id FROM relation WHERE observer = ? AND person = ?", pair)
    return None if row is None else int(row[0])


def make_relation(connection: apsw.Connection, pair: Pair) -> int:
    """The id of the relation, which is made where there is none."""
    connection.execute("INSERT OR IGNORE INTO relation (observer, person) VALUES (?, ?)", pair)
    found = relation_id(connection, pair)
    assert found is not None
    return found


def trusted(row: rows.Row) -> Trusted | None:
    """From the columns TRUSTED; None before anything was projected."""
    observer, person, score, tier, at, *rest = row[:8]
    if score is None:
        return None
    return read(
        f"trust in {whose((observer, person))}", lambda: Trusted(observer, person, score, Tier(tier), at, *rest)
    )


def ledger(connection: apsw.Connection, pair: Pair, running: RunningSignals) -> Ledger:
    """With the signals of everything recorded. Raises `DamagedRecord`."""
    row = rows.fetch_one(connection, _RELATION, pair)
    return Ledger(*pair) if row is None else ledger_of(connection, pair, row, running)


def ledger_of(connection: apsw.Connection, pair: Pair, row: rows.Row, running: RunningSignals) -> Ledger:
    """From the columns LEDGER."""
    interactions, sequence, era, history, override, stored, stored_era, place = row[6:14]
    found = Ledger(
        *pair,
        head=Head(sequence, era),
        rows=history,
        interactions=interactions,
        signals=None,
        stored=stored if stored_era == era else 0,
        override=read_override(override, whose(pair)),
        before=trusted(row),
        place=place,
    )
    found.signals = _caught_up(connection, found, running)
    return found


def _caught_up(connection: apsw.Connection, ledger: Ledger, running: RunningSignals) -> Signals:
    """The running signals, or the stored ones, with what came since; a recount where there are none of this era."""
    known = running.get(ledger.pair)
    if known is None or not usable(known, ledger):
        known = _stored(connection, ledger)
    if known is None:
        return recounted(ledger, _history(connection, ledger.pair))
    if known.head == ledger.head:
        return known.signals
    later = _rows(connection, ledger.pair, known.head.sequence)
    return caught_up(known, ledger, [(logged(ledger.pair, row), bool(row[-1])) for row in later])


def _stored(connection: apsw.Connection, ledger: Ledger) -> Running | None:
    if not ledger.stored:
        return None
    query = "SELECT s.signals FROM signals s JOIN relation r ON r.id = s.relation WHERE r.observer = ? AND r.person = ?"
    found = rows.fetch_one(connection, query, ledger.pair)
    signals = None if found is None else read_signals(found[0])
    return None if signals is None else Running(Head(ledger.stored, ledger.head.era), signals, ledger.interactions)


def _rows(connection: apsw.Connection, pair: Pair, after: int) -> list[rows.Row]:
    relation = relation_id(connection, pair)
    return [] if relation is None else rows.fetch(connection, _ROWS, (relation, after))


def _history(connection: apsw.Connection, pair: Pair) -> list[Logged]:
    return all_logged(pair, _rows(connection, pair, 0))


def history(connection: apsw.Connection, pair: Pair) -> list[Logged]:
    """All that was recorded, in this order. Raises `DamagedRecord` where some of it is missing."""
    return all_logged(pair, _recorded(connection, pair)[1])


def standing_history(connection: apsw.Connection, pair: Pair, after: int = 0) -> tuple[Head, tuple[Interaction, ...]]:
    """Where it stands, and what counts of it, or of what came after a sequence number."""
    head, found = _recorded(connection, pair, after)
    return head, tuple(standing_interactions(pair, found))


def _recorded(connection: apsw.Connection, pair: Pair, after: int = 0) -> tuple[Head, list[rows.Row]]:
    query = "SELECT id, rows, sequence, era FROM relation WHERE observer = ? AND person = ?"
    place = rows.fetch_one(connection, query, pair)
    if place is None:
        return NOTHING_RECORDED, []
    relation, expected, *head = place
    found = rows.fetch(connection, _ROWS, (relation, after))
    if not after:
        check_whole(pair, expected, len(found))
    return Head(*head), found


def likeness_hash(likeness: Likeness | None) -> bytes | None:
    return None if likeness is None else blake2b("\0".join(likeness).encode(), digest_size=12).digest()


def add_rows(connection: apsw.Connection, added: Iterable[tuple[int, Sequence[Added]]]) -> None:
    """What was added to relations, each named by its id."""
    added = tuple(added)
    replaced = [(relation, each.sequence) for relation, history in added for each in history if each.replaces]
    connection.executemany("DELETE FROM interaction WHERE relation = ? AND sequence = ?", replaced)
    connection.executemany(_ADD, [_row(relation, each) for relation, history in added for each in _last(history)])


def _last(added: Sequence[Added]) -> Iterable[Added]:
    """One row for each sequence: the last one is what it became."""
    if not any(each.replaces for each in added):
        return added
    return {each.sequence: each for each in added}.values()


def _row(relation: int, added: Added) -> tuple[Any, ...]:  # Any: SQLite's own types
    each = added.interaction
    return (
        relation,
        added.sequence,
        each.id,
        each.kind.value,
        each.by.value,
        each.at,
        each.context,
        each.source,
        each.weight,
        each.severity,
        each.code,
        each.pardoned_at,
        each.sentiment,
        added.recorded_at,
        added.counted,
        likeness_hash(each.likeness),
    )


def write_ledgers(connection: apsw.Connection, held: Sequence[tuple[Ledger, Moment]]) -> list[TrustChange]:
    """Projects the trust of ledgers that have a place, and writes where they stand; their rows are written before."""
    found = [_projected(connection, ledger, moment) for ledger, moment in held]
    ledgers = [ledger for ledger, _ in held]
    connection.executemany(_STANDS, [_standing(each, after) for each, after in zip(ledgers, found, strict=True)])
    connection.executemany(_SNAPSHOT, [_snapshot(each) for each in ledgers if each.wants_snapshot])
    return [
        TrustChange(each.before, after, _log_tier(connection, each.before, after))
        for each, after in zip(ledgers, found, strict=True)
    ]


def _projected(connection: apsw.Connection, ledger: Ledger, moment: Moment) -> Trusted:
    if ledger.signals is None:
        ledger.signals = recounted(ledger, _history(connection, ledger.pair))
        ledger.stored = 0
    return projected(ledger, moment)


def _standing(ledger: Ledger, after: Trusted) -> tuple[Any, ...]:  # Any: SQLite's own types
    return (
        ledger.head.sequence,
        ledger.head.era,
        ledger.rows,
        ledger.interactions,
        after.score,
        after.tier.value,
        after.at,
        after.valid_until,
        ledger.place,
    )


def _snapshot(ledger: Ledger) -> tuple[Any, ...]:  # Any: SQLite's own types
    assert ledger.signals is not None, "signals are counted when trust is projected"
    return ledger.place, ledger.head.sequence, ledger.head.era, signals_bytes(ledger.signals)


def _log_tier(connection: apsw.Connection, before: Trusted | None, after: Trusted) -> int | None:
    if before is not None and before.tier is after.tier:
        return None
    query = "SELECT ifnull(max(position), 0) + 1 FROM tier_change WHERE observer = ?"
    position = rows.fetch(connection, query, (after.observer,))[0][0]
    row = (
        after.observer,
        position,
        after.person,
        after.at,
        after.score,
        before and before.tier.value,
        after.tier.value,
    )
    connection.execute("INSERT INTO tier_change VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    return int(position)


def is_owner(connection: apsw.Connection, person: PersonId, owners: Iterable[str]) -> bool:
    """Whether the person has one of these platform ids and DIDs."""
    query = "SELECT 1 FROM person_identity WHERE kind IN ('account', 'did') AND identity = ? AND person = ?"
    return any(rows.fetch_one(connection, query, (identity, person)) for identity in owners)


def audit(
    connection: apsw.Connection, observer: Did | None, person: PersonId, deed: Deed, act: Act, about: str | None = None
) -> None:
    row = (observer, person, deed.value, act.actor, act.at, act.reason, about)
    query = "INSERT INTO people_audit (observer, person, deed, actor, at, reason, about) VALUES (?, ?, ?, ?, ?, ?, ?)"
    connection.execute(query, row)
