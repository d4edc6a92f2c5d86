"""The GraphQL examples of docs/alliance.md run in their order, and answer as they stand."""

from tests.alliance.observers import Observers
from tests.documented import examples


async def test_the_examples_answer_as_they_stand(observers: Observers) -> None:
    bot = await observers.observer()
    shown = examples("alliance.md")

    for example in shown:
        answer = await observers.society.post(example.query, {}, bot)
        assert "errors" not in answer, answer["errors"]
        assert example.answered_by(answer["data"]), answer

    assert len(shown) >= 4
    assert sum(each.shown is not None for each in shown) >= 3
