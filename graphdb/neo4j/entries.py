"""Reading the log without a gap, while commits are being applied in the sight of readers."""

from collections.abc import Sequence

from domain.identity import Did
from domain.organisms.events import MemberRemoved
from graphdb.neo4j import queries, rows
from graphdb.neo4j.connection import Database, Transaction, record
from graphdb.store import Entry

Stay = list[object]


class Entries:
    """The log's entries up to a position before which every commit is known to be applied as a whole.

    Neo4j applies a commit record by record, so a reader could find its second entry and not yet its
    first. Own commits settle their positions when they are acknowledged; those of another process are
    settled by waiting for the log's lock once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._settled = 0

    @property
    def settled(self) -> int:
        return self._settled

    def settle(self, position: int) -> None:
        """Everything up to this position is applied."""
        self._settled = max(self._settled, position)

    async def after_seq(self, uri: str, seq: int, first: int) -> tuple[Entry, ...]:
        return await self._read(queries.ENTRIES_AFTER_SEQ, first, uri=uri, seq=seq)

    async def since(self, position: int, first: int, uri: str | None) -> tuple[Entry, ...]:
        query = queries.ENTRIES_SINCE if uri is None else queries.ENTRIES_OF
        return await self._read(query, first, position=position, uri=uri)

    async def of_member(self, position: int, first: int, uri: str | None, did: Did) -> tuple[Entry, ...]:
        """Entries of the organisms that an agent belongs to, from its admission to its removal."""
        (newest,) = await self._database.read(queries.POSITION)
        if newest > self._settled:
            await self._wait()
        settled = self._settled
        # From entries, not from relationships: those move in the sight of readers, settled entries never change.
        (found,) = await self._database.read(queries.STAYS, did=did, settled=settled)
        stays = [
            [organism, max(position, start - 1), min(settled, end)]
            for organism, start, end in _stays(found, settled)
            if (uri is None or uri == organism) and end > position
        ]
        (entries,) = await self._database.read(queries.ENTRIES_OF_STAYS, stays=stays, first=first)
        return tuple(rows.entry(columns) for columns in entries)

    async def _read(self, query: str, first: int, **values: object) -> tuple[Entry, ...]:
        newest, found = await self._database.read(query, first=first, settled=self._settled, **values)
        if len(found) < first and newest > self._settled:
            await self._wait()
            _, found = await self._database.read(query, first=first, settled=self._settled, **values)
        return tuple(rows.entry(columns) for columns in found)

    async def _wait(self) -> None:
        async def work(transaction: Transaction) -> int:
            (position,) = await record(transaction, queries.LOCK_LOG)
            return int(position)

        self.settle(await self._database.write(work))


def _stays(found: Sequence[Sequence[object]], settled: int) -> list[tuple[str, int, int]]:
    """(organism, first position, last position) of each stay, from [organism, event, position] in order."""
    stays: list[tuple[str, int, int]] = []
    present: dict[str, int] = {}
    for organism, event, position in found:
        uri, at = str(organism), int(str(position))
        if event == MemberRemoved.name:
            stays.append((uri, present.pop(uri), at))
        else:
            present[uri] = at
    return stays + [(uri, start, settled) for uri, start in present.items()]
