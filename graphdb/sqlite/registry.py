"""The registry of people, in SQLite."""

from collections.abc import Callable, Iterable, Sequence

import apsw

from domain.errors import DomainError
from domain.identity import Did
from domain.people.interaction import PersonId
from domain.people.names import name_keys
from domain.people.person import Person, PlatformId
from domain.people.registry import Act
from graphdb.batching import Batcher
from graphdb.errors import DamagedRecord
from graphdb.page import Page
from graphdb.people import Deed, Encounter, Met, PersonCommit, PersonRecord, TrailEntry
from graphdb.person_text import event_text, person_text, read_event, read_person
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
from graphdb.sqlite import knows, rows
from graphdb.sqlite.connection import Database
from graphdb.sqlite.relations import audit
from graphdb.sqlite.uniting import forget_everywhere, forget_observed, holders, merge, restore, split
from graphdb.store import Moved
from graphdb.uniting import heard_of

BATCH = 128

Merge = Callable[[apsw.Connection, PersonId, PersonId], None]
MERGES: tuple[Merge, ...] = (merge, knows.merge)
"""What a merge (kept, absorbed) does to the tables of each section that name people."""

Call = PersonCommit | Encounter
Answer = tuple[PersonRecord, ...] | Met


class SqliteRegistry:
    """The `Registry` protocol over the embedded database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._calls: Batcher[Call, Answer] = Batcher(self._run, BATCH)

    async def close(self) -> None:
        await self._calls.close()

    async def _run(self, calls: Sequence[Call]) -> Sequence[Answer | Exception]:
        return await self._database.write(lambda c: [_filed(c, call) for call in calls])

    async def commit(self, commit: PersonCommit) -> tuple[PersonRecord, ...]:
        answer = await self._calls(commit)
        assert isinstance(answer, tuple)
        return answer

    async def meet(self, encounter: Encounter) -> Met:
        answer = await self._calls(encounter)
        assert isinstance(answer, Met)
        return answer

    async def persons(self, ids: Sequence[PersonId]) -> tuple[PersonRecord | None, ...]:
        return await self._database.point(lambda c: tuple(_resolved(c, each) for each in ids))

    async def unresolved(self, ids: Sequence[PersonId]) -> tuple[PersonRecord | None, ...]:
        return await self._database.point(lambda c: tuple(person_record(c, each) for each in ids))

    async def by_platform_ids(self, ids: Sequence[PlatformId]) -> tuple[PersonRecord | None, ...]:
        return await self._database.point(lambda c: tuple(_held(c, each) for each in ids))

    async def by_dids(self, dids: Sequence[Did]) -> tuple[PersonRecord | None, ...]:
        return await self._database.point(lambda c: tuple(_held(c, each) for each in dids))

    async def people(self, first: int, after: str | None, *, search: str | None = None) -> Page[PersonRecord]:
        return await self._database.read(lambda c: _people(c, first, after, search))

    async def alike(self, names: Sequence[str]) -> tuple[tuple[PersonId, ...], ...]:
        return await self._database.point(lambda c: tuple(_alike(c, name_keys(each)) for each in names))

    async def trail(self, person: PersonId, first: int, after: str | None) -> Page[TrailEntry]:
        return await self._database.read(lambda c: _trail(c, person, first, after))

    async def forget(self, person: PersonId, act: Act, observer: Did | None = None) -> bool:
        return await self._database.write(lambda c: _forget(c, person, act, observer))


def _filed(connection: apsw.Connection, call: Call) -> Answer | Exception:
    """One call after the other: each reads what those before it wrote, and what fails leaves nothing behind."""
    # apsw's own savepoints (`with connection`) do not get over a failing one.
    connection.execute("SAVEPOINT call")
    answer: Answer | Exception
    try:
        answer = _meet(connection, call) if isinstance(call, Encounter) else _commit(connection, call)
    except (DomainError, Moved, ValueError) as exc:
        connection.execute("ROLLBACK TO call")
        answer = exc
    connection.execute("RELEASE call")
    return answer


def _commit(connection: apsw.Connection, commit: PersonCommit) -> tuple[PersonRecord, ...]:
    register = Register(_records(connection, persons_in(commit)), _holders(connection, identities_in(commit)))
    filed = file_commit(commit, register)
    _write(connection, filed)
    return tuple(register.records[person] for person, _ in commit.expected if person in register.records)


def _meet(connection: apsw.Connection, encounter: Encounter) -> Met:
    account = encounter.sighting.platform_id
    holders = _holders(connection, [account])
    records = _records(connection, [encounter.person, *holders.values()])
    alike = {key: set(_alike(connection, [key])) for key in name_keys(shown_name(encounter))}
    filed, met = file_encounter(encounter, Register(records, holders, alike))
    _write(connection, filed)
    return met


def _records(connection: apsw.Connection, ids: Iterable[PersonId]) -> dict[PersonId, PersonRecord]:
    found = {each: person_record(connection, each) for each in set(ids)}
    return {person: record for person, record in found.items() if record is not None}


def person_record(connection: apsw.Connection, person: PersonId) -> PersonRecord | None:
    """The person's own record, merged or not; None for one who is unknown or forgotten."""
    query = "SELECT record, version FROM person WHERE id = ? AND state <> 'forgotten'"
    row = rows.fetch_one(connection, query, (person,))
    return None if row is None else PersonRecord(read_person(row[0], person), row[1])


