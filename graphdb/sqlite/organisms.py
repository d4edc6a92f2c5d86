"""Organisms, their logs and all that follows from them, in SQLite."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import apsw

from domain.expressions import Expression
from domain.identity import Did
from domain.organisms.automatic import Automatic
from domain.organisms.coherence import Coherence
from domain.organisms.dna import DnaVerdict
from domain.organisms.facts import Given
from domain.organisms.gathering import Gathering
from domain.organisms.log import Frontier
from domain.organisms.organism import Adoption, Membership, Organism, Proposal, SignedVerdict, SpokenExpression, Vote
from domain.organisms.statement import Verdict
from graphdb.batching import Batcher
from graphdb.plan import Known, LiveVerdict, LogHead, Outcome, new_urls, plan, statement_ids, verdict_places
from graphdb.sqlite import rows
from graphdb.sqlite.automatic import automatic, set_auto_concur
from graphdb.sqlite.connection import Database
from graphdb.sqlite.projection import write
from graphdb.store import (
    Commit,
    Committed,
    Entry,
    ExpressionFilter,
    IdempotencyKey,
    Page,
    Repeat,
    Standing,
)

COMMIT_BATCH = 128

Item = TypeVar("Item")


class SqliteOrganisms:
    """The `Organisms` protocol over the embedded database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._commits: Batcher[Commit, Committed] = Batcher(self._run, COMMIT_BATCH)

    async def close(self) -> None:
        await self._commits.close()

    async def commit(self, commit: Commit) -> Committed:
        return await self._commits(commit)

    async def _run(self, commits: Sequence[Commit]) -> Sequence[Committed | Exception]:
        return await self._database.write(lambda connection: _commit_all(connection, commits))

    async def repeat(self, statement_id: str | None, key: IdempotencyKey | None) -> Repeat | None:
        return await self._database.point(lambda c: _repeat(c, statement_id, key))

    def recall(self, uri: str, url: str, did: Did) -> Standing | None:
        return None  # reading is cheap here

    def remembered(self, url: str) -> SpokenExpression | None:
        return None

    async def standing(self, uri: str, url: str, did: Did, statement_id: str | None = None) -> Standing:
        return await self._database.point(lambda c: _standing(c, uri, url, did, statement_id))

    async def gathering(self, uri: str) -> Gathering | None:
        return await self._database.read(lambda c: _gathering(c, uri))

    async def organism(self, uri: str) -> Organism | None:
        return await self._database.point(lambda c: _organism(c, uri))

    async def organisms(
        self, first: int, after: str | None, *, member: Did | None = None, search: str | None = None
    ) -> Page[Organism]:
        source, values = "organism o WHERE 1", list[object]()
        if member is not None:
            source += " AND EXISTS (SELECT 1 FROM membership m WHERE m.did = ? AND m.organism = o.uri"
            source += " AND m.until_epoch IS NULL)"
            values.append(member)
        if search is not None:
            source += (
                " AND (instr(lowered(o.name), lowered(?)) OR instr(lowered(ifnull(o.description, '')), lowered(?)))"
            )
            values += [search, search]
        return await self._page(
            rows.ORGANISM, source, values, "o.position", first, after, lambda c, row: rows.organism(row)
        )

    async def program(self, dna: str) -> str | None:
        return await self._database.point(lambda c: _value(c, "SELECT program FROM dna WHERE hash = ?", (dna,)))

    async def adoptions(self, uri: str) -> tuple[Adoption, ...]:
        query = "SELECT epoch, dna, proposal, at FROM adoption WHERE organism = ? ORDER BY epoch"
        found = await self._database.read(lambda c: rows.fetch(c, query, (uri,)))
        return tuple(Adoption(*row) for row in found)

    async def members(self, uri: str, first: int, after: str | None, *, epoch: int | None = None) -> Page[Membership]:
        source, values = "membership m WHERE m.organism = ?", list[object]([uri])
        if epoch is None:
            source += " AND m.until_epoch IS NULL"
        else:
            source += " AND m.since_epoch <= ? AND (m.until_epoch IS NULL OR m.until_epoch > ?)"
            values += [epoch, epoch]
        return await self._page(
            rows.MEMBERSHIP, source, values, "m.did", first, after, lambda c, row: rows.membership(row)
        )

    async def memberships(self, did: Did) -> tuple[tuple[str, Membership], ...]:
        query = f"SELECT m.organism, {rows.MEMBERSHIP} FROM membership m WHERE m.did = ? AND m.until_epoch IS NULL"
        found = await self._database.read(lambda c: rows.fetch(c, query, (did,)))
        return tuple((row[0], rows.membership(row[1:])) for row in found)

    async def invited(self, uri: str) -> tuple[Did, ...]:
        return await self._database.point(lambda c: _invited(c, uri))

    async def spoken(self, urls: Sequence[str]) -> tuple[SpokenExpression | None, ...]:
        return await self._database.point(lambda c: tuple(_spoken(c, url) for url in urls))

    async def expressions(
        self, uri: str, first: int, after: str | None, wanted: ExpressionFilter
    ) -> Page[SpokenExpression]:
        source, values = "spoken s WHERE s.organism = ?", list[object]([uri])
        if wanted.min_coherence is not None:
            source += " AND CAST(s.concurring AS REAL) / s.members >= ?"
            values.append(wanted.min_coherence)
        if wanted.author is not None:
            source += " AND s.speaker = ?"
            values.append(wanted.author)
        if wanted.language is not None:
            source += " AND s.language = ?"
            values.append(wanted.language)
        return await self._page(
            rows.SPOKEN, source, values, "s.position", first, after, lambda c, row: rows.spoken(row)
        )

    async def newest_expressions(self, uri: str, count: int) -> tuple[tuple[SpokenExpression, Expression], ...]:
        query = (
            f"SELECT {rows.SPOKEN}, x.text FROM spoken s JOIN expression x ON x.url = s.url"
            " WHERE s.organism = ? AND x.text IS NOT NULL ORDER BY s.position DESC LIMIT ?"
        )
        found = await self._database.read(lambda c: rows.fetch(c, query, (uri, count)))
        return tuple((rows.spoken(row), rows.expression(row[13])) for row in found)

    async def given(self, urls: Sequence[str], most: int) -> tuple[Given, ...]:
        return await self._database.read(lambda c: _given(c, urls, most))

    async def coherence(self, url: str) -> Coherence | None:
        return await self._database.point(lambda c: _coherence(c, url))

    async def verdicts(self, url: str, first: int, after: str | None) -> Page[SignedVerdict]:
        return await self._page(
            _SIGNED, f"{_VERDICTS} WHERE v.url = ?", [url], "v.position", first, after, lambda c, row: rows.verdict(row)
        )

    async def automatic_verdicts(self, did: Did, first: int, after: str | None) -> Page[SignedVerdict]:
        source = f"{_VERDICTS} WHERE v.did = ? AND v.automatic"
        return await self._page(_SIGNED, source, [did], "v.position", first, after, lambda c, row: rows.verdict(row))

    async def awaiting_verdict(
        self, did: Did, first: int, after: str | None, *, untried: bool = False
    ) -> Page[SpokenExpression]:
        source = (
            "spoken s JOIN membership m ON m.organism = s.organism AND m.did = ? AND m.until_epoch IS NULL"
            " WHERE s.retracted_at IS NULL AND s.position > m.since_position"
            " AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.url = s.url AND v.did = m.did)"
        )
        if untried:
            source += " AND NOT EXISTS (SELECT 1 FROM unsigned u WHERE u.did = m.did AND u.url = s.url)"
        return await self._page(rows.SPOKEN, source, [did], "s.position", first, after, lambda c, row: rows.spoken(row))

    async def awaiting_vote(self, did: Did, first: int, after: str | None) -> Page[Proposal]:
        source = (
            "membership m JOIN proposal p ON p.organism = m.organism AND p.state = 'OPEN'"
            " WHERE m.did = ? AND m.until_epoch IS NULL AND p.subject <> m.did"
            " AND NOT EXISTS (SELECT 1 FROM vote v WHERE v.proposal = p.id AND v.did = m.did)"
        )
        return await self._page(rows.PROPOSAL, source, [did], "p.position", first, after, _with_votes)

    async def awaiting_join(self, did: Did, first: int, after: str | None) -> Page[tuple[Organism, Proposal | None]]:
        return await self._page("w.organism, w.proposal", _WAITING, [did, did], "w.position", first, after, _way_in)

    async def proposal(self, proposal_id: str) -> Proposal | None:
        return await self._database.point(lambda c: _proposal(c, proposal_id))

    async def proposals(
        self, uri: str, first: int, after: str | None, *, open_only: bool | None = None
    ) -> Page[Proposal]:
        source = "proposal p WHERE p.organism = ?"
        if open_only is not None:
            source += f" AND p.state {'=' if open_only else '<>'} 'OPEN'"
        return await self._page(rows.PROPOSAL, source, [uri], "p.position", first, after, _with_votes)

    async def open_proposals(self) -> tuple[tuple[str, str], ...]:
        query = "SELECT organism, id FROM proposal WHERE state = 'OPEN' ORDER BY position"
        found = await self._database.read(lambda c: rows.fetch(c, query))
        return tuple((row[0], row[1]) for row in found)

    async def entries(self, uri: str, after_seq: int, first: int) -> tuple[Entry, ...]:
        query = f"SELECT {rows.ENTRY} FROM entry e WHERE e.organism = ? AND e.seq > ? ORDER BY e.seq LIMIT ?"
        return await self._database.read(lambda c: _entries(c, query, (uri, after_seq, first)))

    async def entries_since(
        self, position: int, first: int, *, uri: str | None = None, member: Did | None = None
    ) -> tuple[Entry, ...]:
        source, values = "entry e WHERE e.position > ?", list[object]([position])
        if uri is not None:
            source += " AND e.organism = ?"
            values.append(uri)
        if member is not None:
            source += (
                " AND EXISTS (SELECT 1 FROM membership m WHERE m.did = ? AND m.organism = e.organism"
                " AND m.since_position <= e.position"
                " AND (m.until_position IS NULL OR e.position <= m.until_position))"
            )
            values.append(member)
        query = f"SELECT {rows.ENTRY} FROM {source} ORDER BY e.position LIMIT ?"
        return await self._database.point(lambda c: _entries(c, query, (*values, first)))

    async def position(self) -> int:
        return await self._database.point(lambda c: int(_value(c, "SELECT position FROM log")))

    async def evaluated(self, uri: str, count: int) -> tuple[Entry, ...]:
        return await self._database.read(lambda c: _entries(c, _EVALUATED, (uri, count, uri, count, count)))

    async def kept_facts(self, uri: str, hashes: Sequence[str]) -> dict[str, bytes]:
        query = "SELECT facts FROM kept_facts WHERE organism = ? AND hash = ?"
        found = await self._database.read(lambda c: {each: _value(c, query, (uri, each)) for each in hashes})
        return {facts_hash: bytes(facts) for facts_hash, facts in found.items() if facts is not None}

    async def set_auto_concur(self, did: Did, uri: str | None, on: bool) -> None:
        await self._database.write(lambda c: set_auto_concur(c, did, uri or "", on))

    async def confirm_dna(self, did: Did, uri: str, dna: str) -> None:
        query = "INSERT OR IGNORE INTO dna_confirmed VALUES (?, ?, ?)"
        await self._database.write(lambda c: c.execute(query, (did, uri, dna)).fetchall())

    async def automatic(self, uri: str, dids: Sequence[Did], epoch: int) -> tuple[Automatic, ...]:
        return await self._database.read(lambda c: automatic(c, uri, dids, epoch))

    async def leave_unsigned(self, did: Did, url: str, verdict: DnaVerdict) -> None:
        query = "INSERT OR REPLACE INTO unsigned VALUES (?, ?, ?)"
        await self._database.write(lambda c: c.execute(query, (did, url, str(verdict))).fetchall())

    async def unsigned(self, did: Did, urls: Sequence[str]) -> dict[str, DnaVerdict]:
        query = "SELECT verdict FROM unsigned WHERE did = ? AND url = ?"
        found = await self._database.point(lambda c: [(url, _value(c, query, (did, url))) for url in urls])
        return {url: DnaVerdict(verdict) for url, verdict in found if verdict is not None}

    async def _page(
        self,
        columns: str,
        source: str,
        values: list[object],
        key: str,
        first: int,
        after: str | None,
        read: Callable[[apsw.Connection, rows.Row], Item],
    ) -> Page[Item]:
        """`source` is FROM … WHERE …; `key` orders the list and is the cursor."""
        return await self._database.read(lambda c: _page(c, columns, source, values, key, first, after, read))


