"""What an agent signs with its own key, and what anybody can check without asking a server.

Needs `cryptography`, `rfc8785` and `base58`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import base58
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Json = Any  # Any: whatever JSON holds

STATEMENT = b"social-organism/1\0"
SIGN_IN = b"chorus-sign-in/1\0"

_ED25519_PUB = b"\xed\x01"
_CID = b"\x01\x00\x12\x20"
_DID = re.compile(r"did:key:z(6Mk[1-9A-HJ-NP-Za-km-z]{44})")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")

_P = 2**255 - 19
# The y of the points of small order ("Taming the many EdDSAs", table 5). Under such a key one signature holds for many
# messages, and the library lets them pass.
_SMALL_ORDER = {
    0,
    1,
    _P - 1,
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7,
}


def canonical(value: Json) -> bytes:
    """RFC 8785: the one spelling of a value."""
    return rfc8785.dumps(value)


def sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def address(text: bytes) -> str:
    """AD4M's content address: `Qm`, then a CIDv1 with its multibase `z`."""
    return f"Qmz{base58.b58encode(_CID + hashlib.sha256(text).digest()).decode()}"


@dataclass(frozen=True)
class Identity:
    """An agent's key pair, which stays in this program."""

    _private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate, repr=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> "Identity":
        """A known agent, from the 32 bytes that were kept of it."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def did(self) -> str:
        public = self._private.public_key().public_bytes_raw()
        return f"did:key:z{base58.b58encode(_ED25519_PUB + public).decode()}"

    @property
    def key_id(self) -> str:
        """The verification method id that AD4M writes in `proof.key`."""
        return f"{self.did}#{self.did.removeprefix('did:key:')}"

    def sign(self, message: bytes) -> str:
        """Ed25519, in lower-case hex."""
        return self._private.sign(message).hex()

    def answer(self, challenge: Mapping[str, str]) -> str:
        """The signature that `agentSignIn` asks for."""
        return self.sign(SIGN_IN + canonical(dict(challenge)))

    def statement(self, fields: Mapping[str, Json]) -> dict[str, str]:
        """A signed statement as mutations take it in `signed`."""
        text = canonical({**fields, "author": self.did})
        return {"statement": text.decode(), "signature": self.sign(STATEMENT + text)}

    def expression(self, data: Json, timestamp: str) -> dict[str, Json]:
        """Data signed as an AD4M executor signs it."""
        signature = self.sign(_digest(data, timestamp))
        proof = {"key": self.key_id, "signature": signature}
        return {"author": self.did, "timestamp": timestamp, "data": data, "proof": proof}


def _digest(data: Json, timestamp: str) -> bytes:
    return hashlib.sha256(canonical(data) + timestamp.encode()).digest()


def verify(did: str, message: bytes, signature: str) -> bool:
    """Whether the key of that DID signed the message."""
    named = _DID.fullmatch(did)
    if named is None or not _SIGNATURE.fullmatch(signature):
        return False
    key = base58.b58decode(named[1])
    if len(key) != 34 or not key.startswith(_ED25519_PUB) or not _is_sound(key[2:]):
        return False
    if not _is_sound(bytes.fromhex(signature)[:32]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key[2:]).verify(bytes.fromhex(signature), message)
    except InvalidSignature:
        return False
    return True


def _is_sound(point: bytes) -> bool:
    """Encoded canonically, and not of small order."""
    y = int.from_bytes(point, "little") & (2**255 - 1)
    return y < _P and y not in _SMALL_ORDER


def is_signed(expression: Mapping[str, Json]) -> bool:
    """Whether its author signed the expression's data at its timestamp."""
    digest = _digest(expression["data"], expression["timestamp"])
    return verify(expression["author"], digest, expression["proof"]["signature"])


def content_of(expression: Mapping[str, Json]) -> str:
    """What statements name an expression by."""
    proof = {name: expression["proof"][name] for name in ("key", "signature")}
    signed = {name: expression[name] for name in ("author", "timestamp", "data")}
    return sha256_hex(canonical({**signed, "proof": proof}))


def link_url(expression: Mapping[str, Json]) -> str:
    """The URL of a signed link."""
    data = expression["data"]
    parts = (
        expression["author"],
        data["source"],
        data["predicate"] or "",
        data["target"],
        expression["timestamp"],
    )
    return f"link:{sha256_hex(''.join(parts).encode())[:32]}"


def json_url(expression: Mapping[str, Json]) -> str:
    """The URL of a signed expression in the language `json`."""
    return f"json://{address(canonical(dict(expression)))}"


def roster_root(members: Iterable[str]) -> str:
    """What a `speak` names the roster by."""
    return sha256_hex(canonical(sorted(members)))


def read_statement(signed: Mapping[str, str]) -> dict[str, Json] | None:
    """The fields of a statement that its author signed, spelled canonically; None for any other text."""
    text = signed["statement"]
    try:
        fields = json.loads(text)
        spelled = canonical(fields)
    except (ValueError, rfc8785.CanonicalizationError):
        return None
    if not isinstance(fields, dict) or not isinstance(fields.get("author"), str) or spelled != text.encode():
        return None
    return fields if verify(fields["author"], STATEMENT + spelled, signed["signature"]) else None


def is_verdict_on(signature: Mapping[str, Json], organism: str, url: str, content: str) -> bool:
    """Whether a signature that a server shows is its signer's verdict on exactly that expression.

    `content` is the one you computed from the expression yourself, with `content_of`.
    """
    fields = read_statement({"statement": signature["statement"], "signature": signature["signature"]})
    if fields is None:
        return False
    # Speaking is concurring.
    said = {"speak": "concur", "verdict": fields.get("verdict")}.get(fields["type"])
    about = (fields["author"], fields["organism"], fields.get("expression"), fields.get("content"))
    return said == signature["verdict"].lower() and about == (signature["did"], organism, url, content)
