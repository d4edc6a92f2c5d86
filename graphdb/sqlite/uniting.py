"""What merging, splitting and forgetting people does to what observers hold about them, in SQLite."""

import hmac
from collections.abc import Iterable, Sequence
from typing import Any

import apsw

from domain.identity import Did
from domain.people.interaction import By, Interaction, Kind, PersonId
from domain.people.registry import kept_by_split
from graphdb.ledger import Added, whose
from graphdb.override_text import marks_text, override_text, read_marks, read_override
from graphdb.people import NOTES
from graphdb.registering import Identity, kind_of
from graphdb.running import Pair
from graphdb.sqlite import rows
from graphdb.sqlite.relations import add_rows, history, make_relation, relation_id

_HOLDERS = "SELECT id, observer FROM relation WHERE person = ? ORDER BY observer"
_OF_RELATION = ("interaction", "signals", "note", "opinion", "trust_snapshot", "appeal")
_STATE = "SELECT sequence, rows, interactions, override, summary, marks FROM relation WHERE id = ?"
# What was projected holds no more: nothing is due earlier than at 0.
_UPSET = "UPDATE relation SET era = era + 1, valid_until = 0 WHERE id = ?"
_EMPTIED = "UPDATE relation SET era = era + 1, valid_until = NULL WHERE id = ?"
"""Of somebody of whom nothing is left, no trust is told."""


def merge(connection: apsw.Connection, kept: PersonId, absorbed: PersonId) -> None:
    """Unites what every observer holds about both: histories, notes, marks; the lower override stays."""
    for relation, observer in rows.fetch(connection, _HOLDERS, (absorbed,)):
        into = relation_id(connection, (observer, kept))
        if into is None:
            connection.execute("UPDATE relation SET person = ? WHERE id = ?", (kept, relation))
            into = relation
        else:
            _unite(connection, observer, kept, absorbed, relation, into)
        for log in ("tier_change", "relationship_change"):
            moved = f"UPDATE {log} SET person = ? WHERE observer = ? AND person = ?"
            connection.execute(moved, (kept, observer, absorbed))
        connection.execute(_UPSET, (into,))


def _unite(
    connection: apsw.Connection, observer: Did, kept: PersonId, absorbed: PersonId, relation: int, into: int
) -> None:
    for table in ("note", "trust_snapshot", "opinion"):
        connection.execute(f"UPDATE OR IGNORE {table} SET relation = ? WHERE relation = ?", (into, relation))
    connection.execute("UPDATE appeal SET relation = ? WHERE relation = ?", (into, relation))
    trim_notes(connection, into)
    _unite_histories(connection, relation, into)
    ((*_, one, summary, marks),) = rows.fetch(connection, _STATE, (into,))
    ((*_, other, other_summary, other_marks),) = rows.fetch(connection, _STATE, (relation,))
    overrides = [read_override(each, whose((observer, person))) for each, person in ((one, kept), (other, absorbed))]
    lowest = min((each for each in overrides if each is not None), key=lambda each: each.score, default=None)
    united = {*read_marks(marks, whose((observer, kept))), *read_marks(other_marks, whose((observer, absorbed)))}
    in_order = sorted(united, key=lambda mark: (mark.at, str(mark)))
    values = (override_text(lowest), other_summary if summary is None else summary, marks_text(in_order), into)
    connection.execute("UPDATE relation SET override = ?, summary = ?, marks = ? WHERE id = ?", values)
    drop_relation(connection, relation)


def _unite_histories(connection: apsw.Connection, relation: int, into: int) -> None:
    """What is moved is numbered after what is there. Of one id the earlier one stays: it is one event."""
    connection.execute(
        "DELETE FROM interaction WHERE relation = ?1 AND EXISTS (SELECT 1 FROM interaction k WHERE k.relation = ?2"
        " AND k.id = interaction.id AND k.at <= interaction.at)",
        (relation, into),
    )
    connection.execute(
        "DELETE FROM interaction WHERE relation = ?2 AND EXISTS (SELECT 1 FROM interaction k WHERE k.relation = ?1"
        " AND k.id = interaction.id)",
        (relation, into),
    )
    ((sequence, *_),) = rows.fetch(connection, _STATE, (into,))
    move = "UPDATE interaction SET relation = ?, sequence = sequence + ? WHERE relation = ?"
    connection.execute(move, (into, sequence, relation))
    settle(connection, into)


def settle(connection: apsw.Connection, relation: int) -> None:
    """Counts the rows of a history that was put together anew."""
    connection.execute(
        "UPDATE relation SET (rows, interactions, sequence) = (SELECT count(*), count(*) - count(retracted_at),"
        " max(relation.sequence, ifnull(max(i.sequence), 0)) FROM interaction i WHERE i.relation = relation.id)"
        " WHERE id = ?",
        (relation,),
    )


def trim_notes(connection: apsw.Connection, relation: int) -> None:
    connection.execute(
        "DELETE FROM note WHERE relation = ?1 AND id NOT IN"
        " (SELECT id FROM note WHERE relation = ?1 ORDER BY added_at DESC, id DESC LIMIT ?2)",
        (relation, NOTES),
    )