_VERDICTS = (
    "verdict v JOIN entry e ON e.position = v.position JOIN spoken s ON s.url = v.url"
    " LEFT JOIN membership m ON m.organism = s.organism AND m.did = v.did AND m.until_epoch IS NULL"
)
# Who was invited joined without an evaluation.
_EVALUATED = f"""
    SELECT {rows.ENTRY} FROM (
        SELECT * FROM (SELECT position FROM spoken WHERE organism = ? ORDER BY position DESC LIMIT ?)
        UNION ALL
        SELECT * FROM (SELECT n.position FROM membership m JOIN entry n ON n.position = m.since_position
            WHERE m.organism = ? AND instr(n.text, '"evaluation":') > 0 ORDER BY m.since_position DESC LIMIT ?)
    ) p JOIN entry e ON e.position = p.position ORDER BY e.position DESC LIMIT ?"""
_WAITING = (
    "(SELECT i.organism, NULL AS proposal, o.position FROM invitation i JOIN organism o ON o.uri = i.organism"
    " WHERE i.did = ? UNION ALL SELECT p.organism, p.id, p.position FROM proposal p WHERE p.subject = ?"
    " AND p.change = 'add' AND p.state = 'OPEN' AND p.joined_at IS NULL) w WHERE w.position > 0"
)
"""Ways in that wait for a candidate's own join, in the order of the entries that opened them."""
_SIGNED = f"{rows.VERDICT}, m.did IS NOT NULL, e.text"


