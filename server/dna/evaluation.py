"""What the driver's reply says."""

from collections.abc import Mapping

from domain.organisms.dna import DnaVerdict

REASON_LENGTH = 400


def verdict_of(reply: Mapping[str, object]) -> tuple[DnaVerdict, str | None]:
    """Return verdict and reason. Only true is true.

    The reply may come from a driver that the program has spoiled, so anything unexpected is undecided.
    """
    if reply == {"status": "true"}:
        return DnaVerdict.TRUE, None
    if reply == {"status": "false"}:
        return DnaVerdict.FALSE, None
    return DnaVerdict.UNDECIDED, str(reply.get("message", "the program spoiled its evaluation"))[:REASON_LENGTH]
