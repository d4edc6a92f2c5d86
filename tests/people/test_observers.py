"""Trust is somebody's: what belongs to one observer is nobody else's to see."""

import pytest

from resolvers.paging import encode
from tests.people.village import PERSON, TRUST, Village, message
from tests.servers import Json

NOTE = "mutation ($p: String!, $c: String!) { personAddNote(id: $p, content: $c) { id content author } }"
UNNOTE = "mutation ($p: String!, $n: String!) { personDeleteNote(id: $p, note: $n) }"
SUMMARY = "mutation ($p: String!, $s: String) { personSetSummary(id: $p, summary: $s) { summary } }"
PEOPLE = """query ($t: PersonTier, $s: String, $f: Int, $a: String) {
  people(tier: $t, search: $s, first: $f, after: $a) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { id displayName trust { tier } } } } }"""


async def names(village: Village, by: Json, **asked: Json) -> list[str]:
    page = await village.society.ask(PEOPLE, asked, by)
    return [edge["node"]["displayName"] for edge in page["edges"]]


async def test_others_see_neither_the_person_nor_that_there_is_one(village: Village) -> None:
    bot, other = await village.observers("bot", "other")
    person = await village.meet(bot, displayName="Ann")
    asked = {"known": person, "unknown": "p_nobody"}

    seen = {name: await village.society.ask(PERSON, {"p": each}, other) for name, each in asked.items()}
    trust = {name: await village.society.refusal(TRUST, {"p": each}, other) for name, each in asked.items()}
    theirs = {
        name: await village.society.refusal(TRUST, {"p": each, "o": bot.did}, other) for name, each in asked.items()
    }

    assert seen == {"known": None, "unknown": None}
    assert {name: each["code"] for name, each in trust.items()} == dict.fromkeys(asked, "UNKNOWN_PERSON")
    assert {name: each["code"] for name, each in theirs.items()} == dict.fromkeys(asked, "NOT_SHARED")
    assert theirs["known"] == theirs["unknown"]
    by_account = '{ personByPlatformId(platformId: "discord:ann") { id } }'
    assert await village.society.ask(by_account, by=other) is None


async def test_each_observer_has_a_history_of_its_own(village: Village) -> None:
    bot, other = await village.observers("bot", "other")
    person = await village.live(bot, range(15))

    met = await village.record(other, **message(14.9))

    assert met["person"] == person
    assert (await village.trust(bot, person))["tier"] == "FAMILIAR"
    assert (await village.trust(other, person))["evidence"]["messages"] == 1
    assert (await village.person(other, person))["notes"] == []


async def test_an_owner_is_trusted_under_any_identity(village: Village) -> None:
    bot, other = await village.observers("bot", "other")
    village.rule(**{bot.did: ["discord:dad", "telegram:dad"]})
    people = [await village.meet(bot, platformId=each) for each in ("discord:dad", "telegram:dad", "irc:mum")]
    severe = [{"person": people[0], "kind": "VIOLATION", "severity": 0.5} for _ in range(10)]
    for each in severe:
        await village.record(bot, **each)

    found = [await village.trust(bot, each) for each in people]
    theirs = await village.record(other, **message(platformId="discord:dad"))

    assert [(each["score"], each["tier"], each["basis"]) for each in found] == [
        (1.0, "INNER_CIRCLE", "OWNER"),
        (1.0, "INNER_CIRCLE", "OWNER"),
        (0.014, "STRANGER", "HISTORY"),
    ]
    assert (await village.person(bot, people[0]))["owner"] is True
    assert (await village.trust(other, theirs["person"]))["basis"] == "HISTORY"


async def test_notes_and_a_summary_are_kept(village: Village) -> None:
    bot = await village.observer()
    person = await village.meet(bot)

    first = await village.society.ask(NOTE, {"p": person, "c": "Likes roses"}, bot)
    village.at(0.6)
    both = await village.society.ask(NOTE, {"p": person, "c": "Has a dog"}, bot)
    await village.society.ask(UNNOTE, {"p": person, "n": first[0]["id"]}, bot)
    summary = await village.society.ask(SUMMARY, {"p": person, "s": "A gardener"}, bot)

    assert [each["content"] for each in both] == ["Likes roses", "Has a dog"]
    assert both[0]["author"] == bot.did
    assert [each["content"] for each in (await village.person(bot, person))["notes"]] == ["Has a dog"]
    assert summary == {"summary": "A gardener"}
    assert await village.society.ask(SUMMARY, {"p": person}, bot) == {"summary": None}