def _commit_all(connection: apsw.Connection, commits: Sequence[Commit]) -> Sequence[Committed | Exception]:
    decided = plan(commits, _known(connection, commits))
    if decided.accepted:
        write(connection, decided)
    return list[Outcome](decided.outcomes)


def _known(connection: apsw.Connection, commits: Sequence[Commit]) -> Known:
    known = Known(int(_value(connection, "SELECT position FROM log")))
    for uri in {commit.organism for commit in commits}:
        head = _log_head(connection, uri)
        if head is not None:
            known.heads[uri] = head
    for statement_id in statement_ids(commits):
        result = _value(connection, "SELECT result FROM statement WHERE id = ?", (statement_id,))
        if result is not None:
            known.statements[statement_id] = str(result)
    for commit in commits:
        first = None if commit.idempotency is None else _first_outcome(connection, commit.idempotency)
        if commit.idempotency is not None and first is not None:
            known.keys[(commit.idempotency.agent, commit.idempotency.key)] = first
    for url in new_urls(commits):
        if rows.fetch_one(connection, "SELECT 1 FROM spoken WHERE url = ?", (url,)) is not None:
            known.urls.add(url)
    for place in verdict_places(commits):
        query = "SELECT statement_id, verdict, as_spoken FROM verdict WHERE url = ? AND did = ?"
        for row in rows.fetch(connection, query, place):
            known.verdicts[place] = LiveVerdict(str(row[0]), Verdict(str(row[1])), bool(row[2]))
    for url in {url for url, _ in verdict_places(commits)}:
        for (concurring,) in rows.fetch(connection, "SELECT concurring FROM spoken WHERE url = ?", (url,)):
            known.concurring[url] = int(str(concurring))
    return known


