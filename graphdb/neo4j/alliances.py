"""Relationships, in Neo4j: a property of each relation, the edges REGARDS, and a log of changes."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

import orjson

from domain.alliance.history import IgnoreMark
from domain.alliance.policy import Relationship
from domain.identity import Did
from domain.people.interaction import PersonId
from graphdb.alliances import Regard, RelationshipChange, Settlement, Stance
from graphdb.ledger import whose
from graphdb.neo4j import people_rows as rows
from graphdb.neo4j.connection import Database, Transaction, record, run
from graphdb.neo4j.people_log import Ask, PeopleLog, asking
from graphdb.override_text import marks_text, read_marks
from graphdb.people_columns import Columns, relationship_change
from graphdb.person_text import read
from graphdb.running import Pair

_STANCE = "[r.person, r.head, r.marks, r.regard]"
_STANCES = f"""
RETURN COLLECT {{ UNWIND $persons AS person MATCH (r:Relation {{observer: $observer, person: person}})
                  RETURN {_STANCE} }}"""
_CIRCLE = f"""
RETURN COLLECT {{ MATCH (r:Relation) WHERE r.observer = $observer AND r.person > ''
                  WITH r ORDER BY r.person RETURN {_STANCE} }}"""
_MARK = "MERGE (r:Relation {observer: $observer, person: $person}) SET r.marks = $marks, r.marked = true"
_AGENT = "MERGE (:Agent {did: $observer})"
_SETTLE = """
UNWIND $rows AS r
MERGE (x:Relation {observer: $observer, person: r[0]}) SET x.regard = r[1]
WITH r
MATCH (a:Agent {did: $observer}) MATCH (p:Person {id: r[0]})
MERGE (a)-[e:REGARDS {observer: $observer, person: r[0]}]->(p)
SET e.relationship = r[2], e.score = r[3], e.at = r[4], e.validUntil = r[5]"""
_NUMBER = """
MATCH (l:PeopleLog {id: 1}) SET l.relationships = coalesce(l.relationships, 0) + $count
RETURN l.relationships"""
_LOG = """
UNWIND $rows AS r
CREATE (:RelationshipChange {observer: $observer, position: r[0], person: r[1], before: r[2], after: r[3],
                             score: r[4], happenedAt: r[5]})"""
_CHANGES = """
RETURN COLLECT { MATCH (c:RelationshipChange) WHERE c.observer = $observer AND c.position > $position
                 WITH c ORDER BY c.position LIMIT $first
                 RETURN [c.position, c.person, c.before, c.after, c.score, c.happenedAt] }"""
_POSITION = "MATCH (l:PeopleLog {id: 1}) RETURN coalesce(l.relationships, 0)"


class Neo4jAlliances:
    """The `Alliances` protocol over Neo4j."""

    def __init__(self, database: Database) -> None:
        self._log = PeopleLog(database)

    async def stances(self, observer: Did, persons: Sequence[PersonId]) -> tuple[Stance, ...]:
        return await _stances(self._log.ask, observer, persons)

    async def circle(self, observer: Did) -> tuple[Stance, ...]:
        (found,) = await self._log.ask(_CIRCLE, observer=observer)
        stances = (_stance(observer, columns) for columns in found)
        return tuple(each for each in stances if each.head.sequence or each.marks)

    async def mark(self, observer: Did, person: PersonId, marks: Sequence[IgnoreMark]) -> int:
        async def work(transaction: Transaction) -> int:
            (before,) = await _stances(asking(transaction), observer, [person])
            new = tuple(dict.fromkeys(each for each in marks if each not in before.marks))
            if new:
                text = marks_text((*before.marks, *new))
                await run(transaction, _MARK, observer=observer, person=person, marks=text)
            return len(new)

        return await self._log.write(work)

    async def settle(self, observer: Did, settlements: Sequence[Settlement]) -> tuple[RelationshipChange, ...]:
        if not settlements:
            return ()

        async def work(transaction: Transaction) -> tuple[RelationshipChange, ...]:
            persons = [each.person for each in settlements]
            stances = await _stances(asking(transaction), observer, persons)
            there = [each for each, now in zip(settlements, stances, strict=True) if each.before == now.regard]
            await run(transaction, _AGENT, observer=observer)
            await run(transaction, _SETTLE, observer=observer, rows=[_row(each) for each in there])
            return await _logged(transaction, observer, [each for each in there if each.changes])

        return await self._log.write(work)

    async def relationship_changes(self, observer: Did, position: int, first: int) -> tuple[RelationshipChange, ...]:
        async def work(transaction: Transaction) -> tuple[RelationshipChange, ...]:
            values = {"observer": observer, "position": position, "first": first}
            (found,) = await record(transaction, _CHANGES, **values)
            return tuple(relationship_change(observer, columns) for columns in found)

        return await self._log.read(work)

    async def position(self) -> int:
        (position,) = await self._log.ask(_POSITION)
        return int(position)


async def _stances(ask: Ask, observer: Did, persons: Sequence[PersonId]) -> tuple[Stance, ...]:
    (found,) = await ask(_STANCES, observer=observer, persons=list(persons))
    by_person = {columns[0]: _stance(observer, columns) for columns in found}
    return tuple(by_person.get(person) or Stance(person) for person in persons)


def _stance(observer: Did, columns: Columns) -> Stance:
    person, head, marks, regard = columns
    pair: Pair = (observer, PersonId(person))
    return Stance(
        pair[1],
        rows.head(head),
        () if marks is None else read_marks(marks, whose(pair)),
        None if regard is None else read(f"relationship of {whose(pair)}", lambda: _regard(regard)),
    )


def _regard(text: str) -> Regard:
    relationship, *rest = orjson.loads(text)
    return Regard(Relationship(relationship), *rest)


def _row(found: Settlement) -> list[Any]:  # Any: Neo4j's own types
    after = found.after
    text = orjson.dumps(astuple(after)).decode()
    return [found.person, text, after.relationship.value, after.score, after.at, after.valid_until]


async def _logged(
    transaction: Transaction, observer: Did, changed: Sequence[Settlement]
) -> tuple[RelationshipChange, ...]:
    if not changed:
        return ()
    (newest,) = await record(transaction, _NUMBER, count=len(changed))
    changes = tuple(each.logged(number) for number, each in enumerate(changed, start=newest - len(changed) + 1))
    await run(transaction, _LOG, observer=observer, rows=[_log_row(each) for each in changes])
    return changes


def _log_row(each: RelationshipChange) -> list[Any]:  # Any: Neo4j's own types
    return [each.position, each.person, each.before.value, each.after.value, each.score, each.at]
