"""The history of every observer with every person, in SQLite."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import apsw

from domain.identity import Did
from domain.people.errors import UnknownPerson
from domain.people.interaction import Interaction, PersonId, until
from domain.people.registry import Act
from domain.people.report import Override, Profile
from domain.people.signals import Signals, count
from domain.people.tier import Tier
from domain.people.trust import COUNTED
from graphdb.batching import Batcher, together_or_alone
from graphdb.beside import Lost
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
from graphdb.ledger import Ledger, keep, pardoned, retracted, whose
from graphdb.override_text import override_text, read_override
from graphdb.page import Page
from graphdb.people import Deed
from graphdb.people_columns import logged, tier_change
from graphdb.running import Pair, RunningSignals
from graphdb.sqlite import rows
from graphdb.sqlite.connection import Database
from graphdb.sqlite.notebook import all_appeals, all_audit, kept
from graphdb.sqlite.recorder import Recorder
from graphdb.sqlite.recording import record_all
from graphdb.sqlite.registry import kept_person, named_like, person_record
from graphdb.sqlite.relations import (
    INTERACTION,
    TRUSTED,
    audit,
    history,
    is_owner,
    ledger,
    make_relation,
    relation_id,
    standing_history,
    trusted,
    write_ledgers,
)

BATCH = 4_000
"""Interactions recorded in one transaction, over all calls: more would keep the others waiting."""


class SqliteInteractions:
    """The `Interactions` protocol over the embedded database."""

    def __init__(self, database: Database, recorder: Recorder | None = None) -> None:
        self._database = database
        self._recorder = recorder
        self._running = RunningSignals()
        self._batches: Batcher[RecordingBatch, RecordedBatch] = Batcher(
            self._record_all, BATCH, len, halves=recorder is not None
        )

    async def close(self) -> None:
        await self._batches.close()
        if self._recorder is not None:
            await self._recorder.close()

    async def record(self, batch: RecordingBatch) -> RecordedBatch:
        return await self._batches(batch)

    async def _record_all(self, batches: Sequence[RecordingBatch]) -> Sequence[RecordedBatch | Exception]:
        return await together_or_alone(self._record_together, batches, DamagedRecord)

    async def _record_together(self, batches: Sequence[RecordingBatch]) -> Sequence[RecordedBatch]:
        recorder = self._recorder
        if recorder is not None and recorder.takes(batches):
            with suppress(Lost):  # whatever it has recorded is repeated below, which changes nothing
                return await self._database.write_aside(lambda: recorder.record(batches))
        answers, moved = await self._database.write(lambda c: record_all(c, batches, self._running))
        keep(self._running, moved)
        return answers

    async def heads(self, observer: Did, persons: Sequence[PersonId]) -> tuple[Head, ...]:
        return await self._database.point(lambda c: tuple(_head(c, (observer, each)) for each in persons))

    async def grounds(self, observer: Did, persons: Sequence[PersonId]) -> tuple[Grounds, ...]:
        ledgers = await self._database.point(lambda c: [ledger(c, (observer, each), self._running) for each in persons])
        keep(self._running, ledgers)
        return tuple(each.grounds for each in ledgers)

    async def signals_at(
        self,
        observer: Did,
        person: PersonId,
        at: int,
        *,
        sequence: int | None = None,
        profile: Profile = Profile.STANDARD,
    ) -> Signals:
        def work(connection: apsw.Connection) -> Signals:
            found = history(connection, (observer, person))
            known = standing(each for each in found if sequence is None or each.sequence <= sequence)
            return count(until(known, at), COUNTED[profile])

        return await self._database.read(work)

    async def interactions(self, observer: Did, person: PersonId, ids: Sequence[str]) -> tuple[Logged | None, ...]:
        return await self._database.point(lambda c: tuple(_interaction(c, (observer, person), each) for each in ids))

    async def page(
        self, observer: Did, person: PersonId, first: int, after: str | None, *, newest_first: bool = False
    ) -> Page[Logged]:
        return await self._database.read(lambda c: _page(c, (observer, person), first, after, newest_first))

    async def since(self, observer: Did, person: PersonId, sequence: int, first: int) -> tuple[Logged, ...]:
        query = f"{_OF_PAIR} AND i.sequence > ? ORDER BY i.sequence LIMIT ?"
        pair = (observer, person)
        found = await self._database.read(lambda c: rows.fetch(c, query, (*pair, sequence, first)))
        return tuple(logged(pair, row) for row in found)

    async def histories(
        self, observer: Did, persons: Sequence[PersonId], *, after: Sequence[int] | None = None
    ) -> tuple[tuple[Head, tuple[Interaction, ...]], ...]:
        pairs = [(observer, each) for each in persons]
        wanted = tuple(zip(pairs, [0] * len(persons) if after is None else after, strict=True))
        return await self._database.read(lambda c: tuple(standing_history(c, pair, place) for pair, place in wanted))

    async def histories_of_all_observers(self, person: PersonId, first: int, after: str | None) -> Page[Logged]:
        return await self._database.read(lambda c: _of_all_observers(c, person, first, after))

    async def pardon(
        self, observer: Did, person: PersonId, interaction: str, act: Act, moment: Moment
    ) -> TrustChange | None:
        return await self._change((observer, person), moment, lambda c, held: _pardon(c, held, interaction, act))

    async def retract(
        self, observer: Did, person: PersonId, interaction: str, act: Act, moment: Moment
    ) -> TrustChange | None:
        return await self._change((observer, person), moment, lambda c, held: _retract(c, held, interaction, act))

    async def set_override(
        self, observer: Did, person: PersonId, override: Override | None, act: Act, moment: Moment
    ) -> TrustChange:
        def change(connection: apsw.Connection, held: Ledger) -> bool:
            if kept_person(connection, person) != person:
                raise UnknownPerson(person)
            query = "UPDATE relation SET override = ? WHERE id = ?"
            connection.execute(query, (override_text(override), make_relation(connection, held.pair)))
            held.override = override
            deed = Deed.OVERRIDE_LIFTED if override is None else Deed.OVERRIDE_SET
            audit(connection, observer, person, deed, act)
            return True

        changed = await self._change((observer, person), moment, change)
        assert changed is not None
        return changed

    async def _change(
        self, pair: Pair, moment: Moment, change: Callable[[apsw.Connection, Ledger], bool]
    ) -> TrustChange | None:
        """Changes what is recorded and projects trust anew; `change` says whether there was anything to do."""

        def work(connection: apsw.Connection) -> tuple[TrustChange, Ledger] | None:
            held = ledger(connection, pair, self._running)
            if not change(connection, held):
                return None
            return _project(connection, held, moment), held

        done = await self._database.write(work)
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
        return await self._database.read(lambda c: _trusted(c, observer, first, after, tiers, search))

    async def refresh(self, observer: Did, moment: Moment, most: int = 1_000) -> tuple[TrustChange, ...]:
        def work(connection: apsw.Connection) -> list[tuple[TrustChange, Ledger]]:
            found = rows.fetch(connection, _DUE, (observer, moment.now, most))
            held = [ledger(connection, (observer, PersonId(person)), self._running) for (person,) in found]
            return [(_project(connection, each, moment), each) for each in held]

        if not await self._database.point(lambda c: rows.fetch(c, _DUE, (observer, moment.now, 1))):
            return ()
        done = await self._database.write(work)
        keep(self._running, (each for _, each in done))
        return tuple(change for change, _ in done)

    async def due_of_all_observers(self, now: int) -> tuple[Did, ...]:
        query = "SELECT DISTINCT observer FROM relation WHERE valid_until <= ? ORDER BY observer"
        found = await self._database.read(lambda c: rows.fetch(c, query, (now,)))
        return tuple(Did(row[0]) for row in found)

    async def observers(self) -> tuple[Did, ...]:
        query = "SELECT DISTINCT observer FROM relation WHERE score IS NOT NULL ORDER BY observer"
        found = await self._database.read(lambda c: rows.fetch(c, query))
        return tuple(Did(row[0]) for row in found)

    async def observers_of(self, person: PersonId) -> tuple[Did, ...]:
        query = "SELECT observer FROM relation WHERE person = ? ORDER BY observer"
        found = await self._database.point(lambda c: rows.fetch(c, query, (person,)))
        return tuple(Did(row[0]) for row in found)

    async def tier_position(self, observer: Did) -> int:
        query = "SELECT ifnull(max(position), 0) FROM tier_change WHERE observer = ?"
        return int((await self._database.point(lambda c: rows.fetch(c, query, (observer,))))[0][0])

    async def tier_changes(self, observer: Did, position: int, first: int) -> tuple[TierChange, ...]:
        query = (
            "SELECT position, person, at, score, before, after FROM tier_change"
            " WHERE observer = ? AND position > ? ORDER BY position LIMIT ?"
        )
        found = await self._database.point(lambda c: rows.fetch(c, query, (observer, position, first)))
        return tuple(map(tier_change, found))

    async def export(self, observer: Did, person: PersonId, act: Act) -> PersonExport:
        return await self._database.write(lambda c: _export(c, (observer, person), act))


_OF_PAIR = (
    f"SELECT {INTERACTION} FROM relation r JOIN interaction i ON i.relation = r.id"
    " WHERE r.observer = ? AND r.person = ?"
)
_STANDING = f"SELECT {INTERACTION} FROM interaction i WHERE i.relation = ? AND i.retracted_at IS NULL"
_DUE = "SELECT person FROM relation WHERE observer = ? AND valid_until <= ? ORDER BY valid_until, person LIMIT ?"


def _head(connection: apsw.Connection, pair: Pair) -> Head:
    row = rows.fetch_one(connection, "SELECT sequence, era FROM relation WHERE observer = ? AND person = ?", pair)
    return NOTHING_RECORDED if row is None else Head(*row)


def _interaction(connection: apsw.Connection, pair: Pair, name: str) -> Logged | None:
    row = rows.fetch_one(connection, f"{_OF_PAIR} AND i.id = ?", (*pair, name))
    return None if row is None else logged(pair, row)


def _page(connection: apsw.Connection, pair: Pair, first: int, after: str | None, newest_first: bool) -> Page[Logged]:
    relation = relation_id(connection, pair)
    if relation is None:
        return Page((), (), 0, False)
    total = rows.fetch(connection, "SELECT interactions FROM relation WHERE id = ?", (relation,))[0][0]
    query, values = _STANDING, list[object]([relation])
    order, beyond = ("DESC", "<") if newest_first else ("ASC", ">")
    if after is not None:
        at, _, name = after.partition(":")
        query += f" AND (i.at, i.id) {beyond} (?, ?)"
        values += [int(at), name]
    query += f" ORDER BY i.at {order}, i.id {order} LIMIT ?"
    found = [logged(pair, row) for row in rows.fetch(connection, query, (*values, first + 1))]
    cursors = tuple(f"{each.interaction.at}:{each.interaction.id}" for each in found[:first])
    return Page(tuple(found[:first]), cursors, total, len(found) > first)


def _of_all_observers(connection: apsw.Connection, person: PersonId, first: int, after: str | None) -> Page[Logged]:
    source = "relation r JOIN interaction i ON i.relation = r.id WHERE r.person = ?"
    ((total,),) = rows.fetch(connection, f"SELECT count(*) FROM {source}", (person,))
    observer, _, sequence = ("", "", "0") if after is None else after.rpartition(" ")
    query = (
        f"SELECT r.observer, {INTERACTION} FROM {source} AND (r.observer, i.sequence) > (?, ?)"
        " ORDER BY r.observer, i.sequence LIMIT ?"
    )
    found = rows.fetch(connection, query, (person, observer, int(sequence), first + 1))
    items = tuple(logged((Did(row[0]), person), row[1:]) for row in found[:first])
    return Page(items, tuple(f"{row[0]} {row[1]}" for row in found[:first]), total, len(found) > first)


def _project(connection: apsw.Connection, held: Ledger, moment: Moment) -> TrustChange:
    held.is_owner = is_owner(connection, held.person, moment.owners)
    held.place = make_relation(connection, held.pair)
    return write_ledgers(connection, [(held, moment)])[0]


def _pardon(connection: apsw.Connection, held: Ledger, name: str, act: Act) -> bool:
    query = (
        "UPDATE interaction SET pardoned_at = ? WHERE relation = ? AND id = ? AND kind = 'violation'"
        " AND pardoned_at IS NULL AND retracted_at IS NULL"
    )
    connection.execute(query, (act.at, relation_id(connection, held.pair), name))
    if not connection.changes():
        return False
    pardoned(held, name, act.at)
    audit(connection, *held.pair, Deed.PARDONED, act, name)
    return True


def _retract(connection: apsw.Connection, held: Ledger, name: str, act: Act) -> bool:
    query = "UPDATE interaction SET retracted_at = ? WHERE relation = ? AND id = ? AND retracted_at IS NULL"
    connection.execute(query, (act.at, relation_id(connection, held.pair), name))
    if not connection.changes():
        return False
    retracted(held)
    audit(connection, *held.pair, Deed.RETRACTED, act, name)
    return True


def _trusted(
    connection: apsw.Connection,
    observer: Did,
    first: int,
    after: str | None,
    tiers: Sequence[Tier] | None,
    search: str | None,
) -> Page[Trusted]:
    source, values = "relation r WHERE r.observer = ? AND r.score IS NOT NULL", list[object]([observer])
    if tiers is not None:
        source += f" AND r.tier IN ({', '.join('?' * len(tiers))})"
        values += [each.value for each in tiers]
    if search is not None:
        named, bounds = named_like(search)
        source, values = f"{source} AND r.person IN ({named})", [*values, *bounds]
    ((total,),) = rows.fetch(connection, f"SELECT count(*) FROM {source}", values)
    if after is not None:
        score, _, person = after.partition(":")
        source += " AND (-r.score, r.person) > (?, ?)"
        values += [-float(score), person]
    query = f"SELECT {TRUSTED} FROM {source} ORDER BY -r.score, r.person LIMIT ?"
    found = [trusted(row) for row in rows.fetch(connection, query, (*values, first + 1))]
    kept_ones = tuple(each for each in found[:first] if each is not None)
    return Page(kept_ones, tuple(f"{each.score!r}:{each.person}" for each in kept_ones), total, len(found) > first)


def _export(connection: apsw.Connection, pair: Pair, act: Act) -> PersonExport:
    observer, person = pair
    record = person_record(connection, person)
    if record is None:
        raise UnknownPerson(person)
    audit(connection, observer, person, Deed.EXPORTED, act)
    query = f"SELECT {TRUSTED}, r.override FROM relation r WHERE r.observer = ? AND r.person = ?"
    row = rows.fetch_one(connection, query, pair)
    return PersonExport(
        record=record,
        kept=kept(connection, pair),
        history=tuple(history(connection, pair)),
        override=None if row is None else read_override(row[8], whose(pair)),
        trusted=None if row is None else trusted(row),
        appeals=all_appeals(connection, pair),
        audit=all_audit(connection, pair),
    )
