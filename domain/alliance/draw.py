"""Decisions between equals, drawn so that everybody gets the same result: SHA-256, never a process's own hash."""

import hashlib

from domain.alliance.errors import InvalidAllianceData

DOMAIN = "chorus-alliance"
VERSION = "1"


def draw(salt: str, purpose: str, observer: str, subject: str, about: str) -> int:
    """An integer in [0, 2^64): the first 8 bytes, big-endian, of SHA-256.

    Hashed are the domain, the version and the five arguments, each as its length in UTF-8 bytes (4 bytes, big-endian)
    and these bytes, so that no two lists of texts are hashed alike. `InvalidAllianceData` for a lone surrogate.
    """
    digest = hashlib.sha256()
    for text in (DOMAIN, VERSION, salt, purpose, observer, subject, about):
        data = _encoded(text)
        digest.update(len(data).to_bytes(4, "big") + data)
    return int.from_bytes(digest.digest()[:8], "big")


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InvalidAllianceData("$", "text without lone surrogates", ascii(text)) from None