async def test_what_is_wrong_with_a_note_is_said(village: Village) -> None:
    bot = await village.observer()
    person = await village.meet(bot)

    for content in (" ", "x" * 2_001, "a\x00b"):
        assert await village.refusal(NOTE, {"p": person, "c": content}, bot) == "INVALID_ARGUMENT"
    assert await village.refusal(NOTE, {"p": "p_nobody", "c": "x"}, bot) == "UNKNOWN_PERSON"
    assert await village.refusal(UNNOTE, {"p": person, "n": "n_none"}, bot) == "UNKNOWN_NOTE"


async def test_people_are_listed_by_trust_filtered_by_tier_and_found_by_name(village: Village) -> None:
    bot = await village.observer()
    await village.live(bot, range(15), displayName="Ann", platformId="irc:a")
    await village.live(bot, range(9, 15), displayName="Bea", platformId="irc:b")
    await village.meet(bot, 14, displayName="Раul", platformId="irc:p")  # Cyrillic

    assert await names(village, bot) == ["Ann", "Bea", "Раul"]
    assert await names(village, bot, t="FAMILIAR") == ["Ann"]
    assert await names(village, bot, t="TRUSTED") == []
    assert await names(village, bot, s="paul") == ["Раul"]
    assert await names(village, bot, s="AN") == ["Ann"]
    assert await names(village, bot, s="nn") == []
    assert await village.refusal(PEOPLE, {"s": " "}, bot) == "INVALID_ARGUMENT"


async def test_the_list_is_paged(village: Village) -> None:
    bot = await village.observer()
    for number in range(5):
        await village.meet(bot, platformId=f"irc:{number}")
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = await village.society.ask(PEOPLE, {"f": 2, "a": after}, bot)
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]

    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (5, False)
    assert len(set(seen)) == 5
    assert await village.refusal(PEOPLE, {"f": -1}, bot) == "INVALID_ARGUMENT"
    for cursor in ("nonsense", encode("nonsense"), encode("nan:p_1"), encode("7")):
        assert await village.refusal(PEOPLE, {"a": cursor}, bot) == "INVALID_CURSOR"


@pytest.mark.parametrize(
    ("can", "works"),
    [
        (["READ"], {"person"}),
        (["CREATE"], {"record", "note"}),
        (["UPDATE"], {"summary"}),
        (["DELETE"], {"forget"}),
    ],
)
async def test_each_field_asks_for_its_capability(village: Village, can: list[str], works: set[str]) -> None:
    bot = await village.observer()
    person = await village.meet(bot)
    auth = {
        "appName": "a",
        "appDesc": "b",
        "capabilities": [{"with": {"domain": "people", "pointers": ["*"]}, "can": can}],
    }
    token = await village.granted(bot, auth)
    asked: dict[str, tuple[str, Json]] = {
        "person": ("query ($p: String!) { person(id: $p) { id } }", {"p": person}),
        "record": (
            "mutation ($i: PersonInteractionInput!) { personRecordInteraction(interaction: $i) { id } }",
            {"i": message(0.1)},
        ),
        "note": ('mutation ($p: String!) { personAddNote(id: $p, content: "x") { id } }', {"p": person}),
        "summary": ("mutation ($p: String!) { personSetSummary(id: $p) { id } }", {"p": person}),
        "forget": ("mutation ($p: String!) { personForget(id: $p) }", {"p": person}),
    }

    answers = {name: await village.society.post(query, given, token) for name, (query, given) in asked.items()}

    assert {name for name, answer in answers.items() if "errors" not in answer} == works
    codes = {error["extensions"]["code"] for answer in answers.values() for error in answer.get("errors", ())}
    assert codes == {"CAPABILITY_NOT_MATCHED"}