def _log_head(connection: apsw.Connection, uri: str) -> LogHead | None:
    query = "SELECT epoch, size, facts_size, frontier, roster, member_count, dna FROM organism WHERE uri = ?"
    row = rows.fetch_one(connection, query, (uri,))
    return None if row is None else LogHead(row[0], row[1], row[2], Frontier.from_bytes(row[3]), row[4], row[5], row[6])


def _first_outcome(connection: apsw.Connection, key: IdempotencyKey) -> Repeat | None:
    query = "SELECT result, fingerprint FROM idempotency WHERE agent = ? AND key = ?"
    row = rows.fetch_one(connection, query, (key.agent, key.key))
    return None if row is None else Repeat(row[0], row[1])


def _repeat(connection: apsw.Connection, statement_id: str | None, key: IdempotencyKey | None) -> Repeat | None:
    first = None if key is None else _first_outcome(connection, key)
    if first is not None or statement_id is None:
        return first
    result = _value(connection, "SELECT result FROM statement WHERE id = ?", (statement_id,))
    return None if result is None else Repeat(str(result))


def _standing(connection: apsw.Connection, uri: str, url: str, did: Did, statement_id: str | None) -> Standing:
    organism = _organism(connection, uri)
    if organism is None:
        return Standing(None)
    spoken = _spoken(connection, url)
    signed = f"SELECT {_SIGNED} FROM {_VERDICTS} WHERE v.url = ? AND v.did = ?"
    verdict = None if spoken is None else rows.fetch_one(connection, signed, (url, did))
    return Standing(
        organism=organism,
        membership=_membership(connection, uri, did),
        spoken=spoken,
        verdict=None if verdict is None else rows.verdict(verdict),
        in_spoken_roster=spoken is not None and _in_roster(connection, uri, did, spoken.epoch),
        repeat=_repeat(connection, statement_id, None),
    )


