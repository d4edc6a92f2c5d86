"""The GraphQL examples of docs/people.md run in their order, and answer as they stand."""

import json
import re
from pathlib import Path

from tests.people.village import Village
from tests.servers import Json

PAGE = (Path(__file__).parents[2] / "docs" / "people.md").read_text("utf8")
EXAMPLES = re.findall(r"```graphql\n(.*?)```\n(?:\n```json\n(.*?)```)?", PAGE, re.DOTALL)
ANY = "…"


def matches(answer: Json, shown: Json) -> bool:
    """Whether an answer is the one that the page shows; `…` stands for any text."""
    if isinstance(shown, dict):
        return answer.keys() == shown.keys() and all(matches(answer[name], shown[name]) for name in shown)
    if isinstance(shown, list):
        return len(answer) == len(shown) and all(map(matches, answer, shown))
    return bool(answer == shown) or (shown == ANY and isinstance(answer, str))


async def test_the_examples_answer_as_they_stand(village: Village) -> None:
    bot = await village.observer()
    given: Json = {}

    for query, shown in EXAMPLES:
        answer = await village.society.post(query, given if "$person" in query else {}, bot)
        assert "errors" not in answer, answer["errors"]
        assert matches(answer["data"], json.loads(shown) if shown else answer["data"]), answer
        if "personRecordInteraction" in answer["data"]:
            given = {"person": answer["data"]["personRecordInteraction"]["person"], "other": given.get("person")}

    assert len(EXAMPLES) >= 6
    assert sum(bool(shown) for _, shown in EXAMPLES) >= 3
