"""Why Social DNA said what it said: a tree of goals, and the same as text for people."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.canonical import Json

LINES = 120
"""Of the two texts."""


@dataclass(frozen=True, slots=True)
class Step:
    """One goal of a proof or of a failure: its Prolog text, what it is, words for it, the line of its clause.

    `kind` is `rule` (holds by a clause), `holds`, `not`, `failed`, `clause` (of what failed, with the goal that it got
    stuck at), `calling` and `stuck` (where a limit or an error was met), `undefined`.
    """

    goal: str
    kind: str
    words: str | None
    line: int | None
    children: tuple["Step", ...] = ()

    def as_json(self) -> dict[str, Json]:
        below: list[Json] = [each.as_json() for each in self.children]
        return {"goal": self.goal, "kind": self.kind, "words": self.words, "line": self.line, "children": below}


@dataclass(frozen=True, slots=True)
class Explanation:
    """`tree` is None where none could be made; `note` then says why. `truncated`: there was more of it."""

    tree: Step | None
    note: str | None
    truncated: bool

    @property
    def prolog(self) -> str:
        return self._text(_prolog)

    @property
    def words(self) -> str:
        return self._text(_words)

    def _text(self, line: Callable[[Step], str]) -> str:
        if self.tree is None:
            return self.note or ""
        lines = list(_lines(self.tree, line, 0))
        more = ["…"] if self.truncated or len(lines) > LINES else []
        return "\n".join(lines[:LINES] + more)

    def as_json(self) -> dict[str, Json]:
        return {"prolog": self.prolog, "words": self.words, "truncated": self.truncated}


def _lines(step: Step, line: Callable[[Step], str], depth: int) -> Iterator[str]:
    yield "  " * depth + line(step)
    for child in step.children:
        yield from _lines(child, line, depth + 1)


_MARKS = {"rule": "yes", "holds": "yes", "not": "yes", "proof": "yes", "failed": "no", "clause": "no"}


def _prolog(step: Step) -> str:
    place = "" if step.line is None else f"  % line {step.line}"
    return f"{_MARKS.get(step.kind, '?')}: {step.goal}{place}"


def _words(step: Step) -> str:
    if step.kind == "clause":
        return f"the clause in line {step.line} needs:" if step.words is None else f"not so: {step.words}"
    if step.kind == "stuck":
        return f"{step.goal}: here it stopped"
    if step.kind == "calling":
        return f"while asking {step.goal}:"
    if step.words is not None:
        return step.words
    reason = "holds" if step.kind == "rule" else "does not hold"
    return f"{step.goal} {reason}" + (":" if step.children else "")
