"""Allies, rivals, the summary, and what follows from merging and forgetting people, on both stores."""

import pytest

from tests.alliance.observers import LIST, SUMMARY, Observers, at


async def test_allies_and_rivals_are_listed_by_score(observers: Observers) -> None:
    bot = await observers.observer()
    for name, kind, times in (("a", "UPVOTE_RECEIVED", 3), ("b", "REPLY_POSITIVE", 2), ("b", "UPVOTE_RECEIVED", 1)):
        await observers.happen(bot, f"discord:{name}", kind, times, **({"b": "PERSON"} if kind[0] == "R" else {}))
    await observers.record(bot, "discord:b", "REPLY_POSITIVE", -1, b="PERSON")
    worst = await observers.happen(bot, "discord:d", "MENTION_NEGATIVE", 3, b="PERSON")
    bad = await observers.happen(bot, "discord:c", "MENTION_NEGATIVE", 2, b="PERSON")
    best, good = [(await observers.relationship(bot, f"discord:{name}"))["subject"] for name in "ba"]

    assert await observers.names(bot, "allianceAllies") == [best, good]
    assert await observers.names(bot, "allianceRivals") == [worst, bad]


async def test_lists_page_without_loss(observers: Observers) -> None:
    bot = await observers.observer()
    allies = {await observers.happen(bot, f"discord:{name}", "UPVOTE_RECEIVED", 3) for name in "abcde"}

    seen: list[str] = []
    page = {"f": 2, "a": None}
    while True:
        found = await observers.ask(LIST % "allianceAllies", page, bot)
        seen += [edge["node"]["subject"] for edge in found["edges"]]
        page["a"] = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break

    assert len(seen) == found["totalCount"] == 5
    assert set(seen) == allies


@pytest.mark.parametrize("variables", [{"a": "x"}, {"a": "Y2hvcnVzOnM"}, {"f": 0}, {"f": 101}])
async def test_a_page_that_is_none_is_refused(observers: Observers, variables: dict[str, object]) -> None:
    bot = await observers.observer()

    refused = await observers.refusal(LIST % "allianceAllies", variables, bot)

    assert refused["code"] in ("INVALID_CURSOR", "INVALID_ARGUMENT")


async def test_the_summary_counts_every_class(observers: Observers) -> None:
    bot, other = await observers.observer(), await observers.observer("other")
    await observers.happen(bot, "discord:a", "UPVOTE_RECEIVED", 3)
    await observers.happen(bot, "discord:b", "REPLY_NEUTRAL", b="PERSON")
    await observers.happen(bot, "discord:c", "MENTION_NEGATIVE", 2, b="PERSON")
    await observers.happen(other, "discord:d", "UPVOTE_RECEIVED", 3)
    await observers.ask('mutation { allianceIgnore(subject: "discord:e") { relationship } }', {}, bot)

    found = await observers.ask(SUMMARY, {}, bot)

    assert (found["at"], found["people"]) == (at(), 4)
    assert {each["relationship"]: each["people"] for each in found["counts"]} == {
        "UNKNOWN": 0,
        "ALLY": 1,
        "NEUTRAL": 1,
        "RIVAL": 1,
        "IGNORE": 1,
    }


MERGE = "mutation ($k: String!, $a: String!) { personMerge(id: $k, absorbed: $a) { id } }"
FORGET = "mutation ($p: String!) { personForget(id: $p) }"


async def test_a_merge_unites_what_happened_and_keeps_the_mark(observers: Observers) -> None:
    bot = await observers.observer()
    old = await observers.happen(bot, "discord:ann", "UPVOTE_RECEIVED", 2)
    new = await observers.happen(bot, "matrix:ann", "UPVOTE_RECEIVED", 1)
    before = [(await observers.relationship(bot, each))["relationship"] for each in (old, new)]

    await observers.ask(MERGE, {"k": new, "a": old}, bot)

    found = await observers.relationship(bot, old)
    assert before == ["NEUTRAL", "NEUTRAL"]
    assert (found["subject"], found["relationship"], found["interactionCount"]) == (new, "ALLY", 3)
    assert await observers.names(bot, "allianceAllies") == [new]


async def test_whoever_is_forgotten_is_a_stranger_again(observers: Observers) -> None:
    bot = await observers.observer()
    ann = await observers.happen(bot, "discord:ann", "UPVOTE_RECEIVED", 3)
    assert await observers.names(bot, "allianceAllies") == [ann]

    await observers.ask(FORGET, {"p": ann}, bot)

    assert await observers.names(bot, "allianceAllies") == []
    assert (await observers.engage(bot, "discord:ann"))["reason"] == "unknown_user_start_cooperative"
