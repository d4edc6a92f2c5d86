"""Recording interactions in SQLite: read what a batch touches, plan, write."""

from collections.abc import Iterable, Sequence

import apsw
import orjson

from domain.identity import Did
from domain.people.interaction import Interaction, PersonId
from graphdb.errors import DamagedRecord
from graphdb.interactions import Recorded, RecordedBatch, RecordingBatch
from graphdb.ledger import Added, Ledger
from graphdb.recording import FirstOutcome, Known, Likeness, Plan, answers, moments, plan
from graphdb.running import Pair, RunningSignals
from graphdb.sqlite import rows
from graphdb.sqlite.registry import kept_person
from graphdb.sqlite.relations import (
    LEDGER,
    add_rows,
    is_owner,
    ledger,
    ledger_of,
    likeness_hash,
    make_relation,
    write_ledgers,
)

_KEY = "SELECT id, person, sequence, fingerprint FROM interaction_key WHERE observer = ? AND key = ?"
# One step for all of them: each step of a statement lets another thread have the interpreter, and has to wait for it.
_TOUCHED = (
    f"SELECT json_group_array(json_array(j.value ->> 0, p.id, p.state, {LEDGER})) FROM json_each(?) j"
    " CROSS JOIN person p ON p.id = j.value ->> 1"
    " LEFT JOIN relation r ON r.observer = j.value ->> 0 AND r.person = p.id LEFT JOIN signals s ON s.relation = r.id"
)
_IDS = (
    "SELECT json_group_array(json_array(i.relation, i.id, iif(i.retracted_at IS NULL, i.at, -1), i.sequence))"
    " FROM json_each(?) j CROSS JOIN interaction i ON i.relation = j.value ->> 0 AND i.id = j.value ->> 1"
)
_ALIKE = (
    "SELECT at, id FROM interaction WHERE relation = ? AND likeness = ? AND retracted_at IS NULL"
    " ORDER BY at, id LIMIT 1"
)


def record_all(
    connection: apsw.Connection, batches: Sequence[RecordingBatch], running: RunningSignals
) -> tuple[list[RecordedBatch], tuple[Ledger, ...]]:
    """The answers, and the ledgers as they stand once this is committed."""
    known = _known(connection, batches, running)
    decided = plan(batches, known)
    times = moments(batches, decided)
    held = [(moved, times[moved.pair]) for moved in decided.moved]
    added: list[tuple[int, Sequence[Added]]] = []
    for moved, moment in held:
        moved.is_owner = is_owner(connection, moved.person, moment.owners)
        moved.place = make_relation(connection, moved.pair) if moved.place is None else moved.place
        added.append((moved.place, moved.added))
    add_rows(connection, added)
    changes = write_ledgers(connection, held)
    _keep_keys(connection, decided)
    return answers(decided, {moved.pair: each for (moved, _), each in zip(held, changes, strict=True)}), decided.moved


def _keep_keys(connection: apsw.Connection, decided: Plan) -> None:
    kept = [
        (observer, key, first.fingerprint, first.recorded.id, first.recorded.person, first.recorded.sequence)
        for (observer, key), first in decided.new_keys.items()
    ]
    connection.executemany("INSERT INTO interaction_key VALUES (?, ?, ?, ?, ?, ?)", kept)


def _known(connection: apsw.Connection, batches: Sequence[RecordingBatch], running: RunningSignals) -> Known:
    known = Known()
    for batch in batches:
        for recording in batch.recordings:
            if recording.key is not None:
                _know_key(connection, known, batch.observer, recording.key)
    given = [each.interaction for batch in batches for each in batch.recordings]
    pairs = dict.fromkeys((each.observer, each.person) for each in given)
    for observer, person, state, *row in _all(connection, _TOUCHED, list(pairs)):
        _know_person(connection, known, (observer, person), state, tuple(row), running)
    _know_rows(connection, known, given)
    return known


def _all(connection: apsw.Connection, query: str, given: Sequence[Sequence[object]]) -> list[rows.Row]:
    """All rows of a query that takes and gives one array."""
    ((found,),) = rows.fetch(connection, query, (orjson.dumps(given).decode(),))
    return orjson.loads(found)  # type: ignore[no-any-return]  # arrays, as the query says


def _know_key(connection: apsw.Connection, known: Known, observer: Did, key: str) -> None:
    row = rows.fetch_one(connection, _KEY, (observer, key))
    if row is not None:
        name, person, sequence, fingerprint = row
        known.keys[(observer, key)] = FirstOutcome(Recorded(name, PersonId(person), sequence), fingerprint)


def _know_person(
    connection: apsw.Connection, known: Known, given: Pair, state: str, row: rows.Row, running: RunningSignals
) -> None:
    """`row`: the columns LEDGER, all null where there is no relation, and of no use for somebody who was merged."""
    observer, person = given
    kept = person if state == "known" else kept_person(connection, person)
    if kept is None:
        return
    known.persons[person] = kept
    pair = (observer, kept)
    if pair in known.ledgers:
        return
    try:
        if kept != person:
            known.ledgers[pair] = ledger(connection, pair, running)
        elif row[-1] is None:
            known.ledgers[pair] = Ledger(*pair)
        else:
            known.ledgers[pair] = ledger_of(connection, pair, row, running)
    except DamagedRecord as exc:
        known.ledgers[pair] = exc


def _know_rows(connection: apsw.Connection, known: Known, interactions: Iterable[Interaction]) -> None:
    relations = {pair: each.place for pair, each in known.ledgers.items() if isinstance(each, Ledger)}
    ids: list[tuple[int, str]] = []
    for each in interactions:
        person = known.persons.get(each.person)
        relation = None if person is None else relations.get((each.observer, person))
        if person is None or relation is None:
            continue
        ids.append((relation, each.id))
        _know_alike(connection, known, (each.observer, person), relation, each.likeness)
    pairs = {relation: pair for pair, relation in relations.items()}
    for relation, name, at, sequence in _all(connection, _IDS, ids):
        known.ids[(pairs[relation], name)] = at, sequence


def _know_alike(
    connection: apsw.Connection, known: Known, pair: Pair, relation: int, likeness: Likeness | None
) -> None:
    if likeness is not None and (pair, likeness) not in known.alike:
        first = rows.fetch_one(connection, _ALIKE, (relation, likeness_hash(likeness)))
        if first is not None:
            known.alike[(pair, likeness)] = first[0], first[1]
