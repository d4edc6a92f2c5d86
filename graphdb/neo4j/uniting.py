"""What merging, splitting and forgetting people does to what observers hold about them, in Neo4j."""

import hmac
from collections.abc import Iterable, Sequence
from typing import Any

from domain.identity import Did
from domain.people.interaction import PersonId
from graphdb.interactions import Head, Logged
from graphdb.ledger import Added, Ledger, whose
from graphdb.neo4j import people_rows as rows
from graphdb.neo4j.connection import Transaction, record, run
from graphdb.neo4j.people_log import asking
from graphdb.neo4j.relations import add_rows, histories
from graphdb.override_text import marks_text, override_text, read_marks, read_override
from graphdb.people import NOTES
from graphdb.registering import Identity, kind_of
from graphdb.running import Pair
from graphdb.uniting import in_order, kept_violation, lowest, taken_along, violations

_HOLDERS = "RETURN COLLECT { MATCH (r:Relation) WHERE r.person = $person WITH r ORDER BY r.observer RETURN r.observer }"
_STATES = """
RETURN COLLECT { UNWIND $persons AS person MATCH (r:Relation {observer: $observer, person: person})
                 RETURN [r.person, r.head, r.override, r.summary, r.marks] }"""
# What was projected holds no more: nothing is due earlier than at 0.
_SET_STATE = """
MERGE (r:Relation {observer: $observer, person: $person})
SET r.head = $head, r.override = $override, r.summary = $summary, r.marks = $marks,
    r.marked = CASE WHEN $marks IS NULL THEN null ELSE true END, r.validUntilAt = 0"""
_SET_HEAD = """
MERGE (r:Relation {observer: $observer, person: $person}) SET r.head = $head, r.validUntilAt = 0"""
_MARK = "MERGE (r:Relation {observer: $observer, person: $person}) SET r.marks = $marks, r.marked = true"
_MOVE = """
MATCH (p:Person {id: $kept})
MATCH (i:Interaction)-[w:WITH]->() WHERE i.observer = $observer AND i.person = $absorbed AND i.seq > 0
SET i.person = $kept, i.seq = i.seq + $offset
DELETE w
CREATE (i)-[:WITH]->(p)"""
_DROP = """
UNWIND $ids AS id MATCH (i:Interaction {observer: $observer, person: $person, id: id}) DETACH DELETE i"""
# Of two under one key the one of the person who was kept stays.
_MOVE_KEYED = """
MATCH (n:{label}) WHERE n.observer = $observer AND n.person = $absorbed
CALL (n) {{
  OPTIONAL MATCH (k:{label}) WHERE k.observer = n.observer AND k.person = $kept AND {same}
  WITH n, k LIMIT 1
  FOREACH (_ IN CASE WHEN k IS NULL THEN [1] ELSE [] END | SET n.person = $kept)
  FOREACH (_ IN CASE WHEN k IS NULL THEN [] ELSE [1] END | DETACH DELETE n)
}}"""
_KEYED = (("Note", "k.id = n.id"), ("TrustSnapshot", "k.date = n.date"), ("Opinion", "true"))
_MOVE_ALL = "MATCH (n:{label}) WHERE n.observer = $observer AND n.person = $absorbed SET n.person = $kept"
_MOVE_TRUST = """
MATCH (a:Agent {did: $observer}) MATCH (p:Person {id: $kept})
MATCH ()-[t:TRUSTS {observer: $observer, person: $absorbed}]->()
WITH a, p, t, properties(t) AS was
DELETE t
CREATE (a)-[n:TRUSTS]->(p)
SET n = was {.*, person: $kept}"""
_UNTRUST = """
OPTIONAL MATCH ()-[t:TRUSTS {observer: $observer, person: $person}]->()
OPTIONAL MATCH ()-[g:REGARDS {observer: $observer, person: $person}]->()
DELETE t, g"""
# Of somebody of whom nothing is left, no trust is told.
_EMPTIED = "MATCH (r:Relation {observer: $observer, person: $person}) REMOVE r.validUntilAt"
_MOVE_RELATION = "MATCH (r:Relation {observer: $observer, person: $absorbed}) SET r.person = $kept"
_TRIM_NOTES = f"""
MATCH (n:Note) WHERE n.observer = $observer AND n.person = $person
WITH n ORDER BY n.addedAt DESC, n.id DESC SKIP {NOTES}
DETACH DELETE n"""
_DROP_ALL = "MATCH (n:{label}) WHERE n.observer = $observer AND n.person = $person DETACH DELETE n"
_OF_PAIR = (
    *("Interaction", "Signals", "Note", "Opinion", "TrustSnapshot", "Appeal"),
    *("TierChange", "RelationshipChange", "InteractionKey"),
)
_BARE = """
MATCH (i:Interaction) WHERE i.observer = $observer AND i.person = $person AND i.seq > 0
SET i.context = null, i.source = null, i.likeness = null"""
_CLEAR = """
MATCH (r:Relation {observer: $observer, person: $person})
REMOVE r.override, r.trust, r.below, r.tier, r.summary, r.marks, r.marked, r.regard, r.withSubject, r.withEverybody"""
_HUSH = "MATCH (e:PeopleAudit) WHERE e.observer = $observer AND e.person = $person SET e.reason = ''"
_SALT = "MATCH (l:PeopleLog {id: 1}) RETURN l.salt"
_KEEP_VIOLATIONS = """
UNWIND $rows AS r
MERGE (v:KeptViolation {fingerprint: r[0], observer: r[1], id: r[2]})
SET v.happenedAt = r[3], v.severity = r[4], v.code = r[5], v.pardonedAt = r[6]"""
_KEPT_VIOLATIONS = """
RETURN COLLECT { MATCH (v:KeptViolation) WHERE v.fingerprint = $fingerprint
                 WITH v ORDER BY v.observer, v.happenedAt, v.id
                 RETURN [v.observer, v.id, v.happenedAt, v.severity, v.code, v.pardonedAt] }"""


