"""AD4M's content address: `Qm`, then a CIDv1 (codec 0, SHA-256) in multibase base58btc with its `z`."""

import hashlib
import re
from functools import lru_cache

import base58

_CID = b"\x01\x00\x12\x20"
_ADDRESS = re.compile(r"QmzSYwd[1-9A-HJ-NP-Za-km-z]{44}")
ORGANISM_SCHEME = "so://"


def address(text: str) -> str:
    """51 characters that begin with `QmzSYwd`. The `z` after `Qm` is AD4M's own habit, kept for interoperability."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"Qmz{base58.b58encode(_CID + digest).decode()}"


def is_address(text: str) -> bool:
    """Whether `address` could have returned the text."""
    return _ADDRESS.fullmatch(text) is not None and _has_codec(text)


@lru_cache(4_096)
def _has_codec(text: str) -> bool:
    return base58.b58decode(text[3:])[:4] == _CID


def is_organism_uri(text: str) -> bool:
    """Whether the text is `so://` and an address."""
    return text.startswith(ORGANISM_SCHEME) and is_address(text[len(ORGANISM_SCHEME) :])
