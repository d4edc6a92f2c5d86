"""What an observer keeps about people, in Neo4j."""

from collections.abc import Callable, Sequence
from typing import Any

from domain.alliance.history import IgnoreMark, Marks, lifted, marked
from domain.identity import Did
from domain.people.history import KEPT, Snapshot
from domain.people.interaction import PersonId
from domain.people.opinion import Opinion
from domain.people.registry import Act
from graphdb.ledger import whose
from graphdb.neo4j import people_rows as rows
from graphdb.neo4j.connection import Database, Transaction, record, run
from graphdb.neo4j.people_log import Ask, PeopleLog, asking
from graphdb.neo4j.relations import audit
from graphdb.override_text import marks_text, read_marks
from graphdb.page import Page
from graphdb.people import NOTES, Appeal, AuditEntry, Deed, Kept, Note, SharedOpinion, Sharing
from graphdb.people_columns import Columns, audit_entry, opinion, snapshot
from graphdb.running import Pair

_NOTES = f"""
COLLECT {{ MATCH (n:Note) WHERE n.observer = $observer AND n.person = person
           WITH n ORDER BY n.addedAt, n.id RETURN {rows.NOTE} }}"""
_KEPT = f"""
RETURN COLLECT {{ UNWIND $persons AS person MATCH (r:Relation {{observer: $observer, person: person}})
                  RETURN [person, r.summary, r.marks, r.withSubject, r.withEverybody, {_NOTES}] }}"""
_RELATE = "MERGE (r:Relation {observer: $observer, person: $person})"
_ADD_NOTE = f"""
{_RELATE}
MERGE (n:Note {{observer: $observer, person: $person, id: $id}})
ON CREATE SET n.content = $content, n.author = $author, n.addedAt = $addedAt, n.source = $source
WITH DISTINCT r
CALL () {{
  MATCH (n:Note) WHERE n.observer = $observer AND n.person = $person
  WITH n ORDER BY n.addedAt DESC, n.id DESC SKIP {NOTES}
  DETACH DELETE n
}}"""
_REMOVE_NOTE = """
OPTIONAL MATCH (n:Note {observer: $observer, person: $person, id: $id})
WITH collect(n) AS found
FOREACH (n IN found | DETACH DELETE n)
RETURN size(found)"""
_SUMMARISE = f"{_RELATE} SET r.summary = $summary"
_MARKS = "RETURN COLLECT { MATCH (r:Relation {observer: $observer, person: $person}) RETURN r.marks }"
_MARK = f"{_RELATE} SET r.marks = $marks, r.marked = true"
_MARKED = """
RETURN COLLECT { MATCH (r:Relation) WHERE r.observer = $observer AND r.marked
                 WITH r ORDER BY r.person RETURN [r.person, r.marks] }"""
_SHARE = f"{_RELATE} SET r.withSubject = $withSubject, r.withEverybody = $withEverybody"
_SHARE_OPINION = f"""
{_RELATE}
MERGE (o:Opinion {{observer: $observer, person: $person}})
SET o.r = $r, o.s = $s, o.sharedAt = $at"""
_UNSHARE_OPINION = "MATCH (o:Opinion {observer: $observer, person: $person}) DELETE o"
_OPINION = "[o.observer, o.person, o.r, o.s, o.sharedAt]"
_OPINIONS_OF = f"""
RETURN COLLECT {{ UNWIND $observers AS did
                  CALL (did) {{ MATCH (o:Opinion) WHERE o.observer = did AND o.person > ''
                               RETURN o ORDER BY o.person LIMIT $most }}
                  RETURN {_OPINION} }}"""
_OPINIONS_BETWEEN = f"""
RETURN COLLECT {{ UNWIND $observers AS did UNWIND $persons AS person
                  MATCH (o:Opinion {{observer: did, person: person}}) RETURN {_OPINION} }}"""
_OPINIONS_ABOUT = f"RETURN COLLECT {{ MATCH (o:Opinion) WHERE o.person = $person RETURN {_OPINION} }}"
_RELATE_ALL = "UNWIND $persons AS person MERGE (:Relation {observer: $observer, person: person})"
_TAKEN = """
RETURN COLLECT { UNWIND $rows AS r
                 MATCH (s:TrustSnapshot {observer: r[0], person: r[1], date: r[2]}) RETURN [s.person, s.date] }"""
_REMEMBER = """
UNWIND $rows AS r
CREATE (:TrustSnapshot {observer: r[0], person: r[1], date: r[2], score: r[3], tier: r[4], profile: r[5],
                        version: r[6]})"""
_TRIM = f"""
UNWIND $persons AS person
CALL (person) {{
  MATCH (s:TrustSnapshot) WHERE s.observer = $observer AND s.person = person AND s.date >= 0
  WITH s ORDER BY s.date DESC SKIP {KEPT}
  DELETE s
}}"""
_SNAPSHOTS = """
RETURN COLLECT { MATCH (s:TrustSnapshot) WHERE s.observer = $observer AND s.person = $person AND s.date >= 0
                 WITH s ORDER BY s.date RETURN [s.date, s.score, s.tier, s.profile, s.version] }"""
