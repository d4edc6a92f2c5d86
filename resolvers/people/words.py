"""Texts that people write about people."""

import unicodedata

from domain.errors import shown
from resolvers.errors import InvalidArgument

LINES = frozenset("\n\t")


def checked_words(argument: str, text: str, longest: int) -> str:
    """Something to read, without control characters other than line breaks; raises `InvalidArgument`."""
    if not text.strip() or len(text) > longest:
        raise InvalidArgument(argument, f"1 to {longest} characters", shown(text))
    if any(unicodedata.category(each) in ("Cc", "Cs") and each not in LINES for each in text):
        raise InvalidArgument(argument, "no control characters", shown(ascii(text)))
    return text.strip()
