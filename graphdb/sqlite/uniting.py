"""What merging, splitting and forgetting people does to what observers hold about them, in SQLite."""

import hmac
from collections.abc import Iterable

import apsw

from domain.identity import Did
from domain.people.interaction import PersonId
from graphdb.ledger import Added, whose
from graphdb.override_text import marks_text, override_text, read_marks, read_override
from graphdb.people import NOTES
from graphdb.registering import Identity, kind_of
from graphdb.running import Pair
from graphdb.sqlite import rows
from graphdb.sqlite.relations import add_rows, history, make_relation, relation_id
from graphdb.uniting import in_order, kept_violation, lowest, taken_along, violations

_HOLDERS = "SELECT id, observer FROM relation WHERE person = ? ORDER BY observer"
_OF_RELATION = ("interaction", "signals", "note", "opinion", "trust_snapshot", "appeal")
_STATE = "SELECT sequence, rows, interactions, override, summary, marks FROM relation WHERE id = ?"
# What was projected holds no more: nothing is due earlier than at 0.
_UPSET = "UPDATE relation SET era = era + 1, valid_until = 0 WHERE id = ?"
_EMPTIED = "UPDATE relation SET era = era + 1, valid_until = NULL WHERE id = ?"
"""Of somebody of whom nothing is left, no trust is told."""


def holders(connection: apsw.Connection, person: PersonId) -> list[Did]:
    """Everybody who keeps something about a person."""
    return [Did(observer) for _, observer in rows.fetch(connection, _HOLDERS, (person,))]


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
    united = (*read_marks(marks, whose((observer, kept))), *read_marks(other_marks, whose((observer, absorbed))))
    summary = other_summary if summary is None else summary
    values = (override_text(lowest(overrides)), summary, marks_text(in_order(united)), into)
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
    """Whoever is split off takes everything bad along, and stays ignored, for every observer."""
    for relation, observer in rows.fetch(connection, _HOLDERS, (person,)):
        ((*_, marks),) = rows.fetch(connection, _STATE, (relation,))
        if read_marks(marks, whose((observer, person))):
            values = (marks, make_relation(connection, (observer, split_off)))
            connection.execute("UPDATE relation SET marks = ? WHERE id = ?", values)
        taken = taken_along(history(connection, (observer, person)), split_off)
        if taken:
            into = make_relation(connection, (observer, split_off))
            add_rows(connection, [(into, taken)])
            settle(connection, into)
            connection.execute(_UPSET, (into,))


def forget_everywhere(connection: apsw.Connection, person: PersonId, identities: Iterable[Identity]) -> None:
    """Erases what everybody holds about a person; violations stay by fingerprint."""
    marks = [fingerprint(connection, each) for each in identities]
    for relation, observer in rows.fetch(connection, _HOLDERS, (person,)):
        for each in violations(history(connection, (observer, person))):
            kept = [(mark, observer, each.id, each.at, each.severity, each.code, each.pardoned_at) for mark in marks]
            connection.executemany("INSERT OR REPLACE INTO kept_violation VALUES (?, ?, ?, ?, ?, ?, ?)", kept)
        _erase_traces(connection, (observer, person))
        drop_relation(connection, relation)


def forget_observed(connection: apsw.Connection, pair: Pair) -> bool:
    """Erases what one observer holds about a person, who stays registered: bare violations stay in the history."""
    relation = relation_id(connection, pair)
    if relation is None:
        return False
    staying = {each.id for each in violations(history(connection, pair))}
    for (name,) in rows.fetch(connection, "SELECT id FROM interaction WHERE relation = ?", (relation,)):
        if name not in staying:
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
    connection.execute(_UPSET if staying else _EMPTIED, (relation,))
    return True


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
    for row in rows.fetch(connection, query, (fingerprint(connection, identity),)):
        violation = kept_violation(person, row)
        relation = make_relation(connection, (violation.observer, person))
        if rows.fetch(connection, "SELECT 1 FROM interaction WHERE relation = ? AND id = ?", (relation, violation.id)):
            continue
        ((sequence, *_),) = rows.fetch(connection, _STATE, (relation,))
        add_rows(connection, [(relation, [Added(violation, sequence + 1, now, counted=True)])])
        settle(connection, relation)
        connection.execute(_UPSET, (relation,))
