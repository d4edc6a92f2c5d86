"""The server's own secrets: the key that signs heads and the secret that signs tokens, in one file of mode 0600."""

import base64
import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from domain.identity import KeyPair

SECRET_BYTES = 32
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Identity:
    """`keys` sign heads; `token_secret` signs tokens (HS256)."""

    keys: KeyPair
    token_secret: bytes = field(repr=False)


class UnusableIdentity(Exception):
    """Nothing is signed and nobody let in with such a file."""


class ExposedIdentity(UnusableIdentity):
    """Whoever can read the file can sign as the server and make tokens."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} can be read by others: run chmod 600 on it")


class DamagedIdentity(UnusableIdentity):
    """The file is there and is not what `load_identity` wrote; its contents are never shown."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} does not hold the server's keys: restore it from a backup, or remove it to begin anew"
        )


def load_identity(path: Path) -> Identity:
    """Reads the server's secrets, or makes them on the first start."""
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        _create(path)
        text = path.read_text(encoding="ascii")
    if os.name == "posix" and path.stat().st_mode & OTHERS:
        raise ExposedIdentity(path)
    try:
        stored = json.loads(text)
        seed, secret = (base64.b64decode(stored[name], validate=True) for name in ("seed", "tokenSecret"))
        if len(secret) < SECRET_BYTES:
            raise ValueError("the token secret is too short")
        return Identity(KeyPair.generate(seed), secret)
    except (ValueError, KeyError, TypeError):
        raise DamagedIdentity(path) from None


def _create(path: Path) -> None:
    """Written aside and linked into place: of two servers that start at once, both use what one of them made."""
    fresh = {
        "seed": base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode(),
        "tokenSecret": base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode(),
    }
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(fresh, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        aside.unlink()
