"""Export and import through GraphQL on both stores: what is taken along arrives whole."""

import asyncio
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from domain.canonical import canonical
from domain.people.person import parse_platform_id
from graphdb.errors import StoreUnavailable
from server.schema import ChorusSchema
from tests.alliance.observers import EXPORT, IGNORE, IMPORT, UNIGNORE, Observers, at
from tests.servers import Json
from tests.services import Clock, NoEngine
from tests.so.society import Person, society
from tests.worlds import agent

KEYS = agent("traveller")
UNLINK = "mutation ($p: String!, $a: String!) { personUnlinkPlatformId(id: $p, platformId: $a) { id } }"


async def furnished(observers: Observers) -> Person:
    """An agent with its own key, and people of every kind."""
    bot = await observers.society.own_key(KEYS)
    await observers.happen(bot, "discord:ann", "UPVOTE_RECEIVED", 3)
    await observers.happen(bot, "discord:ben", "MENTION_NEGATIVE", 2, b="PERSON", c=None)
    await observers.record(bot, "discord:ben", "VIOLATION", -2, v=0.3)
    await observers.record(bot, observers_did(), "REPLY_NEUTRAL", b="OBSERVER", c="post")
    await observers.ask(IGNORE, {"s": "discord:cleo"}, bot)
    observers.day(1)
    await observers.ask(UNIGNORE, {"s": "discord:cleo"}, bot)
    await observers.ask(IGNORE, {"s": "discord:cleo", "u": at(9)}, bot)
    return bot


def observers_did() -> str:
    return agent("somebody else").did


async def exported(observers: Observers, bot: Person) -> Json:
    return (await observers.ask(EXPORT, {}, bot))["data"]


