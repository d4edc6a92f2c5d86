"""The subscription on relationships, on both stores: every change once and in order, whenever one comes back."""

from contextlib import aclosing

import pytest

from resolvers.alliance.watch import relationship_changes
from resolvers.context import Context
from resolvers.paging import encode
from tests.alliance.observers import CHANGED, IGNORE, Observers, at
from tests.people.village import Village
from tests.servers import Json
from tests.so.society import Person

ANN = "discord:ann"


async def changes(observers: Observers, by: Person, count: int, after: str | None = "0", **more: Json) -> list[Json]:
    return await observers.society.events(CHANGED, count, {"a": after, **more}, by)


async def test_a_change_is_told_with_what_it_was_and_is(observers: Observers) -> None:
    bot = await observers.observer()
    ann = await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 3)

    (told,) = await changes(observers, bot, 1)

    assert {**told, "cursor": ""} == {
        "cursor": "",
        "subject": ann,
        "at": at(),
        "before": "UNKNOWN",
        "relationship": "ALLY",
        "score": 6.0,
    }


async def test_whoever_follows_is_told_while_it_happens_and_by_time_alone(observers: Observers) -> None:
    bot = await observers.observer()
    await observers.happen(bot, ANN, "UPVOTE_RECEIVED")
    context = Context(observers.society.services, bot.token)
    await context.authenticate()
    told: list[str] = []

    async with aclosing(relationship_changes(context, "0", None)) as following:
        told.append((await anext(following)).after)
        await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 2)
        told.append((await anext(following)).after)
        observers.day(41)
        observers.society.services.standings.bus.wake()
        told.append((await anext(following)).after)

    assert told == ["neutral", "ally", "neutral"]


async def test_whoever_comes_back_gets_what_is_missing_and_nothing_twice(observers: Observers) -> None:
    bot = await observers.observer()
    await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 3)
    (first,) = await changes(observers, bot, 1)
    await observers.ask(IGNORE, {"s": ANN}, bot)
    (second,) = await changes(observers, bot, 1, first["cursor"])
    await observers.happen(bot, "discord:ben", "MENTION_NEGATIVE", 2, b="PERSON")

    every = await changes(observers, bot, 3)

    assert every[:2] == [first, second]
    assert [(each["before"], each["relationship"]) for each in every] == [
        ("UNKNOWN", "ALLY"),
        ("ALLY", "IGNORE"),
        ("UNKNOWN", "RIVAL"),
    ]


async def test_one_observer_hears_nothing_of_another_s(observers: Observers) -> None:
    bot, other = await observers.observer(), await observers.observer("other")
    await observers.happen(other, ANN, "UPVOTE_RECEIVED", 3)
    ann = await observers.happen(bot, ANN, "MENTION_NEGATIVE", 2, b="PERSON")
    await changes(observers, other, 1)

    (told,) = await changes(observers, bot, 1)

    assert (told["subject"], told["relationship"]) == (ann, "RIVAL")


async def test_one_may_follow_one_person(observers: Observers) -> None:
    bot = await observers.observer()
    await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 3)
    ben = await observers.happen(bot, "discord:ben", "UPVOTE_RECEIVED", 3)

    (told,) = await changes(observers, bot, 1, s=ben)

    assert told["subject"] == ben


@pytest.mark.parametrize("after", ["nonsense", encode("99")])
async def test_a_cursor_that_never_was_is_refused(observers: Observers, after: str) -> None:
    bot = await observers.observer()
    code = await Village(observers.society).stopped(CHANGED, {"a": after}, bot)

    assert code == "INVALID_CURSOR"
