"""A subscriber that is thrown off, or told that the store is away, and each time goes on from its last cursor."""

import json
from contextlib import aclosing
from dataclasses import dataclass, field

from tests.faults import documents
from tests.faults.line import STORE_UNAVAILABLE, Line, Lost, Refused, back_off
from tests.faults.process import ServerProcess


@dataclass
class Watcher:
    """Follows one organism's events from the start; `seen` are the texts of its entries as they came."""

    uri: str
    token: str
    cursor: str = "0"
    seen: list[str] = field(default_factory=list)
    refused: int = 0

    async def watch(self, server: ServerProcess, until: int | None = None) -> None:
        """Until the connection is lost, or entry number `until` has come."""
        try:
            async with server.connect(self.token) as opened:
                while until is None or len(self.seen) < until:
                    await self._follow(opened, until)
        except Lost:
            return

    async def _follow(self, opened: Line, until: int | None) -> None:
        """Subscribes once; returns at entry number `until`, or a little after the store went away."""
        try:
            async with aclosing(opened.events(documents.EVENTS, {"u": self.uri, "a": self.cursor})) as events:
                async for event in events:
                    self._take(event["soEvents"])
                    if len(self.seen) == until:
                        return
        except Refused as refused:
            if refused.code != STORE_UNAVAILABLE:
                raise
            self.refused += 1
            await back_off()

    def _take(self, event: dict[str, object]) -> None:
        assert event["soURI"] == self.uri
        entry = event["entry"]
        assert isinstance(entry, dict)
        assert entry["seq"] == len(self.seen) + 1 == json.loads(entry["text"])["seq"], "a gap, a repeat or a reorder"
        self.seen.append(entry["text"])
        self.cursor = str(event["cursor"])
