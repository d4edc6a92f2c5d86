"""Who somebody is: renamed, linked, unlinked and merged, by those who may."""

from domain.expressions import sign_message
from tests.people.village import Village
from tests.servers import Json
from tests.worlds import agent

RENAME = "mutation ($p: String!, $n: String!) { personRename(id: $p, name: $n) { displayName aliases } }"
LINK = """mutation ($p: String!, $a: String!) { personLinkPlatformId(id: $p, platformId: $a, reason: "told me") {
  identities { platformId } } }"""
UNLINK = "mutation ($p: String!, $a: String!) { personUnlinkPlatformId(id: $p, platformId: $a) { id splitFrom } }"
LINK_DID = """mutation ($p: String!, $d: String!, $c: String) {
  personLinkDid(id: $p, did: $d, consent: $c) { id dids } }"""
UNLINK_DID = "mutation ($p: String!, $d: String!) { personUnlinkDid(id: $p, did: $d) { dids } }"
MERGE = "mutation ($p: String!, $o: String!) { personMerge(id: $p, absorbed: $o) { identities { platformId } } }"
TRAIL = "query ($p: String!) { personTrail(id: $p) { edges { node { number event actor reason details } } } }"


async def test_a_person_is_renamed_for_everybody(village: Village) -> None:
    bot = await village.observer()
    person = await village.meet(bot, displayName="ann_99")

    renamed = await village.society.ask(RENAME, {"p": person, "n": "Ann"}, bot)

    assert renamed == {"displayName": "Ann", "aliases": ["ann_99", "Ann"]}


async def test_names_that_imitate_are_refused(village: Village) -> None:
    bot = await village.observer()
    village.rule(reserved=["Dad"])
    person = await village.meet(bot, displayName="Ann")

    assert await village.refusal(RENAME, {"p": person, "n": "D\u0430d"}, bot) == "NAME_RESERVED"
    assert await village.refusal(RENAME, {"p": person, "n": "A\u202en"}, bot) == "INVALID_PERSON_NAME"
    assert (await village.person(bot, person))["displayName"] == "Ann"


async def test_one_more_account_is_the_same_person(village: Village) -> None:
    bot = await village.observer()
    person = await village.meet(bot)

    linked = await village.society.ask(LINK, {"p": person, "a": "irc:ann"}, bot)

    assert [each["platformId"] for each in linked["identities"]] == ["discord:ann", "irc:ann"]
    assert await village.meet(bot, 0.1, platformId="irc:ann") == person
    other = await village.meet(bot, platformId="irc:bob")
    assert await village.refusal(LINK, {"p": person, "a": "irc:bob"}, bot) == "IDENTITY_TAKEN"
    assert other != person


async def test_an_account_taken_apart_keeps_everything_bad(village: Village) -> None:
    bot = await village.observer()
    person = await village.meet(bot)
    await village.society.ask(LINK, {"p": person, "a": "irc:ann"}, bot)
    await village.record(bot, person=person, kind="VIOLATION", severity=0.3)

    split = await village.society.ask(UNLINK, {"p": person, "a": "irc:ann"}, bot)

    assert split["splitFrom"] == person
    assert await village.meet(bot, 0.1, platformId="irc:ann") == split["id"]
    assert (await village.trust(bot, split["id"]))["evidence"]["violations"] == 1
    assert await village.refusal(UNLINK, {"p": person, "a": "discord:ann"}, bot) == "LAST_IDENTITY"
    assert await village.refusal(UNLINK, {"p": person, "a": "irc:nobody"}, bot) == "UNKNOWN_IDENTITY"


async def test_an_agent_is_linked_with_its_consent_only(village: Village) -> None:
    bot = await village.observer()
    person, ann = await village.meet(bot), agent("ann")
    given = {"p": person, "d": ann.did}

    refused = await village.society.refusal(LINK_DID, given, bot)
    forged = await village.refusal(LINK_DID, given | {"c": sign_message(agent("eve"), refused["sign"])}, bot)
    linked = await village.society.ask(LINK_DID, given | {"c": sign_message(ann, refused["sign"])}, bot)

    assert (refused["code"], forged) == ("CONSENT_MISSING", "CONSENT_MISSING")
    assert refused["sign"] == f"chorus-person/1 {ann.did} is {person}"
    assert linked == {"id": person, "dids": [ann.did]}
    assert await village.society.ask(UNLINK_DID, given, bot) == {"dids": []}