_APPEAL_KNOWN = "RETURN COUNT { MATCH (a:Appeal {observer: $observer, id: $id}) }"
_APPEAL = f"""
MATCH (l:PeopleLog {{id: 1}}) SET l.appeals = l.appeals + 1
CREATE (:Appeal {{number: l.appeals, observer: $observer, id: $id, person: $person, appellant: $appellant,
                  happenedAt: $at, text: $text, interaction: $interaction}})
WITH l
{_RELATE}"""
_ANSWER = """
MATCH (a:Appeal {observer: $observer, id: $id}) WHERE a.answer IS NULL
SET a.answer = $answer, a.answeredBy = $by, a.answeredAt = $at"""
_APPEAL_FOUND = f"RETURN COLLECT {{ MATCH (a:Appeal {{observer: $observer, id: $id}}) RETURN {rows.APPEAL} }}"


class Neo4jNotebook:
    """The `Notebook` protocol over Neo4j."""

    def __init__(self, database: Database) -> None:
        self._log = PeopleLog(database)

    async def kept(self, observer: Did, persons: Sequence[PersonId]) -> tuple[Kept, ...]:
        return await kept(self._log.ask, observer, persons)

    async def add_note(self, observer: Did, person: PersonId, note: Note) -> tuple[Note, ...]:
        async def work(transaction: Transaction) -> tuple[Note, ...]:
            values = {"id": note.id, "content": note.content, "author": note.author, "addedAt": note.added_at}
            await run(transaction, _ADD_NOTE, observer=observer, person=person, source=note.source, **values)
            (found,) = await kept(asking(transaction), observer, [person])
            return found.notes

        return await self._log.write(work)

    async def remove_note(self, observer: Did, person: PersonId, note: str) -> bool:
        async def work(transaction: Transaction) -> bool:
            (removed,) = await record(transaction, _REMOVE_NOTE, observer=observer, person=person, id=note)
            return bool(removed)

        return await self._log.write(work)

    async def summarise(self, observer: Did, person: PersonId, summary: str | None) -> None:
        await self._write(_SUMMARISE, observer=observer, person=person, summary=summary)

    async def ignore(
        self, observer: Did, person: PersonId, now: int, until: int | None = None
    ) -> tuple[IgnoreMark, ...]:
        return await self._mark((observer, person), lambda marks: marked(marks, now, until))

    async def unignore(self, observer: Did, person: PersonId, now: int) -> tuple[IgnoreMark, ...]:
        return await self._mark((observer, person), lambda marks: lifted(marks, now))

    async def _mark(self, pair: Pair, change: Callable[[Marks], Marks]) -> Marks:
        observer, person = pair

        async def work(transaction: Transaction) -> Marks:
            (found,) = await record(transaction, _MARKS, observer=observer, person=person)
            marks = tuple(mark for text in found if text is not None for mark in read_marks(text, whose(pair)))
            changed = change(marks)
            if changed != marks:
                await run(transaction, _MARK, observer=observer, person=person, marks=marks_text(changed))
            return changed

        return await self._log.write(work)

    async def ignored(self, observer: Did) -> tuple[tuple[PersonId, tuple[IgnoreMark, ...]], ...]:
        (found,) = await self._log.ask(_MARKED, observer=observer)
        return tuple((PersonId(person), read_marks(text, whose((observer, person)))) for person, text in found)

    async def share(self, observer: Did, person: PersonId, sharing: Sharing, act: Act) -> None:
        values = {"withSubject": sharing.with_subject, "withEverybody": sharing.with_everybody}

        async def work(transaction: Transaction) -> None:
            await run(transaction, _SHARE, observer=observer, person=person, **values)
            await audit(transaction, observer, person, Deed.SHARED, act)

        await self._log.write(work)

    async def share_opinion(self, observer: Did, person: PersonId, opinion: Opinion | None, at: int) -> None:
        if opinion is None:
            await self._write(_UNSHARE_OPINION, observer=observer, person=person)
        else:
            values = {"r": float(opinion.r), "s": float(opinion.s), "at": at}
            await self._write(_SHARE_OPINION, observer=observer, person=person, **values)

    async def opinions_shared_by_observers(
        self, observers: Sequence[Did], about: Sequence[PersonId]
    ) -> tuple[SharedOpinion, ...]:
        values = {"observers": list(set(observers)), "persons": list(set(about))}
        (found,) = await self._log.ask(_OPINIONS_BETWEEN, **values)
        return tuple(sorted(map(opinion, found), key=_by_observer))

    async def opinions_of_observers(self, observers: Sequence[Did], most: int) -> tuple[SharedOpinion, ...]:
        (found,) = await self._log.ask(_OPINIONS_OF, observers=list(set(observers)), most=most)
        return tuple(sorted(map(opinion, found), key=_by_observer))

    async def opinions_shared_by_all_observers_about(self, person: PersonId) -> tuple[SharedOpinion, ...]:
        (found,) = await self._log.ask(_OPINIONS_ABOUT, person=person)
        return tuple(sorted(map(opinion, found), key=lambda each: each.observer))

    async def remember(self, observer: Did, taken: Sequence[tuple[PersonId, Snapshot]]) -> int:
        first: dict[tuple[str, int], list[Any]] = {}  # Any: Neo4j's own types
        for person, each in taken:
            row = [observer, person, each.date, each.score, each.tier.value, each.profile.value, each.version]
            first.setdefault((person, each.date), row)

        async def work(transaction: Transaction) -> int:
            (there,) = await record(transaction, _TAKEN, rows=list(first.values()))
            known = {(person, date) for person, date in there}
            new = [row for place, row in first.items() if place not in known]
            persons = sorted({person for person, _ in first})
            await run(transaction, _RELATE_ALL, observer=observer, persons=persons)
            await run(transaction, _REMEMBER, rows=new)
            await run(transaction, _TRIM, observer=observer, persons=persons)
            return len(new)

        return await self._log.write(work)

    async def snapshots(self, observer: Did, person: PersonId) -> tuple[Snapshot, ...]:
        (found,) = await self._log.ask(_SNAPSHOTS, observer=observer, person=person)
        return tuple(snapshot((observer, person), columns) for columns in found)

    async def appeal(self, observer: Did, appeal: Appeal) -> None:
        values = {"person": appeal.person, "appellant": appeal.appellant, "at": appeal.at, "text": appeal.text}

        async def work(transaction: Transaction) -> None:
            (known,) = await record(transaction, _APPEAL_KNOWN, observer=observer, id=appeal.id)
            if not known:
                given = {**values, "interaction": appeal.interaction}
                await run(transaction, _APPEAL, observer=observer, id=appeal.id, **given)

        await self._log.write(work)

    async def answer_appeal(self, observer: Did, appeal: str, act: Act) -> Appeal | None:
        async def work(transaction: Transaction) -> Appeal | None:
            values = {"answer": act.reason, "by": act.actor, "at": act.at}
            await run(transaction, _ANSWER, observer=observer, id=appeal, **values)
            (found,) = await record(transaction, _APPEAL_FOUND, observer=observer, id=appeal)
            return next((rows.appeal(columns) for _, columns in found), None)

        return await self._log.write(work)

    async def _write(self, query: str, **values: object) -> None:
        async def work(transaction: Transaction) -> None:
            await run(transaction, query, **values)

        await self._log.write(work)

    async def appeals(
        self, observer: Did, first: int, after: str | None, *, person: PersonId | None = None, open_only: bool = False
    ) -> Page[Appeal]:
        wanted = " AND a.person = $person" * (person is not None) + " AND a.answer IS NULL" * open_only
        source = f"MATCH (a:Appeal) WHERE a.observer = $observer{wanted} AND a.number >"
        place = 0 if after is None else int(after)
        query = f"""
RETURN COUNT {{ {source} 0 }},
       COLLECT {{ {source} $after WITH a ORDER BY a.number LIMIT $limit RETURN {rows.APPEAL} }}"""
        total, found = await self._log.ask(query, observer=observer, person=person, after=place, limit=first + 1)
        items = tuple(rows.appeal(columns) for _, columns in found[:first])
        return Page(items, tuple(str(number) for number, _ in found[:first]), total, len(found) > first)

    async def audit(
        self, observer: Did | None, first: int, after: str | None, *, person: PersonId | None = None
    ) -> Page[AuditEntry]:
        whom = "e.observer IS NULL" if observer is None else "e.observer = $observer"
        source = f"MATCH (e:PeopleAudit) WHERE {whom}{' AND e.person = $person' * (person is not None)} AND e.number >"
        place = 0 if after is None else int(after)
        query = f"""
RETURN COUNT {{ {source} 0 }},
       COLLECT {{ {source} $after WITH e ORDER BY e.number LIMIT $limit RETURN {rows.AUDIT} }}"""
        total, found = await self._log.ask(query, observer=observer, person=person, after=place, limit=first + 1)
        items = tuple(map(audit_entry, found[:first]))
        return Page(items, tuple(str(each.number) for each in items), total, len(found) > first)


def _by_observer(shared: SharedOpinion) -> tuple[Did, PersonId]:
    return shared.observer, shared.person


async def kept(ask: Ask, observer: Did, persons: Sequence[PersonId]) -> tuple[Kept, ...]:
    (found,) = await ask(_KEPT, observer=observer, persons=list(set(persons)))
    by_person = {PersonId(columns[0]): _kept(observer, columns) for columns in found}
    return tuple(by_person.get(each, Kept(each)) for each in persons)


def _kept(observer: Did, columns: Columns) -> Kept:
    person, summary, marks, with_subject, with_everybody, notes = columns
    return Kept(
        person,
        summary,
        tuple(Note(*each) for each in notes),
        () if marks is None else read_marks(marks, whose((observer, person))),
        Sharing(bool(with_subject), bool(with_everybody)),
    )
