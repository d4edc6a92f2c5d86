"""The seed's state file as it lies on a disk: naive, and sometimes cut short in the midst of writing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from domain.alliance.errors import InvalidAllianceData
from domain.canonical import Json, parse
from domain.errors import InvalidJson

MOST_CHARACTERS = 200_000_000
LEVELS = 16


@dataclass(frozen=True, slots=True)
class SeedFile:
    """What could be read of the file, and what was repaired."""

    state: Json
    repairs: tuple[str, ...] = ()


def read_seed_file(text: str) -> SeedFile:
    """Raises `InvalidAllianceData` where not one row of `interactions` can be found."""
    text = text.removeprefix("\ufeff")
    try:
        return SeedFile(parse(text, floats=True, max_length=MOST_CHARACTERS, max_depth=LEVELS))
    except InvalidJson as problem:
        rows = list(_rows_before_the_damage(text))
        if not rows:
            raise InvalidAllianceData("$", f"the JSON of an alliance_state.json: {problem.expected}") from None
        return SeedFile({"interactions": rows}, (f"The file is damaged: {len(rows)} rows before that were read",))


def _rows_before_the_damage(text: str) -> Iterator[Json]:
    """The rows of the list that can be read one after another."""
    _, found, rest = text.partition('"interactions"')
    rest = rest.lstrip().removeprefix(":").lstrip()
    if not found or not rest.startswith("["):
        return
    decoder, place = json.JSONDecoder(), 1
    while True:
        place = _next(rest, place)
        try:
            row, place = decoder.raw_decode(rest, place)
        except (json.JSONDecodeError, RecursionError):
            return
        yield row


def _next(text: str, place: int) -> int:
    """The place after white space and a comma."""
    while place < len(text) and text[place] in " \t\r\n,":
        place += 1
    return place
