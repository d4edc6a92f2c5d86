"""What can be said of a Social DNA before it is adopted: what is wrong in it, and how few could take it over."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a program; `rule` is stable. Lines count from 1, columns from 0; None: it is about the whole."""

    rule: str
    severity: Severity
    line: int | None
    column: int | None
    message: str
    suggestion: str | None = None

    def __str__(self) -> str:
        place = "" if self.line is None else f"{self.line}:{self.column or 0}: "
        hint = "" if self.suggestion is None else f" ({self.suggestion})"
        return f"{place}{self.severity}: {self.message}{hint} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class CaptureCost:
    """How few colluding members of a roster could admit so many outsiders that these are the majority.

    `lower` and `upper` are bounds; equal where the cost is known. `upper` is None where no way in was found; `moves`
    is a way in for `upper`, checked by fresh evaluations. `exact`: the program is a template's, so that members are
    known to be interchangeable and what was tried is all there is. Only then, or without a membrane, is no way in
    `impossible`. `exhausted`: the budget ran out.
    """

    members: int
    lower: int
    upper: int | None
    impossible: bool
    exact: bool
    exhausted: bool
    moves: tuple[str, ...]
    evaluations: int

    @property
    def cost(self) -> int | None:
        return self.upper if self.lower == self.upper else None