async def holders(transaction: Transaction, person: PersonId) -> list[Did]:
    """Everybody who keeps something about a person."""
    (found,) = await record(transaction, _HOLDERS, person=person)
    return [Did(observer) for observer in found]


async def merge(transaction: Transaction, kept: PersonId, absorbed: PersonId) -> None:
    """Unites what every observer holds about both: histories, notes, marks; the lower override stays."""
    for observer in await holders(transaction, absorbed):
        values = {"observer": observer, "kept": kept, "absorbed": absorbed}
        (states,) = await record(transaction, _STATES, observer=observer, persons=[kept, absorbed])
        by_person = {row[0]: row[1:] for row in states}
        await _move(transaction, observer, kept, absorbed)
        if kept not in by_person:
            await run(transaction, _MOVE_RELATION, **values)
            await run(transaction, _MOVE_TRUST, **values)
        await _settle(transaction, observer, kept, [by_person[each] for each in (kept, absorbed) if each in by_person])
        await run(transaction, _UNTRUST, observer=observer, person=absorbed)
        await run(transaction, _DROP_ALL.format(label="Signals"), observer=observer, person=absorbed)
        if kept in by_person:
            await run(transaction, _DROP_ALL.format(label="Relation"), observer=observer, person=absorbed)


async def _move(transaction: Transaction, observer: Did, kept: PersonId, absorbed: PersonId) -> None:
    """What is moved is numbered after what is there. Of one id the earlier one stays: it is one event."""
    values: dict[str, Any] = {"observer": observer, "kept": kept, "absorbed": absorbed}  # Any: Neo4j's own types
    for label, same in _KEYED:
        await run(transaction, _MOVE_KEYED.format(label=label, same=same), **values)
    for label in ("Appeal", "TierChange", "RelationshipChange"):
        await run(transaction, _MOVE_ALL.format(label=label), **values)
    await run(transaction, _TRIM_NOTES, observer=observer, person=kept)
    moving, there = await _both(transaction, observer, absorbed, kept)
    twice = [each for each in moving if each in there]
    later = [each for each in twice if there[each].interaction.at <= moving[each].interaction.at]
    earlier = [each for each in twice if each not in later]
    await run(transaction, _DROP, observer=observer, person=absorbed, ids=later)
    await run(transaction, _DROP, observer=observer, person=kept, ids=earlier)
    offset = max((each.sequence for each in there.values()), default=0)
    await run(transaction, _MOVE, offset=offset, **values)


async def _both(
    transaction: Transaction, observer: Did, one: PersonId, other: PersonId
) -> tuple[dict[str, Logged], dict[str, Logged]]:
    pairs: list[Pair] = [(observer, one), (observer, other)]
    found = await histories(asking(transaction), pairs)
    first, second = ({each.interaction.id: each for each in found[pair]} for pair in pairs)
    return first, second


async def _settle(transaction: Transaction, observer: Did, kept: PersonId, states: Sequence[Sequence[Any]]) -> None:
    """The relation of the person who was kept, from those of both."""
    pair = (observer, kept)
    overrides = [read_override(each[1], whose(pair)) for each in states]
    summaries = [each[2] for each in states if each[2] is not None]
    marks = in_order(mark for each in states if each[3] is not None for mark in read_marks(each[3], whose(pair)))
    await run(
        transaction,
        _SET_STATE,
        observer=observer,
        person=kept,
        head=await _new_head(transaction, pair, [each[0] for each in states]),
        override=override_text(lowest(overrides)),
        summary=next(iter(summaries), None),
        marks=marks_text(marks) if marks else None,
    )


