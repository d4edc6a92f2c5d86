"""One batch of commits in one transaction: lock, read, plan, write."""

from collections.abc import Sequence

from domain.identity import Did
from domain.organisms.log import Frontier
from domain.organisms.statement import Verdict
from graphdb.neo4j import queries
from graphdb.neo4j.connection import Transaction, record
from graphdb.neo4j.projection import write
from graphdb.neo4j.rows import Columns, idempotency_id, key
from graphdb.plan import Known, LiveVerdict, LogHead, Plan, new_urls, plan, statement_ids, verdict_places
from graphdb.store import Commit, Repeat


class Batch:
    """The work of one transaction, which may have to run again.

    A COMMIT whose answer got lost may have written the batch, or may be writing it still. The next
    attempt waits for the log's lock and then looks for the last entry that the one before planned:
    a batch is written as a whole, so where that entry is, the plan's answers hold.
    """

    def __init__(self, commits: Sequence[Commit]) -> None:
        self._commits = commits
        self._tried: Plan | None = None

    async def __call__(self, transaction: Transaction) -> Plan:
        known, written = await self._known(transaction)
        if self._tried is not None and written == self._tried.accepted[-1].entry.text:
            return self._tried
        decided = plan(self._commits, known)
        if decided.accepted:
            self._tried = decided
            await write(transaction, decided)
        return decided

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
