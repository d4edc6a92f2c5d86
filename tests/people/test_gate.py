"""Whom an agent is talking to, and whether a direct message may reach its model."""

from tests.people.village import DAY, MONDAY, Village, message, when

CARD = """query ($p: String, $a: String) { personCard(id: $p, platformId: $a) {
  name username tier percent messages activeDays summary aliases connections { name } approach unknown markdown } }"""
SCENE = """query ($s: String!, $o: [String!]!) { peopleScene(speaker: $s, others: $o) {
  speaker { name } others { name tier } leftOut markdown } }"""
ASK = """query ($a: String!) { directMessageGate(platformId: $a) {
  open reason tier reply helps until profile version } }"""
KNOCK = """mutation ($a: String!, $t: String, $m: String, $n: String) {
  directMessageGate(platformId: $a, text: $t, messageId: $m, displayName: $n) {
    open reason tier reply helps until } }"""
ANN = {"a": "discord:ann"}


async def test_a_card_tells_whom_one_is_talking_to(village: Village) -> None:
    bot = await village.observer()
    person = await village.live(bot, range(15), displayName="Ann", username="gardener")
    summary = 'mutation ($p: String!) { personSetSummary(id: $p, summary: "Grows *roses*") { id } }'
    await village.society.ask(summary, {"p": person}, bot)

    card = await village.society.ask(CARD, {"p": person}, bot)

    assert (card["name"], card["username"], card["tier"], card["percent"]) == ("Ann", "gardener", "FAMILIAR", 38)
    assert (card["messages"], card["activeDays"], card["unknown"]) == (45, 15, None)
    assert "**Ann** @gardener (familiar, 38%, 45 messages, 15 active days)" in card["markdown"]
    assert r"Grows \*roses\*" in card["markdown"]


async def test_nobody_knows_an_unknown_account_and_it_has_a_card(village: Village) -> None:
    bot, other = await village.observers("bot", "other")
    await village.meet(other, displayName="Ann")

    card = await village.society.ask(CARD, ANN, bot)

    assert (card["name"], card["unknown"], card["tier"]) == ("Unknown", "discord:ann", "STRANGER")
    assert "first contact" in card["markdown"]
    assert await village.refusal(CARD, {}, bot) == "INVALID_ARGUMENT"
    assert await village.refusal(CARD, {"p": "p_nobody"}, bot) == "UNKNOWN_PERSON"


async def test_a_scene_has_a_card_for_the_speaker_and_a_line_for_each_other(village: Village) -> None:
    bot = await village.observer()
    for name in ("Ann", "Bea", "Cleo"):
        await village.meet(bot, platformId=f"irc:{name.lower()}", displayName=name)
    others = ["irc:bea", "irc:ann", "irc:cleo", "irc:bea", *(f"irc:stranger{each}" for each in range(6))]

    scene = await village.society.ask(SCENE, {"s": "irc:ann", "o": others}, bot)

    assert scene["speaker"] == {"name": "Ann"}
    assert [each["name"] for each in scene["others"]] == ["Bea", "Cleo", "Unknown", "Unknown", "Unknown", "Unknown"]
    assert scene["leftOut"] == 2
    assert "- Bea (stranger, 1%)" in scene["markdown"]
    assert "- and 2 more" in scene["markdown"]
    assert await village.refusal(SCENE, {"s": "irc:ann", "o": ["irc:x"] * 101}, bot) == "INVALID_ARGUMENT"


async def test_the_gate_is_closed_to_the_unknown_and_the_attempt_is_recorded(village: Village) -> None:
    bot = await village.observer()
    village.rule(refusal="Not yet, friend.")

    asked = await village.society.ask(ASK, ANN, bot)
    first = await village.society.ask(KNOCK, ANN | {"m": "1"}, bot)
    again = await village.society.ask(KNOCK, ANN | {"m": "2"}, bot)

    assert (asked["open"], asked["reason"], asked["reply"]) == (False, "UNKNOWN_PERSON", "Not yet, friend.")
    assert (asked["profile"], asked["version"]) == ("STANDARD", 1)
    assert (first["reason"], again["reason"], again["tier"]) == ("UNKNOWN_PERSON", "SCORE", "STRANGER")
    assert again["helps"][0].startswith("Be present")
    person = await village.society.ask('{ personByPlatformId(platformId: "discord:ann") { id } }', by=bot)
    recorded = await village.history(bot, person["id"])
    assert {(each["kind"], each["source"], each["context"]) for each in recorded} == {
        ("MESSAGE", "direct-message", "1"),
        ("MESSAGE", "direct-message", "2"),
    }


