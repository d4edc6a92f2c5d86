"""The GraphQL examples of docs/people.md run in their order, and answer as they stand."""

from tests.documented import examples
from tests.people.village import Village
from tests.servers import Json


async def test_the_examples_answer_as_they_stand(village: Village) -> None:
    bot = await village.observer()
    given: Json = {}
    shown = examples("people.md")

    for example in shown:
        answer = await village.society.post(example.query, given if "$person" in example.query else {}, bot)
        assert "errors" not in answer, answer["errors"]
        assert example.answered_by(answer["data"]), answer
        if "personRecordInteraction" in answer["data"]:
            given = {"person": answer["data"]["personRecordInteraction"]["person"], "other": given.get("person")}

    assert len(shown) >= 6
    assert sum(each.shown is not None for each in shown) >= 3
