"""What is shared, what somebody may know of themselves, export and forgetting."""

from resolvers.people.maintain import maintain
from tests.people.village import TRUST, Village, message, when
from tests.servers import Json
from tests.so.society import Person

SHARE = """mutation ($p: String!, $s: Boolean!, $e: Boolean!) {
  personShare(id: $p, withSubject: $s, withEverybody: $e) { withSubject withEverybody } }"""
ABOUT_ME = """query ($o: String!) { personAboutMe(observer: $o) { observer person trust { score tier reasons }
  gate { open reason helps until }
  interactions { totalCount edges { node { id kind by at context severity code pardonedAt } } }
  appeals { edges { node { text answer } } } } }"""
APPEAL = """mutation ($o: String!, $t: String!, $i: String) {
  personAppeal(observer: $o, text: $t, interaction: $i) { id person appellant text interaction answer } }"""
ANSWER = "mutation ($a: String!, $t: String!) { personAnswerAppeal(appeal: $a, answer: $t) { text answer answeredAt } }"
APPEALS = "query ($o: Boolean!) { personAppeals(open: $o) { edges { node { id text appellant } } } }"
EXPORT = "query ($p: String!) { personExport(id: $p) }"
FORGET = "mutation ($p: String!, $e: Boolean!) { personForget(id: $p, everywhere: $e) }"


async def met(village: Village, bot: Person, ann: Person) -> str:
    """An agent that the observer has met, with a violation against it."""
    person = (await village.record(bot, did=ann.did, kind="MESSAGE", context="hello", at=when(0.1)))["person"]
    await village.record(bot, did=ann.did, kind="VIOLATION", severity=0.3, context="insult")
    return str(person)


async def test_an_agent_reads_about_itself_from_an_observer_that_shares_it(village: Village) -> None:
    bot, ann = await village.observers("bot", "ann")
    person = await met(village, bot, ann)
    before = await village.refusal(ABOUT_ME, {"o": bot.did}, ann)

    await village.society.ask(SHARE, {"p": person, "s": True, "e": False}, bot)
    found = await village.society.ask(ABOUT_ME, {"o": bot.did}, ann)

    assert before == "NOT_SHARED"
    assert (found["observer"], found["person"], found["trust"]["tier"]) == (bot.did, person, "STRANGER")
    assert (found["gate"]["open"], found["gate"]["reason"]) == (False, "SCORE")
    assert found["gate"]["helps"]
    events = [edge["node"] for edge in found["interactions"]["edges"]]
    assert [(each["kind"], each["by"], each["severity"], each["context"]) for each in events] == [
        ("MESSAGE", "PERSON", None, "hello"),
        ("VIOLATION", "PERSON", 0.3, "insult"),
    ]


async def test_only_the_subject_sees_what_is_shared_with_it(village: Village) -> None:
    bot, ann, eve = await village.observers("bot", "ann", "eve")
    person = await met(village, bot, ann)
    asked = {"p": person, "o": bot.did}

    await village.society.ask(SHARE, {"p": person, "s": True, "e": False}, bot)
    mine = (await village.society.ask(TRUST, asked, ann))["observer"]
    theirs = await village.refusal(TRUST, asked, eve)
    await village.society.ask(SHARE, {"p": person, "s": False, "e": True}, bot)
    everybodys = (await village.society.ask(TRUST, asked, eve))["observer"]

    assert (mine, theirs, everybodys) == (bot.did, "NOT_SHARED", bot.did)


async def test_somebody_without_a_record_is_told_the_same(village: Village) -> None:
    bot, ann = await village.observers("bot", "ann")

    assert await village.refusal(ABOUT_ME, {"o": bot.did}, ann) == "NOT_SHARED"
    assert await village.refusal(APPEAL, {"o": bot.did, "t": "Please"}, ann) == "NOT_SHARED"
    assert await village.refusal(ABOUT_ME, {"o": "did:key:nobody"}, ann) == "INVALID_DID"


async def test_an_appeal_is_read_and_answered(village: Village) -> None:
    bot, ann = await village.observers("bot", "ann")
    person = await met(village, bot, ann)
    await village.society.ask(SHARE, {"p": person, "s": True, "e": False}, bot)
    found = await village.society.ask(ABOUT_ME, {"o": bot.did}, ann)
    violation = found["interactions"]["edges"][1]["node"]["id"]

    made = await village.society.ask(APPEAL, {"o": bot.did, "t": "A joke", "i": violation}, ann)
    waiting = await village.society.ask(APPEALS, {"o": True}, bot)
    answered = await village.society.ask(ANSWER, {"a": made["id"], "t": "Agreed"}, bot)

    assert (made["appellant"], made["interaction"], made["answer"]) == (ann.did, violation, None)
    assert [edge["node"]["id"] for edge in waiting["edges"]] == [made["id"]]
    assert (answered["text"], answered["answer"]) == ("A joke", "Agreed")
    assert (await village.society.ask(APPEALS, {"o": True}, bot))["edges"] == []
    seen = await village.society.ask(ABOUT_ME, {"o": bot.did}, ann)
    assert seen["appeals"]["edges"] == [{"node": {"text": "A joke", "answer": "Agreed"}}]


