"""What an observer keeps about people, in SQLite."""

from collections.abc import Callable, Sequence
from dataclasses import astuple

import apsw
import orjson

from domain.alliance.history import IgnoreMark, Marks, lifted, marked
from domain.identity import Did
from domain.people.history import KEPT, Snapshot
from domain.people.interaction import PersonId
from domain.people.opinion import Opinion
from domain.people.registry import Act
from graphdb.ledger import whose
from graphdb.override_text import marks_text, read_marks
from graphdb.page import Page
from graphdb.people import Appeal, AuditEntry, Deed, Kept, Note, SharedOpinion, Sharing
from graphdb.people_columns import audit_entry, opinion, snapshot
from graphdb.running import Pair
from graphdb.sqlite import rows
from graphdb.sqlite.connection import Database
from graphdb.sqlite.relations import AUDIT, audit, make_relation, relation_id
from graphdb.sqlite.uniting import trim_notes

_APPEAL = (
    "a.number, a.id, r.person, a.appellant, a.at, a.text, a.interaction, a.answer, a.answered_by, a.answered_at"
    " FROM appeal a JOIN relation r ON r.id = a.relation"
)
_OPINION = "SELECT r.observer, r.person, o.r, o.s, o.at FROM opinion o JOIN relation r ON r.id = o.relation"


