"""What another Social DNA would change, for the people who vote on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff

CONTEXT = 3
COMPARED = 4_000_000
"""Lines of one side times those of the other: what is longer is shown as taken out and put in as a whole."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`unified` is a unified diff with line numbers; the others are predicates as name/arity, in order."""

    unified: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def difference(before: str, after: str, old: Mapping[str, str], new: Mapping[str, str]) -> Difference:
    """Of two programs and their predicates, each with a digest of its clauses. Takes time: not on an event loop."""
    return Difference(
        unified="\n".join(_unified(before.splitlines(), after.splitlines())),
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(name for name in old.keys() & new.keys() if old[name] != new[name])),
    )


def _unified(old: list[str], new: list[str]) -> Iterator[str]:
    if len(old) * len(new) <= COMPARED and not _repetitive(old, new):
        return unified_diff(old, new, "in force", "proposed", n=CONTEXT, lineterm="")
    return _whole(old, new)


def _repetitive(old: list[str], new: list[str]) -> bool:
    """Many equal lines make the comparison cubic."""
    return max(len(old) - len(set(old)), len(new) - len(set(new))) > 1_000


def _whole(old: list[str], new: list[str]) -> Iterator[str]:
    """Everything but what both begin and end with."""
    start = _common(old, new)
    end = min(_common(old[::-1], new[::-1]), min(len(old), len(new)) - start)
    first = max(0, start - CONTEXT)
    last = min(CONTEXT, end)
    taken, put = old[start : len(old) - end], new[start : len(new) - end]
    if not taken and not put:
        return
    around = start - first + last
    yield "--- in force"
    yield "+++ proposed"
    yield f"@@ -{first + 1},{len(taken) + around} +{first + 1},{len(put) + around} @@"
    yield from (f" {line}" for line in old[first:start])
    yield from (f"-{line}" for line in taken)
    yield from (f"+{line}" for line in put)
    yield from (f" {line}" for line in old[len(old) - end : len(old) - end + last])


def _common(old: list[str], new: list[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count
