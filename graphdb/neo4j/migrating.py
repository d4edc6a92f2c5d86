"""Bringing the constraints, indexes and first nodes of the graph up to date."""

from collections.abc import Iterable
from pathlib import Path

from graphdb.neo4j.connection import Database, Transaction, record, run

MIGRATIONS = Path(__file__).parent / "migrations"

_NUMBER_ONCE = "CREATE CONSTRAINT migration_number IF NOT EXISTS FOR (m:Migration) REQUIRE m.number IS UNIQUE"
_LOCK = """
MERGE (gate:Migration {number: 0}) ON CREATE SET gate.turn = 0
SET gate.turn = gate.turn
RETURN COLLECT { MATCH (m:Migration) WHERE m.number > 0 RETURN m.number }"""
_DONE = "CREATE (:Migration {number: $number, name: $name, at: toString(datetime())})"


async def migrate(database: Database) -> None:
    """Applies the numbered files that the graph has not seen yet, one process at a time.

    Schema and data cannot change in one transaction, so each statement has its own, next to the one
    that holds the lock; every statement can be repeated, should a process die half-way.
    """
    await _apply(database, _NUMBER_ONCE)

    async def work(gate: Transaction) -> None:
        (done,) = await record(gate, _LOCK)
        for path in sorted(MIGRATIONS.glob("*.cypher")):
            number = int(path.name.split("_")[0])
            if number not in done:
                for statement in statements(path.read_text(encoding="utf8")):
                    await _apply(database, statement)
                await run(gate, _DONE, number=number, name=path.stem)

    await database.write(work)


def statements(text: str) -> Iterable[str]:
    """The statements of a file, without its comment lines."""
    lines = (line for line in text.splitlines() if not line.startswith("//"))
    return [statement.strip() for statement in "\n".join(lines).split(";") if statement.strip()]


async def _apply(database: Database, statement: str) -> None:
    async def work(transaction: Transaction) -> None:
        await run(transaction, statement)

    await database.write(work)
