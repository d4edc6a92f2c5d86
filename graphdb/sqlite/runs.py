"""Runs of the sandbox, in SQLite."""

from collections.abc import Sequence

import apsw

from domain.identity import Did
from graphdb.page import Page
from graphdb.runs import OPEN, RunKind, RunState, StoredResult, StoredRun
from graphdb.sqlite import rows
from graphdb.sqlite.connection import Database

_RUN = "id, owner, server, kind, header, results, created_at, changed_at, state, settled, problem"
_STATES = ", ".join(f"'{state}'" for state in OPEN)
_ADD = f"INSERT OR IGNORE INTO sandbox_run ({_RUN}) VALUES ({', '.join('?' * 11)})"
_OPEN = f"SELECT {_RUN} FROM sandbox_run WHERE server = ? AND state IN ({_STATES}) ORDER BY number"
_COUNT = f"SELECT count(*) FROM sandbox_run WHERE owner = ? AND state IN ({_STATES})"
_MOVE = f"UPDATE sandbox_run SET state = ?, changed_at = ?, problem = ? WHERE id = ? AND state IN ({_STATES})"
_SETTLE = "UPDATE sandbox_run SET settled = ?, changed_at = ? WHERE id = ? AND settled = ? AND state = 'running'"
_RESULT = "INSERT INTO sandbox_result (run, number, text) VALUES (?, ?, ?)"
_RESULTS = "SELECT number, text FROM sandbox_result WHERE run = ? AND number > ? ORDER BY number LIMIT ?"


class SqliteRuns:
    """The `Runs` protocol over the embedded database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, run: StoredRun) -> None:
        row = (run.id, run.owner, run.server, run.kind, run.header, run.results, run.created_at, run.changed_at)
        values = (*row, run.state, run.settled, run.problem)
        await self._database.write(lambda c: c.execute(_ADD, values).fetchall())

    async def run(self, run_id: str) -> StoredRun | None:
        query = f"SELECT {_RUN} FROM sandbox_run WHERE id = ?"
        row = await self._database.point(lambda c: rows.fetch_one(c, query, (run_id,)))
        return None if row is None else _run(row)

    async def runs(self, owner: Did, kind: RunKind, first: int, after: str | None) -> Page[StoredRun]:
        return await self._database.read(lambda c: _page(c, owner, kind, first, after))

    async def open_runs(self, server: Did) -> Sequence[StoredRun]:
        found = await self._database.read(lambda c: rows.fetch(c, _OPEN, (server,)))
        return [_run(row) for row in found]

    async def open_count(self, owner: Did) -> int:
        ((count,),) = await self._database.point(lambda c: rows.fetch(c, _COUNT, (owner,)))
        return int(count)

    async def move(self, run_id: str, state: RunState, at: int, problem: str | None = None) -> bool:
        values = (state, at, problem, run_id)
        return await self._database.write(lambda c: _changed(c, _MOVE, values))

    async def settle(self, run_id: str, results: Sequence[StoredResult], at: int) -> bool:
        return await self._database.write(lambda c: _settle(c, run_id, results, at))

    async def results(self, run_id: str, after: int, first: int) -> tuple[StoredResult, ...]:
        found = await self._database.point(lambda c: rows.fetch(c, _RESULTS, (run_id, after, first)))
        return tuple(StoredResult(*row) for row in found)


def _run(row: rows.Row) -> StoredRun:
    values: rows.Row = (*row[:3], RunKind(row[3]), *row[4:8], RunState(row[8]), *row[9:])
    return StoredRun(*values)


def _changed(connection: apsw.Connection, query: str, values: Sequence[object]) -> bool:
    connection.execute(query, tuple(values))
    return connection.changes() > 0


def _settle(connection: apsw.Connection, run_id: str, results: Sequence[StoredResult], at: int) -> bool:
    first = results[0].number
    if not _changed(connection, _SETTLE, (first + len(results), at, run_id, first)):
        return False
    connection.executemany(_RESULT, [(run_id, each.number, each.text) for each in results])
    return True


def _page(connection: apsw.Connection, owner: Did, kind: RunKind, first: int, after: str | None) -> Page[StoredRun]:
    mine = "FROM sandbox_run WHERE owner = ? AND kind = ?"
    ((total,),) = rows.fetch(connection, f"SELECT count(*) {mine}", (owner, kind))
    query = f"SELECT {_RUN}, number {mine} AND number < ? ORDER BY number DESC LIMIT ?"
    place = 2**62 if after is None else int(after)
    found = rows.fetch(connection, query, (owner, kind, place, first + 1))
    kept = found[:first]
    return Page(tuple(_run(row[:-1]) for row in kept), tuple(str(row[-1]) for row in kept), total, len(found) > first)
