"""Agents: `did:key` identities and strict Ed25519 signatures.

One key has one spelling here. Everything that would let a second spelling through (another multibase, leading ones,
a point encoded modulo 2^255) is refused, because members are counted by their DIDs.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NewType

import base58
from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from domain.errors import InvalidDid, InvalidSignature

Did = NewType("Did", str)

KEYS_CACHED = 16_384
SEED_BYTES = 32
KEY_BYTES = 32
SIGNATURE_BYTES = 64

_PREFIX = "did:key:"
_ED25519_PUB = b"\xed\x01"
# The codec and 32 bytes are always 47 base58 digits that begin with 6Mk, so the length can be fixed before decoding.
_DID = re.compile(r"did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}")

_GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
_SIGNATURE_HEX = 128

# The eight points of order 1, 2, 4 and 8, in every encoding: y and y + p where that fits, each with both sign bits.
# A signature by such a key, or with such an R, can hold for messages that nobody signed ("Taming the many EdDSAs",
# Chalkias, Garillot and Nikolaenko 2020, table 5; libsodium refuses the same list).
_SMALL_ORDER_Y = (
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
)


def _both_signs(y: bytes) -> tuple[bytes, bytes]:
    return y, y[:31] + bytes([y[31] | 0x80])


SMALL_ORDER = frozenset(point for y in _SMALL_ORDER_Y for point in _both_signs(bytes.fromhex(y)))

_HIGH_BYTES = b"\xff" * 30


def _is_canonical(point: bytes) -> bool:
    """Whether y < p = 2^255 - 19. The sign bit of x = 0 is covered by SMALL_ORDER: there y is 1 or -1."""
    return point[1:31] != _HIGH_BYTES or point[31] | 0x80 != 0xFF or point[0] < 0xED


@lru_cache(KEYS_CACHED)
def _key_bytes(did: str) -> bytes:
    if not _DID.fullmatch(did):
        raise InvalidDid(did, "did:key:z6Mk… of an Ed25519 key in base58btc")
    decoded = base58.b58decode(did[len(_PREFIX) + 1 :])
    if len(decoded) != 34 or decoded[:2] != _ED25519_PUB:
        raise InvalidDid(did, "an Ed25519 public key of 32 bytes")
    key = decoded[2:]
    if not _is_canonical(key):
        raise InvalidDid(did, "a canonically encoded point")
    if key in SMALL_ORDER:
        raise InvalidDid(did, "a point that is not of small order")
    return key


def parse_did(text: str) -> Did:
    """The text as a DID; anything but the one canonical `did:key` of an Ed25519 key is an InvalidDid.

    Whether the point is on the curve is left to the verification of a signature: nobody can sign for one that is not.
    """
    if not isinstance(text, str):
        raise InvalidDid(text, "a string")
    _key_bytes(text)
    return Did(text)


def public_key(did: Did) -> bytes:
    """The 32 bytes of the DID's key."""
    return _key_bytes(did)


def did_of(public_key: bytes) -> Did:
    """The DID of a raw 32-byte Ed25519 public key."""
    return parse_did(f"{_PREFIX}z{base58.b58encode(_ED25519_PUB + public_key).decode()}")


def key_id(did: Did) -> str:
    """The verification method id that AD4M writes in `proof.key`."""
    return f"{did}#{did[len(_PREFIX) :]}"


def _signature_bytes(signature_hex: str) -> bytes:
    """Decoded, or InvalidSignature: lower-case hex, S < L, R canonical and not of small order."""
    try:
        signature = bytes.fromhex(signature_hex)
    except (ValueError, TypeError):
        raise InvalidSignature(signature_hex, "lower-case hex") from None
    if len(signature_hex) != _SIGNATURE_HEX or signature.hex() != signature_hex:
        raise InvalidSignature(signature_hex, f"{_SIGNATURE_HEX} characters of lower-case hex")
    r = signature[:32]
    if r in SMALL_ORDER or not _is_canonical(r):
        raise InvalidSignature(signature_hex, "a canonical R that is not of small order")
    if int.from_bytes(signature[32:], "little") >= _GROUP_ORDER:
        raise InvalidSignature(signature_hex, "S below the group order")
    return signature


def verify(did: Did, message: bytes, signature_hex: str) -> None:
    """Strict Ed25519: `decoded`, and the equation `holds`. Raises InvalidDid or InvalidSignature."""
    if not holds(*decoded(did, signature_hex), message):
        raise forged(did, signature_hex)


def decoded(did: Did, signature_hex: str) -> tuple[bytes, bytes]:
    """Key and signature, each in its one canonical encoding. Raises InvalidDid or InvalidSignature.

    The encodings are checked here because libraries differ in what they let pass.
    """
    return _key_bytes(did), _signature_bytes(signature_hex)


def holds(key: bytes, signature: bytes, message: bytes) -> bool:
    """The equation of RFC 8032 without the cofactor, by libsodium, which takes half the time of OpenSSL."""
    try:
        crypto_sign_open(signature + message, key)
    except BadSignatureError:
        return False
    return True


def forged(did: Did, signature_hex: str) -> InvalidSignature:
    """What is wrong where the equation does not hold."""
    return InvalidSignature(signature_hex, f"a signature by {did} over these bytes")


@dataclass(frozen=True, slots=True, repr=False)
class KeyPair:
    """An agent's key. Its secret is never printed, and equality is that of the DID."""

    did: Did
    _secret: bytes = field(compare=False)

    @classmethod
    def generate(cls, random_bytes: bytes) -> "KeyPair":
        """From a 32-byte seed: random for a new agent, stored for a known one."""
        public, secret = crypto_sign_seed_keypair(random_bytes)
        return cls(did_of(public), secret)

    @property
    def seed(self) -> bytes:
        return self._secret[:SEED_BYTES]

    def sign(self, message: bytes) -> str:
        """Lower-case hex, 128 characters."""
        return crypto_sign(message, self._secret)[:SIGNATURE_BYTES].hex()

    def __repr__(self) -> str:
        return f"KeyPair({self.did})"
