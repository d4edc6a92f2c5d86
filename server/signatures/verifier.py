"""Verifying by a process beside the server's, when many signatures come at once.

libsodium's verification is a quarter of what a concurrence takes of the event loop, and a processor beside it is often
idle. Threads would not do: each verification ends with waiting for Python's lock.
"""

import os
from collections.abc import Sequence
from contextlib import suppress

from domain.identity import Did, decoded, forged, holds
from graphdb.batching import Batcher
from graphdb.beside import Beside, Lost
from server.signatures.frames import Claim, question

FEW = 4
"""So many are verified at once here, sooner than they could be sent to the process."""

MOST = 32
MOST_BYTES = 1 << 20


class Verifier:
    """`verify` for many requests at once; closed by `close`.

    The process is started when many come at once for the first time. While it is not there, and wherever it fails,
    signatures are verified here, as they all are with `aside` false.
    """

    def __init__(self, *, aside: bool = True) -> None:
        self._aside = aside and len(os.sched_getaffinity(0)) > 1
        self._batches: Batcher[Claim, bool] = Batcher(self._answers, MOST_BYTES, _weight)
        self._process = Beside("server.signatures")

    async def verify(self, did: Did, message: bytes, signature_hex: str) -> None:
        """Strict Ed25519, as `domain.identity.verify`. Raises InvalidDid or InvalidSignature."""
        claim = (*decoded(did, signature_hex), message)
        if not (await self._batches(claim) if self._aside else holds(*claim)):
            raise forged(did, signature_hex)

    @property
    def has_process(self) -> bool:
        """Whether it is ready."""
        return self._process.has_process

    async def close(self) -> None:
        await self._batches.close()
        await self._process.close()

    async def _answers(self, claims: Sequence[Claim]) -> list[bool]:
        if len(claims) > FEW and self._process.ready():
            with suppress(Lost):
                return [byte == 1 for byte in await self._process.ask(question(claims))]
        return [holds(*claim) for claim in claims]


def _weight(claim: Claim) -> int:
    return max(len(claim[2]), MOST_BYTES // MOST)