def drop_relation(connection: apsw.Connection, relation: int) -> None:
    for table in _OF_RELATION:
        connection.execute(f"DELETE FROM {table} WHERE relation = ?", (relation,))
    connection.execute("DELETE FROM relation WHERE id = ?", (relation,))


def split(connection: apsw.Connection, person: PersonId, split_off: PersonId) -> None:
    """Whoever is split off takes everything bad along, for every observer."""
    for _, observer in rows.fetch(connection, _HOLDERS, (person,)):
        standing = [each for each in history(connection, (observer, person)) if each.retracted_at is None]
        taken = kept_by_split([each.interaction for each in standing], split_off)
        if taken:
            times = {each.interaction.id: each.recorded_at for each in standing}
            into = make_relation(connection, (observer, split_off))
            added = [Added(each, number, times[each.id], True) for number, each in enumerate(taken, start=1)]
            add_rows(connection, into, added)
            settle(connection, into)
            connection.execute(_UPSET, (into,))


def forget_everywhere(connection: apsw.Connection, person: PersonId, identities: Iterable[Identity]) -> None:
    """Erases what everybody holds about a person; violations stay by fingerprint."""
    marks = [fingerprint(connection, each) for each in identities]
    for relation, observer in rows.fetch(connection, _HOLDERS, (person,)):
        for each in _violations(connection, (observer, person)):
            kept = [(mark, observer, each.id, each.at, each.severity, each.code, each.pardoned_at) for mark in marks]
            connection.executemany("INSERT OR REPLACE INTO kept_violation VALUES (?, ?, ?, ?, ?, ?, ?)", kept)
        _erase_traces(connection, (observer, person))
        drop_relation(connection, relation)


def forget_observed(connection: apsw.Connection, pair: Pair) -> bool:
    """Erases what one observer holds about a person, who stays registered: bare violations stay in the history."""
    relation = relation_id(connection, pair)
    if relation is None:
        return False
    violations = {each.id for each in _violations(connection, pair)}
    for (name,) in rows.fetch(connection, "SELECT id FROM interaction WHERE relation = ?", (relation,)):
        if name not in violations:
            connection.execute("DELETE FROM interaction WHERE relation = ? AND id = ?", (relation, name))
    bare = "UPDATE interaction SET context = NULL, source = NULL, likeness = NULL WHERE relation = ?"
    connection.execute(bare, (relation,))
    for table in _OF_RELATION[1:]:
        connection.execute(f"DELETE FROM {table} WHERE relation = ?", (relation,))
    connection.execute(
        "UPDATE relation SET override = NULL, score = NULL, tier = NULL, at = NULL, summary = NULL, marks = '[]',"
        " with_subject = 0, with_everybody = 0, relationship = NULL WHERE id = ?",
        (relation,),
    )
    _erase_traces(connection, pair)
    settle(connection, relation)
    connection.execute(_UPSET if violations else _EMPTIED, (relation,))
    return True


def _violations(connection: apsw.Connection, pair: Pair) -> list[Interaction]:
    found = (each for each in history(connection, pair) if each.retracted_at is None)
    return [each.interaction for each in found if each.interaction.kind is Kind.VIOLATION]


def _erase_traces(connection: apsw.Connection, pair: Pair) -> None:
    for table in ("tier_change", "relationship_change", "interaction_key"):
        connection.execute(f"DELETE FROM {table} WHERE observer = ? AND person = ?", pair)
    connection.execute("UPDATE people_audit SET reason = '' WHERE observer = ? AND person = ?", pair)


def fingerprint(connection: apsw.Connection, identity: Identity) -> bytes:
    """What an account or DID is known by once it is forgotten: not to be guessed without the store's salt."""
    salt = rows.fetch(connection, "SELECT salt FROM people_salt")[0][0]
    return hmac.digest(salt, ":".join(kind_of(identity)).encode(), "sha256")


def restore(connection: apsw.Connection, person: PersonId, identity: Identity, now: int) -> None:
    """Whoever was forgotten and comes back finds the violations that were kept."""
    query = (
        "SELECT observer, id, at, severity, code, pardoned_at FROM kept_violation WHERE fingerprint = ?"
        " ORDER BY observer, at, id"
    )
    for observer, name, at, *rest in rows.fetch(connection, query, (fingerprint(connection, identity),)):
        relation = make_relation(connection, (observer, person))
        if rows.fetch(connection, "SELECT 1 FROM interaction WHERE relation = ? AND id = ?", (relation, name)):
            continue
        ((sequence, *_),) = rows.fetch(connection, _STATE, (relation,))
        violation = _violation(Did(observer), person, name, at, rest)
        add_rows(connection, relation, [Added(violation, sequence + 1, now, counted=True)])
        settle(connection, relation)
        connection.execute(_UPSET, (relation,))


def _violation(observer: Did, person: PersonId, name: str, at: int, rest: Sequence[Any]) -> Interaction:
    severity, code, pardoned_at = rest
    return Interaction(
        id=name,
        observer=observer,
        person=person,
        kind=Kind.VIOLATION,
        by=By.PERSON,
        at=at,
        severity=severity,
        code=code,
        pardoned_at=pardoned_at,
    )
