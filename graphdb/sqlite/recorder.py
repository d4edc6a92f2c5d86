"""Recording by a process beside the server's, when much comes at once.

What trust follows from an interaction is a third of what recording it takes, all under Python's lock; a process of its
own leaves that to the event loop.
"""

from collections.abc import Sequence

from graphdb.beside import Beside
from graphdb.interactions import (
    Moment,
    Recorded,
    RecordedBatch,
    Recording,
    RecordingBatch,
    TrustChange,
    Trusted,
)
from graphdb.packing import Packing

FEW = 4
"""So many interactions at once are recorded here, sooner than they could be sent to the process."""

packing = Packing(Moment, Recording, RecordingBatch, Recorded, RecordedBatch, Trusted, TrustChange)


class Recorder:
    """The process that records, once it is there; closed by `close`."""

    def __init__(self, path: str) -> None:
        self._process = Beside("graphdb.sqlite.recording_process", path)

    @property
    def has_process(self) -> bool:
        """Whether it is ready."""
        return self._process.has_process

    def takes(self, batches: Sequence[RecordingBatch]) -> bool:
        """Whether it is to be asked; it is started when there is much for the first time."""
        return sum(map(len, batches)) > FEW and self._process.ready()

    async def record(self, batches: Sequence[RecordingBatch]) -> Sequence[RecordedBatch]:
        """As `record_all`, in one durable transaction of that process. Raises what that raises, and `Lost`."""
        answer = packing.unpack(await self._process.ask(packing.pack(list(batches))))
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]  # as the process packs it

    async def close(self) -> None:
        await self._process.close()
