"""Runs of the sandbox, in Neo4j."""

from collections.abc import Sequence

from domain.identity import Did
from graphdb.neo4j.connection import Database, Row, Transaction, record, run
from graphdb.page import Page
from graphdb.runs import OPEN, RunState, StoredEpoch, StoredRun

_RUN = (
    "[r.id, r.owner, r.server, r.header, r.epochs, r.createdAt, r.changedAt, r.state, r.settled, r.problem, r.number]"
)
# Numbered under the log's lock: newest first is by number.
_LOCK_LOG = "MATCH (l:Log {id: 1}) SET l.turn = l.turn"
_NUMBER = "RETURN COUNT { MATCH (:SandboxRun) }"
_ADD = """
MERGE (r:SandboxRun {id: $id})
ON CREATE SET r.number = $number, r.owner = $owner, r.server = $server, r.header = $header, r.epochs = $epochs,
  r.createdAt = $createdAt, r.changedAt = $changedAt, r.state = $state, r.open = $open, r.settled = $settled,
  r.problem = $problem, r.turn = 0"""
_FIND = f"RETURN COLLECT {{ MATCH (r:SandboxRun {{id: $id}}) RETURN {_RUN} }}"
_PAGE = f"""
RETURN COUNT {{ MATCH (r:SandboxRun) WHERE r.owner = $owner AND r.number >= 0 }},
       COLLECT {{ MATCH (r:SandboxRun) WHERE r.owner = $owner AND r.number < $place
                  WITH r ORDER BY r.number DESC LIMIT $limit RETURN {_RUN} }}"""
_OPEN = f"""
RETURN COLLECT {{ MATCH (r:SandboxRun) WHERE r.server = $server AND r.open = true
                  WITH r ORDER BY r.number RETURN {_RUN} }}"""
_COUNT = "RETURN COUNT { MATCH (r:SandboxRun) WHERE r.owner = $owner AND r.number >= 0 AND r.open }"
_LOCK = "MATCH (r:SandboxRun {id: $id}) SET r.turn = r.turn"
_MOVE = """
MATCH (r:SandboxRun {id: $id})
SET r.state = $state, r.open = $open, r.changedAt = $at, r.problem = $problem"""
_SETTLE = """
MATCH (r:SandboxRun {id: $id}) SET r.settled = $epoch + 1, r.changedAt = $at
CREATE (:SandboxEpoch {run: $id, epoch: $epoch, metrics: $metrics})"""
_EPOCHS = """
RETURN COLLECT { MATCH (e:SandboxEpoch) WHERE e.run = $id AND e.epoch > $after
                 WITH e ORDER BY e.epoch LIMIT $limit RETURN [e.epoch, e.metrics] }"""


class Neo4jRuns:
    """The `Runs` protocol over Neo4j."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, stored: StoredRun) -> None:
        values = {"id": stored.id, "owner": stored.owner, "server": stored.server, "header": stored.header}
        values |= {"state": stored.state.value, "problem": stored.problem}  # type: ignore[dict-item]
        times = {"createdAt": stored.created_at, "changedAt": stored.changed_at}
        counts = {"epochs": stored.epochs, "settled": stored.settled, "open": stored.state in OPEN}

        async def work(transaction: Transaction) -> None:
            await run(transaction, _LOCK_LOG)
            (number,) = await record(transaction, _NUMBER)
            await run(transaction, _ADD, number=number, **values, **times, **counts)

        await self._database.write(work)

    async def run(self, run_id: str) -> StoredRun | None:
        (found,) = await self._database.read(_FIND, id=run_id)
        return next(map(_run, found), None)

    async def runs(self, owner: Did, first: int, after: str | None) -> Page[StoredRun]:
        place = 2**62 if after is None else int(after)
        total, found = await self._database.read(_PAGE, owner=owner, place=place, limit=first + 1)
        kept = found[:first]
        return Page(tuple(map(_run, kept)), tuple(str(row[-1]) for row in kept), total, len(found) > first)

    async def open_runs(self, server: Did) -> Sequence[StoredRun]:
        (found,) = await self._database.read(_OPEN, server=server)
        return [_run(row) for row in found]

    async def open_count(self, owner: Did) -> int:
        (count,) = await self._database.read(_COUNT, owner=owner)
        return int(count)

    async def move(self, run_id: str, state: RunState, at: int, problem: str | None = None) -> bool:
        async def work(transaction: Transaction) -> bool:
            stood = await _locked(transaction, run_id)
            if stood is None or stood.state not in OPEN:
                return False
            values = {"state": state.value, "open": state in OPEN, "problem": problem}
            await run(transaction, _MOVE, id=run_id, at=at, **values)
            return True

        return await self._database.write(work)

    async def settle(self, run_id: str, epoch: StoredEpoch, at: int) -> bool:
        async def work(transaction: Transaction) -> bool:
            stood = await _locked(transaction, run_id)
            if stood is None or stood.state is not RunState.RUNNING or stood.settled != epoch.epoch:
                return False
            await run(transaction, _SETTLE, id=run_id, epoch=epoch.epoch, metrics=epoch.metrics, at=at)
            return True

        return await self._database.write(work)

    async def epochs(self, run_id: str, after: int, first: int) -> tuple[StoredEpoch, ...]:
        (found,) = await self._database.read(_EPOCHS, id=run_id, after=after, limit=first)
        return tuple(StoredEpoch(*row) for row in found)


async def _locked(transaction: Transaction, run_id: str) -> StoredRun | None:
    await run(transaction, _LOCK, id=run_id)
    (found,) = await record(transaction, _FIND, id=run_id)
    return next(map(_run, found), None)


def _run(row: Row) -> StoredRun:
    values: Row = (*row[:7], RunState(row[7]), *row[8:10])
    return StoredRun(*values)
