"""Recording, ignoring, and what is refused, through GraphQL on both stores."""

import pytest

from tests.alliance.observers import IGNORE, RECORD, UNIGNORE, Observers, at
from tests.servers import Json

ANN = "discord:ann"
TRUST = "query ($p: String!) { personTrust(id: $p) { evidence { good bad violations } } }"


async def test_recording_tells_the_relationship_before_and_after(observers: Observers) -> None:
    bot = await observers.observer()

    recorded = [await observers.record(bot, ANN, "REPLY_POSITIVE", b="PERSON") for _ in range(3)]

    steps = [(each["before"]["relationship"], each["relationship"]["relationship"]) for each in recorded]
    assert steps == [("UNKNOWN", "NEUTRAL"), ("NEUTRAL", "NEUTRAL"), ("NEUTRAL", "ALLY")]
    assert len({each["person"] for each in recorded}) == 1
    assert len({each["id"] for each in recorded}) == 3


async def test_an_interaction_of_the_alliance_is_one_of_trust(observers: Observers) -> None:
    bot = await observers.observer()
    await observers.record(bot, ANN, "UPVOTE_RECEIVED")
    await observers.record(bot, ANN, "MENTION_NEGATIVE", b="PERSON")
    ann = (await observers.record(bot, ANN, "VIOLATION", v=0.3))["person"]

    evidence = (await observers.ask(TRUST, {"p": ann}, bot))["evidence"]

    assert evidence == {"good": 1, "bad": 1, "violations": 1}


async def test_the_same_key_records_once(observers: Observers) -> None:
    bot = await observers.observer()

    first, again = [await observers.record(bot, ANN, "UPVOTE_RECEIVED", i="once") for _ in range(2)]

    assert (first["repeated"], again["repeated"]) == (False, True)
    assert first["id"] == again["id"]
    assert (await observers.relationship(bot, ANN))["interactionCount"] == 1


async def test_the_same_act_on_the_same_post_counts_once(observers: Observers) -> None:
    bot = await observers.observer()

    await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 3, c="post-1")

    assert (await observers.relationship(bot, ANN))["score"] == 2.0


async def test_what_arrives_late_counts_from_when_it_happened(observers: Observers) -> None:
    bot = await observers.observer()
    await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 2)

    await observers.record(bot, ANN, "UPVOTE_RECEIVED", -60)

    found = await observers.relationship(bot, ANN)
    assert (found["relationship"], found["score"]) == ("ALLY", 5.0)
    assert found["firstAt"] == at(-60)


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"k": "REPLY_POSITIVE"}, "INVALID_INTERACTION"),
        ({"k": "UPVOTE_GIVEN", "b": "PERSON"}, "INVALID_INTERACTION"),
        ({"v": 0.2}, "INVALID_INTERACTION"),
        ({"k": "VIOLATION", "v": -0.1}, "INVALID_INTERACTION"),
        ({"k": "VIOLATION", "v": 1.1}, "INVALID_INTERACTION"),
        ({"k": "VIOLATION", "v": float("nan")}, "BAD_USER_INPUT"),
        ({"k": "VIOLATION", "v": float("inf")}, "BAD_USER_INPUT"),
        ({"k": "WAVED"}, "BAD_USER_INPUT"),
        ({"c": "c" * 501}, "INVALID_INTERACTION"),
        ({"c": "a\u0000b"}, "INVALID_INTERACTION"),
        ({"t": "garbage"}, "INVALID_TIMESTAMP"),
        ({"t": at(1)}, "FUTURE_INTERACTION"),
        ({"s": "p_nobody"}, "UNKNOWN_PERSON"),
        ({"s": ""}, "INVALID_ARGUMENT"),
        ({"s": "discord:" + "a" * 201}, "INVALID_PLATFORM_ID"),
        ({"s": "did:key:none"}, "INVALID_DID"),
        ({"i": ""}, "INVALID_ARGUMENT"),
    ],
)
async def test_what_is_wrong_is_refused_by_its_code_and_nothing_is_written(
    observers: Observers, variables: Json, code: str
) -> None:
    bot = await observers.observer()
    await observers.happen(bot, ANN, "UPVOTE_RECEIVED")

    refused = await observers.refusal(RECORD, {"s": ANN, "k": "UPVOTE_RECEIVED", **variables}, bot)

    assert refused["code"] == code
    assert (await observers.relationship(bot, ANN))["interactionCount"] == 1
    assert (await observers.society.services.store.people.people(10, None)).total == 1


async def test_whoever_is_ignored_is_never_engaged_with(observers: Observers) -> None:
    bot = await observers.observer()
    ann = await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 3)

    marked = await observers.ask(IGNORE, {"s": ann}, bot)
    decision = await observers.engage(bot, ann, isRelevantTopic=True, highVisibility=True)
    lifted = await observers.ask(UNIGNORE, {"s": ann}, bot)

    assert (marked["subject"], marked["relationship"]) == (ann, "IGNORE")
    assert (decision["engage"], decision["reason"], decision["strategy"]["tone"]) == (False, "ignore_list", "none")
    assert lifted["relationship"] == "ALLY"


async def test_a_mark_ends_when_it_was_said_to(observers: Observers) -> None:
    bot = await observers.observer()

    marked = await observers.ask(IGNORE, {"s": ANN, "u": at(2)}, bot)
    seen = []
    for day in (1.99, 2):
        observers.day(day)
        seen.append((await observers.relationship(bot, ANN))["relationship"])

    assert marked["validUntil"] == at(2)
    assert seen == ["IGNORE", "UNKNOWN"]


async def test_a_stranger_can_be_ignored_and_is_ignored_by_one_observer_alone(observers: Observers) -> None:
    bot, other = await observers.observer(), await observers.observer("other")

    await observers.ask(IGNORE, {"s": ANN}, bot)

    assert (await observers.relationship(bot, ANN))["relationship"] == "IGNORE"
    assert (await observers.relationship(other, ANN))["relationship"] == "UNKNOWN"


@pytest.mark.parametrize(("until", "code"), [(at(0), "INVALID_ARGUMENT"), ("later", "INVALID_TIMESTAMP")])
async def test_a_mark_that_would_be_over_is_refused(observers: Observers, until: str, code: str) -> None:
    bot = await observers.observer()

    assert (await observers.refusal(IGNORE, {"s": ANN, "u": until}, bot))["code"] == code
    assert (await observers.relationship(bot, ANN))["relationship"] == "UNKNOWN"
    assert (await observers.society.services.store.people.people(10, None)).total == 0


PARDON = """mutation ($p: String!, $v: String!) {
  personPardonViolation(id: $p, violation: $v, reason: "r") { score } }"""
RETRACT = """mutation ($p: String!, $i: String!) {
  personRetractInteraction(id: $p, interaction: $i, reason: "r") { score } }"""


async def test_a_pardon_and_a_retraction_are_seen_at_once(observers: Observers) -> None:
    bot = await observers.observer()
    violation = await observers.record(bot, ANN, "VIOLATION", v=0.4)
    mention = await observers.record(bot, ANN, "MENTION_NEGATIVE", b="PERSON")
    scores = [(await observers.relationship(bot, ANN))["score"]]
    await observers.ask(PARDON, {"p": mention["person"], "v": violation["id"]}, bot)
    scores.append((await observers.relationship(bot, ANN))["score"])
    await observers.ask(RETRACT, {"p": mention["person"], "i": mention["id"]}, bot)
    scores.append((await observers.relationship(bot, ANN))["score"])

    assert scores == [-6.0, -3.0, 0.0]
