"""What happened is recorded once, and trust follows."""

import pytest

from resolvers.paging import encode
from tests.people.village import INTERACTIONS, RECORD, RECORD_ALL, TRUST, Village, message, when
from tests.servers import Json


async def test_a_stranger_is_registered_at_first_contact(village: Village) -> None:
    bot = await village.observer()

    recorded = await village.record(bot, **message(displayName="Ann", username="ann_99"))

    person = await village.person(bot, recorded["person"])
    assert (recorded["sequence"], recorded["repeated"], recorded["tier"]) == (1, False, "STRANGER")
    assert recorded["tierBefore"] is None
    assert (person["displayName"], person["aliases"], person["owner"]) == ("Ann", ["Ann"], False)
    assert person["identities"] == [{"platformId": "discord:ann", "displayName": "Ann", "username": "ann_99"}]
    assert person["interactionCount"] == 1


async def test_the_same_account_is_the_same_person(village: Village) -> None:
    bot = await village.observer()
    first = await village.meet(bot, displayName="Ann")

    second = await village.record(bot, **message(0.1, displayName="Annie"))

    assert (second["person"], second["sequence"]) == (first, 2)
    person = await village.person(bot, first)
    assert (person["displayName"], person["aliases"]) == ("Ann", ["Ann", "Annie"])


async def test_a_report_says_what_the_score_is_made_of(village: Village) -> None:
    bot = await village.observer()
    person = await village.live(bot, range(15))

    report = await village.trust(bot, person)

    assert (report["score"], report["tier"], report["gate"], report["basis"]) == (
        0.384,
        "FAMILIAR",
        "FAMILIAR",
        "HISTORY",
    )
    assert (report["profile"], report["version"], report["observer"]) == ("STANDARD", 1, bot.did)
    assert report["reasons"][0].startswith("Conduct 0.933: 15 good dates, 0 negative acts")
    assert report["nextSteps"][0] | {"gain": 0} == {
        "what": "tenure",
        "text": "Be present in 23 more weeks.",
        "gain": 0,
    }
    assert report["interval"]["low"] == pytest.approx(0.81, abs=0.01)
    assert report["evidence"] == {"good": 15, "bad": 0, "messages": 45, "violations": 0, "daysKnown": 14}


async def test_trust_can_be_asked_of_the_past_and_by_the_other_profile(village: Village) -> None:
    bot = await village.observer()
    person = await village.live(bot, range(31))
    ene = "query ($p: String!) { personTrust(id: $p, profile: ENE) { profile score } }"

    past = await village.trust(bot, person, at=when(15 - 1e-6))

    assert (past["score"], past["tier"], past["evidence"]["messages"]) == (0.384, "FAMILIAR", 45)
    assert (await village.society.ask(ene, {"p": person}, bot))["profile"] == "ENE"
    code = await village.refusal(TRUST, {"p": person, "at": when(40)}, bot)
    assert code == "FUTURE_TIME"


async def test_a_key_makes_a_retry_harmless(village: Village) -> None:
    bot = await village.observer()
    first = await village.record(bot, **message(key="m1"))

    again = await village.record(bot, **message(key="m1"))
    reused = await village.refusal(RECORD, {"i": message(0.2, key="m1")}, bot)

    assert again | {"repeated": False, "tierBefore": None} == first
    assert again["repeated"] is True
    assert reused == "IDEMPOTENCY_KEY_REUSED"
    assert len(await village.history(bot, first["person"])) == 1


async def test_an_agent_is_met_by_its_did(village: Village) -> None:
    bot, cleo = await village.observers("bot", "cleo")

    recorded = await village.record(bot, did=cleo.did, kind="UPVOTE_RECEIVED")
    again = await village.record(bot, did=cleo.did, kind="MESSAGE")

    person = await village.person(bot, recorded["person"])
    assert person["dids"] == [cleo.did]
    assert again["person"] == recorded["person"]
    by_did = await village.society.ask("query ($d: String!) { personByDid(did: $d) { id } }", {"d": cleo.did}, bot)
    assert by_did == {"id": recorded["person"]}


