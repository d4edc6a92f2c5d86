"""Expressions by URL, in Neo4j."""

from collections.abc import Sequence

from domain.canonical import canonical
from domain.expressions import Expression
from graphdb.neo4j import changes, rows
from graphdb.neo4j.connection import Database, Transaction, run
from graphdb.store import StoredExpression

_KEPT = """
RETURN COLLECT { UNWIND $keys AS key MATCH (e:Expression {key: key}) WHERE e.kept
                 RETURN [e.url, e.language, e.text] }"""


class Neo4jExpressions:
    """The `Expressions` protocol over Neo4j."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, stored: StoredExpression) -> None:
        text = None if stored.expression is None else canonical(stored.expression.as_json())
        row = [rows.key(stored.url), stored.url, stored.language, text, True]

        async def work(transaction: Transaction) -> None:
            await run(transaction, changes.EXPRESSIONS, rows=[row])

        await self._database.write(work)

    async def get(self, urls: Sequence[str]) -> tuple[StoredExpression | None, ...]:
        (found,) = await self._database.read(_KEPT, keys=[rows.key(url) for url in urls])
        by_url = {url: StoredExpression(url, language, _expression(text)) for url, language, text in found}
        return tuple(by_url.get(url) for url in urls)


def _expression(text: str | None) -> Expression | None:
    return None if text is None else rows.expression(text)
