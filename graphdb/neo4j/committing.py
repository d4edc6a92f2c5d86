"""One batch of commits in one transaction: lock, read, plan, write; or all of it in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.identity import Did
from domain.organisms.log import Frontier
from domain.organisms.organism import Membership, SpokenExpression
from domain.organisms.statement import Verdict
from graphdb.memory import Living, Memory
from graphdb.neo4j import queries, rows
from graphdb.neo4j.changes import APPEND_AT
from graphdb.neo4j.connection import Session, Transaction, record
from graphdb.neo4j.projection import first_verdicts, write
from graphdb.neo4j.rows import Columns, idempotency_id, key
from graphdb.plan import Known, LiveVerdict, LogHead, Plan, new_urls, plan, statement_ids, verdict_places
from graphdb.store import Commit, Repeat

MOST_SIGNERS = 20_000
"""An expression with more verdicts than this is not remembered."""


_UNSURE = -1
"""Stands for the position that a lost answer was planned from: others may have followed."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What the graph says, after a batch, about verdicts that were not remembered enough of."""

    organisms: Sequence[Living] = ()
    members: Sequence[tuple[str, Membership]] = ()
    heard: Sequence[tuple[SpokenExpression, Sequence[Did]]] = ()


class Batch:
    """The work of one batch, which may have to run again.

    A COMMIT whose answer got lost may have written the batch, or may be writing it still. The next
    attempt waits for the log's lock and then looks for the last entry that the one before planned:
    a batch is written as a whole, so where that entry is, the plan's answers hold.
    """

    def __init__(self, commits: Sequence[Commit], memory: Memory) -> None:
        self._commits = commits
        self._memory = memory
        self._tried: Plan | None = None

    async def __call__(self, session: Session) -> Plan:
        remembered = None if self._tried else self._memory.known(self._commits)
        if remembered is not None:
            decided = await self._append_at(session, remembered)
            if decided is not None:
                return decided
        return await self._look_and_write(session)

    async def _append_at(self, session: Session, remembered: Known) -> Plan | None:
        """Written from memory; None, and nothing written, where the log has moved on without this process.

        Should its answer get lost, it changes nothing any more once the log has moved.
        """
        planned = remembered.position
        decided = plan(self._commits, remembered)
        if not decided.accepted:
            return None
        self._tried = decided
        result = await session.run(APPEND_AT, first_verdicts(decided), planned=planned)
        if not await result.values():
            self._tried = None
            self._memory.forget()
            return None
        self._memory.follow(decided)
        return decided

    async def _look_and_write(self, session: Session) -> Plan:
        before, decided, learned = await session.execute_write(self._transact)
        if self._memory.position == before:
            self._memory.follow(decided)
        else:
            self._memory.forget(decided.position)
        self._memory.learn(learned.organisms, learned.members, learned.heard)
        return decided

    async def _transact(self, transaction: Transaction) -> tuple[int, Plan, Learned]:
        """The position that was planned from, what was written, and what to remember of it."""
        known, written = await self._known(transaction)
        before = known.position
        if self._tried is not None and written == self._tried.accepted[-1].entry.text:
            return _UNSURE, self._tried, Learned()
        decided = plan(self._commits, known)
        if not decided.accepted:
            return before, decided, Learned()
        self._tried = decided
        await write(transaction, decided)
        return before, decided, await self._learned(transaction, before, decided)

    async def _learned(self, transaction: Transaction, before: int, decided: Plan) -> Learned:
        """Only where this process is alone: where others write too, nothing stays true until the next batch."""
        missing = [commit for commit in self._commits if not self._memory.knows(commit)]
        if self._memory.position != before or not missing:
            return Learned()
        organisms, heard, members = await record(
            transaction,
            queries.REMEMBER,
            uris=list({commit.organism for commit in missing} & decided.heads.keys()),
            keys=list({key(commit.events[0].signed.expression) for commit in missing}),
            members=[[commit.organism, commit.events[0].signed.author] for commit in missing],
            most=MOST_SIGNERS,
        )
        return Learned(
            [Living(found, decided.heads[found.uri]) for found in map(rows.organism, organisms)],
            [(uri, rows.membership(columns)) for uri, columns in members],
            [(rows.spoken(columns), signers) for columns, signers in heard],
        )

    async def _known(self, transaction: Transaction) -> tuple[Known, str | None]:
        """What the graph says about everything the batch touches, and the entry that a lost answer was about."""
        places, urls = list(set(verdict_places(self._commits))), new_urls(self._commits)
        judged = list({url for url, _ in places})
        position, written, heads, statements, keys, verdicts, spoken, concurring = await record(
            transaction,
            queries.KNOWN,
            written=None if self._tried is None else self._tried.accepted[-1].entry.position,
            organisms=list({commit.organism for commit in self._commits}),
            statements=statement_ids(self._commits),
            keys=[idempotency_id(used.agent, used.key) for used in (c.idempotency for c in self._commits) if used],
            places=[[key(url), did, index] for index, (url, did) in enumerate(places)],
            spoken=[[key(url), index] for index, url in enumerate(urls)],
            judged=[[key(url), url] for url in judged],
        )
        known = Known(
            position,
            heads={head[0]: _head(head) for head in heads},
            statements=dict(statements),
            keys={(Did(agent), name): Repeat(result, mark) for agent, name, result, mark in keys},
            verdicts={places[found[0]]: LiveVerdict(found[1], Verdict(found[2]), found[3]) for found in verdicts},
            urls={urls[index] for index in spoken},
            concurring=dict(concurring),
        )
        return known, next(iter(written), None)


def _head(columns: Columns) -> LogHead:
    _, epoch, size, facts_size, frontier, roster, members, dna = columns
    return LogHead(epoch, size, facts_size, Frontier.from_bytes(frontier), roster, members, dna)
