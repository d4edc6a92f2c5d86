"""Recording interactions in Neo4j: one batch in one transaction, read, planned and written."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.canonical import sha256_hex
from domain.identity import Did
from domain.people.interaction import PersonId
from graphdb.errors import DamagedRecord
from graphdb.interactions import Recorded, RecordedBatch, RecordingBatch
from graphdb.ledger import Ledger
from graphdb.neo4j import people_rows as rows
from graphdb.neo4j.connection import Transaction, run
from graphdb.neo4j.people_log import Ask, asking
from graphdb.neo4j.relations import add_rows, ledgers, write_ledgers
from graphdb.recording import FirstOutcome, Known, Plan, answers, moments, plan
from graphdb.running import Pair, RunningSignals

_KEPT_PERSONS = """
RETURN COLLECT { UNWIND $ids AS id MATCH (p:Person {id: id}) RETURN [p.id, p.state, p.mergedInto] }"""
_KNOWN = """
RETURN
  COLLECT { UNWIND $keys AS id MATCH (k:InteractionKey {id: id})
            RETURN [k.observer, k.key, k.interaction, k.person, k.seq, k.fingerprint] },
  COLLECT { UNWIND $ids AS w MATCH (i:Interaction {observer: w[0], person: w[1], id: w[2]})
            RETURN [w[0], w[1], w[2], CASE WHEN i.retractedAt IS NULL THEN i.happenedAt ELSE -1 END, i.seq] },
  COLLECT { UNWIND $alike AS w
            CALL (w) {
              MATCH (i:Interaction) WHERE i.observer = w[0] AND i.person = w[1] AND i.likeness = w[2]
                AND i.retractedAt IS NULL
              RETURN i.happenedAt AS at, i.id AS id ORDER BY at, id LIMIT 1
            }
            RETURN [w[3], at, id] }"""
_KEEP_KEYS = """
UNWIND $rows AS r
CREATE (:InteractionKey {id: r[0], observer: r[1], key: r[2], fingerprint: r[3], interaction: r[4], person: r[5],
                         seq: r[6]})"""


async def record_all(
    transaction: Transaction, batches: Sequence[RecordingBatch], running: RunningSignals
) -> tuple[list[RecordedBatch], tuple[Ledger, ...]]:
    """The answers, and the ledgers as they stand once this is committed."""
    known = await _known(asking(transaction), batches, running)
    decided = plan(batches, known)
    if not decided.moved and not decided.new_keys:
        return answers(decided, {}), ()
    await add_rows(transaction, [each for moved in decided.moved for each in moved.added])
    changes = await write_ledgers(transaction, decided.moved, moments(batches, decided))
    if decided.new_keys:
        await run(transaction, _KEEP_KEYS, rows=_key_rows(decided))
    return answers(decided, changes), decided.moved


def _key_rows(decided: Plan) -> list[list[Any]]:  # Any: Neo4j's own types
    return [
        [
            _key_id(observer, key),
            observer,
            key,
            first.fingerprint,
            first.recorded.id,
            first.recorded.person,
            first.recorded.sequence,
        ]
        for (observer, key), first in decided.new_keys.items()
    ]


def _key_id(observer: Did, key: str) -> str:
    return sha256_hex(f"{observer}\0{key}".encode())


async def kept_persons(ask: Ask, ids: Iterable[PersonId]) -> dict[PersonId, PersonId]:
    """Who these became by merges, in however many steps; without those who are unknown or forgotten."""
    places = {each: each for each in ids}
    state: dict[str, tuple[str, str | None]] = {}
    while wanted := {each for each in places.values() if each not in state}:
        (found,) = await ask(_KEPT_PERSONS, ids=list(wanted))
        state |= dict.fromkeys(wanted, ("unknown", None)) | {row[0]: (row[1], row[2]) for row in found}
        places = {given: _next(each, state) for given, each in places.items()}
    kept = {given: each for given, each in places.items() if state[each][0] == "known"}
    for given, each in places.items():
        if state[each][0] == "merged":
            raise DamagedRecord(f"person {given}", "its merges lead nowhere")
    return kept


def _next(person: PersonId, state: dict[str, tuple[str, str | None]]) -> PersonId:
    """As far as the states that are known lead."""
    seen = {person}
    while person in state and state[person][0] == "merged":
        person = PersonId(state[person][1] or "")
        if person in seen:
            raise DamagedRecord(f"person {person}", "its merges lead in a circle")
        seen.add(person)
    return person


async def _known(ask: Ask, batches: Sequence[RecordingBatch], running: RunningSignals) -> Known:
    given = {(batch.observer, each.interaction.person) for batch in batches for each in batch.recordings}
    persons = await kept_persons(ask, {person for _, person in given})
    pairs = {(observer, persons[person]) for observer, person in given if person in persons}
    known = Known(persons=persons, ledgers=await ledgers(ask, pairs, running))
    interactions = [
        each.interaction for batch in batches for each in batch.recordings if each.interaction.person in persons
    ]
    likenesses = {
        ((each.observer, persons[each.person]), each.likeness) for each in interactions if each.likeness is not None
    }
    asked = list(likenesses)
    keys, ids, alike = await ask(
        _KNOWN,
        keys=[
            _key_id(batch.observer, each.key) for batch in batches for each in batch.recordings if each.key is not None
        ],
        ids=[[each.observer, persons[each.person], each.id] for each in interactions],
        alike=[[*pair, rows.likeness_key(likeness), index] for index, (pair, likeness) in enumerate(asked)],
    )
    for observer, key, name, person, sequence, fingerprint in keys:
        known.keys[(observer, key)] = FirstOutcome(Recorded(name, person, sequence), fingerprint)
    for observer, person, name, at, sequence in ids:
        pair: Pair = (Did(observer), PersonId(person))
        known.ids[(pair, name)] = at, sequence
    known.alike = {asked[index]: (at, name) for index, at, name in alike}
    return known
