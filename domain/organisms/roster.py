"""The roster root: one hash for who the members are."""

from collections.abc import Iterable

from domain.canonical import Json, canonical, sha256_hex
from domain.identity import Did


def roster_root(members: Iterable[Did]) -> str:
    """Lower-case hex SHA-256 of the canonical JSON array of the sorted member DIDs, each once."""
    roster: list[Json] = [*sorted(set(members))]
    return sha256_hex(canonical(roster).encode())
