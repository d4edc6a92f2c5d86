"""What an observer holds about a person, in Neo4j: the history, its running signals, trust and the audit."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.identity import Did
from domain.people.interaction import PersonId
from domain.people.registry import Act
from domain.people.signals import Signals
from graphdb.errors import DamagedRecord
from graphdb.interactions import Head, Logged, Moment, TrustChange, Trusted
from graphdb.ledger import Added, Ledger, caught_up, check_whole, projected, recounted, usable, whose
from graphdb.neo4j import people_rows as rows
from graphdb.neo4j.connection import Transaction, run
from graphdb.neo4j.people_log import Ask, asking
from graphdb.override_text import read_override
from graphdb.people import Deed
from graphdb.people_columns import Columns, all_logged
from graphdb.running import Pair, Running, RunningSignals
from graphdb.signals_text import read_signals, signals_bytes

_RELATIONS = """
RETURN COLLECT { UNWIND $pairs AS w MATCH (r:Relation {observer: w[0], person: w[1]})
                 OPTIONAL MATCH (s:Signals {observer: w[0], person: w[1]})
                 RETURN [r.observer, r.person, r.head, r.override, r.trust, s.seq, s.era] }"""
_ROWS = f"""
RETURN COLLECT {{ UNWIND $wanted AS w MATCH (i:Interaction)
                  WHERE i.observer = w[0] AND i.person = w[1] AND i.seq > w[2]
                  WITH i ORDER BY i.seq RETURN {rows.INTERACTION} }}"""
_SIGNALS = """
RETURN COLLECT { UNWIND $pairs AS w MATCH (s:Signals {observer: w[0], person: w[1]})
                 RETURN [s.observer, s.person, s.signals] }"""
_OWNED = """
RETURN COLLECT { UNWIND $asked AS w UNWIND ['account', 'did'] AS kind
                 MATCH (i:Identity {kind: kind, identity: w[1]}) WHERE i.person = w[0]
                 RETURN [i.person, i.identity] }"""

_AGENTS = "UNWIND $observers AS did MERGE (:Agent {did: did})"
_REPLACED = """
UNWIND $rows AS r MATCH (i:Interaction {observer: r[0], person: r[1], seq: r[2]}) DETACH DELETE i"""
_ADD = """
UNWIND $rows AS r
MATCH (a:Agent {did: r[0]}) MATCH (p:Person {id: r[1]})
CREATE (a)-[:RECORDED]->(i:Interaction {
  observer: r[0], person: r[1], seq: r[2], id: r[3], kind: r[4], by: r[5], happenedAt: r[6], at: r[7], context: r[8],
  source: r[9], weight: r[10], severity: r[11], code: r[12], pardonedAt: r[13], sentiment: r[14], recordedAt: r[15],
  counted: r[16], likeness: r[17]})-[:WITH]->(p)"""
_PROJECT = """
UNWIND $rows AS r
MERGE (x:Relation {observer: r[0], person: r[1]})
SET x.head = r[2], x.trust = r[3], x.below = r[4], x.tier = r[5], x.validUntilAt = r[6]"""
_TRUST_NEW = """
UNWIND $rows AS r
MATCH (a:Agent {did: r[0]}) MATCH (p:Person {id: r[1]})
CREATE (a)-[:TRUSTS {observer: r[0], person: r[1], score: r[2], tier: r[3], at: r[4], validUntil: r[5]}]->(p)"""
_TRUST = """
UNWIND $rows AS r
MATCH ()-[t:TRUSTS {observer: r[0], person: r[1]}]->()
SET t.score = r[2], t.tier = r[3], t.at = r[4], t.validUntil = r[5]"""
_KEEP_SIGNALS = """
UNWIND $rows AS r
MERGE (s:Signals {observer: r[0], person: r[1]}) SET s.seq = r[2], s.era = r[3], s.signals = r[4]"""
_NUMBER_TIERS = """
UNWIND $rows AS r
MATCH (a:Agent {did: r[0]}) SET a.tierChanges = coalesce(a.tierChanges, 0) + r[1]
RETURN collect([a.did, a.tierChanges])"""
_TIERS = """
UNWIND $rows AS r
CREATE (:TierChange {observer: r[0], position: r[1], person: r[2], happenedAt: r[3], score: r[4], before: r[5],
                     after: r[6]})"""
_AUDIT = """
MATCH (l:PeopleLog {id: 1}) SET l.audited = l.audited + 1
CREATE (:PeopleAudit {number: l.audited, observer: $observer, person: $person, deed: $deed, actor: $actor,
                      happenedAt: $at, reason: $reason, about: $about})"""


async def ledgers(ask: Ask, pairs: Iterable[Pair], running: RunningSignals) -> dict[Pair, Ledger | DamagedRecord]:
    """With the signals of everything recorded, in three round trips at most."""
    wanted = sorted(set(pairs))
    (found,) = await ask(_RELATIONS, pairs=[list(pair) for pair in wanted])
    read: dict[Pair, Ledger | DamagedRecord] = {pair: Ledger(*pair) for pair in wanted}
    for columns in found:
        pair = Did(columns[0]), PersonId(columns[1])
        try:
            read[pair] = _ledger(pair, columns)
        except DamagedRecord as exc:
            read[pair] = exc
    await _count(
        ask, [each for each in read.values() if isinstance(each, Ledger) and each.signals is None], read, running
    )
    return read


def _ledger(pair: Pair, columns: Columns) -> Ledger:
    _, _, head, override, trust, stored, era = columns
    where, history, interactions = rows.ledger_numbers(head)
    return Ledger(
        *pair,
        head=where,
        rows=history,
        interactions=interactions,
        signals=None,
        stored=stored if stored is not None and era == where.era else 0,
        override=read_override(override, whose(pair)),
        before=rows.trusted(pair, trust),
    )


async def _count(
    ask: Ask, wanting: Sequence[Ledger], read: dict[Pair, Ledger | DamagedRecord], running: RunningSignals
) -> None:
    known = {each.pair: running.get(each.pair) for each in wanting}
    usable_ones = {pair: each for pair, each in known.items() if each is not None and _usable(each, pair, read)}
    missing = [each for each in wanting if each.pair not in usable_ones and each.stored]
    usable_ones |= await _stored(ask, missing)
    behind = [[*each.pair, usable_ones[each.pair].head.sequence if each.pair in usable_ones else 0] for each in wanting]
    later = [place for place, each in zip(behind, wanting, strict=True) if place[2] != each.head.sequence]
    found = await _histories(ask, later) if later else {}
    for each in wanting:
        try:
            each.signals = _signals(each, usable_ones.get(each.pair), found.get(each.pair, []))
        except DamagedRecord as exc:
            read[each.pair] = exc


def _usable(known: Running, pair: Pair, read: dict[Pair, Ledger | DamagedRecord]) -> bool:
    held = read[pair]
    return isinstance(held, Ledger) and usable(known, held)


async def _stored(ask: Ask, ledgers: Sequence[Ledger]) -> dict[Pair, Running]:
    if not ledgers:
        return {}
    (found,) = await ask(_SIGNALS, pairs=[list(each.pair) for each in ledgers])
    by_pair = {(Did(observer), PersonId(person)): read_signals(bytes(stored)) for observer, person, stored in found}
    return {
        each.pair: Running(Head(each.stored, each.head.era), signals, each.interactions)
        for each in ledgers
        if (signals := by_pair.get(each.pair)) is not None
    }


async def _histories(ask: Ask, wanted: Sequence[Sequence[Any]]) -> dict[Pair, list[Columns]]:
    (found,) = await ask(_ROWS, wanted=wanted)
    by_pair: dict[Pair, list[Columns]] = {}
    for columns in found:
        by_pair.setdefault((Did(columns[15]), PersonId(columns[16])), []).append(columns)
    return by_pair


def _signals(ledger: Ledger, known: Running | None, found: Sequence[Columns]) -> Signals:
    if known is None:
        return recounted(ledger, all_logged(ledger.pair, found))
    return caught_up(known, ledger, [(rows.logged(each), bool(each[14])) for each in found])


async def histories(ask: Ask, pairs: Sequence[Pair], after: Sequence[int] = ()) -> dict[Pair, list[Logged]]:
    """All rows, or those after a sequence, in the order of recording. Raises `DamagedRecord` where some are missing."""
    places = after or [0] * len(pairs)
    (relations,) = await ask(_RELATIONS, pairs=[list(pair) for pair in pairs])
    expected = {(row[0], row[1]): rows.ledger_numbers(row[2]) for row in relations}
    found = await _histories(ask, [[*pair, place] for pair, place in zip(pairs, places, strict=True)])
    read = {pair: all_logged(pair, found.get(pair, [])) for pair in pairs}
    for pair, place in zip(pairs, places, strict=True):
        if not place and pair in expected:
            check_whole(pair, expected[pair][1], len(read[pair]))
    return read


async def add_rows(transaction: Transaction, added: Sequence[Added]) -> None:
    """The last one of each sequence is what it became."""
    last = {(each.interaction.observer, each.interaction.person, each.sequence): each for each in added}
    replaced = [list(place) for place, each in last.items() if each.replaces]
    if replaced:
        await run(transaction, _REPLACED, rows=replaced)
    await run(transaction, _AGENTS, observers=sorted({observer for observer, _, _ in last}))
    new = [rows.added(each, rows.likeness_key(each.interaction.likeness)) for each in last.values()]
    await run(transaction, _ADD, rows=new)


async def write_ledgers(
    transaction: Transaction, moved: Sequence[Ledger], moments: dict[Pair, Moment]
) -> dict[Pair, TrustChange]:
    """Projects the trust of ledgers and writes where they stand; their rows are written before."""
    await run(transaction, _AGENTS, observers=sorted({each.observer for each in moved}))
    await _own(transaction, moved, moments)
    await _recount(transaction, moved)
    changes = [(each, TrustChange(each.before, projected(each, moments[each.pair]))) for each in moved]
    await run(transaction, _PROJECT, rows=[_projection(each, change.after) for each, change in changes])
    for query, is_new in ((_TRUST_NEW, True), (_TRUST, False)):
        edges = [_edge(change.after) for _, change in changes if (change.before is None) is is_new]
        if edges:
            await run(transaction, query, rows=edges)
    await _keep_signals(transaction, moved)
    return await _log_tiers(transaction, [change for _, change in changes])


async def _own(transaction: Transaction, moved: Sequence[Ledger], moments: dict[Pair, Moment]) -> None:
    asked = [[each.person, identity] for each in moved for identity in moments[each.pair].owners]
    (found,) = await asking(transaction)(_OWNED, asked=asked) if asked else ((),)
    for each in moved:
        owners = moments[each.pair].owners
        each.is_owner = any(person == each.person and identity in owners for person, identity in found)


async def _recount(transaction: Transaction, moved: Sequence[Ledger]) -> None:
    upset = [each for each in moved if each.signals is None]
    if not upset:
        return
    found = await _histories(asking(transaction), [[*each.pair, 0] for each in upset])
    for each in upset:
        each.signals = recounted(each, all_logged(each.pair, found.get(each.pair, [])))
        each.stored = 0


def _projection(ledger: Ledger, after: Trusted) -> list[Any]:  # Any: Neo4j's own types
    text = rows.trust_text(after)
    return [*ledger.pair, rows.head_text(ledger), text, -after.score, after.tier.value, after.valid_until]


def _edge(after: Trusted) -> list[Any]:  # Any: Neo4j's own types
    times = rows.time_text(after.at), rows.time_text(after.valid_until)
    return [after.observer, after.person, after.score, after.tier.value, *times]


async def _keep_signals(transaction: Transaction, moved: Sequence[Ledger]) -> None:
    wanting = [each for each in moved if each.wants_snapshot and each.signals is not None]
    if wanting:
        kept = [
            [*each.pair, each.head.sequence, each.head.era, signals_bytes(each.signals)]
            for each in wanting
            if each.signals
        ]
        await run(transaction, _KEEP_SIGNALS, rows=kept)


async def _log_tiers(transaction: Transaction, changes: Sequence[TrustChange]) -> dict[Pair, TrustChange]:
    done = {(each.after.observer, each.after.person): each for each in changes}
    moved = [each for each in changes if each.before is None or each.before.tier is not each.after.tier]
    if not moved:
        return done
    counts: dict[Did, int] = {}
    for each in moved:
        counts[each.after.observer] = counts.get(each.after.observer, 0) + 1
    (numbered,) = await asking(transaction)(_NUMBER_TIERS, rows=[list(pair) for pair in counts.items()])
    positions = {Did(observer): last - counts[Did(observer)] for observer, last in numbered}
    logged: list[list[Any]] = []  # Any: Neo4j's own types
    for each in moved:
        after, before = each.after, None if each.before is None else each.before.tier.value
        positions[after.observer] += 1
        position = positions[after.observer]
        done[(after.observer, after.person)] = TrustChange(each.before, after, position)
        logged.append([after.observer, position, after.person, after.at, after.score, before, after.tier.value])
    await run(transaction, _TIERS, rows=logged)
    return done


async def audit(
    transaction: Transaction, observer: Did | None, person: PersonId, deed: Deed, act: Act, about: str | None = None
) -> None:
    values = {"actor": act.actor, "at": act.at, "reason": act.reason, "about": about}
    await run(transaction, _AUDIT, observer=observer, person=person, deed=deed.value, **values)
