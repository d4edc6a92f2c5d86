"""The lock of everything that is written about people: one transaction after the other, each exactly once."""

from typing import Protocol
from uuid import uuid4

from graphdb.neo4j.connection import Answer, Database, Row, Transaction, Work, record, run

_LOCK = "MATCH (l:PeopleLog {id: 1}) SET l.turn = l.turn RETURN l.written"
_WRITTEN = "MATCH (l:PeopleLog {id: 1}) SET l.written = $token"


class Ask(Protocol):
    """A query that answers with one record, in a transaction or in one of its own."""

    async def __call__(self, query: str, /, **values: object) -> Row: ...


def asking(transaction: Transaction) -> Ask:
    async def ask(query: str, /, **values: object) -> Row:
        return await record(transaction, query, **values)

    return ask


class PeopleLog:
    """Transactions under the lock of people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, work: Work[Answer]) -> Answer:
        """Runs `work`, which writes, under the lock.

        A COMMIT whose answer got lost may have written it: then the token is there, and the answer of before holds.
        """
        token, done = uuid4().hex, list[Answer]()

        async def attempt(transaction: Transaction) -> Answer:
            (written,) = await record(transaction, _LOCK)
            if done and written == token:
                return done[-1]
            answer = await work(transaction)
            await run(transaction, _WRITTEN, token=token)
            done.append(answer)
            return answer

        return await self._database.write(attempt)

    async def read(self, work: Work[Answer]) -> Answer:
        """Runs `work`, which only reads, while nothing about people is being written: one snapshot."""

        async def attempt(transaction: Transaction) -> Answer:
            await record(transaction, _LOCK)
            return await work(transaction)

        return await self._database.write(attempt)

    async def ask(self, query: str, /, **values: object) -> Row:
        """The one record of a query, without the lock."""
        return await self._database.read(query, **values)
