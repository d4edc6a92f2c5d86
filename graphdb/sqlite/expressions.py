"""Expressions by URL, in SQLite."""

from collections.abc import Sequence

import apsw

from domain.canonical import canonical
from graphdb.sqlite import rows
from graphdb.sqlite.connection import Database
from graphdb.store import StoredExpression


class SqliteExpressions:
    """The `Expressions` protocol over the embedded database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, stored: StoredExpression) -> None:
        text = None if stored.expression is None else canonical(stored.expression.as_json())
        row = (stored.url, stored.language, text)
        query = "INSERT OR IGNORE INTO expression VALUES (?, ?, ?)"
        await self._database.write(lambda c: c.execute(query, row).fetchall())

    async def get(self, urls: Sequence[str]) -> tuple[StoredExpression | None, ...]:
        return await self._database.point(lambda c: tuple(_stored(c, url) for url in urls))


def _stored(connection: apsw.Connection, url: str) -> StoredExpression | None:
    row = connection.execute("SELECT language, text FROM expression WHERE url = ?", (url,)).fetchone()
    if row is None:
        return None
    language, text = row
    return StoredExpression(url, str(language), None if text is None else rows.expression(str(text)))