class SqliteNotebook:
    """The `Notebook` protocol over the embedded database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kept(self, observer: Did, persons: Sequence[PersonId]) -> tuple[Kept, ...]:
        return await self._database.point(lambda c: tuple(kept(c, (observer, each)) for each in persons))

    async def add_note(self, observer: Did, person: PersonId, note: Note) -> tuple[Note, ...]:
        def work(connection: apsw.Connection) -> tuple[Note, ...]:
            relation = make_relation(connection, (observer, person))
            row = (relation, note.id, note.added_at, note.content, note.author, note.source)
            connection.execute("INSERT OR IGNORE INTO note VALUES (?, ?, ?, ?, ?, ?)", row)
            trim_notes(connection, relation)
            return _notes(connection, relation)

        return await self._database.write(work)

    async def remove_note(self, observer: Did, person: PersonId, note: str) -> bool:
        def work(connection: apsw.Connection) -> bool:
            query = "DELETE FROM note WHERE relation = ? AND id = ?"
            connection.execute(query, (relation_id(connection, (observer, person)), note))
            return bool(connection.changes())

        return await self._database.write(work)

    async def summarise(self, observer: Did, person: PersonId, summary: str | None) -> None:
        def work(connection: apsw.Connection) -> None:
            relation = make_relation(connection, (observer, person))
            connection.execute("UPDATE relation SET summary = ? WHERE id = ?", (summary, relation))

        await self._database.write(work)

    async def ignore(
        self, observer: Did, person: PersonId, now: int, until: int | None = None
    ) -> tuple[IgnoreMark, ...]:
        return await self._mark((observer, person), lambda marks: marked(marks, now, until))

    async def unignore(self, observer: Did, person: PersonId, now: int) -> tuple[IgnoreMark, ...]:
        return await self._mark((observer, person), lambda marks: lifted(marks, now))

    async def _mark(self, pair: Pair, change: Callable[[Marks], Marks]) -> Marks:
        def work(connection: apsw.Connection) -> Marks:
            marks = _marks(connection, pair)
            changed = change(marks)
            if changed != marks:
                values = (marks_text(changed), make_relation(connection, pair))
                connection.execute("UPDATE relation SET marks = ? WHERE id = ?", values)
            return changed

        return await self._database.write(work)

    async def ignored(self, observer: Did) -> tuple[tuple[PersonId, tuple[IgnoreMark, ...]], ...]:
        query = "SELECT person, marks FROM relation WHERE observer = ? AND marks <> '[]' ORDER BY person"
        found = await self._database.read(lambda c: rows.fetch(c, query, (observer,)))
        return tuple((PersonId(person), read_marks(text, whose((observer, person)))) for person, text in found)

    async def share(self, observer: Did, person: PersonId, sharing: Sharing, act: Act) -> None:
        def work(connection: apsw.Connection) -> None:
            relation = make_relation(connection, (observer, person))
            query = "UPDATE relation SET with_subject = ?, with_everybody = ? WHERE id = ?"
            connection.execute(query, (*astuple(sharing), relation))
            audit(connection, observer, person, Deed.SHARED, act)

        await self._database.write(work)

    async def share_opinion(self, observer: Did, person: PersonId, opinion: Opinion | None, at: int) -> None:
        def work(connection: apsw.Connection) -> None:
            relation = make_relation(connection, (observer, person))
            if opinion is None:
                connection.execute("DELETE FROM opinion WHERE relation = ?", (relation,))
            else:
                row = (relation, opinion.r, opinion.s, at)
                connection.execute("INSERT OR REPLACE INTO opinion VALUES (?, ?, ?, ?)", row)

        await self._database.write(work)

    async def opinions_shared_by_observers(
        self, observers: Sequence[Did], about: Sequence[PersonId]
    ) -> tuple[SharedOpinion, ...]:
        query = f"{_OPINION} WHERE r.observer = ? AND r.person IN (SELECT value FROM json_each(?)) ORDER BY r.person"
        return await self._opinions(observers, query, orjson.dumps(list(about)).decode())

    async def opinions_of_observers(self, observers: Sequence[Did], most: int) -> tuple[SharedOpinion, ...]:
        return await self._opinions(observers, f"{_OPINION} WHERE r.observer = ? ORDER BY r.person LIMIT ?", most)

    async def _opinions(self, observers: Sequence[Did], query: str, value: str | int) -> tuple[SharedOpinion, ...]:
        found = await self._database.read(
            lambda c: [row for each in sorted(set(observers)) for row in rows.fetch(c, query, (each, value))]
        )
        return tuple(map(opinion, found))

    async def opinions_shared_by_all_observers_about(self, person: PersonId) -> tuple[SharedOpinion, ...]:
        query = f"{_OPINION} WHERE r.person = ? ORDER BY r.observer"
        found = await self._database.read(lambda c: rows.fetch(c, query, (person,)))
        return tuple(map(opinion, found))

    async def remember(self, observer: Did, taken: Sequence[tuple[PersonId, Snapshot]]) -> int:
        return await self._database.write(
            lambda c: sum(_remember(c, (observer, person), each) for person, each in taken)
        )

    async def snapshots(self, observer: Did, person: PersonId) -> tuple[Snapshot, ...]:
        query = (
            "SELECT s.date, s.score, s.tier, s.profile, s.version FROM trust_snapshot s"
            " JOIN relation r ON r.id = s.relation WHERE r.observer = ? AND r.person = ? ORDER BY s.date"
        )
        found = await self._database.read(lambda c: rows.fetch(c, query, (observer, person)))
        return tuple(snapshot((observer, person), row) for row in found)

    async def appeal(self, observer: Did, appeal: Appeal) -> None:
        def work(connection: apsw.Connection) -> None:
            relation = make_relation(connection, (observer, appeal.person))
            row = (relation, observer, appeal.id, appeal.appellant, appeal.at, appeal.text, appeal.interaction)
            query = (
                "INSERT OR IGNORE INTO appeal (relation, observer, id, appellant, at, text, interaction)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)"
            )
            connection.execute(query, row)

        await self._database.write(work)

    async def answer_appeal(self, observer: Did, appeal: str, act: Act) -> Appeal | None:
        def work(connection: apsw.Connection) -> Appeal | None:
            query = (
                "UPDATE appeal SET answer = ?, answered_by = ?, answered_at = ?"
                " WHERE observer = ? AND id = ? AND answer IS NULL"
            )
            connection.execute(query, (act.reason, act.actor, act.at, observer, appeal))
            row = rows.fetch_one(connection, f"SELECT {_APPEAL} WHERE a.observer = ? AND a.id = ?", (observer, appeal))
            return None if row is None else Appeal(*row[1:])

        return await self._database.write(work)

    async def appeals(
        self, observer: Did, first: int, after: str | None, *, person: PersonId | None = None, open_only: bool = False
    ) -> Page[Appeal]:
        source, values = f"{_APPEAL} WHERE a.observer = ?", list[object]([observer])
        if person is not None:
            source, values = f"{source} AND r.person = ?", [*values, person]
        if open_only:
            source += " AND a.answer IS NULL"
        found = await self._database.read(lambda c: _numbered(c, source, values, "a.number", first, after))
        items, total, more = found
        return Page(tuple(Appeal(*row[1:]) for row in items), tuple(str(row[0]) for row in items), total, more)

    async def audit(
        self, observer: Did | None, first: int, after: str | None, *, person: PersonId | None = None
    ) -> Page[AuditEntry]:
        source, values = f"{AUDIT} FROM people_audit WHERE observer IS ?", list[object]([observer])
        if person is not None:
            source, values = f"{source} AND person = ?", [*values, person]
        found = await self._database.read(lambda c: _numbered(c, source, values, "number", first, after))
        items, total, more = found
        return Page(tuple(map(audit_entry, items)), tuple(str(row[0]) for row in items), total, more)


def kept(connection: apsw.Connection, pair: Pair) -> Kept:
    query = "SELECT id, summary, with_subject, with_everybody, marks FROM relation WHERE observer = ? AND person = ?"
    row = rows.fetch_one(connection, query, pair)
    if row is None:
        return Kept(pair[1])
    relation, summary, with_subject, with_everybody, marks = row
    sharing = Sharing(bool(with_subject), bool(with_everybody))
    return Kept(pair[1], summary, _notes(connection, relation), read_marks(marks, whose(pair)), sharing)


def all_appeals(connection: apsw.Connection, pair: Pair) -> tuple[Appeal, ...]:
    query = f"SELECT {_APPEAL} WHERE r.observer = ? AND r.person = ? ORDER BY a.number"
    return tuple(Appeal(*row[1:]) for row in rows.fetch(connection, query, pair))


def all_audit(connection: apsw.Connection, pair: Pair) -> tuple[AuditEntry, ...]:
    query = f"SELECT {AUDIT} FROM people_audit WHERE observer = ? AND person = ? ORDER BY number"
    return tuple(map(audit_entry, rows.fetch(connection, query, pair)))


def _notes(connection: apsw.Connection, relation: int) -> tuple[Note, ...]:
    query = "SELECT id, content, author, added_at, source FROM note WHERE relation = ? ORDER BY added_at, id"
    return tuple(Note(*row) for row in rows.fetch(connection, query, (relation,)))


def _marks(connection: apsw.Connection, pair: Pair) -> tuple[IgnoreMark, ...]:
    row = rows.fetch_one(connection, "SELECT marks FROM relation WHERE observer = ? AND person = ?", pair)
    return () if row is None else read_marks(row[0], whose(pair))


def _remember(connection: apsw.Connection, pair: Pair, taken: Snapshot) -> int:
    relation = make_relation(connection, pair)
    row = (relation, taken.date, taken.score, taken.tier.value, taken.profile.value, taken.version)
    connection.execute("INSERT OR IGNORE INTO trust_snapshot VALUES (?, ?, ?, ?, ?, ?)", row)
    new = connection.changes()
    connection.execute(
        "DELETE FROM trust_snapshot WHERE relation = ?1 AND date <= ("
        "SELECT date FROM trust_snapshot WHERE relation = ?1 ORDER BY date DESC LIMIT 1 OFFSET ?2)",
        (relation, KEPT),
    )
    return new


def _numbered(
    connection: apsw.Connection, source: str, values: list[object], key: str, first: int, after: str | None
) -> tuple[list[rows.Row], int, bool]:
    """A slice of a list that is ordered by a number; `source` is columns FROM … WHERE …"""
    ((total,),) = rows.fetch(connection, f"SELECT count(*) FROM (SELECT {source})", values)
    query = f"SELECT {source} AND {key} > ? ORDER BY {key} LIMIT ?"
    found = rows.fetch(connection, query, (*values, 0 if after is None else int(after), first + 1))
    return found[:first], total, len(found) > first
