"""Runs of the sandbox, in Neo4j."""

from collections.abc import Sequence

from domain.identity import Did
from graphdb.neo4j.connection import Database, Row, Transaction, record, run
from graphdb.page import Page
from graphdb.runs import OPEN, RunKind, RunState, StoredResult, StoredRun

_RUN = (
    "[r.id, r.owner, r.server, r.kind, r.header, r.results, r.createdAt, r.changedAt, r.state, r.settled, r.problem, "
    "r.number]"
)
# Numbered under the log's lock: newest first is by number.
LOCK_LOG = "MATCH (l:Log {id: 1}) SET l.turn = l.turn"
NUMBER = "RETURN COUNT { MATCH (:SandboxRun) }"
ADD = """
MERGE (r:SandboxRun {id: $id})
ON CREATE SET r.number = $number, r.owner = $owner, r.server = $server, r.kind = $kind, r.header = $header,
  r.results = $results, r.createdAt = $createdAt, r.changedAt = $changedAt, r.state = $state, r.open = $open,
  r.settled = $settled, r.problem = $problem, r.turn = 0"""
FIND = f"RETURN COLLECT {{ MATCH (r:SandboxRun {{id: $id}}) RETURN {_RUN} }}"
PAGE = f"""
RETURN COUNT {{ MATCH (r:SandboxRun) WHERE r.owner = $owner AND r.kind = $kind AND r.number >= 0 }},
       COLLECT {{ MATCH (r:SandboxRun) WHERE r.owner = $owner AND r.kind = $kind AND r.number < $place
                  WITH r ORDER BY r.number DESC LIMIT $limit RETURN {_RUN} }}"""
OPEN_RUNS = f"""
RETURN COLLECT {{ MATCH (r:SandboxRun) WHERE r.server = $server AND r.open = true
                  WITH r ORDER BY r.number RETURN {_RUN} }}"""
OPEN_COUNT = "RETURN COUNT { MATCH (r:SandboxRun) WHERE r.owner = $owner AND r.open = true }"
LOCK = "MATCH (r:SandboxRun {id: $id}) SET r.turn = r.turn"
MOVE = """
MATCH (r:SandboxRun {id: $id})
SET r.state = $state, r.open = $open, r.changedAt = $at, r.problem = $problem"""
SETTLE = """
MATCH (r:SandboxRun {id: $id}) SET r.settled = r.settled + size($texts), r.changedAt = $at
WITH r UNWIND range(0, size($texts) - 1) AS place
CREATE (:SandboxResult {run: $id, number: $first + place, text: $texts[place]})"""
RESULTS = """
RETURN COLLECT { MATCH (e:SandboxResult) WHERE e.run = $id AND e.number > $after
                 WITH e ORDER BY e.number LIMIT $limit RETURN [e.number, e.text] }"""


class Neo4jRuns:
    """The `Runs` protocol over Neo4j."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, stored: StoredRun) -> None:
        values = {"id": stored.id, "owner": stored.owner, "server": stored.server, "header": stored.header}
        values |= {"kind": stored.kind.value, "state": stored.state.value, "problem": stored.problem}  # type: ignore[dict-item]
        times = {"createdAt": stored.created_at, "changedAt": stored.changed_at}
        counts = {"results": stored.results, "settled": stored.settled, "open": stored.state in OPEN}

        async def work(transaction: Transaction) -> None:
            await run(transaction, LOCK_LOG)
            (number,) = await record(transaction, NUMBER)
            await run(transaction, ADD, number=number, **values, **times, **counts)

        await self._database.write(work)

    async def run(self, run_id: str) -> StoredRun | None:
        (found,) = await self._database.read(FIND, id=run_id)
        return next(map(_run, found), None)

    async def runs(self, owner: Did, kind: RunKind, first: int, after: str | None) -> Page[StoredRun]:
        place = 2**62 if after is None else int(after)
        total, found = await self._database.read(PAGE, owner=owner, kind=kind.value, place=place, limit=first + 1)
        kept = found[:first]
        return Page(tuple(map(_run, kept)), tuple(str(row[-1]) for row in kept), total, len(found) > first)

    async def open_runs(self, server: Did) -> Sequence[StoredRun]:
        (found,) = await self._database.read(OPEN_RUNS, server=server)
        return [_run(row) for row in found]

    async def open_count(self, owner: Did) -> int:
        (count,) = await self._database.read(OPEN_COUNT, owner=owner)
        return int(count)

    async def move(self, run_id: str, state: RunState, at: int, problem: str | None = None) -> bool:
        async def work(transaction: Transaction) -> bool:
            stood = await _locked(transaction, run_id)
            if stood is None or stood.state not in OPEN:
                return False
            values = {"state": state.value, "open": state in OPEN, "problem": problem}
            await run(transaction, MOVE, id=run_id, at=at, **values)
            return True

        return await self._database.write(work)

    async def settle(self, run_id: str, results: Sequence[StoredResult], at: int) -> bool:
        first, texts = results[0].number, [each.text for each in results]

        async def work(transaction: Transaction) -> bool:
            stood = await _locked(transaction, run_id)
            if stood is None or stood.state is not RunState.RUNNING or stood.settled != first:
                return False
            await run(transaction, SETTLE, id=run_id, first=first, texts=texts, at=at)
            return True

        return await self._database.write(work)

    async def results(self, run_id: str, after: int, first: int) -> tuple[StoredResult, ...]:
        (found,) = await self._database.read(RESULTS, id=run_id, after=after, limit=first)
        return tuple(StoredResult(*row) for row in found)


async def _locked(transaction: Transaction, run_id: str) -> StoredRun | None:
    await run(transaction, LOCK, id=run_id)
    (found,) = await record(transaction, FIND, id=run_id)
    return next(map(_run, found), None)


def _run(row: Row) -> StoredRun:
    values: Row = (*row[:3], RunKind(row[3]), *row[4:8], RunState(row[8]), *row[9:11])
    return StoredRun(*values)
