"""Recording interactions in SQLite: read what a batch touches, plan, write."""

from collections.abc import Iterable, Sequence

import apsw

from domain.identity import Did
from domain.people.interaction import Interaction, PersonId
from graphdb.errors import DamagedRecord
from graphdb.interactions import Recorded, RecordedBatch, RecordingBatch, TrustChange
from graphdb.ledger import Ledger
from graphdb.recording import FirstOutcome, Known, Plan, answers, moments, plan
from graphdb.running import Pair, RunningSignals
from graphdb.sqlite import rows
from graphdb.sqlite.registry import kept_person
from graphdb.sqlite.relations import add_rows, is_owner, ledger, likeness_hash, make_relation, write_ledger

_KEY = "SELECT id, person, sequence, fingerprint FROM interaction_key WHERE observer = ? AND key = ?"
_ID = "SELECT iif(retracted_at IS NULL, at, -1), sequence FROM interaction WHERE relation = ? AND id = ?"
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
    changes: dict[Pair, TrustChange] = {}
    for moved in decided.moved:
        moment = times[moved.pair]
        moved.is_owner = is_owner(connection, moved.person, moment.owners)
        relation = make_relation(connection, moved.pair) if moved.place is None else moved.place
        add_rows(connection, relation, moved.added)
        changes[moved.pair] = write_ledger(connection, relation, moved, moment)
    _keep_keys(connection, decided)
    return answers(decided, changes), decided.moved


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
        for given in {each.interaction.person for each in batch.recordings}:
            _know_person(connection, known, batch.observer, given, running)
    _know_rows(connection, known, (each.interaction for batch in batches for each in batch.recordings))
    return known


def _know_key(connection: apsw.Connection, known: Known, observer: Did, key: str) -> None:
    row = rows.fetch_one(connection, _KEY, (observer, key))
    if row is not None:
        name, person, sequence, fingerprint = row
        known.keys[(observer, key)] = FirstOutcome(Recorded(name, PersonId(person), sequence), fingerprint)


def _know_person(
    connection: apsw.Connection, known: Known, observer: Did, given: PersonId, running: RunningSignals
) -> None:
    kept = known.persons.get(given) or kept_person(connection, given)
    if kept is None:
        return
    known.persons[given] = kept
    pair = (observer, kept)
    if pair not in known.ledgers:
        try:
            known.ledgers[pair] = ledger(connection, pair, running)
        except DamagedRecord as exc:
            known.ledgers[pair] = exc


def _know_rows(connection: apsw.Connection, known: Known, interactions: Iterable[Interaction]) -> None:
    relations = {pair: each.place for pair, each in known.ledgers.items() if isinstance(each, Ledger)}
    for each in interactions:
        person = known.persons.get(each.person)
        relation = None if person is None else relations.get((each.observer, person))
        if person is None or relation is None:
            continue
        pair = (each.observer, person)
        row = rows.fetch_one(connection, _ID, (relation, each.id))
        if row is not None:
            known.ids[(pair, each.id)] = row[0], row[1]
        likeness = each.likeness
        if likeness is not None and (pair, likeness) not in known.alike:
            first = rows.fetch_one(connection, _ALIKE, (relation, likeness_hash(likeness)))
            if first is not None:
                known.alike[(pair, likeness)] = first[0], first[1]
