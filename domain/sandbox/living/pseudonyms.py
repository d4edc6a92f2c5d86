"""Names for the members of an organism that say nothing of who they are, and Social DNA that uses these names."""

import re
from collections.abc import Iterable, Mapping
from typing import Protocol

DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]*[A-Za-z0-9]")


class Joined(Protocol):
    """A member: `since` is when it joined (ms)."""

    @property
    def did(self) -> str: ...
    @property
    def since(self) -> int: ...


def pseudonyms(members: Iterable[Joined]) -> dict[str, str]:
    """By DID: `member_01` is the one that has been there for longest.

    Whoever joins later renames nobody, unless numbers need one more digit then (`member_001` of a hundred).
    """
    ranked = sorted(members, key=lambda member: (member.since, member.did))
    return dict(zip((member.did for member in ranked), numbered("member", len(ranked)), strict=True))


def numbered(word: str, count: int) -> list[str]:
    digits = max(2, len(str(count)))
    return [f"{word}_{number:0{digits}}" for number in range(1, count + 1)]


def disguised(program: str, names: Mapping[str, str]) -> tuple[str, int]:
    """The program with names in place of DIDs, and how many agents it speaks of that are no members.

    Those are called `outsider_01` and so on, in the order in which the program comes to them; they take no part.
    """
    others = [did for did in dict.fromkeys(DID.findall(program)) if did not in names]
    known = {**names, **dict(zip(others, numbered("outsider", len(others)), strict=True))}
    return DID.sub(lambda found: known[found.group()], program), len(others)