async def test_many_are_recorded_at_once_each_with_its_outcome(village: Village) -> None:
    bot = await village.observer()
    events = [message(0.1), message(0.2, weight=2), message(0.3, platformId=""), message(0.4, platformId="irc:bob")]

    outcomes = await village.society.ask(RECORD_ALL, {"i": events, "w": False}, bot)

    assert [each["refusal"] and each["refusal"]["code"] for each in outcomes] == [
        None,
        "INVALID_INTERACTION",
        "INVALID_PLATFORM_ID",
        None,
    ]
    assert [each["recorded"] and each["recorded"]["sequence"] for each in outcomes] == [1, None, None, 1]


async def test_all_or_none_are_recorded_where_that_is_asked(village: Village) -> None:
    bot = await village.observer()
    person = await village.meet(bot)
    events = [message(0.1), message(0.2, platformId="irc:bob"), message(0.3, at="yesterday")]

    refusal = await village.society.refusal(RECORD_ALL, {"i": events, "w": True}, bot)

    assert (refusal["code"], refusal["index"]) == ("INVALID_TIMESTAMP", 2)
    assert len(await village.history(bot, person)) == 1
    bob = await village.society.ask('{ personByPlatformId(platformId: "irc:bob") { id } }', by=bot)
    assert bob is None


async def test_a_batch_has_a_limit(village: Village) -> None:
    bot = await village.observer()

    for events in ([], [message(0.1)] * 1_001):
        assert await village.refusal(RECORD_ALL, {"i": events, "w": False}, bot) == "INVALID_ARGUMENT"


async def test_the_history_is_paged_both_ways(village: Village) -> None:
    bot = await village.observer()
    person = await village.live(bot, range(3))
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = await village.society.ask(INTERACTIONS, {"p": person, "f": 4, "a": after, "n": True}, bot)
        seen += [edge["node"]["at"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]

    assert page["pageInfo"]["hasNextPage"] is False
    assert page["totalCount"] == 9
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 9
    for cursor in (encode("now:i_1"), encode("12"), "chorus:12:i_1"):
        assert await village.refusal(INTERACTIONS, {"p": person, "a": cursor, "n": True}, bot) == "INVALID_CURSOR"


BAD: list[tuple[Json, str]] = [
    (message(platformId=""), "INVALID_PLATFORM_ID"),
    (message(platformId="discord:" + "9" * 100_000), "INVALID_PLATFORM_ID"),
    (message(platformId="discord"), "INVALID_PLATFORM_ID"),
    (message(platformId=None, did="did:key:me"), "INVALID_DID"),
    (message(platformId=None, person="p_nobody"), "UNKNOWN_PERSON"),
    (message(platformId=None), "INVALID_ARGUMENT"),
    (message(person="p_1"), "INVALID_ARGUMENT"),
    (message(displayName="Ann\u202eexe"), "INVALID_PERSON_NAME"),
    (message(displayName="Ann\x07"), "INVALID_PERSON_NAME"),
    (message(displayName="A" * 101), "INVALID_PERSON_NAME"),
    (message(at="2026-13-01T00:00:00Z"), "INVALID_TIMESTAMP"),
    (message(at="soon"), "INVALID_TIMESTAMP"),
    (message(at="1969-12-31T23:59:59.999Z"), "INVALID_INTERACTION"),
    (message(0.6), "FUTURE_INTERACTION"),
    (message(weight=-1.0), "INVALID_INTERACTION"),
    (message(sentiment=1.5), "INVALID_INTERACTION"),
    (message(severity=0.2), "INVALID_INTERACTION"),
    (message(kind="VIOLATION", severity=-0.1), "INVALID_INTERACTION"),
    (message(kind="REPLY_POSITIVE"), "INVALID_INTERACTION"),
    (message(kind="UPVOTE_GIVEN", by="PERSON"), "INVALID_INTERACTION"),
    (message(context="a\x00b"), "INVALID_INTERACTION"),
    (message(key=""), "INVALID_ARGUMENT"),
    (message(weight=float("nan")), "BAD_USER_INPUT"),
    (message(sentiment=float("inf")), "BAD_USER_INPUT"),
]


async def test_bad_input_has_a_code_each_and_writes_nothing(village: Village) -> None:
    bot = await village.observer()

    codes = [await village.refusal(RECORD, {"i": event}, bot) for event, _ in BAD]

    assert codes == [code for _, code in BAD]
    assert (await village.society.ask("{ people { totalCount } }", by=bot))["totalCount"] == 0