def kept_person(connection: apsw.Connection, person: PersonId) -> PersonId | None:
    """Who a person became by merges, in however many steps; None for one who is unknown or forgotten."""
    seen = {person}
    while True:
        row = rows.fetch_one(connection, "SELECT state, merged_into FROM person WHERE id = ?", (person,))
        if row is None or row[0] == "forgotten":
            return None
        if row[0] == "known":
            return person
        person = PersonId(str(row[1]))
        if row[0] != "merged" or person in seen:
            raise DamagedRecord(f"person {person}", "its merges lead nowhere")
        seen.add(person)


def _resolved(connection: apsw.Connection, person: PersonId) -> PersonRecord | None:
    kept = kept_person(connection, person)
    return None if kept is None else person_record(connection, kept)


def _holder(connection: apsw.Connection, identity: Identity) -> PersonId | None:
    query = "SELECT person FROM person_identity WHERE kind = ? AND identity = ?"
    row = rows.fetch_one(connection, query, kind_of(identity))
    return None if row is None else PersonId(row[0])


def _holders(connection: apsw.Connection, identities: Iterable[Identity]) -> dict[Identity, PersonId]:
    found = {each: _holder(connection, each) for each in identities}
    return {identity: person for identity, person in found.items() if person is not None}


def _held(connection: apsw.Connection, identity: Identity) -> PersonRecord | None:
    person = _holder(connection, identity)
    found = None if person is None else person_record(connection, person)
    if person is not None and found is None:
        raise DamagedRecord(f"identity {identity}", f"there is no person {person}")
    return found


def _alike(connection: apsw.Connection, keys: Iterable[str]) -> tuple[PersonId, ...]:
    query = "SELECT person FROM person_name WHERE key = ?"
    return tuple(sorted({PersonId(row[0]) for key in keys for row in rows.fetch(connection, query, (key,))}))


def _write(connection: apsw.Connection, filed: Filed) -> None:
    for person, record in filed.after.items():
        _keep(connection, filed.before.get(person), record)
    trail = [(person, entry.number, event_text(entry.event)) for person, entry in filed.trail]
    connection.executemany("INSERT INTO person_event VALUES (?, ?, ?)", trail)
    for kept, absorbed in filed.merges:
        for unite in MERGES:
            unite(connection, kept, absorbed)
    for person, split_off in filed.splits:
        split(connection, person, split_off)
    for person, identity in filed.gained:
        restore(connection, person, identity, filed.after[person].person.updated_at)


def _keep(connection: apsw.Connection, before: Person | None, record: PersonRecord) -> None:
    person = record.person
    values = (state_of(person), record.version, person.merged_into, person_text(person), person.id)
    if before is None:
        query = (
            "INSERT INTO person (state, version, merged_into, record, id, position)"
            " SELECT ?, ?, ?, ?, ?, ifnull(max(position), 0) + 1 FROM person"
        )
        connection.execute(query, values)
    else:
        query = "UPDATE person SET state = ?, version = ?, merged_into = ?, record = ? WHERE id = ?"
        connection.execute(query, values)
    _keep_names(connection, person.id, frozenset() if before is None else names_of(before), names_of(person))
    _keep_identities(connection, person.id, frozenset() if before is None else identities_of(before), person)


