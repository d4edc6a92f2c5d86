"""Relationships and decisions through GraphQL, on both stores."""

import pytest

from tests.alliance.observers import ENGAGE, RELATIONSHIP, Observers, at
from tests.servers import Json

ANN = "discord:ann"


async def test_three_upvotes_make_an_ally_and_the_figures_are_told(observers: Observers) -> None:
    bot = await observers.observer()

    ann = await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 3)

    found = await observers.relationship(bot, ann)
    assert (found["relationship"], found["score"], found["exactScore"], found["unit"]) == ("ALLY", 6.0, 7200, 1200)
    assert (found["observer"], found["subject"], found["at"]) == (bot.did, ann, at())
    assert (found["profile"], found["version"]) == ("STANDARD", 1)
    assert (found["interactionCount"], found["positive"], found["own"]) == (3, 3, 0)
    assert (found["firstAt"], found["lastAt"], found["lastOwnAt"]) == (at(), at(), None)
    assert found["validUntil"] == at(0.5)


async def test_a_person_is_found_by_account_and_did_too(observers: Observers) -> None:
    bot, agent = await observers.observer(), await observers.observer("agent")
    ann = await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 3)
    known = await observers.happen(bot, agent.did, "UPVOTE_RECEIVED", 3)

    found = [await observers.relationship(bot, each) for each in (ANN, agent.did)]

    assert [(each["subject"], each["relationship"]) for each in found] == [(ann, "ALLY"), (known, "ALLY")]


async def test_a_stranger_is_engaged_with_warmly_whether_registered_or_not(observers: Observers) -> None:
    bot, other = await observers.observer(), await observers.observer("other")
    await observers.happen(other, ANN, "MENTION_NEGATIVE", 3, b="PERSON")

    known_to_another, unheard_of = [await observers.engage(bot, each) for each in (ANN, "discord:ben")]

    assert known_to_another["reason"] == "unknown_user_start_cooperative"
    for differs in ("inputs", "relationship"):
        known_to_another.pop(differs), unheard_of.pop(differs)
    assert known_to_another == unheard_of
    assert unheard_of["strategy"] == {
        "tone": "warm",
        "priority": "medium",
        "notes": "New contact - be welcoming, establish rapport",
        "score": 0.0,
        "interactionCount": 0,
    }


async def test_a_decision_names_its_rule_and_its_profile(observers: Observers) -> None:
    bot = await observers.observer()
    ann = await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 3)

    found = await observers.engage(bot, ann)

    text = (await observers.society.ask("query { alliancePolicy { text } }"))["text"]
    assert (found["engage"], found["reason"], found["words"]) == (True, "ally_prioritize", "This person is an ally.")
    assert found["rule"] in text
    assert (found["profile"], found["version"], found["drawn"]) == ("STANDARD", 1, None)


async def test_neutral_persons_are_drawn_by_post_the_same_every_time(observers: Observers) -> None:
    bot = await observers.observer()
    ann = await observers.happen(bot, ANN, "REPLY_NEUTRAL", b="PERSON")

    first, second = [[await observers.engage(bot, ann, postId=f"p{n}") for n in range(8)] for _ in range(2)]

    assert first == second
    assert {each["engage"] for each in first} == {True, False}
    assert all(each["engage"] is (each["drawn"] < 50) for each in first)
    assert (await observers.engage(bot, ann, isRelevantTopic=True))["reason"] == "neutral_relevant_topic"


async def test_a_rival_is_answered_once_a_day_where_it_speaks_of_us(observers: Observers) -> None:
    bot = await observers.observer()
    ann = await observers.happen(bot, ANN, "MENTION_NEGATIVE", 2, b="PERSON")
    attack = {"mentionsUs": True, "isNegative": True}

    avoided, answered = await observers.engage(bot, ann), await observers.engage(bot, ann, **attack)
    await observers.happen(bot, ann, "REPLY_NEUTRAL", b="OBSERVER")
    limited = await observers.engage(bot, ann, **attack)
    observers.day(1)
    rested = await observers.engage(bot, ann, **attack)

    reasons = [each["reason"] for each in (avoided, answered, limited, rested)]
    assert reasons == ["rival_avoid", "rival_defensive_response", "rival_rate_limited", "rival_defensive_response"]
    assert limited["validUntil"] == at(0.5)


async def test_time_alone_ends_a_relationship(observers: Observers) -> None:
    bot = await observers.observer()
    ann = await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 3)

    seen = []
    for day in (0, 30, 41, 91):
        observers.day(day)
        found = await observers.relationship(bot, ann)
        seen.append((found["relationship"], found["score"], found["at"]))

    assert seen == [
        ("ALLY", 6.0, at(0)),
        ("ALLY", 4.5, at(30)),
        ("NEUTRAL", 3.95, at(41)),
        ("UNKNOWN", 0.0, at(91)),
    ]