async def test_the_gate_opens_to_the_familiar_as_of_now(village: Village) -> None:
    bot = await village.observer()
    await village.live(bot, range(15))

    now = await village.society.ask(ASK, ANN, bot)
    village.at(800)
    later = await village.society.ask(ASK, ANN, bot)

    assert (now["open"], now["reason"], now["reply"]) == (True, "FAMILIAR", None)
    assert (later["open"], later["reason"]) == (False, "SCORE")


async def test_an_attempt_lets_in_nobody_by_itself(village: Village) -> None:
    bot = await village.observer()
    await village.live(bot, range(14))
    village.at(14.5)

    asked = await village.society.ask(ASK, ANN, bot)
    first = await village.society.ask(KNOCK, ANN | {"m": "1"}, bot)
    again = await village.society.ask(KNOCK, ANN | {"m": "2"}, bot)

    assert (asked["open"], first["open"], first["reason"], first["tier"]) == (False, False, "SCORE", "ACQUAINTANCE")
    assert (again["open"], again["reason"]) == (True, "FAMILIAR")


async def test_the_gate_says_until_when_violations_stand_in_the_way(village: Village) -> None:
    bot = await village.observer()
    person = await village.live(bot, range(200))
    for day in (199.1, 199.2):
        await village.record(bot, person=person, kind="VIOLATION", severity=0.25, at=when(day))

    verdict = await village.society.ask(ASK, ANN, bot)

    assert (verdict["open"], verdict["reason"], verdict["tier"]) == (False, "VIOLATIONS", "ACQUAINTANCE")
    assert verdict["until"] == when(199.2 + 180)


async def test_the_gate_says_until_when_time_alone_stands_in_the_way(village: Village) -> None:
    bot = await village.observer()
    await village.live(bot, range(6, 20))  # two weeks in three calendar weeks: the score is there before the days are

    verdict = await village.society.ask(ASK, ANN, bot)

    assert (verdict["open"], verdict["reason"], verdict["until"]) == (False, "TIME_GATE", when(20.25))


async def test_the_gate_is_open_to_the_owner_and_to_those_set_by_hand(village: Village) -> None:
    bot = await village.observer()
    village.rule(**{bot.did: ["discord:dad"]})
    person = await village.meet(bot)
    override = 'mutation ($p: String!) { personSetOverride(id: $p, score: 0.5, reason: "a friend") { tier } }'
    await village.society.ask(override, {"p": person}, bot)
    await village.meet(bot, platformId="discord:dad")

    by_hand = await village.society.ask(ASK, ANN, bot)
    owner = await village.society.ask(ASK, {"a": "discord:dad"}, bot)

    assert (by_hand["open"], by_hand["reason"]) == (True, "OVERRIDE")
    assert (owner["open"], owner["reason"], owner["tier"]) == (True, "OWNER", "INNER_CIRCLE")


async def test_a_mute_stops_even_those_who_are_let_in_and_ends(village: Village) -> None:
    bot = await village.observer()
    village.rule(reserved=["Dad"])
    knocks = [await village.society.ask(KNOCK, ANN | {"t": "Dad said so", "m": str(each)}, bot) for each in range(3)]
    person = (await village.society.ask('{ personByPlatformId(platformId: "discord:ann") { id } }', by=bot))["id"]
    override = 'mutation ($p: String!) { personSetOverride(id: $p, score: 0.5, reason: "a friend") { tier } }'
    await village.society.ask(override, {"p": person}, bot)

    muted = await village.society.ask(ASK, ANN, bot)
    village.society.clock.now = MONDAY + DAY // 2 + 600_000
    later = await village.society.ask(ASK, ANN, bot)

    assert knocks[0]["open"] is False
    assert (muted["open"], muted["reason"], muted["reply"]) == (False, "MUTED", None)
    assert muted["until"] == when(0.5 + 600_000 / DAY)
    assert (later["open"], later["reason"]) == (True, "OVERRIDE")


async def test_a_bad_account_is_refused_and_nothing_is_recorded(village: Village) -> None:
    bot = await village.observer()

    for account in ("", "discord", "Discord:1", "discord:" + "x" * 300):
        assert await village.refusal(KNOCK, {"a": account}, bot) == "INVALID_PLATFORM_ID"
        assert await village.refusal(ASK, {"a": account}, bot) == "INVALID_PLATFORM_ID"
    assert await village.refusal(KNOCK, ANN | {"n": "\u202eAnn"}, bot) == "INVALID_PERSON_NAME"
    assert (await village.society.ask("{ people { totalCount } }", by=bot))["totalCount"] == 0
    assert message()["platformId"] == "discord:ann"
