"""Overrides and ignore marks as JSON text, and back; reading raises `DamagedRecord`."""

from collections.abc import Iterable
from dataclasses import astuple

import orjson

from domain.alliance.history import IgnoreMark
from domain.people.report import Override
from graphdb.person_text import read


def override_text(override: Override | None) -> str | None:
    return None if override is None else orjson.dumps(astuple(override)).decode()


def read_override(text: str | None, whose: str) -> Override | None:
    return None if text is None else read(f"override of {whose}", lambda: Override(*orjson.loads(text)))


def marks_text(marks: Iterable[IgnoreMark]) -> str:
    return orjson.dumps([astuple(each) for each in marks]).decode()


def read_marks(text: str, whose: str) -> tuple[IgnoreMark, ...]:
    return read(f"ignore marks of {whose}", lambda: tuple(IgnoreMark(*each) for each in orjson.loads(text)))
