"""Changes of tier are followed from a place on, without a gap."""

import asyncio

from resolvers.people.maintain import refresh_due
from tests.people.village import Village, message

WATCH = """subscription ($a: String, $p: String) { personTrustChanged(after: $a, person: $p) {
  cursor person at score before tier } }"""


async def test_every_tier_is_told_in_order_and_again_from_a_cursor(village: Village) -> None:
    bot = await village.observer()
    person = await village.live(bot, range(2))
    for last in (5, 15):
        await village.live(bot, range(last))

    told = await village.society.events(WATCH, 3, {"a": "0"}, bot)
    later = await village.society.events(WATCH, 2, {"a": told[0]["cursor"]}, bot)

    assert [(each["before"], each["tier"]) for each in told] == [
        (None, "STRANGER"),
        ("STRANGER", "ACQUAINTANCE"),
        ("ACQUAINTANCE", "FAMILIAR"),
    ]
    assert {each["person"] for each in told} == {person}
    assert later == told[1:]


async def test_a_follower_is_told_while_it_happens(village: Village) -> None:
    bot = await village.observer()
    person = await village.live(bot, range(4))
    cursor = (await village.society.events(WATCH, 1, {"a": "0"}, bot))[0]["cursor"]
    following = asyncio.create_task(village.society.events(WATCH, 1, {"a": cursor, "p": person}, bot))
    await village.meet(bot, 3.9, platformId="irc:bob")
    await village.live(bot, range(5))

    (event,) = await asyncio.wait_for(following, 10)
    assert (event["person"], event["before"], event["tier"]) == (person, "STRANGER", "ACQUAINTANCE")


async def test_what_time_alone_changes_is_told_by_the_timer(village: Village) -> None:
    bot = await village.observer()
    await village.live(bot, range(15))
    cursor = (await village.society.events(WATCH, 1, {"a": "0"}, bot))[0]["cursor"]
    following = asyncio.create_task(village.society.events(WATCH, 1, {"a": cursor}, bot))

    village.at(100)
    await refresh_due(village.society.services)

    (event,) = await asyncio.wait_for(following, 10)
    assert (event["before"], event["tier"]) == ("FAMILIAR", "ACQUAINTANCE")


async def test_others_are_told_nothing_of_it(village: Village) -> None:
    bot, other = await village.observers("bot", "other")
    await village.meet(bot)
    await village.meet(other, platformId="irc:bob")

    (event,) = await village.society.events(WATCH, 1, {"a": "0"}, other)

    assert event["person"] == (await village.record(other, **message(platformId="irc:bob")))["person"]


async def test_a_cursor_of_nothing_that_happened_is_refused(village: Village) -> None:
    bot = await village.observer()
    await village.meet(bot)

    assert await village.stopped(WATCH, {"a": "Y2hvcnVzOjk5"}, bot) == "INVALID_CURSOR"
    assert await village.stopped(WATCH, {"a": "nonsense"}, bot) == "INVALID_CURSOR"