def _in_roster(connection: apsw.Connection, uri: str, did: Did, epoch: int) -> bool:
    query = (
        "SELECT 1 FROM membership WHERE organism = ? AND did = ? AND since_epoch <= ?"
        " AND (until_epoch IS NULL OR until_epoch > ?)"
    )
    return rows.fetch_one(connection, query, (uri, did, epoch, epoch)) is not None


def _organism(connection: apsw.Connection, uri: str) -> Organism | None:
    row = rows.fetch_one(connection, f"SELECT {rows.ORGANISM} FROM organism o WHERE o.uri = ?", (uri,))
    return None if row is None else rows.organism(row)


def _membership(connection: apsw.Connection, uri: str, did: Did) -> Membership | None:
    query = f"SELECT {rows.MEMBERSHIP} FROM membership m WHERE m.organism = ? AND m.did = ? AND m.until_epoch IS NULL"
    row = rows.fetch_one(connection, query, (uri, did))
    return None if row is None else rows.membership(row)


def _spoken(connection: apsw.Connection, url: str) -> SpokenExpression | None:
    row = rows.fetch_one(connection, f"SELECT {rows.SPOKEN} FROM spoken s WHERE s.url = ?", (url,))
    return None if row is None else rows.spoken(row)


def _invited(connection: apsw.Connection, uri: str) -> tuple[Did, ...]:
    query = "SELECT did FROM invitation WHERE organism = ? ORDER BY did"
    return tuple(Did(str(row[0])) for row in rows.fetch(connection, query, (uri,)))


def _gathering(connection: apsw.Connection, uri: str) -> Gathering | None:
    organism = _organism(connection, uri)
    if organism is None:
        return None
    query = f"SELECT {rows.MEMBERSHIP} FROM membership m WHERE m.organism = ? AND m.until_epoch IS NULL ORDER BY m.did"
    members = tuple(rows.membership(row) for row in rows.fetch(connection, query, (uri,)))
    open_ones = f"SELECT {rows.PROPOSAL} FROM proposal p WHERE p.organism = ? AND p.state = 'OPEN' ORDER BY p.position"
    return Gathering(organism, members, _invited(connection, uri), _proposals(connection, open_ones, (uri,)))


