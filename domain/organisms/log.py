"""The organism's log as an RFC 6962 tree, and the heads that the server signs.

The tree is kept as a compact range: the roots of the perfect subtrees that make up the log, at most 64 hashes. pymerkle
is the usual library, but it keeps every leaf in memory; with a compact range a store appends in O(log n) from one row.
The tests hold it equal to pymerkle and to the recursive definition.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.address import is_organism_uri
from domain.canonical import LARGEST_INTEGER, Json, canonical
from domain.errors import InvalidHead, InvalidTimestamp
from domain.identity import Did, KeyPair, verify
from domain.timestamp import parse_millis

HEAD_DOMAIN = b"social-organism-head/1\0"

_HASH_BYTES = 32
_SIZE_BYTES = 8
_HASH = re.compile(r"[0-9a-f]{64}")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_HEAD_FIELDS = frozenset(("organism", "size", "root", "epoch", "timestamp", "signature"))


def leaf_hash(entry_text: str) -> bytes:
    """Of one entry's canonical JSON."""
    return hashlib.sha256(b"\x00" + entry_text.encode()).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The compact range of a log: its size and the roots of its perfect subtrees, the largest first."""

    size: int = 0
    subtrees: tuple[bytes, ...] = field(default=())

    def __post_init__(self) -> None:
        if len(self.subtrees) != self.size.bit_count():
            raise ValueError(f"a log of {self.size} entries has {self.size.bit_count()} perfect subtrees")

    def append(self, leaf: bytes) -> "Frontier":
        """The range with one more leaf hash; every set low bit of the size is a subtree to merge."""
        subtrees, merged = self.subtrees, leaf
        size = self.size
        while size & 1:
            merged = node_hash(subtrees[-1], merged)
            subtrees = subtrees[:-1]
            size >>= 1
        return Frontier(self.size + 1, (*subtrees, merged))

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """The range with these leaf hashes appended in order."""
        grown = self
        for leaf in leaves:
            grown = grown.append(leaf)
        return grown

    def root(self) -> bytes:
        """The Merkle tree hash (RFC 6962 §2.1) of all entries."""
        if not self.subtrees:
            return hashlib.sha256(b"").digest()
        *rest, root = self.subtrees
        for subtree in reversed(rest):
            root = node_hash(subtree, root)
        return root

    def to_bytes(self) -> bytes:
        """The size in 8 bytes, big-endian, then 32 bytes for each subtree."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self.subtrees)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Frontier":
        """The inverse of `to_bytes`; ValueError for anything else."""
        if len(data) < _SIZE_BYTES or (len(data) - _SIZE_BYTES) % _HASH_BYTES:
            raise ValueError("not a stored frontier")
        size = int.from_bytes(data[:_SIZE_BYTES], "big")
        starts = range(_SIZE_BYTES, len(data), _HASH_BYTES)
        return cls(size, tuple(data[start : start + _HASH_BYTES] for start in starts))


EMPTY = Frontier()


@dataclass(frozen=True, slots=True)
class Head:
    """A signed statement of the server that the log had this root at this size."""

    organism: str
    size: int
    root: str
    epoch: int
    timestamp: str
    signature: str

    def as_json(self) -> dict[str, Json]:
        return _unsigned(self.organism, self.size, self.root, self.epoch, self.timestamp) | {
            "signature": self.signature
        }


def _unsigned(organism: str, size: int, root: str, epoch: int, timestamp: str) -> dict[str, Json]:
    return {"organism": organism, "size": size, "root": root, "epoch": epoch, "timestamp": timestamp}


def _signed_bytes(head: dict[str, Json]) -> bytes:
    return HEAD_DOMAIN + canonical(head).encode()


def sign_head(keys: KeyPair, organism: str, size: int, root: str, epoch: int, timestamp: str) -> Head:
    """`root` in hex, `timestamp` as in statements."""
    signature = keys.sign(_signed_bytes(_unsigned(organism, size, root, epoch, timestamp)))
    return head_from_json(Head(organism, size, root, epoch, timestamp, signature).as_json())


def verify_head(head: Head, server_did: Did) -> None:
    """Raise InvalidSignature unless this server signed the head."""
    unsigned = _unsigned(head.organism, head.size, head.root, head.epoch, head.timestamp)
    verify(server_did, _signed_bytes(unsigned), head.signature)


def head_from_json(value: Json, path: str = "$") -> Head:
    """Check the shape of a head, not its signature. Raises InvalidHead with the path under `path`."""
    if not isinstance(value, dict) or value.keys() != _HEAD_FIELDS:
        raise InvalidHead(path, f"an object with exactly {', '.join(sorted(_HEAD_FIELDS))}", value)
    return Head(
        organism=_organism(value["organism"], f"{path}.organism"),
        size=_count(value["size"], f"{path}.size"),
        root=_hex(value["root"], f"{path}.root", _HASH),
        epoch=_count(value["epoch"], f"{path}.epoch"),
        timestamp=_timestamp(value["timestamp"], f"{path}.timestamp"),
        signature=_hex(value["signature"], f"{path}.signature", _SIGNATURE),
    )


def _organism(value: Json, path: str) -> str:
    if not isinstance(value, str) or not is_organism_uri(value):
        raise InvalidHead(path, "an organism URI, so://Qmz…", value)
    return value


def _count(value: Json, path: str) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST_INTEGER:
        raise InvalidHead(path, "an integer from 0", value)
    return value


def _hex(value: Json, path: str, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InvalidHead(path, "lower-case hex of the right length", value)
    return value


def _timestamp(value: Json, path: str) -> str:
    try:
        parse_millis(value)  # type: ignore[arg-type]  # refuses what is not a string
    except InvalidTimestamp as error:
        raise InvalidHead(path, str(error.facts["expected"]), value) from None
    return str(value)
