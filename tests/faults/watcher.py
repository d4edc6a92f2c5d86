"""A subscriber that is thrown off again and again, and each time goes on from its last cursor."""

import json
from dataclasses import dataclass, field

from tests.faults import documents
from tests.faults.line import Lost, Refused
from tests.faults.process import ServerProcess


@dataclass
class Watcher:
    """Follows one organism's events from the start; `seen` are the texts of its entries as they came."""

    uri: str
    token: str
    cursor: str = "0"
    seen: list[str] = field(default_factory=list)

    async def watch(self, server: ServerProcess, until: int | None = None) -> None:
        """Until the connection is lost, or entry number `until` has come.

        A subscription that ends because the store is away begins again where it was.
        """
        while until is None or len(self.seen) < until:
            try:
                await self._follow(server, until)
            except Lost:
                return
            except Refused as refused:
                if refused.code != "STORE_UNAVAILABLE":
                    raise

    async def _follow(self, server: ServerProcess, until: int | None) -> None:
        async with server.connect(self.token) as opened:
            async for event in opened.events(documents.EVENTS, {"u": self.uri, "a": self.cursor}):
                self._take(event["soEvents"])
                if until is not None and len(self.seen) >= until:
                    return

    def _take(self, event: dict[str, object]) -> None:
        assert event["soURI"] == self.uri
        entry = event["entry"]
        assert isinstance(entry, dict)
        assert entry["seq"] == len(self.seen) + 1 == json.loads(entry["text"])["seq"], "a gap, a repeat or a reorder"
        self.seen.append(entry["text"])
        self.cursor = str(event["cursor"])
