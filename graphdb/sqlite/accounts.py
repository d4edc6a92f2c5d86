"""Hosted agents and granted tokens, in SQLite."""

import apsw

from domain.identity import Did
from graphdb.sqlite.connection import Database
from graphdb.sqlite.rows import Row
from graphdb.store import App, DeadTokens, HostedAgent

_AGENT = "did, name, sealed, created_at"
_APP = "request_id, agent, auth, token_id, issued_at, revoked"


class SqliteAccounts:
    """The `Accounts` protocol over the embedded database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_agent(self, agent: HostedAgent) -> None:
        row = (agent.did, agent.name, agent.sealed, agent.created_at)
        query = f"INSERT OR IGNORE INTO hosted_agent ({_AGENT}) VALUES (?, ?, ?, ?)"
        await self._database.write(lambda c: c.execute(query, row).fetchall())

    async def replace_key(self, did: Did, sealed: str) -> None:
        query = "UPDATE hosted_agent SET sealed = ? WHERE did = ?"
        await self._database.write(lambda c: c.execute(query, (sealed, did)).fetchall())

    async def agent(self, did: Did) -> HostedAgent | None:
        query = f"SELECT {_AGENT} FROM hosted_agent WHERE did = ?"
        row: Row | None = await self._database.point(lambda c: c.execute(query, (did,)).fetchone())
        return None if row is None else _agent(row)

    async def agents(self) -> tuple[HostedAgent, ...]:
        query = f"SELECT {_AGENT} FROM hosted_agent ORDER BY number"
        found = await self._database.point(lambda c: c.execute(query).fetchall())
        return tuple(_agent(row) for row in found)

    async def add_app(self, app: App) -> None:
        row = (app.request_id, app.agent, app.auth, app.token_id, app.issued_at, app.revoked)
        query = f"INSERT OR IGNORE INTO app ({_APP}) VALUES (?, ?, ?, ?, ?, ?)"
        await self._database.write(lambda c: c.execute(query, row).fetchall())

    async def apps(self, agent: Did) -> tuple[App, ...]:
        query = f"SELECT {_APP} FROM app WHERE agent = ? ORDER BY issued_at, request_id"
        found = await self._database.point(lambda c: c.execute(query, (agent,)).fetchall())
        return tuple(_app(row) for row in found)

    async def revoke_app(self, agent: Did, request_id: str) -> bool:
        return await self._database.write(lambda c: _kill(c, agent, request_id, remove=False))

    async def remove_app(self, agent: Did, request_id: str) -> bool:
        return await self._database.write(lambda c: _kill(c, agent, request_id, remove=True))

    async def dead_tokens(self, after: int) -> DeadTokens:
        query = "SELECT token_id, number FROM dead_token WHERE number > ? ORDER BY number"
        found: list[Row] = await self._database.point(lambda c: c.execute(query, (after,)).fetchall())
        return DeadTokens(frozenset(row[0] for row in found), found[-1][1] if found else after)


def _kill(connection: apsw.Connection, agent: Did, request_id: str, *, remove: bool) -> bool:
    """A removed app's token is as dead as a revoked one's."""
    query = "SELECT token_id FROM app WHERE agent = ? AND request_id = ?"
    row = connection.execute(query, (agent, request_id)).fetchone()
    if row is None:
        return False
    connection.execute("INSERT OR IGNORE INTO dead_token (token_id) VALUES (?)", row)
    change = "DELETE FROM app" if remove else "UPDATE app SET revoked = 1"
    connection.execute(f"{change} WHERE request_id = ?", (request_id,))
    return True


def _agent(row: Row) -> HostedAgent:
    return HostedAgent(*row)


def _app(row: Row) -> App:
    values: Row = (*row[:5], bool(row[5]))
    return App(*values)
