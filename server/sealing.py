"""A secret key at rest: AES-256-GCM under a key that Argon2id derives from the passphrase.

The parameters are the second recommended option of RFC 9106 (section 4): 64 MiB, 3 passes, 4 lanes.
"""

import base64
import json
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from domain.errors import DomainError

VERSION = 1
MEMORY_KIB, PASSES, LANES = 64 * 1024, 3, 4
MOST_MEMORY_KIB, MOST_PASSES, MOST_LANES = 1024 * 1024, 16, 16
SALT_BYTES, NONCE_BYTES, KEY_BYTES = 16, 12, 32
SHORTEST, LONGEST = 1, 1_024


class WrongPassphrase(DomainError):
    code = "WRONG_PASSPHRASE"

    def __init__(self) -> None:
        super().__init__("The passphrase does not open this key")


class InvalidPassphrase(DomainError):
    code = "INVALID_PASSPHRASE"

    def __init__(self) -> None:
        super().__init__(f"A passphrase has {SHORTEST} to {LONGEST} characters")


class InvalidKeystore(DomainError):
    code = "INVALID_KEYSTORE"

    def __init__(self) -> None:
        super().__init__("The keystore is not a sealed key that `agentExport` gave")


def seal(seed: bytes, did: str, passphrase: str, random: Callable[[int], bytes]) -> str:
    """The sealed form: JSON with the parameters, so that they can be raised later."""
    salt, nonce = random(SALT_BYTES), random(NONCE_BYTES)
    key = _derive(passphrase, salt, MEMORY_KIB, PASSES, LANES)
    sealed = {
        "version": VERSION,
        "kdf": "argon2id",
        "memoryKiB": MEMORY_KIB,
        "passes": PASSES,
        "lanes": LANES,
        "salt": base64.b64encode(salt).decode(),
        "nonce": base64.b64encode(nonce).decode(),
        "ciphertext": base64.b64encode(AESGCM(key).encrypt(nonce, seed, did.encode())).decode(),
        "did": did,
    }
    return json.dumps(sealed, sort_keys=True)


def unseal(sealed: str, did: str, passphrase: str) -> bytes:
    """The seed. Raises `WrongPassphrase`, also when the key is another DID's, and `InvalidKeystore`."""
    try:
        value = json.loads(sealed)
        salt, nonce, ciphertext = (
            base64.b64decode(value[name], validate=True) for name in ("salt", "nonce", "ciphertext")
        )
        memory, passes, lanes = (int(value[name]) for name in ("memoryKiB", "passes", "lanes"))
        known = value["version"] == VERSION and value["kdf"] == "argon2id" and value["did"] == did
    except (ValueError, KeyError, TypeError):
        raise InvalidKeystore from None
    within = 8 * lanes <= memory <= MOST_MEMORY_KIB and 1 <= passes <= MOST_PASSES and 1 <= lanes <= MOST_LANES
    if not known or not within or len(salt) != SALT_BYTES or len(nonce) != NONCE_BYTES:
        raise InvalidKeystore
    try:
        return AESGCM(_derive(passphrase, salt, memory, passes, lanes)).decrypt(nonce, ciphertext, did.encode())
    except InvalidTag:
        raise WrongPassphrase from None


def _derive(passphrase: str, salt: bytes, memory: int, passes: int, lanes: int) -> bytes:
    if not SHORTEST <= len(passphrase) <= LONGEST:
        raise InvalidPassphrase
    try:
        secret = passphrase.encode()
    except UnicodeEncodeError:
        raise InvalidPassphrase from None
    kdf = Argon2id(salt=salt, length=KEY_BYTES, iterations=passes, lanes=lanes, memory_cost=memory)
    return kdf.derive(secret)