async def _new_head(transaction: Transaction, pair: Pair, heads: Sequence[str | None]) -> str:
    """Where a history stands that was put together anew; its era is after all that there were."""
    (found,) = await record(transaction, _SEQUENCES, observer=pair[0], person=pair[1])
    before = [rows.head(each) for each in heads]
    sequence = max([0, *(number for number, _ in found)])
    era = 1 + max([0, *(each.era for each in before)])
    standing = sum(retracted is None for _, retracted in found)
    head = Head(max([sequence, *(each.sequence for each in before[:1])]), era)
    return rows.head_text(Ledger(*pair, head=head, rows=len(found), interactions=standing))


_SEQUENCES = """
RETURN COLLECT { MATCH (i:Interaction) WHERE i.observer = $observer AND i.person = $person AND i.seq > 0
                 RETURN [i.seq, i.retractedAt] }"""


async def _renumber(transaction: Transaction, pair: Pair) -> None:
    """After rows were added or taken away outside a recording."""
    observer, person = pair
    (states,) = await record(transaction, _STATES, observer=observer, persons=[person])
    head = await _new_head(transaction, pair, [row[1] for row in states])
    await run(transaction, _SET_HEAD, observer=observer, person=person, head=head)


async def split(transaction: Transaction, person: PersonId, split_off: PersonId) -> None:
    """Whoever is split off takes everything bad along, and stays ignored, for every observer."""
    for observer in await holders(transaction, person):
        ((*_, marks),) = (await record(transaction, _STATES, observer=observer, persons=[person]))[0]
        if marks is not None and read_marks(marks, whose((observer, person))):
            await run(transaction, _MARK, observer=observer, person=split_off, marks=marks)
        taken = taken_along(await _history(transaction, (observer, person)), split_off)
        if taken:
            await add_rows(transaction, taken)
            await _renumber(transaction, (observer, split_off))


async def forget_everywhere(transaction: Transaction, person: PersonId, identities: Iterable[Identity]) -> None:
    """Erases what everybody holds about a person; violations stay by fingerprint."""
    marks = [await fingerprint(transaction, each) for each in identities]
    for observer in await holders(transaction, person):
        kept = [
            [mark, observer, each.id, each.at, each.severity, each.code, each.pardoned_at]
            for each in violations(await _history(transaction, (observer, person)))
            for mark in marks
        ]
        if kept:
            await run(transaction, _KEEP_VIOLATIONS, rows=kept)
        await _drop(transaction, (observer, person), (*_OF_PAIR, "Relation"))


async def forget_observed(transaction: Transaction, pair: Pair) -> bool:
    """Erases what one observer holds about a person, who stays registered: bare violations stay in the history."""
    observer, person = pair
    (states,) = await record(transaction, _STATES, observer=observer, persons=[person])
    if not states:
        return False
    found = await _history(transaction, pair)
    staying = {each.id for each in violations(found)}
    others = [each.interaction.id for each in found if each.interaction.id not in staying]
    await run(transaction, _DROP, observer=observer, person=person, ids=others)
    await run(transaction, _BARE, observer=observer, person=person)
    await _drop(transaction, pair, _OF_PAIR[1:])
    await run(transaction, _CLEAR, observer=observer, person=person)
    await _renumber(transaction, pair)
    if not staying:
        await run(transaction, _EMPTIED, observer=observer, person=person)
    return True


async def _drop(transaction: Transaction, pair: Pair, labels: Sequence[str]) -> None:
    observer, person = pair
    for label in labels:
        await run(transaction, _DROP_ALL.format(label=label), observer=observer, person=person)
    await run(transaction, _UNTRUST, observer=observer, person=person)
    await run(transaction, _HUSH, observer=observer, person=person)


async def _history(transaction: Transaction, pair: Pair) -> list[Logged]:
    return (await histories(asking(transaction), [pair]))[pair]


async def fingerprint(transaction: Transaction, identity: Identity) -> str:
    """What an account or DID is known by once it is forgotten: not to be guessed without the store's salt."""
    (salt,) = await record(transaction, _SALT)
    return hmac.new(str(salt).encode(), ":".join(kind_of(identity)).encode(), "sha256").hexdigest()


async def restore(transaction: Transaction, person: PersonId, identity: Identity, now: int) -> None:
    """Whoever was forgotten and comes back finds the violations that were kept."""
    mark = await fingerprint(transaction, identity)
    (found,) = await record(transaction, _KEPT_VIOLATIONS, fingerprint=mark)
    for observer in dict.fromkeys(Did(row[0]) for row in found):
        pair = (observer, person)
        there = await _history(transaction, pair)
        known = {each.interaction.id for each in there}
        start = max((each.sequence for each in there), default=0) + 1
        back = [kept_violation(person, row) for row in found if row[0] == observer and row[1] not in known]
        added = [Added(each, number, now, True) for number, each in enumerate(back, start=start)]
        if added:
            await add_rows(transaction, added)
            await _renumber(transaction, pair)