@pytest.fixture
async def elsewhere(tmp_path: Path) -> Json:
    """Another server, with nobody on it."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    async with society(folder, NoEngine(), {}, schema=ChorusSchema(), token_clock=Clock()) as opened:  # type: ignore[arg-type]  # nothing is evaluated
        yield Observers(opened)


async def test_export_import_export_is_identical_on_another_server(observers: Observers, elsewhere: Observers) -> None:
    data = await exported(observers, await furnished(observers))
    bot = await elsewhere.society.own_key(KEYS)
    elsewhere.day(1)

    done = await elsewhere.ask(IMPORT, {"d": data}, bot)

    assert (done["people"], done["interactions"], done["repeated"], done["marks"]) == (4, 7, 0, 2)
    assert done["problems"] == []
    assert canonical(await exported(elsewhere, bot)) == canonical(data)
    assert (await elsewhere.relationship(bot, "discord:ann"))["relationship"] == "ALLY"
    assert (await elsewhere.relationship(bot, "discord:cleo"))["relationship"] == "IGNORE"


async def test_importing_again_adds_nothing(observers: Observers) -> None:
    bot = await furnished(observers)
    data = await exported(observers, bot)

    done = await observers.ask(IMPORT, {"d": data}, bot)

    assert (done["people"], done["interactions"], done["repeated"], done["marks"]) == (4, 0, 7, 0)
    assert canonical(await exported(observers, bot)) == canonical(data)


async def test_one_bad_row_is_told_and_costs_no_other(observers: Observers, elsewhere: Observers) -> None:
    data = await exported(observers, await furnished(observers))
    bot = await elsewhere.society.own_key(KEYS)
    elsewhere.day(1)
    spoilt = deepcopy(data)
    rows = spoilt["histories"][0]["interactions"]
    rows.append({"id": "late", "kind": "message", "by": "person", "at": at(5)})
    rows.append({"id": "bad", "kind": "waved", "by": "person", "at": at(0)})
    spoilt["histories"] += [None, {**data["histories"][1], "observer": "did:key:other", "subject": "p_x"}]
    spoilt["histories"].append({"observer": KEYS.did, "subject": "p_unheard-of", "interactions": []})

    done = await elsewhere.ask(IMPORT, {"d": spoilt}, bot)

    assert canonical(await exported(elsewhere, bot)) == canonical(data)
    assert sorted(each["code"] for each in done["problems"]) == [
        "FUTURE_INTERACTION",
        "INVALID_ALLIANCE_DATA",
        "INVALID_ALLIANCE_DATA",
        "NOT_YOUR_HISTORY",
        "UNKNOWN_PERSON",
    ]


async def test_what_is_said_of_a_time_to_come_is_told_and_passed_over(observers: Observers) -> None:
    bot = await observers.society.own_key(KEYS)
    data = known_as("Ann", "discord:ann")
    (row,) = data["histories"]
    row["marks"] = [{"at": at(-2), "liftedAt": at(-1)}, {"at": at(9)}, {"at": at(-2), "liftedAt": at(9)}]
    pardoned = {"kind": "violation", "by": "person", "at": at(-1), "severity": 0.5}
    row["interactions"] += [
        {**pardoned, "id": "v1", "pardonedAt": at(9)},
        {**pardoned, "id": "v2", "pardonedAt": at(0)},
    ]

    done = await observers.ask(IMPORT, {"d": data}, bot)

    assert (done["interactions"], done["marks"]) == (2, 1)
    assert [(each["path"], each["code"]) for each in done["problems"]] == [
        ("$.histories[0].interactions[v1]", "FUTURE_INTERACTION"),
        ("$.histories[0].marks", "FUTURE_TIME"),
        ("$.histories[0].marks", "FUTURE_TIME"),
    ]


async def test_a_bad_account_costs_nothing_but_itself(observers: Observers) -> None:
    bot = await observers.society.own_key(KEYS)
    data = known_as("Ann", "discord:ann", "nowhere", dids=("did:web:ann",))
    data["histories"][0]["accounts"].append(7)

    done = await observers.ask(IMPORT, {"d": data}, bot)

    assert (done["people"], done["interactions"]) == (1, 1)
    assert [(each["path"], each["code"]) for each in done["problems"]] == [
        ("$.histories[0].accounts[1]", "INVALID_PLATFORM_ID"),
        ("$.histories[0].accounts[2]", "INVALID_PLATFORM_ID"),
        ("$.histories[0].dids[0]", "INVALID_DID"),
    ]


async def test_rows_of_one_subject_are_told_apart(observers: Observers) -> None:
    bot = await observers.society.own_key(KEYS)
    data = known_as("Ann", "discord:ann")
    data["histories"].append({**data["histories"][0], "observer": observers_did(), "accounts": ["discord:ben"]})

    done = await observers.ask(IMPORT, {"d": data}, bot)

    assert [(each["path"], each["code"]) for each in done["problems"]] == [("$.histories[1]", "NOT_YOUR_HISTORY")]
    assert (await exported(observers, bot))["histories"][0]["accounts"] == ["discord:ann"]


@pytest.mark.parametrize(("part", "call"), [("people", "commit"), ("interactions", "record"), ("alliances", "mark")])
async def test_a_store_that_goes_away_is_no_problem_of_a_row(
    observers: Observers, elsewhere: Observers, monkeypatch: pytest.MonkeyPatch, part: str, call: str
) -> None:
    """The request is refused as a whole, and sent again it brings what is missing."""
    data = await exported(observers, await furnished(observers))
    bot = await elsewhere.society.own_key(KEYS)
    elsewhere.day(1)

    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("the embedded database: disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(getattr(elsewhere.society.services.store, part), call, away)
        refusal = await elsewhere.refusal(IMPORT, {"d": data}, bot)
    await elsewhere.ask(IMPORT, {"d": data}, bot)

    assert refusal["code"] == "STORE_UNAVAILABLE"
    assert canonical(await exported(elsewhere, bot)) == canonical(data)


def known_as(name: str, *accounts: str, dids: tuple[str, ...] = (), subject: str = f"p_{'7' * 32}") -> Json:
    """An export of one history with somebody whom no server has met yet."""
    row = {"observer": KEYS.did, "subject": subject, "displayName": name}
    row |= {"accounts": list(accounts), "dids": list(dids)}
    row["interactions"] = [{"id": "once", "kind": "message", "by": "person", "at": at(0)}]
    return {"format": "chorus-alliance", "formatVersion": 1, "histories": [row]}


async def test_every_account_of_somebody_new_is_taken_along(observers: Observers) -> None:
    bot = await observers.society.own_key(KEYS)
    data = known_as("Ann", "discord:ann", "telegram:ann", "irc:ann")

    done, again = [await observers.ask(IMPORT, {"d": data}, bot) for _ in range(2)]

    assert (done["people"], done["interactions"], done["problems"]) == (1, 1, [])
    assert (again["interactions"], again["repeated"], again["problems"]) == (0, 1, [])
    (row,) = (await exported(observers, bot))["histories"]
    assert sorted(row["accounts"]) == ["discord:ann", "irc:ann", "telegram:ann"]


@dataclass
class Breaking:
    """A part of a store that goes away at one of its calls: before it is carried out, or with the answer."""

    real: object
    calls_left: int
    answer_is_lost: bool

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        async def call(*args: object, **kwargs: object) -> object:
            self.calls_left -= 1
            if self.calls_left == -1 and not self.answer_is_lost:
                raise StoreUnavailable("it is away")
            answer = await getattr(self.real, name)(*args, **kwargs)
            if self.calls_left == -1:
                raise StoreUnavailable("its answer is lost")
            return answer

        return call


@pytest.mark.parametrize("answer_is_lost", [False, True])
async def test_an_import_that_broke_off_anywhere_is_made_whole_by_sending_it_again(
    observers: Observers, monkeypatch: pytest.MonkeyPatch, answer_is_lost: bool
) -> None:
    bot, store = await observers.society.own_key(KEYS), observers.society.services.store
    expected: list[list[str]] = []

    for number in count():
        accounts = sorted(f"{channel}:ann{number}" for channel in ("discord", "irc", "telegram"))
        data = known_as("Ann", *accounts, subject=f"p_{number:032x}")
        breaking = Breaking(store.people, number, answer_is_lost)
        with monkeypatch.context() as patched:
            patched.setattr(store, "people", breaking)
            answer = await observers.society.post(IMPORT, {"d": data}, bot)
        if "errors" not in answer:
            break
        await observers.ask(IMPORT, {"d": data}, bot)
        expected.append(accounts)

    rows = (await exported(observers, bot))["histories"]
    assert breaking.calls_left >= 0, "nothing broke any more"
    assert sorted(sorted(row["accounts"]) for row in rows) == sorted([*expected, accounts])


async def test_two_imports_of_one_person_at_once_meet_one_person(observers: Observers) -> None:
    bot = await observers.society.own_key(KEYS)
    datas = [known_as("Ann", "irc:ann", "discord:ann", subject=f"p_{digit * 32}") for digit in "112"]

    done = await asyncio.gather(*(observers.ask(IMPORT, {"d": data}, bot) for data in datas))

    assert [each["problems"] for each in done] == [[]] * 3
    (row,) = (await exported(observers, bot))["histories"]
    assert sorted(row["accounts"]) == ["discord:ann", "irc:ann"]


async def test_an_account_unlinked_since_stays_with_whom_it_is(observers: Observers) -> None:
    bot = await observers.society.own_key(KEYS)
    data = known_as("Ann", "discord:ann", "irc:ann")
    await observers.ask(IMPORT, {"d": data}, bot)
    split = (await observers.ask(UNLINK, {"p": data["histories"][0]["subject"], "a": "irc:ann"}, bot))["id"]

    again = await observers.ask(IMPORT, {"d": data}, bot)

    (holder,) = await observers.society.services.store.people.by_platform_ids([parse_platform_id("irc:ann")])
    assert holder is not None
    assert (again["problems"], holder.person.id) == ([], split)


async def test_nobody_becomes_an_owner_by_an_import(observers: Observers) -> None:
    observers.rule(everybody=["telegram:dad"])
    bot = await observers.society.own_key(KEYS)

    done = await observers.ask(IMPORT, {"d": known_as("Eve", "irc:eve", "telegram:dad")}, bot)

    assert [(each["path"], each["code"]) for each in done["problems"]] == [
        ("$.histories[0].accounts", "OWNER_PROTECTED")
    ]
    (row,) = (await exported(observers, bot))["histories"]
    assert row["accounts"] == ["irc:eve"]


async def test_too_many_accounts_of_one_person_are_told(observers: Observers) -> None:
    bot = await observers.society.own_key(KEYS)

    done = await observers.ask(IMPORT, {"d": known_as("Ann", *(f"irc:{number}" for number in range(101)))}, bot)

    assert (done["people"], [each["code"] for each in done["problems"]]) == (0, ["INVALID_ARGUMENT"])


async def test_an_owner_who_comes_by_an_import_is_known_as_the_owner(observers: Observers) -> None:
    observers.rule(reserved=["Dad"], everybody=["discord:dad"])
    bot = await observers.society.own_key(KEYS)

    done = await observers.ask(IMPORT, {"d": known_as("Dad", "discord:dad")}, bot)

    assert done["problems"] == []
    (dad,) = await observers.society.services.store.people.by_platform_ids([parse_platform_id("discord:dad")])
    assert dad is not None
    assert (dad.person.display_name, dad.person.owner) == ("Dad", True)


async def test_an_owners_agent_that_comes_by_an_import_is_known_as_the_owners(observers: Observers) -> None:
    did = agent("dad").did
    observers.rule(everybody=[did])
    bot = await observers.society.own_key(KEYS)

    await observers.ask(IMPORT, {"d": known_as("Dad", dids=(did,))}, bot)

    (dad,) = await observers.society.services.store.people.by_dids([did])
    assert dad is not None
    assert (dad.person.id, dad.person.owner) == (f"p_{'7' * 32}", True)


@pytest.mark.parametrize("data", [{}, [], {"format": "chorus-alliance", "formatVersion": 2}, "text"])
async def test_what_is_no_export_is_refused(observers: Observers, data: Json) -> None:
    bot = await observers.observer()

    assert (await observers.refusal(IMPORT, {"d": data}, bot))["code"] == "INVALID_ALLIANCE_DATA"


async def test_an_export_comes_in_pages(observers: Observers) -> None:
    bot = await furnished(observers)
    whole = await exported(observers, bot)

    rows: list[Json] = []
    after = None
    while True:
        page = await observers.ask(EXPORT, {"f": 3, "a": after}, bot)
        rows += page["data"]["histories"]
        after = page["endCursor"]
        if not page["hasNextPage"]:
            break

    assert rows == whole["histories"]
    assert page["people"] == 4