async def test_what_is_wrong_with_an_appeal_is_said(village: Village) -> None:
    bot, ann = await village.observers("bot", "ann")
    person = await met(village, bot, ann)
    await village.society.ask(SHARE, {"p": person, "s": True, "e": False}, bot)

    assert await village.refusal(APPEAL, {"o": bot.did, "t": ""}, ann) == "INVALID_ARGUMENT"
    assert await village.refusal(APPEAL, {"o": bot.did, "t": "x", "i": "i_none"}, ann) == "UNKNOWN_INTERACTION"
    assert await village.refusal(ANSWER, {"a": "a_none", "t": "x"}, bot) == "UNKNOWN_APPEAL"


async def test_everything_about_somebody_is_exported_and_audited(village: Village) -> None:
    bot = await village.observer()
    person = await village.meet(bot, displayName="Ann", context="hello")
    note = 'mutation ($p: String!) { personAddNote(id: $p, content: "Likes roses") { id } }'
    await village.society.ask(note, {"p": person}, bot)
    await maintain(village.society.services)

    exported = await village.society.ask(EXPORT, {"p": person}, bot)

    assert exported["person"]["displayName"] == "Ann"
    assert exported["person"]["identities"][0]["id"] == "discord:ann"
    assert exported["person"]["createdAt"] == "2026-01-05T00:00:00.000Z"
    assert exported["kept"]["notes"][0]["content"] == "Likes roses"
    assert exported["interactions"][0]["interaction"]["context"] == "hello"
    assert exported["trust"]["tier"] == "stranger"
    kept = {"date": "2026-01-05", "score": 0.014, "tier": "stranger", "profile": "standard", "version": 1}
    assert exported["trustHistory"] == [kept]
    assert [(each["number"], each["event"], each["at"]) for each in exported["trail"]] == [
        (1, "PersonRegistered", "2026-01-05T00:00:00.000Z")
    ]
    audit = await village.society.ask("{ personAudit { edges { node { deed person } } } }", by=bot)
    assert audit["edges"][-1]["node"] == {"deed": "EXPORTED", "person": person}


async def test_what_one_observer_holds_is_forgotten_and_the_others_keep_theirs(village: Village) -> None:
    bot, other = await village.observers("bot", "other")
    person = await village.meet(bot)
    await village.meet(other)

    assert await village.society.ask(FORGET, {"p": person, "e": False}, bot) is True

    assert await village.society.ask("query ($p: String!) { person(id: $p) { id } }", {"p": person}, bot) is None
    assert (await village.trust(other, person))["evidence"]["messages"] == 1
    assert await village.refusal(FORGET, {"p": person, "e": False}, bot) == "UNKNOWN_PERSON"


async def test_coming_back_washes_nobody_white(village: Village) -> None:
    bot = await village.observer()
    person = await village.meet(bot, displayName="Ann")
    await village.record(bot, person=person, kind="VIOLATION", severity=0.5)
    await village.society.ask(FORGET, {"p": person, "e": False}, bot)

    again = await village.meet(bot, 0.1, displayName="Bob")

    report = await village.trust(bot, again)
    assert (report["evidence"]["violations"], report["factors"]["violationPenalty"]) == (1, 0.5)
    assert report["evidence"]["messages"] == 1


async def test_only_the_person_and_the_operator_are_forgotten_everywhere(village: Village) -> None:
    bot, other, ann = await village.observers("bot", "other", "ann")
    person = await met(village, bot, ann)
    await village.record(other, did=ann.did, kind="MESSAGE")

    refused = await village.refusal(FORGET, {"p": person, "e": True}, bot)
    done = await village.society.ask(FORGET, {"p": person, "e": True}, ann)

    assert (refused, done) == ("NOT_YOUR_PERSON", True)
    for who in (other, ann):
        audit = await village.society.ask("{ personAudit { edges { node { deed actor person } } } }", by=who)
        assert audit["edges"][-1]["node"] == {"deed": "FORGOTTEN", "actor": ann.did, "person": person}
    again = (await village.record(other, did=ann.did, kind="MESSAGE"))["person"]
    assert again != person
    assert (await village.trust(other, again))["evidence"]["messages"] == 1
    assert message()["kind"] == "MESSAGE"


async def test_the_operator_forgets_anybody(village: Village) -> None:
    bot = await village.observer()
    person = await village.meet(bot)
    await village.society.ask('mutation { agentGenerate(passphrase: "operator") { did } }')

    assert await village.society.ask(FORGET, {"p": person, "e": True}) is True

    assert await village.refusal(TRUST, {"p": person}, bot) == "UNKNOWN_PERSON"
    assert (await village.society.refusal(FORGET, {"p": person, "e": True}))["code"] == "UNKNOWN_PERSON"


async def test_sharing_is_no_invitation_to_write(village: Village) -> None:
    bot, eve = await village.observers("bot", "eve")
    person = await village.meet(bot)
    await village.society.ask(SHARE, {"p": person, "s": False, "e": True}, bot)
    attempts: list[tuple[str, Json]] = [
        ('mutation ($p: String!) { personSetSummary(id: $p, summary: "x") { id } }', {"p": person}),
        (SHARE, {"p": person, "s": True, "e": True}),
        (EXPORT, {"p": person}),
    ]

    assert [await village.refusal(query, given, eve) for query, given in attempts] == ["UNKNOWN_PERSON"] * 3
