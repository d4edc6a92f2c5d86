"""What an answer rests on can be had, and gives the same answer elsewhere; through GraphQL on both stores."""

import importlib
from types import ModuleType

import pytest

from domain.canonical import canonical, sha256_hex
from tests.alliance.observers import HISTORY, REPLAY, Observers, at
from tests.alliance.test_circle import MERGE
from tests.alliance.test_engage import SHARE
from tests.alliance.test_published import EVALUATE, POLICY
from tests.e2e import needs

ANN = "discord:ann"


@pytest.fixture
def replayer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(needs.EXAMPLES / "python"))
    return importlib.import_module("alliance_replay")


async def test_whoever_has_the_replay_data_predicts_every_answer(observers: Observers, replayer: ModuleType) -> None:
    bot = await observers.observer()
    await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 2)
    await observers.happen(bot, ANN, "REPLY_NEGATIVE", b="OBSERVER")
    ann = await observers.happen(bot, ANN, "MENTION_NEGATIVE", 2, b="PERSON")
    policy = (await observers.society.ask(POLICY, {"p": "STANDARD"}))["data"]
    replay = await observers.ask(REPLAY, {"s": ann}, bot)

    for number in range(20):
        post = {"postId": f"p{number}", "isRelevantTopic": number % 5 == 0}
        context = {"mentionsUs": False, "isNegative": False, "highVisibility": False, **post}
        answer = await observers.engage(bot, ann, **post)

        predicted = replayer.predict(policy, replay, context, at())

        assert {name: answer[name] for name in ("engage", "reason", "drawn", "validUntil", "strategy")} == {
            name: predicted[name] for name in ("engage", "reason", "drawn", "validUntil", "strategy")
        }


async def test_the_server_evaluates_what_it_gave_as_it_answers(observers: Observers) -> None:
    bot = await observers.observer()
    ann = await observers.happen(bot, ANN, "MENTION_NEGATIVE", 2, b="PERSON")
    replay = await observers.ask(REPLAY, {"s": ann}, bot)
    answer = await observers.engage(bot, ann, postId="p")

    found = await observers.society.ask(EVALUATE, {"r": replay, "c": {"postId": "p"}, "t": at()})

    assert {name: found[name] for name in answer if name != "relationship"} == {
        name: value for name, value in answer.items() if name != "relationship"
    }
    assert found["inputs"] == sha256_hex(canonical(replay).encode())


async def test_a_merge_is_told_by_a_link(observers: Observers) -> None:
    bot = await observers.observer()
    old = await observers.happen(bot, ANN, "UPVOTE_RECEIVED", 2)
    new = await observers.happen(bot, "matrix:ann", "UPVOTE_RECEIVED", 1)

    await observers.ask(MERGE, {"k": new, "a": old}, bot)
    replay = await observers.ask(REPLAY, {"s": new}, bot)

    assert replay["history"]["links"] == [{"identity": old, "at": at()}]
    assert len(replay["history"]["interactions"]) == 3
    assert (await observers.engage(bot, new))["inputs"] == sha256_hex(canonical(replay).encode())


async def test_a_history_is_told_by_time_and_in_pages(observers: Observers) -> None:
    bot = await observers.observer()
    for day in (-3, -1, -2):
        ann = (await observers.record(bot, ANN, "UPVOTE_RECEIVED", day, c=f"post{day}"))["person"]

    first = await observers.ask(HISTORY, {"s": ann, "f": 2}, bot)
    rest = await observers.ask(HISTORY, {"s": ann, "a": first["pageInfo"]["endCursor"]}, bot)

    told = [edge["node"]["context"] for page in (first, rest) for edge in page["edges"]]
    assert told == ["post-3", "post-2", "post-1"]
    assert first["totalCount"] == 3
    assert (await observers.ask(HISTORY, {"s": "discord:nobody"}, bot))["edges"] == []


async def test_the_subject_reads_its_own_history_where_the_observer_shares_it(
    observers: Observers, replayer: ModuleType
) -> None:
    bot, subject, third = [await observers.observer(name) for name in ("bot", "subject", "third")]
    person = await observers.happen(bot, subject.did, "MENTION_NEGATIVE", 2, b="PERSON", c=None)
    asked = {"s": person, "o": bot.did}
    refused = [await observers.refusal(query, asked, subject) for query in (HISTORY, REPLAY)]

    await observers.ask(SHARE, {"p": person}, bot)
    told = await observers.ask(HISTORY, asked, subject)
    replay = await observers.ask(REPLAY, asked, subject)
    refused += [await observers.refusal(query, asked, third) for query in (HISTORY, REPLAY)]

    assert [edge["node"]["kind"] for edge in told["edges"]] == ["MENTION_NEGATIVE"] * 2
    assert replay == await observers.ask(REPLAY, {"s": person}, bot)
    assert [each["code"] for each in refused] == ["NOT_SHARED"] * 4
