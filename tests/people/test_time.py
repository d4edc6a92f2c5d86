"""Trust over time: a year of conversations, the daily round, and the history of scores."""

import pytest

from domain.people.history import KEPT
from resolvers.people.maintain import Daily, maintain
from tests.people.village import Village, when
from tests.servers import Json

HISTORY = """query ($p: String!, $f: Int, $a: String) { personTrustHistory(id: $p, first: $f, after: $a) {
  totalCount pageInfo { endCursor hasNextPage } edges { node { date score tier calculated profile version } } } }"""


async def test_a_year_of_three_sessions_a_day_reaches_the_tiers_on_their_days(village: Village) -> None:
    bot = await village.observer()
    reached: dict[str, int] = {}
    began = 0
    for day in (0, 3, 4, 13, 14, 59, 60, 179, 180, 365):
        person = await village.live(bot, range(began, day + 1))
        began = day + 1
        reached.setdefault((await village.trust(bot, person))["tier"], day)

    assert reached == {"STRANGER": 0, "ACQUAINTANCE": 4, "FAMILIAR": 14, "TRUSTED": 60, "INNER_CIRCLE": 180}
    days_before = [await village.trust(bot, person, at=when(day + 1 - 1e-9)) for day in (3, 13, 59, 179)]
    assert [each["tier"] for each in days_before] == ["STRANGER", "ACQUAINTANCE", "FAMILIAR", "TRUSTED"]
    assert (await village.trust(bot, person))["evidence"]["messages"] == 366 * 3


async def test_the_daily_round_remembers_a_score_for_each_date_once(village: Village) -> None:
    bot, other = await village.observers("bot", "other")
    person = await village.live(bot, range(15))
    await village.meet(other, 14.5)

    rounds = [await maintain(village.society.services) for _ in range(2)]
    page = await village.society.ask(HISTORY, {"p": person}, bot)

    assert [(each.observers, each.people, each.snapshots) for each in rounds] == [(2, 2, 2), (2, 2, 0)]
    today = page["edges"][-1]["node"]
    assert today == {
        "date": "2026-01-19",
        "score": 0.384,
        "tier": "FAMILIAR",
        "calculated": False,
        "profile": "STANDARD",
        "version": 1,
    }


async def test_dates_without_a_snapshot_are_calculated(village: Village) -> None:
    bot = await village.observer()
    person = await village.live(bot, range(15))
    seen: list[Json] = []
    after = None
    for _ in range(4):
        page = await village.society.ask(HISTORY, {"p": person, "f": 4, "a": after}, bot)
        seen += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]

    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (15, False)
    assert [each["date"] for each in seen] == [f"2026-01-{day:02}" for day in range(5, 20)]
    assert all(each["calculated"] for each in seen)
    for day in (0, 7, 14):
        report = await village.trust(bot, person, at=when(day + 1 - 1e-9))
        assert (seen[day]["score"], seen[day]["tier"]) == (report["score"], report["tier"])
    assert await village.refusal(HISTORY, {"p": person, "a": "Y2hvcnVzOng"}, bot) == "INVALID_CURSOR"


async def test_a_year_of_dates_is_told_at_most(village: Village) -> None:
    bot = await village.observer()
    person = await village.live(bot, [0])
    village.at(800)

    page = await village.society.ask(HISTORY, {"p": person, "f": 1}, bot)

    assert page["totalCount"] == KEPT


async def test_the_round_tells_what_lapsed(village: Village) -> None:
    bot = await village.observer()
    person = await village.live(bot, range(15))
    village.at(100)

    done = await maintain(village.society.services)

    assert (done.people, done.lapsed) == (1, 1)
    page = await village.society.ask("{ people(tier: ACQUAINTANCE) { edges { node { id } } } }", by=bot)
    assert page["edges"] == [{"node": {"id": person}}]


async def test_the_schedule_does_the_round_once_a_date(village: Village) -> None:
    bot = await village.observer()
    person = await village.live(bot, range(2))
    daily = Daily(village.society.services)

    await daily()
    await village.live(bot, range(2, 3))
    await daily()
    await daily()

    kept = await village.society.services.store.people.snapshots(bot.did, person)  # type: ignore[arg-type]
    assert [each.date for each in kept] == [20_459, 20_460]


@pytest.mark.parametrize("day", [0.5, 31, 61])
async def test_absence_takes_something_off_only_when_asked_for(village: Village, day: float) -> None:
    bot = await village.observer()
    person = await village.live(bot, range(200))
    village.at(200 + day)

    once, twice = [await village.trust(bot, person) for _ in range(2)]

    assert once == twice
    assert once["factors"]["idle"] == pytest.approx(1 if day < 31 else 2 ** (-(day // 1 - 30) / 60), abs=0.02)
