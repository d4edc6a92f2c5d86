"""Organisms, their logs and all that follows from them, in Neo4j."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from domain.expressions import Expression
from domain.identity import Did
from domain.organisms.automatic import Automatic
from domain.organisms.coherence import Coherence
from domain.organisms.dna import DnaVerdict
from domain.organisms.facts import Given
from domain.organisms.gathering import Gathering
from domain.organisms.organism import Adoption, Membership, Organism, Proposal, SignedVerdict, SpokenExpression
from domain.organisms.roster import roster_root
from graphdb.batching import Batcher
from graphdb.memory import Memory
from graphdb.neo4j import queries, rows
from graphdb.neo4j.committing import Batch
from graphdb.neo4j.connection import Database, Row, Transaction, run
from graphdb.neo4j.entries import Entries
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

BATCH = 32
"""Small enough that one batch is decided here while Neo4j works on the one before."""

Item = TypeVar("Item")
StandingCall = tuple[str, str, Did, str | None]


class Neo4jOrganisms:
    """The `Organisms` protocol over Neo4j.

    What many callers ask for at once is read and written together. What must be of one moment is read
    under the organism's lock.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._entries = Entries(database)
        self._memory = Memory()
        self._commits: Batcher[Commit, Committed] = Batcher(self._commit_all, BATCH)
        self._standings: Batcher[StandingCall, Standing] = Batcher(self._standing_all, BATCH)
        self._rows: Batcher[str, Organism | None] = Batcher(self._organism_all, BATCH)
        self._coherences: Batcher[str, Coherence | None] = Batcher(self._coherence_all, BATCH)
        self._spoken: Batcher[tuple[str, ...], tuple[SpokenExpression | None, ...]] = Batcher(self._spoken_all, BATCH)

    async def close(self) -> None:
        await self._commits.close()
        await self._standings.close()
        await self._rows.close()
        await self._coherences.close()
        await self._spoken.close()

    async def commit(self, commit: Commit) -> Committed:
        return await self._commits(commit)

    async def _commit_all(self, commits: Sequence[Commit]) -> Sequence[Committed | Exception]:
        decided = await self._database.in_session(Batch(commits, self._memory))
        self._entries.settle(decided.position)
        return decided.outcomes

    async def repeat(self, statement_id: str | None, key: IdempotencyKey | None) -> Repeat | None:
        wanted = None if key is None else rows.idempotency_id(key.agent, key.key)
        by_key, by_statement = await self._database.read(queries.REPEAT, key=wanted, statement=statement_id)
        return next((Repeat(*found) for found in (*by_key, *by_statement)), None)

    def recall(self, uri: str, url: str, did: Did) -> Standing | None:
        return self._memory.recall(uri, url, did)

    def remembered(self, url: str) -> SpokenExpression | None:
        return self._memory.remembered(url)

    async def standing(self, uri: str, url: str, did: Did, statement_id: str | None = None) -> Standing:
        return await self._standings((uri, url, did, statement_id))

    async def _standing_all(self, calls: Sequence[StandingCall]) -> Sequence[Standing]:
        """What may be newer than the organism's state makes a commit move on; nothing may be older.

        So it is enough that the state's last commit was applied before the reading began. Where that is
        not known, the reading waits for it.
        """
        values = _standing_values(calls)
        settled = self._entries.settled
        organisms, spoken, answers = await self._database.read(queries.STANDING, **values)
        if any(rows.newest(columns) > settled for columns in organisms):
            uris = [columns[0] for columns in organisms]
            organisms, spoken, answers = await self._database.locked(uris, queries.STANDING, **values)
            self._entries.settle(max(rows.newest(columns) for columns in organisms))
        by_uri = {found.uri: found for found in map(rows.organism, organisms)}
        by_url = {found.url: found for found in map(rows.spoken, spoken)}
        return [
            rows.standing(by_uri.get(uri), by_url.get(url), answer)
            for (uri, url, _, _), answer in zip(calls, answers, strict=True)
        ]

    async def gathering(self, uri: str) -> Gathering | None:
        organisms, members, invited, proposals = await self._database.locked([uri], queries.GATHERING, uri=uri)
        if not organisms:
            return None
        return Gathering(
            rows.organism(organisms[0]),
            tuple(rows.membership(member) for member in members),
            tuple(Did(did) for did in invited),
            tuple(rows.proposal(proposal) for proposal in proposals),
        )

    async def organism(self, uri: str) -> Organism | None:
        return await self._rows(uri)

    async def _organism_all(self, uris: Sequence[str]) -> Sequence[Organism | None]:
        (found,) = await self._database.read(queries.ORGANISMS, uris=list(set(uris)))
        by_uri = {organism.uri: organism for organism in map(rows.organism, found)}
        return [by_uri.get(uri) for uri in uris]

    async def organisms(
        self, first: int, after: str | None, *, member: Did | None = None, search: str | None = None
    ) -> Page[Organism]:
        query = queries.organisms(member=member is not None, search=search is not None)
        uris = await self._page(query, first, _place(after), str, member=member, search=search)
        found = await self._organism_all(uris.items) if uris.items else ()
        return Page(tuple(each for each in found if each is not None), uris.cursors, uris.total, uris.more)

    async def program(self, dna: str) -> str | None:
        (found,) = await self._database.read(queries.PROGRAM, hash=dna)
        return next(iter(found), None)

    async def adoptions(self, uri: str) -> tuple[Adoption, ...]:
        (found,) = await self._database.locked([uri], queries.ADOPTIONS, uri=uri)
        return tuple(Adoption(*columns) for columns in found)

    async def members(self, uri: str, first: int, after: str | None, *, epoch: int | None = None) -> Page[Membership]:
        if epoch is None and after is None:
            whole = await self._roster(uri, first)
            if whole is not None:
                return Page(whole, tuple(member.did for member in whole), len(whole), False)
        query = queries.MEMBERS if epoch is None else queries.MEMBERS_AT
        return await self._page(query, first, after or "", rows.membership, lock=[uri], uri=uri, epoch=epoch)

    async def _roster(self, uri: str, limit: int) -> tuple[Membership, ...] | None:
        """All members, if there are no more than `limit` and they are those of the head's roster.

        So a list that was read while a commit was being applied is noticed, and nothing needs a lock.
        """
        heads, found = await self._database.read(queries.ROSTER, uri=uri, limit=limit + 1)
        members = tuple(map(rows.membership, found))
        if not heads:
            return None if members else ()
        rosters = [rows.head(text).roster for text in heads]
        return members if rosters == [roster_root(member.did for member in members)] else None

    async def memberships(self, did: Did) -> tuple[tuple[str, Membership], ...]:
        (found,) = await self._database.read(queries.MEMBERSHIPS, did=did)
        return tuple((uri, rows.membership(member)) for uri, member in found)

    async def invited(self, uri: str) -> tuple[Did, ...]:
        (found,) = await self._database.read(queries.INVITED, uri=uri)
        return tuple(Did(did) for did in found)

    async def spoken(self, urls: Sequence[str]) -> tuple[SpokenExpression | None, ...]:
        return await self._spoken(tuple(urls))

    async def _spoken_all(self, calls: Sequence[tuple[str, ...]]) -> Sequence[tuple[SpokenExpression | None, ...]]:
        keys = {rows.key(url) for urls in calls for url in urls}
        (found,) = await self._database.read(queries.SPOKEN_BY_URL, keys=list(keys))
        by_url = {each.url: each for each in map(rows.spoken, found)}
        return [tuple(by_url.get(url) for url in urls) for urls in calls]

    async def expressions(
        self, uri: str, first: int, after: str | None, wanted: ExpressionFilter
    ) -> Page[SpokenExpression]:
        filters: dict[str, Any] = {
            "minCoherence": wanted.min_coherence,
            "author": wanted.author,
            "language": wanted.language,
        }
        given = {name: value for name, value in filters.items() if value is not None}
        return await self._page(queries.expressions(given), first, _place(after), rows.spoken, uri=uri, **given)

    async def newest_expressions(self, uri: str, count: int) -> tuple[tuple[SpokenExpression, Expression], ...]:
        (found,) = await self._database.read(queries.NEWEST, uri=uri, count=count)
        return tuple((rows.spoken(columns), rows.expression(text)) for columns, text in found)

    async def given(self, urls: Sequence[str], most: int) -> tuple[Given, ...]:
        keys = sorted({rows.key(url) for url in urls})
        (found,) = await self._database.read(queries.GIVEN, keys=keys, most=most)
        return tuple(sorted(map(rows.given, found), key=lambda given: (given.url, given.did)))

    async def coherence(self, url: str) -> Coherence | None:
        return await self._coherences(url)

    async def _coherence_all(self, urls: Sequence[str]) -> Sequence[Coherence | None]:
        """Counts under the organisms' locks: read-committed alone could mix two states of the roster."""
        keys = [rows.key(url) for url in set(urls)]
        (organisms,) = await self._database.read(queries.SPEAKING, keys=keys)
        (found,) = await self._database.locked(organisms, queries.COHERENCE, keys=keys)
        by_url = {columns[0]: Coherence(*columns) for columns in found}
        return [by_url.get(url) for url in urls]

    async def verdicts(self, url: str, first: int, after: str | None) -> Page[SignedVerdict]:
        key = rows.key(url)
        (organisms,) = await self._database.read(queries.SPEAKING, keys=[key])
        return await self._page(queries.VERDICTS, first, _place(after), rows.verdict, lock=organisms, key=key)

    async def automatic_verdicts(self, did: Did, first: int, after: str | None) -> Page[SignedVerdict]:
        return await self._page(queries.AUTOMATIC, first, _place(after), rows.verdict, did=did)

    async def awaiting_verdict(
        self, did: Did, first: int, after: str | None, *, untried: bool = False
    ) -> Page[SpokenExpression]:
        query = queries.AWAITING_TRY if untried else queries.AWAITING_VERDICT
        return await self._page(query, first, _place(after), rows.spoken, did=did)

    async def awaiting_vote(self, did: Did, first: int, after: str | None) -> Page[Proposal]:
        page = await self._page(queries.AWAITING_VOTE, first, _place(after), tuple, did=did)
        proposals = await self._proposals(page.items)
        return _still(page, proposals, lambda each: each.open and each.vote_of(did) is None)

    async def awaiting_join(self, did: Did, first: int, after: str | None) -> Page[tuple[Organism, Proposal | None]]:
        page = await self._page(queries.AWAITING_JOIN, first, _place(after), tuple, did=did)
        proposals = await self._proposals([(uri, name) for uri, name in page.items if name is not None])
        by_id = {each.id: each for each in proposals}
        organisms = await self._organism_all([uri for uri, _ in page.items]) if page.items else ()
        pairs = [
            (organism, by_id.get(name)) for organism, (_, name) in zip(organisms, page.items, strict=True) if organism
        ]
        return _still(page, pairs, lambda each: each[1] is None or (each[1].open and each[1].joined_at is None))

    async def proposal(self, proposal_id: str) -> Proposal | None:
        (organisms,) = await self._database.read(queries.PROPOSING, ids=[proposal_id])
        found = await self._proposals([(uri, proposal_id) for uri in organisms])
        return next(iter(found), None)

    async def _proposals(self, places: Sequence[Sequence[str]]) -> Sequence[Proposal]:
        """The proposals of (organism, id) pairs, in that order, each with all its votes of one moment."""
        if not places:
            return ()
        ids = [proposal_id for _, proposal_id in places]
        (found,) = await self._database.locked((uri for uri, _ in places), queries.PROPOSALS, ids=ids)
        by_id = {each.id: each for each in map(rows.proposal, found)}
        return [by_id[proposal_id] for proposal_id in ids]

    async def proposals(
        self, uri: str, first: int, after: str | None, *, open_only: bool | None = None
    ) -> Page[Proposal]:
        return await self._page(queries.proposals(open_only), first, _place(after), rows.proposal, lock=[uri], uri=uri)

    async def open_proposals(self) -> tuple[tuple[str, str], ...]:
        (found,) = await self._database.read(queries.OPEN_PROPOSALS)
        return tuple((uri, proposal_id) for uri, proposal_id in found)

    async def entries(self, uri: str, after_seq: int, first: int) -> tuple[Entry, ...]:
        return await self._entries.after_seq(uri, after_seq, first)

    async def entries_since(
        self, position: int, first: int, *, uri: str | None = None, member: Did | None = None
    ) -> tuple[Entry, ...]:
        if member is not None:
            return await self._entries.of_member(position, first, uri, member)
        return await self._entries.since(position, first, uri)

    async def position(self) -> int:
        (position,) = await self._database.read(queries.POSITION)
        return int(position)

    async def evaluated(self, uri: str, count: int) -> tuple[Entry, ...]:
        (found,) = await self._database.read(queries.EVALUATED, uri=uri, count=count)
        return tuple(rows.entry(columns) for columns in found)

    async def kept_facts(self, uri: str, hashes: Sequence[str]) -> dict[str, bytes]:
        (found,) = await self._database.read(queries.KEPT, uri=uri, hashes=list(hashes))
        return {facts_hash: bytes(facts) for facts_hash, facts in found}

    async def set_auto_concur(self, did: Did, uri: str | None, on: bool) -> None:
        query = queries.AUTO_CONCUR_ON if on else queries.AUTO_CONCUR_OFF
        await self._write(query, did=did, uri=uri or "")

    async def _write(self, query: str, **values: object) -> None:
        """One statement that may run twice."""

        async def work(transaction: Transaction) -> None:
            await run(transaction, query, **values)

        await self._database.write(work)

    async def confirm_dna(self, did: Did, uri: str, dna: str) -> None:
        await self._write(queries.CONFIRM_DNA, did=did, uri=uri, dna=dna)

    async def automatic(self, uri: str, dids: Sequence[Did], epoch: int) -> tuple[Automatic, ...]:
        (found,) = await self._database.locked([uri], queries.AUTOMATIC_FOR, uri=uri, dids=list(dids), epoch=epoch)
        allowed = {did: rows.automatic(off, confirmed) for did, off, confirmed in found}
        return tuple(allowed.get(did, Automatic.STRANGER) for did in dids)

    async def leave_unsigned(self, did: Did, url: str, verdict: DnaVerdict) -> None:
        await self._write(queries.LEAVE_UNSIGNED, did=did, key=rows.key(url), verdict=str(verdict))

    async def unsigned(self, did: Did, urls: Sequence[str]) -> dict[str, DnaVerdict]:
        by_key = {rows.key(url): url for url in urls}
        (found,) = await self._database.read(queries.UNSIGNED, did=did, keys=list(by_key))
        return {by_key[key]: DnaVerdict(verdict) for key, verdict in found}

    async def _page(
        self,
        query: str,
        first: int,
        after: int | str,
        read: Callable[[Any], Item],  # Any: columns of this query
        *,
        lock: Sequence[str] = (),
        **values: object,
    ) -> Page[Item]:
        """`after` is the key of the item before the slice; `lock` names the organisms to be read at one moment."""
        values |= {"after": after, "limit": first + 1}
        total, found = await self._ask(query, lock, values)
        ordered = sorted(found, key=lambda row: row[0])
        kept = ordered[:first]
        items = tuple(read(columns) for _, columns in kept)
        return Page(items, tuple(str(key) for key, _ in kept), total, len(ordered) > first)

    async def _ask(self, query: str, lock: Sequence[str], values: Mapping[str, object]) -> Row:
        if lock:
            return await self._database.locked(lock, query, **values)
        return await self._database.read(query, **values)


def _standing_values(calls: Sequence[StandingCall]) -> dict[str, Any]:
    """What calls share is asked for once; a call becomes [uri, expression key, DID, statement id]."""
    asked = [[uri, rows.key(url), did, statement] for uri, url, did, statement in calls]
    return {"uris": list({call[0] for call in asked}), "keys": list({call[1] for call in asked}), "calls": asked}


def _still(page: Page[Any], items: Sequence[Item], holds: Callable[[Item], bool]) -> Page[Item]:  # Any: what was found
    """The page with what its items turned out to be, without those that ceased to belong there meanwhile."""
    kept = [(cursor, item) for cursor, item in zip(page.cursors, items, strict=True) if holds(item)]
    return Page(tuple(item for _, item in kept), tuple(cursor for cursor, _ in kept), page.total, page.more)


def _place(after: str | None) -> int:
    """A list ordered by position starts after 0."""
    return 0 if after is None else int(after)
