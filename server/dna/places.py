"""Where in a program a problem is, read from the engine's message."""

import re

from domain.organisms.errors import DnaProblem

_PLACE = re.compile(r"line (\d+)(?:, column (-?\d+))?: (.*)", re.DOTALL)


def problem_of(text: str) -> DnaProblem:
    """The engine says where first, if it knows. Before a byte order mark, which it refuses, it counts -1."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return DnaProblem(text)
    line, column, message = found.groups()
    return DnaProblem(message, int(line), None if column is None else max(0, int(column)))