async def test_the_past_is_told_from_what_is_known_today(observers: Observers) -> None:
    bot = await observers.observer()
    for day in (0, 1, 2):
        observers.day(day)
        ann = await observers.happen(bot, ANN, "UPVOTE_RECEIVED")

    found = [(await observers.relationship(bot, ann, t=at(day)))["relationship"] for day in (-1, 0, 1, 2)]

    assert found == ["UNKNOWN", "NEUTRAL", "NEUTRAL", "ALLY"]


async def test_the_seed_s_profile_answers_as_the_seed(observers: Observers) -> None:
    bot = await observers.observer()
    ann = await observers.happen(bot, ANN, "UPVOTE_GIVEN", 5)

    found = [(await observers.relationship(bot, ann, p=profile))["relationship"] for profile in ("SEED", "STANDARD")]

    assert found == ["ALLY", "NEUTRAL"]


async def test_observers_have_relationships_of_their_own(observers: Observers) -> None:
    bot, other = await observers.observer(), await observers.observer("other")
    ann = await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 3)
    await observers.happen(other, ANN, "MENTION_NEGATIVE", 2, b="PERSON")

    found = [(await observers.relationship(each, ann))["relationship"] for each in (bot, other)]

    assert found == ["ALLY", "RIVAL"]


async def test_an_id_that_the_observer_never_met_is_unknown_whether_there_is_one_or_not(observers: Observers) -> None:
    bot, other = await observers.observer(), await observers.observer("other")
    ann = await observers.happen(other, ANN, "UPVOTE_RECEIVED")

    refused = [
        await observers.refusal(query, {"s": each, "p": "STANDARD"} if query is RELATIONSHIP else {"s": each}, bot)
        for query in (RELATIONSHIP, ENGAGE)
        for each in (ann, "p_nobody")
    ]

    assert [each["code"] for each in refused] == ["UNKNOWN_PERSON"] * 4
    assert [each["message"].replace(ann, "p_nobody") for each in refused] == ["Nobody is p_nobody"] * 4


SHARE = "mutation ($p: String!) { personShare(id: $p, withSubject: true) { withSubject } }"


async def test_what_is_shared_with_the_subject_is_seen_by_the_subject_alone(observers: Observers) -> None:
    bot, subject, third = [await observers.observer(name) for name in ("bot", "subject", "third")]
    person = await observers.happen(bot, subject.did, "UPVOTE_RECEIVED", 3)
    asked = {"s": person, "p": "STANDARD", "o": bot.did}
    before = [await observers.refusal(RELATIONSHIP, asked, each) for each in (subject, third)]

    await observers.ask(SHARE, {"p": person}, bot)

    assert (await observers.ask(RELATIONSHIP, asked, subject))["relationship"] == "ALLY"
    assert (await observers.ask(RELATIONSHIP, {**asked, "s": subject.did}, subject))["relationship"] == "ALLY"
    refused = [*before, await observers.refusal(RELATIONSHIP, asked, third)]
    for whom in ("p_nobody", "discord:nobody", subject.did):
        refused.append(await observers.refusal(RELATIONSHIP, {**asked, "s": whom}, third))
    assert [(each["code"], each["message"]) for each in refused] == [("NOT_SHARED", refused[0]["message"])] * 6


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"s": ""}, "INVALID_ARGUMENT"),
        ({"s": "x" * 301}, "INVALID_ARGUMENT"),
        ({"s": "did:nonsense"}, "INVALID_DID"),
        ({"s": "discord:"}, "INVALID_PLATFORM_ID"),
        ({"s": "discord:a b"}, "INVALID_PLATFORM_ID"),
        ({"s": "discord:a\u202eb"}, "INVALID_PLATFORM_ID"),
        ({"s": ANN, "t": "soon"}, "INVALID_TIMESTAMP"),
        ({"s": ANN, "t": at(1)}, "FUTURE_TIME"),
        ({"s": ANN, "o": "me"}, "INVALID_DID"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(observers: Observers, variables: Json, code: str) -> None:
    bot = await observers.observer()

    refused = await observers.refusal(RELATIONSHIP, {"p": "STANDARD", **variables}, bot)

    assert refused["code"] == code


async def test_without_the_capability_nothing_is_told(observers: Observers) -> None:
    assert (await observers.society.refusal(RELATIONSHIP, {"s": ANN, "p": "STANDARD"}, ""))["code"] == "NO_AGENT"


async def test_what_is_recorded_for_trust_counts_here_too(observers: Observers) -> None:
    bot = await observers.observer()
    query = "mutation ($i: PersonInteractionInput!) { personRecordInteraction(interaction: $i) { person } }"
    given = {"platformId": ANN, "kind": "REPLY_POSITIVE", "by": "PERSON"}

    seen = []
    for _ in range(2):
        ann = (await observers.ask(query, {"i": given}, bot))["person"]
        seen.append((await observers.relationship(bot, ann))["interactionCount"])

    assert seen == [1, 2]
