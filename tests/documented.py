"""The GraphQL examples of a page, and the answers that it shows."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Json

ANY = "…"
DOCS = Path(__file__).parents[1] / "docs"


@dataclass(frozen=True)
class Example:
    """`shown` is None where the page shows no answer."""

    query: str
    shown: Json

    def answered_by(self, data: Json) -> bool:
        return self.shown is None or matches(data, self.shown)


def examples(page: str) -> list[Example]:
    found = re.findall(r"```graphql\n(.*?)```\n(?:\n```json\n(.*?)```)?", (DOCS / page).read_text("utf8"), re.DOTALL)
    return [Example(query, json.loads(shown) if shown else None) for query, shown in found]


def matches(answer: Json, shown: Json) -> bool:
    """Whether an answer is the one that the page shows; `…` stands for anything but nothing."""
    if isinstance(shown, dict):
        return answer.keys() == shown.keys() and all(matches(answer[name], shown[name]) for name in shown)
    if isinstance(shown, list):
        return len(answer) == len(shown) and all(map(matches, answer, shown))
    return bool(answer == shown) or (shown == ANY and bool(answer))