async def test_merging_unites_the_histories(village: Village) -> None:
    bot = await village.observer()
    kept = await village.live(bot, range(15))
    absorbed = await village.meet(bot, 14.5, platformId="irc:ann")
    await village.record(bot, person=absorbed, kind="VIOLATION", severity=0.3)

    merged = await village.society.ask(MERGE, {"p": kept, "o": absorbed}, bot)

    assert [each["platformId"] for each in merged["identities"]] == ["discord:ann", "irc:ann"]
    report = await village.trust(bot, kept)
    assert (report["evidence"]["messages"], report["evidence"]["violations"]) == (46, 1)
    assert (await village.person(bot, absorbed))["id"] == kept
    assert await village.refusal(MERGE, {"p": kept, "o": kept}, bot) == "SAME_PERSON"


async def test_the_trail_tells_who_did_what_and_why(village: Village) -> None:
    bot = await village.observer()
    person = await village.meet(bot, displayName="Ann")
    await village.society.ask(LINK, {"p": person, "a": "irc:ann"}, bot)

    page = await village.society.ask(TRAIL, {"p": person}, bot)

    told = [(each["node"]["event"], each["node"]["actor"], each["node"]["reason"]) for each in page["edges"]]
    assert told == [("PersonRegistered", "server", ""), ("IdentityLinked", bot.did, "told me")]
    assert page["edges"][1]["node"]["details"]["identity"]["id"] == "irc:ann"


async def test_one_of_many_observers_does_not_decide_who_somebody_is(village: Village) -> None:
    bot, eve = await village.observers("bot", "eve")
    trusted = await village.live(bot, range(15))
    met = await village.meet(eve, 14.5)
    own = await village.meet(eve, 14.5, platformId="irc:eve")
    assert met == trusted

    attempts: list[tuple[str, Json]] = [
        (RENAME, {"p": trusted, "n": "Eve"}),
        (LINK, {"p": trusted, "a": "irc:eve2"}),
        (UNLINK, {"p": trusted, "a": "discord:ann"}),
        (LINK_DID, {"p": trusted, "d": eve.did}),
        (MERGE, {"p": own, "o": trusted}),
        (MERGE, {"p": trusted, "o": own}),
    ]
    codes = [await village.refusal(query, given, eve) for query, given in attempts]

    assert codes == ["NOT_YOUR_PERSON"] * 6
    assert (await village.person(bot, trusted))["dids"] == []


async def test_the_persons_own_agent_and_the_operator_may(village: Village) -> None:
    bot, other, ann = await village.observers("bot", "other", "ann")
    person = (await village.record(bot, did=ann.did, kind="MESSAGE"))["person"]
    await village.record(other, did=ann.did, kind="MESSAGE")
    await village.society.ask('mutation { agentGenerate(passphrase: "operator") { did } }')

    by_agent = await village.society.ask(RENAME, {"p": person, "n": "Ann"}, ann)
    by_operator = await village.society.ask(RENAME, {"p": person, "n": "Anna"})

    assert (by_agent["displayName"], by_operator["displayName"]) == ("Ann", "Anna")


async def test_nobody_becomes_an_owner_by_being_linked_to_one(village: Village) -> None:
    bot = await village.observer()
    village.rule(**{bot.did: ["discord:dad"]})
    dad = await village.meet(bot, platformId="discord:dad", displayName="Dad")
    eve = await village.meet(bot, platformId="irc:eve")

    assert await village.refusal(LINK, {"p": dad, "a": "irc:eve2"}, bot) == "OWNER_PROTECTED"
    assert await village.refusal(MERGE, {"p": eve, "o": dad}, bot) == "OWNER_PROTECTED"
    assert await village.refusal(LINK, {"p": eve, "a": "discord:dad"}, bot) == "OWNER_PROTECTED"
    assert (await village.trust(bot, eve))["basis"] == "HISTORY"


async def test_an_owner_who_was_met_before_they_were_named_one_shows_their_name(village: Village) -> None:
    bot = await village.observer()
    dad = await village.meet(bot, platformId="discord:dad", displayName="Father")
    village.rule(reserved=["Dad"], **{bot.did: ["discord:dad"]})

    await village.meet(bot, 0.1, platformId="discord:dad", displayName="Dad")

    person = await village.person(bot, dad)
    assert person["aliases"] == ["Father", "Dad"]
    assert person["identities"][0]["displayName"] == "Dad"


async def test_an_unclaimed_identity_of_an_owner_cannot_be_linked(village: Village) -> None:
    bot = await village.observer()
    village.rule(**{bot.did: ["telegram:dad"]})
    eve = await village.meet(bot, platformId="irc:eve")

    assert await village.refusal(LINK, {"p": eve, "a": "telegram:dad"}, bot) == "OWNER_PROTECTED"
    assert (await village.trust(bot, eve))["basis"] == "HISTORY"
