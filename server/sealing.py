"""A secret key at rest: AES-256-GCM under a key that Argon2id derives from the passphrase.

The parameters are the second recommended option of RFC 9106 (section 4): 3 passes, 4 lanes, 64 MiB; OWASP's least is
2 passes and 19 MiB (Password Storage Cheat Sheet). The DID is associated data: a key sealed for one agent does not open
as another's.
"""

import base64
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from domain.canonical import Json, canonical, parse
from domain.errors import DomainError, InvalidJson
from domain.identity import Did, KeyPair
from resolvers.errors import InvalidKeystore, WrongPassphrase

VERSION = 1
SALT_BYTES, NONCE_BYTES, KEY_BYTES = 16, 12, 32
MOST_MEMORY_KIB, MOST_PASSES, MOST_LANES = 256 * 1024, 16, 16
SHORTEST, LONGEST = 1, 1_024
SEALED_LENGTH = 2_000


class InvalidPassphrase(DomainError):
    code = "INVALID_PASSPHRASE"

    def __init__(self) -> None:
        super().__init__(f"A passphrase has {SHORTEST} to {LONGEST} characters")


@dataclass(frozen=True, slots=True)
class Cost:
    """Argon2id's parameters."""

    passes: int
    lanes: int
    memory_kib: int

    @property
    def affordable(self) -> bool:
        """A stranger's keystore names its own parameters: they must not take the machine."""
        within = 1 <= self.passes <= MOST_PASSES and 1 <= self.lanes <= MOST_LANES
        return within and 8 * self.lanes <= self.memory_kib <= MOST_MEMORY_KIB


RECOMMENDED = Cost(passes=3, lanes=4, memory_kib=64 * 1024)


def seal(keys: KeyPair, passphrase: str, random: Callable[[int], bytes], cost: Cost = RECOMMENDED) -> str:
    """The sealed form: JSON with the parameters, so that they can be raised later. Slow on purpose."""
    salt, nonce = random(SALT_BYTES), random(NONCE_BYTES)
    ciphertext = AESGCM(_derive(passphrase, salt, cost)).encrypt(nonce, keys.seed, keys.did.encode())
    return canonical(
        {
            "version": VERSION,
            "did": keys.did,
            "kdf": "argon2id",
            "passes": cost.passes,
            "lanes": cost.lanes,
            "memoryKiB": cost.memory_kib,
            "salt": base64.b64encode(salt).decode(),
            "cipher": "aes-256-gcm",
            "nonce": base64.b64encode(nonce).decode(),
            "ciphertext": base64.b64encode(ciphertext).decode(),
        }
    )


def unseal(sealed: str, did: Did, passphrase: str) -> KeyPair:
    """Raises `InvalidKeystore` for another DID's; `WrongPassphrase` also where the ciphertext was changed."""
    salt, cost, nonce, ciphertext = _parts(sealed, did)
    try:
        seed = AESGCM(_derive(passphrase, salt, cost)).decrypt(nonce, ciphertext, did.encode())
    except InvalidTag:
        raise WrongPassphrase from None
    if len(seed) != KEY_BYTES or (keys := KeyPair.generate(seed)).did != did:
        raise InvalidKeystore
    return keys


def _parts(sealed: str, did: Did) -> tuple[bytes, Cost, bytes, bytes]:
    try:
        value = parse(sealed, max_length=SEALED_LENGTH, max_depth=2)
    except InvalidJson:
        raise InvalidKeystore from None
    known = {"version": VERSION, "did": did, "kdf": "argon2id", "cipher": "aes-256-gcm"}
    if not isinstance(value, dict) or any(value.get(name) != expected for name, expected in known.items()):
        raise InvalidKeystore
    cost = Cost(_number(value.get("passes")), _number(value.get("lanes")), _number(value.get("memoryKiB")))
    salt, nonce, ciphertext = (_bytes(value.get(name)) for name in ("salt", "nonce", "ciphertext"))
    if not cost.affordable or len(salt) != SALT_BYTES or len(nonce) != NONCE_BYTES:
        raise InvalidKeystore
    return salt, cost, nonce, ciphertext


def _number(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidKeystore
    return value


def _bytes(value: Json) -> bytes:
    try:
        return base64.b64decode(str(value), validate=True)
    except ValueError:
        raise InvalidKeystore from None


def _derive(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    """In NFC, so that the same passphrase typed on another system is the same (RFC 8265, section 4.2.2)."""
    if not SHORTEST <= len(passphrase) <= LONGEST:
        raise InvalidPassphrase
    try:
        secret = unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError:
        raise InvalidPassphrase from None
    kdf = Argon2id(salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib)
    return kdf.derive(secret)
