"""The registry of people, in Neo4j."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from domain.errors import DomainError
from domain.identity import Did
from domain.people.interaction import PersonId
from domain.people.names import name_keys
from domain.people.person import PlatformId
from domain.people.registry import Act
from graphdb.batching import Batcher, together_or_alone
from graphdb.errors import DamagedRecord
from graphdb.neo4j import people_rows as rows
from graphdb.neo4j import social_graph
from graphdb.neo4j.connection import Database, Transaction, record, run
from graphdb.neo4j.people_log import Ask, PeopleLog, asking
from graphdb.neo4j.recording import kept_persons
from graphdb.neo4j.relations import audit
from graphdb.neo4j.uniting import forget_everywhere, forget_observed, holders, merge, restore, split
from graphdb.page import Page
from graphdb.people import Deed, Encounter, Met, PersonCommit, PersonRecord, TrailEntry
from graphdb.person_text import event_text, person_text, read_event
from graphdb.registering import (
    Filed,
    Identity,
    Register,
    begins,
    file_commit,
    file_encounter,
    identities_in,
    identities_of,
    kind_of,
    names_of,
    persons_in,
    shown_name,
    state_of,
)
from graphdb.store import Moved
from graphdb.uniting import heard_of

BATCH = 32

Merge = Callable[[Transaction, PersonId, PersonId], Awaitable[None]]
MERGES: tuple[Merge, ...] = (merge, social_graph.merge)
"""What a merge (kept, absorbed) does to the nodes of each section that name people."""

Call = PersonCommit | Encounter
Answer = tuple[PersonRecord, ...] | Met

_PERSONS = f"""
RETURN COLLECT {{ UNWIND $ids AS id MATCH (p:Person {{id: id}}) WHERE p.state IN ['known', 'merged']
                  RETURN {rows.PERSON} }}"""
_HOLDERS = """
RETURN COLLECT { UNWIND $asked AS w MATCH (i:Identity {kind: w[0], identity: w[1]}) RETURN [w[2], i.person] }"""
NAMED_LIKE = """
CALL () {
  UNWIND $begins AS w MATCH (n:PersonName) WHERE n.key >= w[0] AND n.key < w[1]
  RETURN collect(DISTINCT n.person) AS named
}"""
_ALIKE = "RETURN COLLECT { UNWIND $keys AS key MATCH (n:PersonName {key: key}) RETURN [key, n.person] }"
_PEOPLE = f"""
RETURN COUNT {{ MATCH (p:Person) WHERE p.state = 'known' AND p.position > 0 }},
       COLLECT {{ MATCH (p:Person) WHERE p.state = 'known' AND p.position > $after
                  WITH p ORDER BY p.position LIMIT $limit RETURN [p.position, {rows.PERSON}] }}"""
_FOUND = f"""
CALL () {{
  UNWIND $begins AS w MATCH (n:PersonName) WHERE n.key >= w[0] AND n.key < w[1]
  WITH DISTINCT n.person AS id
  MATCH (p:Person {{id: id}}) WHERE p.state = 'known'
  RETURN collect(p) AS found
}}
RETURN size(found),
       COLLECT {{ UNWIND found AS p WITH p WHERE p.position > $after
                  WITH p ORDER BY p.position LIMIT $limit RETURN [p.position, {rows.PERSON}] }}"""
_TRAIL = """
RETURN COUNT { MATCH (e:PersonEvent) WHERE e.person = $person },
       COLLECT { MATCH (e:PersonEvent) WHERE e.person = $person AND e.number > $after
                 WITH e ORDER BY e.number LIMIT $limit RETURN [e.number, e.event] }"""

_KEEP = """
UNWIND $rows AS r
MERGE (p:Person {id: r[0]})
SET p.state = r[1], p.version = r[2], p.mergedInto = r[3], p.record = r[4], p.displayName = r[5]"""
_NUMBER = """
MATCH (l:PeopleLog {id: 1}) MATCH (p:Person {id: $id})
SET l.persons = l.persons + 1, p.position = l.persons"""
_UNNAME = "UNWIND $rows AS r MATCH (n:PersonName {key: r[0], person: r[1]}) DETACH DELETE n"
_NAME = """
UNWIND $rows AS r
MATCH (p:Person {id: r[1]})
MERGE (n:PersonName {key: r[0], person: r[1]})
MERGE (p)-[:CALLED]->(n)"""
_RELEASE = "UNWIND $rows AS r MATCH (i:Identity {kind: r[0], identity: r[1]}) WHERE i.person = r[2] DETACH DELETE i"
_HOLD = """
UNWIND $rows AS r
MATCH (p:Person {id: r[2]})
MERGE (i:Identity {kind: r[0], identity: r[1]})
SET i.person = r[2]
WITH i, p
CALL (i) { MATCH (i)-[old:OF]->() DELETE old }
CREATE (i)-[:OF]->(p)"""
_EVENTS = "UNWIND $rows AS r CREATE (:PersonEvent {person: r[0], number: r[1], event: r[2]})"
_ERASE = """
MATCH (p:Person {id: $id})
SET p.state = 'forgotten', p.record = '', p.displayName = null, p.mergedInto = null
WITH p
CALL (p) { MATCH (e:PersonEvent) WHERE e.person = p.id DETACH DELETE e }"""
_MERGED_INTO = "RETURN COLLECT { MATCH (p:Person) WHERE p.mergedInto = $id RETURN p.id }"


class Neo4jRegistry:
    """The `Registry` protocol over Neo4j."""

    def __init__(self, database: Database) -> None:
        self._log = PeopleLog(database)
        self._calls: Batcher[Call, Answer] = Batcher(self._run, BATCH)

    async def close(self) -> None:
        await self._calls.close()

    async def _run(self, calls: Sequence[Call]) -> Sequence[Answer | Exception]:
        return await together_or_alone(self._run_together, calls, DomainError, Moved, ValueError)

    async def _run_together(self, calls: Sequence[Call]) -> Sequence[Answer]:
        """Each reads what those before it wrote."""

        async def work(transaction: Transaction) -> list[Answer]:
            return [await _filed(transaction, call) for call in calls]

        return await self._log.write(work)

    async def commit(self, commit: PersonCommit) -> tuple[PersonRecord, ...]:
        answer = await self._calls(commit)
        assert isinstance(answer, tuple)
        return answer

    async def meet(self, encounter: Encounter) -> Met:
        answer = await self._calls(encounter)
        assert isinstance(answer, Met)
        return answer

    async def persons(self, ids: Sequence[PersonId]) -> tuple[PersonRecord | None, ...]:
        kept = await kept_persons(self._log.ask, ids)
        records = await _records(self._log.ask, kept.values())
        return tuple(records.get(kept[each]) if each in kept else None for each in ids)

    async def unresolved(self, ids: Sequence[PersonId]) -> tuple[PersonRecord | None, ...]:
        records = await _records(self._log.ask, ids)
        return tuple(map(records.get, ids))

    async def by_platform_ids(self, ids: Sequence[PlatformId]) -> tuple[PersonRecord | None, ...]:
        return await self._held(ids)

    async def by_dids(self, dids: Sequence[Did]) -> tuple[PersonRecord | None, ...]:
        return await self._held(dids)

    async def _held(self, identities: Sequence[Identity]) -> tuple[PersonRecord | None, ...]:
        """Under the lock only where what was read does not fit: a merge may have been on its way."""
        try:
            return await _held(self._log.ask, identities)
        except DamagedRecord:
            return await self._log.read(lambda transaction: _held(asking(transaction), identities))

    async def people(self, first: int, after: str | None, *, search: str | None = None) -> Page[PersonRecord]:
        values: dict[str, Any] = {"after": 0 if after is None else int(after), "limit": first + 1}  # Any: Neo4j's types
        if search is None:
            total, found = await self._log.ask(_PEOPLE, **values)
        else:
            total, found = await self._log.ask(_FOUND, begins=begins(search), **values)
        items = tuple(rows.person(columns) for _, columns in found[:first])
        return Page(items, tuple(str(position) for position, _ in found[:first]), total, len(found) > first)

    async def alike(self, names: Sequence[str]) -> tuple[tuple[PersonId, ...], ...]:
        keys = {key for name in names for key in name_keys(name)}
        found = await _alike(self._log.ask, keys)
        return tuple(
            tuple(sorted({person for key in name_keys(name) for person in found.get(key, ())})) for name in names
        )

    async def trail(self, person: PersonId, first: int, after: str | None) -> Page[TrailEntry]:
        place = 0 if after is None else int(after)
        total, found = await self._log.ask(_TRAIL, person=person, after=place, limit=first + 1)
        items = tuple(TrailEntry(number, read_event(text, person, number)) for number, text in found[:first])
        return Page(items, tuple(str(number) for number, _ in found[:first]), total, len(found) > first)

    async def forget(self, person: PersonId, act: Act, observer: Did | None = None) -> bool:
        return await self._log.write(lambda transaction: _forget(transaction, person, act, observer))


async def _filed(transaction: Transaction, call: Call) -> Answer:
    if isinstance(call, Encounter):
        filed, met = file_encounter(call, await _register_of_encounter(asking(transaction), call))
        await _write(transaction, filed)
        return met
    ask = asking(transaction)
    register = Register(await _records(ask, persons_in(call)), await _holders(ask, identities_in(call)))
    await _write(transaction, file_commit(call, register))
    return tuple(register.records[person] for person, _ in call.expected if person in register.records)


async def _register_of_encounter(ask: Ask, encounter: Encounter) -> Register:
    holders = await _holders(ask, [encounter.sighting.platform_id])
    records = await _records(ask, [encounter.person, *holders.values()])
    return Register(records, holders, await _alike(ask, name_keys(shown_name(encounter))))


async def _records(ask: Ask, ids: Iterable[PersonId]) -> dict[PersonId, PersonRecord]:
    (found,) = await ask(_PERSONS, ids=list(set(ids)))
    return {PersonId(columns[0]): rows.person(columns) for columns in found}


async def _holders(ask: Ask, identities: Iterable[Identity]) -> dict[Identity, PersonId]:
    asked = list(identities)
    places = [[*kind_of(each), index] for index, each in enumerate(asked)]
    (found,) = await ask(_HOLDERS, asked=places)
    return {asked[index]: PersonId(person) for index, person in found}


async def _held(ask: Ask, identities: Sequence[Identity]) -> tuple[PersonRecord | None, ...]:
    holders = await _holders(ask, identities)
    records = await _records(ask, holders.values())
    for identity, person in holders.items():
        if person not in records or identity not in identities_of(records[person].person):
            raise DamagedRecord(f"identity {identity}", f"it is none of {person}")
    return tuple(records[holders[each]] if each in holders else None for each in identities)


async def _alike(ask: Ask, keys: Iterable[str]) -> dict[str, set[PersonId]]:
    (found,) = await ask(_ALIKE, keys=list(keys))
    alike: dict[str, set[PersonId]] = {}
    for key, person in found:
        alike.setdefault(key, set()).add(PersonId(person))
    return alike


async def _write(transaction: Transaction, filed: Filed) -> None:
    await _keep(transaction, filed)
    events = [[person, entry.number, event_text(entry.event)] for person, entry in filed.trail]
    if events:
        await run(transaction, _EVENTS, rows=events)
    for kept, absorbed in filed.merges:
        for unite in MERGES:
            await unite(transaction, kept, absorbed)
    for person, split_off in filed.splits:
        await split(transaction, person, split_off)
    for person, identity in filed.gained:
        await restore(transaction, person, identity, filed.after[person].person.updated_at)


async def _keep(transaction: Transaction, filed: Filed) -> None:
    kept = [
        [
            person,
            state_of(each.person),
            each.version,
            each.person.merged_into,
            person_text(each.person),
            each.person.display_name,
        ]
        for person, each in filed.after.items()
    ]
    if kept:
        await run(transaction, _KEEP, rows=kept)
    for person in filed.after:
        if person not in filed.before:
            await run(transaction, _NUMBER, id=person)
    before = {person: names_of(each) for person, each in filed.before.items()}
    after = {person: names_of(each.person) for person, each in filed.after.items()}
    await _keep_names(transaction, before, after)
    held = {person: identities_of(each) for person, each in filed.before.items()}
    holds = {person: identities_of(each.person) for person, each in filed.after.items()}
    await _keep_identities(transaction, held, holds)


async def _keep_names(
    transaction: Transaction, before: Mapping[PersonId, frozenset[str]], after: Mapping[PersonId, frozenset[str]]
) -> None:
    gone = [[key, person] for person, keys in before.items() for key in keys - after.get(person, frozenset())]
    new = [[key, person] for person, keys in after.items() for key in keys - before.get(person, frozenset())]
    for query, changed in ((_UNNAME, gone), (_NAME, new)):
        if changed:
            await run(transaction, query, rows=changed)


async def _keep_identities(
    transaction: Transaction,
    before: Mapping[PersonId, frozenset[Identity]],
    after: Mapping[PersonId, frozenset[Identity]],
) -> None:
    """What one loses and another gains is released first."""
    gone = [(each, person) for person, held in before.items() for each in held - after.get(person, frozenset())]
    new = [(each, person) for person, holds in after.items() for each in holds - before.get(person, frozenset())]
    for query, changed in ((_RELEASE, gone), (_HOLD, new)):
        if changed:
            await run(transaction, query, rows=[[*kind_of(each), person] for each, person in changed])


async def _forget(transaction: Transaction, person: PersonId, act: Act, observer: Did | None) -> bool:
    kept = (await kept_persons(asking(transaction), [person])).get(person)
    if kept is None:
        return False
    audits = heard_of(observer, await holders(transaction, kept), act)
    connected = await social_graph.forget(transaction, kept, observer)
    if observer is not None:
        found = await forget_observed(transaction, (observer, kept))
    else:
        found = await _erase(transaction, kept)
    for whose, deed in audits:
        await audit(transaction, whose, kept, Deed.FORGOTTEN, deed)
    return found or connected


async def _erase(transaction: Transaction, person: PersonId) -> bool:
    """The record, the trail, and those of everybody merged into them; only the bare id stays."""
    known = (await _records(asking(transaction), [person]))[person].person
    await forget_everywhere(transaction, person, identities_of(known))
    await _keep_names(transaction, {person: names_of(known)}, {})
    await _keep_identities(transaction, {person: identities_of(known)}, {})
    erased = [person]
    for each in erased:
        (merged,) = await record(transaction, _MERGED_INTO, id=each)
        erased += [PersonId(found) for found in merged]
        await run(transaction, _ERASE, id=each)
    return True