def _keep_names(connection: apsw.Connection, person: PersonId, before: frozenset[str], after: frozenset[str]) -> None:
    gone, new = [(key, person) for key in before - after], [(key, person) for key in after - before]
    connection.executemany("DELETE FROM person_name WHERE key = ? AND person = ?", gone)
    connection.executemany("INSERT OR IGNORE INTO person_name VALUES (?, ?)", new)


def _keep_identities(
    connection: apsw.Connection, person: PersonId, before: frozenset[Identity], after: Person | None
) -> None:
    """An identity that went to somebody else in the meantime stays theirs."""
    now = frozenset() if after is None else identities_of(after)
    gone = [(*kind_of(each), person) for each in before - now]
    connection.executemany("DELETE FROM person_identity WHERE kind = ? AND identity = ? AND person = ?", gone)
    new = [(*kind_of(each), person) for each in now - before]
    connection.executemany("INSERT OR REPLACE INTO person_identity VALUES (?, ?, ?)", new)


def _people(connection: apsw.Connection, first: int, after: str | None, search: str | None) -> Page[PersonRecord]:
    source, values = "person p WHERE p.state = 'known'", list[object]()
    if search is not None:
        named, bounds = named_like(search)
        source, values = f"{source} AND p.id IN ({named})", [*values, *bounds]
    ((total,),) = rows.fetch(connection, f"SELECT count(*) FROM {source}", values)
    query = f"SELECT p.position, p.id, p.record, p.version FROM {source} AND p.position > ? ORDER BY p.position LIMIT ?"
    found = rows.fetch(connection, query, (*values, 0 if after is None else int(after), first + 1))
    items = tuple(PersonRecord(read_person(row[2], PersonId(row[1])), row[3]) for row in found[:first])
    return Page(items, tuple(str(row[0]) for row in found[:first]), total, len(found) > first)


def named_like(search: str) -> tuple[str, list[str]]:
    """A query for whom these words can mean, and what is bound in it: names begin with what looks like them."""
    places = begins(search)
    between = " OR ".join(["(n.key >= ? AND n.key < ?)"] * len(places)) or "0"
    return f"SELECT n.person FROM person_name n WHERE {between}", [key for place in places for key in place]


def _trail(connection: apsw.Connection, person: PersonId, first: int, after: str | None) -> Page[TrailEntry]:
    total = rows.fetch(connection, "SELECT count(*) FROM person_event WHERE person = ?", (person,))[0][0]
    query = "SELECT number, event FROM person_event WHERE person = ? AND number > ? ORDER BY number LIMIT ?"
    found = rows.fetch(connection, query, (person, 0 if after is None else int(after), first + 1))
    items = tuple(TrailEntry(row[0], read_event(row[1], person, row[0])) for row in found[:first])
    return Page(items, tuple(str(row[0]) for row in found[:first]), total, len(found) > first)


def _forget(connection: apsw.Connection, person: PersonId, act: Act, observer: Did | None) -> bool:
    kept = kept_person(connection, person)
    if kept is None:
        return False
    audits = heard_of(observer, holders(connection, kept), act)
    connected = knows.forget(connection, kept, observer)
    found = forget_observed(connection, (observer, kept)) if observer is not None else _erase(connection, kept)
    for whose, deed in audits:
        audit(connection, whose, kept, Deed.FORGOTTEN, deed)
    return found or connected


def _erase(connection: apsw.Connection, person: PersonId) -> bool:
    """The record, the trail, and those of everybody merged into them; only the bare id stays."""
    record = person_record(connection, person)
    assert record is not None
    forget_everywhere(connection, person, identities_of(record.person))
    _keep_names(connection, person, names_of(record.person), frozenset())
    _keep_identities(connection, person, identities_of(record.person), None)
    erased = [person]
    for each in erased:
        merged = rows.fetch(connection, "SELECT id FROM person WHERE merged_into = ?", (each,))
        erased += [PersonId(row[0]) for row in merged]
        connection.execute(
            "UPDATE person SET state = 'forgotten', record = '', merged_into = NULL WHERE id = ?", (each,)
        )
        connection.execute("DELETE FROM person_event WHERE person = ?", (each,))
    return True
