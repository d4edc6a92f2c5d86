"""Between a driver and Neo4j: a wire that can be cut, for a while, at the next commit or wherever else."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from enum import Enum
from typing import Any

COMMIT = b"\x00\x02\xb0\x12\x00\x00"
"""Bolt's COMMIT: a chunk of two bytes, a structure without fields, the end of the message."""
FROM_MEMORY = b"l.position = $planned"
"""In a statement that is a transaction of its own."""


class Cut(Enum):
    BEFORE = "the server never hears of the commit"
    AFTER = "the server commits, and its answer gets lost"


class Wire:
    """Forwards what it gets; `next` tells what becomes of the next commit, `cuts` how often that happened.

    `commit` is how a commit is known. With `after` it is the next one on a connection where that text has passed. With
    `for_long` nobody gets through from then on, until `mend`.
    `left` is how many more sendings of the driver arrive before one is lost with its connection; None for all.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.next: Cut | None = None
        self.commit = COMMIT
        self.after = b""
        self.for_long = False
        self.left: int | None = None
        self.cuts = 0
        self.open: set[asyncio.Task[None] | None] = set()
        self._away = asyncio.Event()

    def mend(self) -> None:
        self._away.clear()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Every connection is cut, new ones too, as long as this lasts."""
        self._away.set()
        try:
            yield
        finally:
            self.mend()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(asyncio.current_task())
        upstream = await asyncio.open_connection("127.0.0.1", self.port)
        losing = asyncio.Event()
        there = asyncio.create_task(self._there(reader, upstream[1], losing))
        back = asyncio.create_task(self._back(upstream[0], writer, losing))
        away = asyncio.create_task(self._away.wait())
        running: set[asyncio.Task[Any]] = {there, back, away}  # Any: two give nothing, one True
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for each in (writer, upstream[1]):
            each.close()
            with suppress(ConnectionError):
                await each.wait_closed()
        self.open.discard(asyncio.current_task())

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, losing: asyncio.Event) -> None:
        passed = b""
        while data := await reader.read(65_536):
            passed = passed if self.after in passed else passed + data
            if self._used_up():
                self.cuts += 1
                return
            if self.commit in data and self.next is not None and self.after in passed:
                cut, self.next = self.next, None
                self.cuts += 1
                if cut is Cut.BEFORE:
                    return
                losing.set()
            writer.write(data)
            await writer.drain()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, losing: asyncio.Event) -> None:
        """Ends with the first answer that is to be lost."""
        while data := await reader.read(65_536):
            if losing.is_set():
                if self.for_long:
                    self._away.set()
                return
            writer.write(data)
            await writer.drain()

    def _used_up(self) -> bool:
        if self.left is None:
            return False
        self.left, used_up = (None, True) if self.left == 0 else (self.left - 1, False)
        return used_up


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[tuple[Wire, str]]:
    """The wire to a server on that port of 127.0.0.1, and the address of its near end."""
    cutting = Wire(port)
    server = await asyncio.start_server(cutting.accept, "127.0.0.1", 0)
    async with server:
        yield cutting, f"bolt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.gather(*(task for task in cutting.open if task is not None))
