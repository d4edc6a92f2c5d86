"""Relationships, in SQLite: columns of `relation`, and a log of changes."""

from collections.abc import Sequence
from dataclasses import replace

import apsw

from domain.alliance.history import IgnoreMark
from domain.alliance.policy import Relationship
from domain.identity import Did
from domain.people.interaction import PersonId
from graphdb.alliances import Regard, RelationshipChange, Settlement, Stance
from graphdb.interactions import Head
from graphdb.ledger import whose
from graphdb.override_text import marks_text, read_marks
from graphdb.people_columns import relationship_change
from graphdb.person_text import read
from graphdb.running import Pair
from graphdb.sqlite import rows
from graphdb.sqlite.connection import Database
from graphdb.sqlite.relations import make_relation

_STANCE = (
    "SELECT person, sequence, era, marks, relationship, regard_score, regard_at, regard_until, regard_basis"
    " FROM relation WHERE observer = ?"
)
_SETTLE = (
    "UPDATE relation SET relationship = ?, regard_score = ?, regard_at = ?, regard_until = ?, regard_basis = ?"
    " WHERE id = ?"
)
_CHANGE = "INSERT INTO relationship_change (observer, person, before, after, score, at) VALUES (?, ?, ?, ?, ?, ?)"
_CHANGES = (
    "SELECT position, person, before, after, score, at FROM relationship_change"
    " WHERE observer = ? AND position > ? ORDER BY position LIMIT ?"
)
_POSITION = "SELECT seq FROM sqlite_sequence WHERE name = 'relationship_change'"


class SqliteAlliances:
    """The `Alliances` protocol over the embedded database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stances(self, observer: Did, persons: Sequence[PersonId]) -> tuple[Stance, ...]:
        return await self._database.point(lambda c: tuple(_stance(c, (observer, each)) for each in persons))

    async def circle(self, observer: Did) -> tuple[Stance, ...]:
        query = f"{_STANCE} AND (sequence > 0 OR marks <> '[]') ORDER BY person"
        found = await self._database.read(lambda c: rows.fetch(c, query, (observer,)))
        return tuple(_read(observer, row) for row in found)

    async def mark(self, observer: Did, person: PersonId, marks: Sequence[IgnoreMark]) -> int:
        return await self._database.write(lambda c: _mark(c, (observer, person), marks))

    async def settle(self, observer: Did, settlements: Sequence[Settlement]) -> tuple[RelationshipChange, ...]:
        def work(connection: apsw.Connection) -> tuple[RelationshipChange, ...]:
            changes = (_settle(connection, (observer, each.person), each) for each in settlements)
            return tuple(change for change in changes if change is not None)

        return await self._database.write(work)

    async def relationship_changes(self, observer: Did, position: int, first: int) -> tuple[RelationshipChange, ...]:
        found = await self._database.point(lambda c: rows.fetch(c, _CHANGES, (observer, position, first)))
        return tuple(relationship_change(observer, row) for row in found)

    async def position(self) -> int:
        row = await self._database.point(lambda c: rows.fetch_one(c, _POSITION, ()))
        return 0 if row is None else int(row[0])


def _stance(connection: apsw.Connection, pair: Pair) -> Stance:
    row = rows.fetch_one(connection, f"{_STANCE} AND person = ?", pair)
    return Stance(pair[1]) if row is None else _read(pair[0], row)


def _read(observer: Did, row: rows.Row) -> Stance:
    person, sequence, era, marks, relationship, *found = row
    pair = (observer, PersonId(person))
    regard = None
    if relationship is not None:
        regard = read(f"relationship of {whose(pair)}", lambda: Regard(Relationship(relationship), *found))
    return Stance(pair[1], Head(sequence, era), read_marks(marks, whose(pair)), regard)


def _mark(connection: apsw.Connection, pair: Pair, marks: Sequence[IgnoreMark]) -> int:
    before = _stance(connection, pair).marks
    new = tuple(dict.fromkeys(each for each in marks if each not in before))
    if new:
        values = (marks_text((*before, *new)), make_relation(connection, pair))
        connection.execute("UPDATE relation SET marks = ? WHERE id = ?", values)
    return len(new)


def _settle(connection: apsw.Connection, pair: Pair, found: Settlement) -> RelationshipChange | None:
    if _stance(connection, pair).regard != found.before:
        return None
    after = found.after
    values = (after.relationship.value, after.score, after.at, after.valid_until, after.basis)
    connection.execute(_SETTLE, (*values, make_relation(connection, pair)))
    if not found.changes:
        return None
    change = found.logged(0)
    connection.execute(_CHANGE, (*pair, change.before.value, change.after.value, change.score, change.at))
    return replace(change, position=connection.last_insert_rowid())