def _proposals(connection: apsw.Connection, query: str, values: tuple[object, ...]) -> tuple[Proposal, ...]:
    found: list[rows.Row] = rows.fetch(connection, query, values)
    return tuple(_with_votes(connection, row) for row in found)


def _with_votes(connection: apsw.Connection, row: rows.Row) -> Proposal:
    query = "SELECT did, vote, reason, timestamp, received_at FROM vote WHERE proposal = ? ORDER BY received_at, did"
    votes: tuple[Vote, ...] = tuple(rows.vote(vote) for vote in rows.fetch(connection, query, (row[0],)))
    return rows.proposal(row, votes)


def _proposal(connection: apsw.Connection, proposal_id: str) -> Proposal | None:
    row = rows.fetch_one(connection, f"SELECT {rows.PROPOSAL} FROM proposal p WHERE p.id = ?", (proposal_id,))
    return None if row is None else _with_votes(connection, row)


def _way_in(connection: apsw.Connection, row: rows.Row) -> tuple[Organism, Proposal | None]:
    organism = _organism(connection, row[0])
    assert organism is not None
    return organism, None if row[1] is None else _proposal(connection, row[1])


def _given(connection: apsw.Connection, urls: Sequence[str], most: int) -> tuple[Given, ...]:
    query = "SELECT url, did, verdict, received_at FROM verdict WHERE url = ? ORDER BY did LIMIT ?"
    found: list[Given] = []
    for url in sorted(set(urls)):
        found += [rows.given(row) for row in rows.fetch(connection, query, (url, most - len(found)))]
    return tuple(found)


def _coherence(connection: apsw.Connection, url: str) -> Coherence | None:
    """One statement, so one snapshot: the stored counts as spoken, the present ones counted now."""
    query = """
        SELECT s.url, s.organism, s.concurring, s.members,
            (SELECT count(*) FROM verdict v JOIN membership m
                ON m.organism = s.organism AND m.did = v.did AND m.until_epoch IS NULL
                WHERE v.url = s.url AND v.verdict = 'concur'),
            o.member_count,
            (SELECT count(*) FROM verdict v WHERE v.url = s.url AND v.verdict = 'reject'),
            s.epoch, s.roster
        FROM spoken s JOIN organism o ON o.uri = s.organism WHERE s.url = ?"""
    row = rows.fetch_one(connection, query, (url,))
    return None if row is None else Coherence(*row)


def _entries(connection: apsw.Connection, query: str, values: tuple[object, ...]) -> tuple[Entry, ...]:
    found: list[rows.Row] = rows.fetch(connection, query, values)
    return tuple(rows.entry(row) for row in found)


def _page(
    connection: apsw.Connection,
    columns: str,
    source: str,
    values: list[object],
    key: str,
    first: int,
    after: str | None,
    read: Callable[[apsw.Connection, rows.Row], Item],
) -> Page[Item]:
    total = _value(connection, f"SELECT count(*) FROM {source}", tuple(values))
    cursor: object = after if after is None or key.endswith("did") else int(after)
    query = f"SELECT {key}, {columns} FROM {source}"
    if after is not None:
        query, values = f"{query} AND {key} > ?", [*values, cursor]
    query += f" ORDER BY {key} LIMIT ?"
    found: list[rows.Row] = rows.fetch(connection, query, (*values, first + 1))
    kept = found[:first]
    items = tuple(read(connection, row[1:]) for row in kept)
    return Page(items, tuple(str(row[0]) for row in kept), int(total or 0), len(found) > first)


def _value(connection: apsw.Connection, query: str, values: tuple[object, ...] = ()) -> Any:  # Any: one plain value
    row = rows.fetch_one(connection, query, values)
    return None if row is None else row[0]
