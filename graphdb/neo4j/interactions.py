"""The history of every observer with every person, in Neo4j."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from domain.identity import Did
from domain.people.errors import UnknownPerson
from domain.people.interaction import Interaction, PersonId, until
from domain.people.registry import Act
from domain.people.report import Override, Profile
from domain.people.signals import Signals, count
from domain.people.tier import Tier
from domain.people.trust import COUNTED
from graphdb.batching import Batcher, together_or_alone
from graphdb.errors import DamagedRecord
from graphdb.interactions import (
    NOTHING_RECORDED,
    Grounds,
    Head,
    Logged,
    Moment,
    PersonExport,
    RecordedBatch,
    RecordingBatch,
    TierChange,
    TrustChange,
    Trusted,
    standing,
)
from graphdb.ledger import Ledger, keep, pardoned, retracted
from graphdb.neo4j import people_rows as rows
from graphdb.neo4j.connection import Database, Transaction, record, run
from graphdb.neo4j.notebook import kept
from graphdb.neo4j.people_log import Ask, PeopleLog, asking
from graphdb.neo4j.recording import kept_persons, record_all
from graphdb.neo4j.registry import NAMED_LIKE
from graphdb.neo4j.relations import audit, histories, ledgers, write_ledgers
from graphdb.override_text import override_text
from graphdb.page import Page
from graphdb.people import Deed, PersonRecord
from graphdb.people_columns import audit_entry, tier_change
from graphdb.registering import begins
from graphdb.running import Pair, RunningSignals

BATCH = 1_000
"""Interactions recorded in one transaction, over all calls."""

_HEADS = """
RETURN COLLECT { UNWIND $persons AS person MATCH (r:Relation {observer: $observer, person: person})
                 RETURN [person, r.head] }"""
_BY_ID = f"""
RETURN COLLECT {{ UNWIND $ids AS id MATCH (i:Interaction {{observer: $observer, person: $person, id: id}})
                  RETURN {rows.INTERACTION} }}"""
_STANDING = "MATCH (i:Interaction) WHERE i.observer = $observer AND i.person = $person AND i.retractedAt IS NULL"
_PAGE = """
RETURN COLLECT {{ MATCH (r:Relation {{observer: $observer, person: $person}}) RETURN r.head }},
       COLLECT {{ {standing} AND i.happenedAt {beyond}= $at AND (i.happenedAt {beyond} $at OR i.id {beyond} $id)
                  WITH i ORDER BY i.happenedAt {order}, i.id {order} LIMIT $limit RETURN {interaction} }}"""
_SINCE = f"""
RETURN COLLECT {{ MATCH (i:Interaction)
                  WHERE i.observer = $observer AND i.person = $person AND i.seq > $sequence
                  WITH i ORDER BY i.seq LIMIT $limit RETURN {rows.INTERACTION} }}"""
_OF_ALL = f"""
CALL () {{
  MATCH (r:Relation) WHERE r.person = $person
  MATCH (i:Interaction) WHERE i.observer = r.observer AND i.person = $person AND i.seq > 0
  RETURN collect(i) AS found
}}
RETURN size(found),
       COLLECT {{ UNWIND found AS i WITH i
                  WHERE i.observer > $observer OR i.observer = $observer AND i.seq > $sequence
                  WITH i ORDER BY i.observer, i.seq LIMIT $limit RETURN {rows.INTERACTION} }}"""
_TRUSTED = """
RETURN COUNT {{ MATCH (r:Relation) WHERE r.observer = $observer AND r.below <= 0 {wanted} }},
       COLLECT {{ MATCH (r:Relation) WHERE r.observer = $observer AND r.below >= $below
                  AND (r.below > $below OR r.person > $person) {wanted}
                  WITH r ORDER BY r.below, r.person LIMIT $limit RETURN [r.person, r.trust] }}"""
_DUE = """
RETURN COLLECT { MATCH (r:Relation) WHERE r.validUntilAt <= $now AND r.observer = $observer
                 WITH r ORDER BY r.validUntilAt, r.person LIMIT $limit RETURN r.person }"""
_DUE_OF_ALL = """
RETURN COLLECT { MATCH (r:Relation) WHERE r.validUntilAt <= $now RETURN DISTINCT r.observer AS did ORDER BY did }"""
_OBSERVERS_OF = "RETURN COLLECT { MATCH (r:Relation {person: $person}) RETURN r.observer AS did ORDER BY did }"
_TIER_POSITION = """
RETURN COLLECT { MATCH (c:TierChange) WHERE c.observer = $observer AND c.position > 0
                 RETURN c.position AS position ORDER BY position DESC LIMIT 1 }"""
_OBSERVERS = "RETURN COLLECT { MATCH (r:Relation) WHERE r.below <= 0 RETURN DISTINCT r.observer AS did ORDER BY did }"
_TIER_CHANGES = """
RETURN COLLECT { MATCH (c:TierChange) WHERE c.observer = $observer AND c.position > $position
                 WITH c ORDER BY c.position LIMIT $limit
                 RETURN [c.position, c.person, c.happenedAt, c.score, c.before, c.after] }"""
_PARDON = """
OPTIONAL MATCH (i:Interaction {observer: $observer, person: $person, id: $id})
WHERE i.kind = 'violation' AND i.pardonedAt IS NULL AND i.retractedAt IS NULL
SET i.pardonedAt = $at
RETURN count(i)"""
_RETRACT = """
OPTIONAL MATCH (i:Interaction {observer: $observer, person: $person, id: $id}) WHERE i.retractedAt IS NULL
SET i.retractedAt = $at
RETURN count(i)"""
_OVERRIDE = "MERGE (r:Relation {observer: $observer, person: $person}) SET r.override = $override"
_PERSON = f"RETURN COLLECT {{ MATCH (p:Person {{id: $id}}) WHERE p.state IN ['known', 'merged'] RETURN {rows.PERSON} }}"
_APPEALS = f"""
RETURN COLLECT {{ MATCH (a:Appeal) WHERE a.observer = $observer AND a.person = $person AND a.number > 0
                  WITH a ORDER BY a.number RETURN {rows.APPEAL} }}"""
_AUDITED = f"""
RETURN COLLECT {{ MATCH (e:PeopleAudit) WHERE e.observer = $observer AND e.person = $person
                  WITH e ORDER BY e.number RETURN {rows.AUDIT} }}"""

Change = Callable[[Transaction, Ledger], Awaitable[bool]]


class Neo4jInteractions:
    """The `Interactions` protocol over Neo4j."""

    def __init__(self, database: Database) -> None:
        self._log = PeopleLog(database)
        self._running = RunningSignals()
        self._batches: Batcher[RecordingBatch, RecordedBatch] = Batcher(self._record_all, BATCH, len)

    async def close(self) -> None:
        await self._batches.close()

    async def record(self, batch: RecordingBatch) -> RecordedBatch:
        return await self._batches(batch)

    async def _record_all(self, batches: Sequence[RecordingBatch]) -> Sequence[RecordedBatch | Exception]:
        return await together_or_alone(self._record_together, batches, DamagedRecord)

    async def _record_together(self, batches: Sequence[RecordingBatch]) -> Sequence[RecordedBatch]:
        answers, moved = await self._log.write(lambda transaction: record_all(transaction, batches, self._running))
        keep(self._running, moved)
        return answers

    async def heads(self, observer: Did, persons: Sequence[PersonId]) -> tuple[Head, ...]:
        (found,) = await self._log.ask(_HEADS, observer=observer, persons=list(set(persons)))
        by_person = {person: rows.head(text) for person, text in found}
        return tuple(by_person.get(each, NOTHING_RECORDED) for each in persons)

    async def grounds(self, observer: Did, persons: Sequence[PersonId]) -> tuple[Grounds, ...]:
        pairs: list[Pair] = [(observer, each) for each in persons]
        found = await ledgers(self._log.ask, pairs, self._running)
        if any(isinstance(each, DamagedRecord) for each in found.values()):  # or a batch was on its way
            found = await self._log.read(lambda transaction: ledgers(asking(transaction), pairs, self._running))
        held = [_sound(found[pair]) for pair in pairs]
        keep(self._running, held)
        return tuple(each.grounds for each in held)

    async def signals_at(
        self,
        observer: Did,
        person: PersonId,
        at: int,
        *,
        sequence: int | None = None,
        profile: Profile = Profile.STANDARD,
    ) -> Signals:
        pair = (observer, person)
        found = (await self._log.read(lambda transaction: histories(asking(transaction), [pair])))[pair]
        known = standing(each for each in found if sequence is None or each.sequence <= sequence)
        return await asyncio.to_thread(lambda: count(until(known, at), COUNTED[profile]))

    async def interactions(self, observer: Did, person: PersonId, ids: Sequence[str]) -> tuple[Logged | None, ...]:
        (found,) = await self._log.ask(_BY_ID, observer=observer, person=person, ids=list(set(ids)))
        by_id = {each.interaction.id: each for each in map(rows.logged, found)}
        return tuple(map(by_id.get, ids))

    async def page(
        self, observer: Did, person: PersonId, first: int, after: str | None, *, newest_first: bool = False
    ) -> Page[Logged]:
        order, beyond = ("DESC", "<") if newest_first else ("ASC", ">")
        query = _PAGE.format(standing=_STANDING, order=order, beyond=beyond, interaction=rows.INTERACTION)
        at, _, name = (f"{2**62 if newest_first else -1}:" if after is None else after).partition(":")
        values = {"observer": observer, "person": person, "at": int(at), "id": name, "limit": first + 1}
        heads, found = await self._log.ask(query, **values)
        total = sum(rows.ledger_numbers(text)[2] for text in heads)
        items = tuple(map(rows.logged, found[:first]))
        cursors = tuple(f"{each.interaction.at}:{each.interaction.id}" for each in items)
        return Page(items, cursors, total, len(found) > first)

    async def since(self, observer: Did, person: PersonId, sequence: int, first: int) -> tuple[Logged, ...]:
        values = {"observer": observer, "person": person, "sequence": sequence, "limit": first}
        (found,) = await self._log.ask(_SINCE, **values)
        return tuple(map(rows.logged, found))

    async def histories(
        self, observer: Did, persons: Sequence[PersonId], *, after: Sequence[int] | None = None
    ) -> tuple[tuple[Head, tuple[Interaction, ...]], ...]:
        """Under the lock: heads and rows of one moment."""
        pairs: list[Pair] = [(observer, each) for each in persons]

        async def work(transaction: Transaction) -> tuple[dict[str, Head], dict[Pair, list[Logged]]]:
            ask = asking(transaction)
            (heads,) = await ask(_HEADS, observer=observer, persons=list(set(persons)))
            found = await histories(ask, pairs, () if after is None else after)
            return {person: rows.head(text) for person, text in heads}, found

        heads, found = await self._log.read(work)
        return tuple((heads.get(pair[1], NOTHING_RECORDED), tuple(standing(found[pair]))) for pair in pairs)

    async def histories_of_all_observers(self, person: PersonId, first: int, after: str | None) -> Page[Logged]:
        observer, _, sequence = ("", "", "0") if after is None else after.rpartition(" ")
        values = {"person": person, "observer": observer, "sequence": int(sequence), "limit": first + 1}
        total, found = await self._log.ask(_OF_ALL, **values)
        items = tuple(map(rows.logged, found[:first]))
        cursors = tuple(f"{each.interaction.observer} {each.sequence}" for each in items)
        return Page(items, cursors, total, len(found) > first)

    async def pardon(
        self, observer: Did, person: PersonId, interaction: str, act: Act, moment: Moment
    ) -> TrustChange | None:
        async def change(transaction: Transaction, held: Ledger) -> bool:
            return await _pardon(transaction, held, interaction, act)

        return await self._change((observer, person), moment, change)

    async def retract(
        self, observer: Did, person: PersonId, interaction: str, act: Act, moment: Moment
    ) -> TrustChange | None:
        async def change(transaction: Transaction, held: Ledger) -> bool:
            return await _retract(transaction, held, interaction, act)

        return await self._change((observer, person), moment, change)

    async def set_override(
        self, observer: Did, person: PersonId, override: Override | None, act: Act, moment: Moment
    ) -> TrustChange:
        async def change(transaction: Transaction, held: Ledger) -> bool:
            if (await kept_persons(asking(transaction), [person])).get(person) != person:
                raise UnknownPerson(person)
            await run(transaction, _OVERRIDE, observer=observer, person=person, override=override_text(override))
            held.override = override
            deed = Deed.OVERRIDE_LIFTED if override is None else Deed.OVERRIDE_SET
            await audit(transaction, observer, person, deed, act)
            return True

        changed = await self._change((observer, person), moment, change)
        assert changed is not None
        return changed

    async def _change(self, pair: Pair, moment: Moment, change: Change) -> TrustChange | None:
        """Changes what is recorded and projects trust anew; `change` says whether there was anything to do."""

        async def work(transaction: Transaction) -> tuple[TrustChange, Ledger] | None:
            held = _sound((await ledgers(asking(transaction), [pair], self._running))[pair])
            if not await change(transaction, held):
                return None
            return (await write_ledgers(transaction, [held], {pair: moment}))[pair], held

        done = await self._log.write(work)
        if done is None:
            return None
        keep(self._running, [done[1]])
        return done[0]

    async def trusted(
        self,
        observer: Did,
        first: int,
        after: str | None,
        *,
        tiers: Sequence[Tier] | None = None,
        search: str | None = None,
    ) -> Page[Trusted]:
        score, _, person = ("2", "", "") if after is None else after.partition(":")
        wanted = "" if tiers is None else "AND r.tier IN $tiers"
        wanted += "" if search is None else " AND r.person IN named"
        query = ("" if search is None else NAMED_LIKE) + _TRUSTED.format(wanted=wanted)
        values: dict[str, Any] = {"below": -float(score), "person": person, "limit": first + 1}  # Any: Neo4j's types
        values |= {"tiers": [each.value for each in tiers or ()], "begins": [] if search is None else begins(search)}
        total, found = await self._log.ask(query, observer=observer, **values)
        read = (rows.trusted((observer, PersonId(person)), text) for person, text in found[:first])
        items = tuple(each for each in read if each is not None)
        return Page(items, tuple(f"{each.score!r}:{each.person}" for each in items), total, len(found) > first)

    async def refresh(self, observer: Did, moment: Moment, most: int = 1_000) -> tuple[TrustChange, ...]:
        async def work(transaction: Transaction) -> tuple[list[TrustChange], list[Ledger]]:
            (persons,) = await record(transaction, _DUE, observer=observer, now=moment.now, limit=most)
            pairs: list[Pair] = [(observer, PersonId(each)) for each in persons]
            found = await ledgers(asking(transaction), pairs, self._running)
            held = [_sound(found[pair]) for pair in pairs]
            changes = await write_ledgers(transaction, held, dict.fromkeys(pairs, moment))
            return [changes[pair] for pair in pairs], held

        (due,) = await self._log.ask(_DUE, observer=observer, now=moment.now, limit=1)
        if not due:
            return ()
        changes, held = await self._log.write(work)
        keep(self._running, held)
        return tuple(changes)

    async def due_of_all_observers(self, now: int) -> tuple[Did, ...]:
        (found,) = await self._log.ask(_DUE_OF_ALL, now=now)
        return tuple(Did(observer) for observer in found)

    async def observers(self) -> tuple[Did, ...]:
        (found,) = await self._log.ask(_OBSERVERS)
        return tuple(Did(observer) for observer in found)

    async def observers_of(self, person: PersonId) -> tuple[Did, ...]:
        (found,) = await self._log.ask(_OBSERVERS_OF, person=person)
        return tuple(Did(observer) for observer in found)

    async def tier_position(self, observer: Did) -> int:
        (found,) = await self._log.ask(_TIER_POSITION, observer=observer)
        return int(found[0]) if found else 0

    async def tier_changes(self, observer: Did, position: int, first: int) -> tuple[TierChange, ...]:
        (found,) = await self._log.ask(_TIER_CHANGES, observer=observer, position=position, limit=first)
        return tuple(map(tier_change, found))

    async def export(self, observer: Did, person: PersonId, act: Act) -> PersonExport:
        async def work(transaction: Transaction) -> PersonExport:
            record_of_person = await _person(asking(transaction), person)
            await audit(transaction, observer, person, Deed.EXPORTED, act)
            return await _export(asking(transaction), (observer, person), record_of_person, self._running)

        return await self._log.write(work)


def _sound(held: Ledger | DamagedRecord) -> Ledger:
    if isinstance(held, DamagedRecord):
        raise held
    return held


async def _pardon(transaction: Transaction, held: Ledger, name: str, act: Act) -> bool:
    (found,) = await record(transaction, _PARDON, observer=held.observer, person=held.person, id=name, at=act.at)
    if not found:
        return False
    pardoned(held, name, act.at)
    await audit(transaction, *held.pair, Deed.PARDONED, act, name)
    return True


async def _retract(transaction: Transaction, held: Ledger, name: str, act: Act) -> bool:
    (found,) = await record(transaction, _RETRACT, observer=held.observer, person=held.person, id=name, at=act.at)
    if not found:
        return False
    retracted(held)
    await audit(transaction, *held.pair, Deed.RETRACTED, act, name)
    return True


async def _person(ask: Ask, person: PersonId) -> PersonRecord:
    (found,) = await ask(_PERSON, id=person)
    if not found:
        raise UnknownPerson(person)
    return rows.person(found[0])


async def _export(ask: Ask, pair: Pair, known: PersonRecord, running: RunningSignals) -> PersonExport:
    observer, person = pair
    held = _sound((await ledgers(ask, [pair], running))[pair])
    (appeals,) = await ask(_APPEALS, observer=observer, person=person)
    (audited,) = await ask(_AUDITED, observer=observer, person=person)
    return PersonExport(
        record=known,
        kept=(await kept(ask, observer, [person]))[0],
        history=tuple((await histories(ask, [pair]))[pair]),
        override=held.override,
        trusted=held.before,
        appeals=tuple(rows.appeal(columns) for _, columns in appeals),
        audit=tuple(map(audit_entry, audited)),
    )
