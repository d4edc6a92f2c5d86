"""Names that people show: what they may hold, and which can be taken for one another.

Confusable characters are those of Unicode 17 (UTS #39), read once from confusables.txt beside this module.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import cache, lru_cache
from pathlib import Path

from domain.errors import shown
from domain.people.errors import InvalidPersonName

NAME_CHARACTERS = 100

# Default_Ignorable_Code_Point of Unicode 17, which a skeleton leaves out: nobody sees them.
_IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ACCENTS = range(0x300, 0x370)
_SHOWN_LETTER = re.compile(
    r"(?:LATIN LETTER SMALL CAPITAL|LATIN (?:CAPITAL|SMALL) LETTER|REGIONAL INDICATOR SYMBOL LETTER) ([A-Z])$"
)


def check_name(text: str) -> str:
    """The name in NFC with single spaces.

    Raises `InvalidPersonName`: nothing to see, more than 100 characters, control or bidirectional characters.
    """
    if not isinstance(text, str):
        raise InvalidPersonName("$.name", "text", text)
    if any(_forbidden(character) for character in text):
        raise InvalidPersonName("$.name", "no control, bidirectional or unpaired characters", shown(ascii(text)))
    name = _tidy(text)
    if not skeleton(name).strip():
        raise InvalidPersonName("$.name", "something to see", shown(ascii(text)))
    if len(name) > NAME_CHARACTERS:
        raise InvalidPersonName("$.name", f"at most {NAME_CHARACTERS} characters", name)
    return name


def clean_name(text: str, fallback: str) -> str:
    """What can be shown of a name that a platform hands over, or the fallback. A message is not refused for a name."""
    kept = "".join(" " if _forbidden(character) else character for character in text[: 4 * NAME_CHARACTERS])
    name = _tidy(kept)[:NAME_CHARACTERS].strip()
    return name if skeleton(name).strip() else fallback


def confusable(one: str, other: str) -> bool:
    """Whether somebody could take one name for the other, whatever the case, spacing, accents or alphabet."""
    return not name_keys(one).isdisjoint(name_keys(other))


@lru_cache(16_384)
def name_keys(name: str) -> frozenset[str]:
    """Two names that share a key are confusable. Empty for a name of which nothing is to be seen.

    Two keys, because case and likeness do not commute: a capital I looks like l, a small i does not.
    """
    plain = _plain(name)
    keys = (skeleton(plain).casefold(), skeleton(plain.casefold()))
    return frozenset(skeleton(_plain(key)) for key in keys) - {""}


def imitates(name: str, reserved: Collection[str]) -> bool:
    """Whether the name can be taken for one of these."""
    keys = name_keys(name)
    return any(not keys.isdisjoint(name_keys(each)) for each in reserved)


def skeleton(text: str) -> str:
    """The skeleton of UTS #39 section 4: NFD, nothing ignorable, every character by its prototype, NFD."""
    prototypes = _prototypes()
    decomposed = unicodedata.normalize("NFD", text)
    mapped = "".join(prototypes.get(each, each) for each in decomposed if not _ignorable(each))
    return unicodedata.normalize("NFD", mapped)


def legible(text: str) -> str:
    """A text as it reads: what is not ASCII by what it looks like. Longer than a name, and still with its words."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFKC", text)
    return "".join(each if each.isascii() else skeleton(_letter(each)) for each in composed)


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _plain(text: str) -> str:
    """In compatibility form: no spaces, punctuation or accents; letters in boxes and small capitals as letters."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(_letter(each) for each in decomposed if not _unremarkable(each))


def _unremarkable(character: str) -> bool:
    return ord(character) in _ACCENTS or unicodedata.category(character)[0] in "ZPC"


def _letter(character: str) -> str:
    """Latin letters that Unicode does not list as confusable: their own names say which letter they show."""
    found = None if character.isascii() else _SHOWN_LETTER.search(unicodedata.name(character, ""))
    return found[1] if found else character


def _forbidden(character: str) -> bool:
    return character in _BIDI_CONTROLS or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def _ignorable(character: str) -> bool:
    point = ord(character)
    return any(first <= point <= last for first, last in _IGNORABLE)


@cache
def _prototypes() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in Path(__file__).with_name("confusables.txt").read_text("ascii", "ignore").splitlines():
        if line and not line.startswith("#"):
            prototype, _, alike = line.partition(";")
            found |= dict.fromkeys(_characters(alike), "".join(_characters(prototype)))
    return found


def _characters(points: str) -> list[str]:
    return [chr(int(point, 16)) for point in points.split()]
