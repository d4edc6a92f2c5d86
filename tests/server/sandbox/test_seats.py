"""Seats over GraphQL: turns are told to whoever plays the agent and nobody else, and what they do is what it does."""

import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.sandbox.agent import AgentType
from domain.sandbox.eventlog.reading import End
from domain.sandbox.reading import read_scenario
from domain.sandbox.scenario import standard_settings
from domain.sandbox.standard.run import run
from server.sandbox.logfile import replay, verify
from tests.server.acts import limited
from tests.server.sandbox.test_graphql import CANCEL, EPOCHS, EVENTS, PROGRESS, RUN, WHAT_IF, until_over
from tests.server.test_main_job import hosted
from tests.servers import Chorus, Json, Socket, chorus, socket

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf8")
SECTION = PAGE.partition("## Seats")[2].partition("\n## ")[0]
TINY = """
agents:
  - {type: honest, count: 3}
  - {type: opportunistic, count: 3}
simulation: {n_epochs: 2, steps_per_epoch: 3, seed: 7}
"""
START = """mutation ($y: String!, $s: [SandboxSeat!], $t: Float, $o: [SandboxSetting!]) {
  sandboxStartRun(yaml: $y, seats: $s, seatSeconds: $t, overrides: $o) { id } }"""
OTHER = "agent reputation resources trust sameGroup"
OBSERVE = f"""subscription ($r: String!, $a: String!) {{ sandboxObserve(run: $r, agent: $a) {{
  agent turn deadline epoch step clock decision moves reputation resources leastOffer mostOffer postsLeft votesLeft
  memory {{ agent trust met step }} candidates {{ {OTHER} }} frontPage {{ post author net age open }}
  proposals {{ initiator {{ {OTHER} }} offer value }} }} }}"""
ACT = """mutation ($r: String!, $a: String!, $t: Int!, $m: SandboxAction!) {
  sandboxAct(run: $r, agent: $a, turn: $t, action: $m) }"""
HELD = "query ($r: String!) { sandboxRun(id: $r) { seats { agent holder } } }"
PATIENT = 30.0
NOTHING = {"move": "NOTHING"}


@dataclass(frozen=True)
class Player:
    """Whoever plays one agent of a run."""

    server: Chorus
    token: str
    run: str
    agent: str
    client: Socket

    async def turn(self) -> Json:
        """The next one that is waited for."""
        return (await self.client.event())["sandboxObserve"]

    async def act(self, turn: int, action: Json) -> None:
        given = {"r": self.run, "a": self.agent, "t": turn, "m": action}
        assert (await self.server.ask(ACT, given, self.token)) == {"sandboxAct": True}

    async def refused(self, turn: int, action: Json, **changes: Json) -> str:
        given = {"r": self.run, "a": self.agent, "t": turn, "m": action, **changes}
        return await self.server.refusal(ACT, given, self.token)

    async def play_on(self, chance: random.Random) -> list[Json]:
        """Every turn to the end, doing anything possible; what was seen."""
        seen = []
        while (message := await self.client.receive())["type"] == "next":
            assert "errors" not in message["payload"], message
            turn = message["payload"]["data"]["sandboxObserve"]
            seen.append(turn)
            await self.act(turn["turn"], possible(chance, turn))
        return seen


def possible(chance: random.Random, turn: Json) -> Json:
    move = chance.choice(turn["moves"])
    if move == "VOTE":
        return {"move": move, "post": next(each["post"] for each in turn["frontPage"] if each["open"]), "up": False}
    if move == "PROPOSE":
        return {"move": move, "to": chance.choice(turn["candidates"])["agent"], "offer": 1.5}
    accept = [each["initiator"]["agent"] for each in turn["proposals"] if chance.random() < 0.5]
    return {"move": move, "accept": accept} if move == "ANSWER" else {"move": move}


async def seated(server: Chorus, token: str, *seats: Json, seconds: float = PATIENT, **changes: Json) -> str:
    given = {"y": TINY, "s": list(seats), "t": seconds, **changes}
    return str((await server.ask(START, given, token))["sandboxStartRun"]["id"])


@asynccontextmanager
async def playing(server: Chorus, token: str, run_id: str, agent: str) -> AsyncIterator[Player]:
    async with socket(server, token) as client:
        await client.subscribe(OBSERVE, {"r": run_id, "a": agent})
        yield Player(server, token, run_id, agent, client)


async def over(server: Chorus, token: str, run_id: str) -> Json:
    async with socket(server, token) as client:
        await until_over(client, await client.subscribe(PROGRESS, {"r": run_id}))
    return (await server.ask(RUN, {"r": run_id}, token))["sandboxRun"]


async def test_an_agent_is_played_by_its_holder_turn_by_turn(tmp_path: Path, on_store: dict[str, Any]) -> None:
    async with chorus(tmp_path, **on_store) as server:
        _, ada = await hosted(server, "ada")
        bob_did, bob = await hosted(server, "bob")
        run_id = await seated(server, ada, {"agent": "honest_2", "holder": bob_did})
        async with playing(server, bob, run_id, "honest_2") as player:
            seen = await player.play_on(random.Random(1))
        found = await over(server, ada, run_id)
        held = (await server.ask(HELD, {"r": run_id}, ada))["sandboxRun"]["seats"]

    log = tmp_path / "runs" / f"{run_id}.jsonl"
    lines = [orjson.loads(line) for line in log.read_bytes().splitlines()]
    told = [line["action"]["move"] for line in lines if line["event"] == "seat"]
    acting = [each for each in seen if each["decision"] == "ACT"]
    assert (found["state"], len(acting), len(told)) == ("COMPLETE", 6, len(seen))
    assert [(each["epoch"], each["step"]) for each in acting] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert {each["agent"] for each in seen} == {"honest_2"}
    assert held == [{"agent": "honest_2", "holder": bob_did}]
    assert not any(f"{kind}_" in str(seen).replace("honest_2", "") for kind in AgentType)
    assert replay(log).end is End.COMPLETE
    assert verify(log) == len(lines) - 1


async def test_silent_seats_leave_the_run_as_it_is_without_them(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, ada = await hosted(server, "ada")
        run_id = await seated(server, ada, {"agent": "honest_1"}, {"agent": "honest_3"}, seconds=0.05)
        found = await over(server, ada, run_id)

    expected = run(standard_settings(read_scenario(TINY)), [7])[0]
    told = [each["metrics"] for each in found["results"]]
    assert told == orjson.loads(orjson.dumps(expected, option=orjson.OPT_NON_STR_KEYS))
    assert b'"seat"' not in (tmp_path / "runs" / f"{run_id}.jsonl").read_bytes()


async def test_a_seat_is_its_holders_alone(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, ada = await hosted(server, "ada")
        bob_did, bob = await hosted(server, "bob")
        _, eve = await hosted(server, "eve")
        run_id = await seated(server, ada, {"agent": "honest_1", "holder": bob_did}, {"agent": "honest_2"})

        async def code(token: str, agent: str, run_: str = run_id) -> tuple[str, str]:
            given = {"r": run_, "a": agent, "t": 0, "m": NOTHING}
            async with socket(server, token) as client:
                await client.subscribe(OBSERVE, {"r": run_, "a": agent})
                message = (await client.receive())["payload"]
            (error,) = message if isinstance(message, list) else message["errors"]
            return await server.refusal(ACT, given, token), error["extensions"]["code"]

        of_another = [await code(bob, "honest_2"), await code(ada, "honest_1")]
        of_nobody = [await code(bob, "honest_3"), await code(ada, "nobody_1")]
        strangers = [await code(eve, "honest_1"), await code(eve, "honest_3"), await code(bob, "honest_1", "none")]
        of_the_run = [await server.refusal(each, {"r": run_id}, bob) for each in (RUN, CANCEL, EVENTS)]
        async with socket(server, bob) as client:
            await client.subscribe(EPOCHS, {"r": run_id})
            of_the_run.append((await client.receive())["payload"]["errors"][0]["extensions"]["code"])

    assert of_another == [("NOT_YOUR_SEAT", "NOT_YOUR_SEAT")] * 2
    assert of_nobody == [("UNKNOWN_SEAT", "UNKNOWN_SEAT")] * 2
    assert strangers == [("UNKNOWN_RUN", "UNKNOWN_RUN")] * 3
    assert of_the_run == ["UNKNOWN_RUN"] * 4


IMPOSSIBLE: list[Json] = [
    {"move": "ANSWER"},
    {"move": "PROPOSE", "to": "honest_1"},
    {"move": "PROPOSE"},
    {"move": "VOTE", "post": 0, "up": True},
    {"move": "NOTHING", "post": 0},
]


async def test_a_turn_is_taken_once_and_only_while_it_lasts(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, ada = await hosted(server, "ada")
        run_id = await seated(server, ada, {"agent": "honest_1"}, {"agent": "honest_2"})
        async with playing(server, ada, run_id, "honest_1") as one, playing(server, ada, run_id, "honest_2") as two:
            turn = (await one.turn())["turn"]
            early = [await one.refused(number, NOTHING) for number in (turn + 1, turn + 2, -1)]
            impossible = [await one.refused(turn, action) for action in IMPOSSIBLE]
            await one.act(turn, {"move": "POST"})
            await one.act(turn, {"move": "POST"})
            other = await one.refused(turn, NOTHING)
            await two.act((await two.turn())["turn"], NOTHING)
            later = (await one.turn())["turn"]
            await one.act(turn, {"move": "POST"})
            late = [await one.refused(turn, NOTHING), await two.refused(later + 1, NOTHING)]
        await server.ask(CANCEL, {"r": run_id}, ada)
        gone = await one.refused(later, NOTHING)

    assert early == ["NOT_YOUR_TURN"] * 3
    assert impossible == ["IMPOSSIBLE_ACTION"] * len(IMPOSSIBLE)
    assert (other, late, gone) == ("ALREADY_ACTED", ["ALREADY_ACTED", "NOT_YOUR_TURN"], "NOT_YOUR_TURN")


async def test_a_turn_goes_on_without_who_is_late(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, ada = await hosted(server, "ada")
        run_id = await seated(server, ada, {"agent": "honest_1"}, seconds=0.3)
        async with playing(server, ada, run_id, "honest_1") as player:
            first = await player.turn()
            second = await player.turn()
            late = await player.refused(first["turn"], NOTHING)
        await server.ask(CANCEL, {"r": run_id}, ada)

    assert second["turn"] > first["turn"]
    assert first["deadline"] < second["deadline"]
    assert late == "NOT_YOUR_TURN"


async def test_seats_go_on_after_a_restart(tmp_path: Path) -> None:
    """The epoch under way begins again: what was done in it was not in the log yet."""
    async with chorus(tmp_path) as server:
        _, ada = await hosted(server, "ada")
        run_id = await seated(server, ada, {"agent": "honest_1"})
        async with playing(server, ada, run_id, "honest_1") as player:
            while (turn := await player.turn())["epoch"] == 0 or turn["step"] == 0:
                await player.act(turn["turn"], possible(random.Random(1), turn))
    async with chorus(tmp_path) as server:
        async with playing(server, ada, run_id, "honest_1") as player:
            again = await player.turn()
            await player.act(again["turn"], NOTHING)
            rest = await player.play_on(random.Random(1))
        found = await over(server, ada, run_id)

    assert (again["epoch"], again["step"]) == (1, 0)
    assert (rest[-1]["epoch"], rest[-1]["step"]) == (1, 2)
    assert (found["state"], len(found["results"])) == ("COMPLETE", 2)
    assert verify(tmp_path / "runs" / f"{run_id}.jsonl") > 0


async def test_what_the_document_shows_works(tmp_path: Path) -> None:
    start, observe, act = re.findall(r"```graphql\n(.*?)```", SECTION, re.DOTALL)
    (shown,) = re.findall(r"```json\n(.*?)```", SECTION, re.DOTALL)
    async with chorus(tmp_path) as server:
        _, ada = await hosted(server, "ada")
        run_id = (await server.ask(start, {"yaml": TINY, "ben": None}, ada))["sandboxStartRun"]["id"]
        async with socket(server, ada) as client:
            await client.subscribe(observe, {"run": run_id})
            turn = (await client.event())["sandboxObserve"]
        given = {"run": run_id, "turn": turn["turn"], "candidate": turn["candidates"][0]["agent"]}
        acted = await server.ask(act, given, ada)
        await server.ask(CANCEL, {"r": run_id}, ada)

    told = orjson.loads(shown)
    assert acted == {"sandboxAct": True}
    assert told.keys() <= turn.keys()
    assert told["candidates"][0].keys() == turn["candidates"][0].keys()


BAD: list[tuple[Json, str]] = [
    ({"s": [{"agent": "honest_9"}]}, "INVALID_SEATS"),
    ({"s": [{"agent": "honest_1"}, {"agent": "honest_1"}]}, "INVALID_SEATS"),
    ({"s": [{"agent": "honest_1", "holder": "bob"}]}, "INVALID_SEATS"),
    ({"s": [{"agent": "honest_1", "holder": ""}]}, "INVALID_SEATS"),
    ({"s": [{"agent": "honest_1"}] * 33}, "INVALID_SEATS"),
    ({"s": [{"agent": "honest_1"}], "t": 0.0}, "INVALID_SEATS"),
    ({"s": [{"agent": "honest_1"}], "o": [{"name": "profile", "value": "legacy"}]}, "INVALID_SEATS"),
    ({"s": [{"agent": "honest_1"}], "t": 50.0}, "SCENARIO_TOO_LARGE"),
]


@pytest.mark.parametrize(("given", "expected"), BAD)
async def test_seats_that_cannot_be_begin_no_run(tmp_path: Path, given: Json, expected: str) -> None:
    async with chorus(tmp_path) as server:
        _, ada = await hosted(server, "ada")

        code = await server.refusal(START, {"y": TINY, **given}, ada)
        there = (await server.ask("{ sandboxRuns { totalCount } }", None, ada))["sandboxRuns"]["totalCount"]

    assert (code, there) == (expected, 0)


async def test_a_what_if_of_a_seated_run_is_refused(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, ada = await hosted(server, "ada")
        run_id = await seated(server, ada, {"agent": "honest_1"}, seconds=0.05)
        await over(server, ada, run_id)

        code = await server.refusal(WHAT_IF, {"r": run_id, "e": 1, "o": []}, ada)

    assert code == "INVALID_ARGUMENT"


async def test_playing_takes_the_capability(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, ada = await hosted(server, "ada")
        run_id = await seated(server, ada, {"agent": "honest_1"})
        watching, _ = await limited(server, ada, "SUBSCRIBE", domain="sandbox")
        async with playing(server, watching, run_id, "honest_1") as player:
            turn = await player.turn()
            acting = await player.refused(turn["turn"], NOTHING)
        reading, _ = await limited(server, ada, "READ", domain="sandbox")
        async with socket(server, reading) as client:
            await client.subscribe(OBSERVE, {"r": run_id, "a": "honest_1"})
            watched = (await client.receive())["payload"]["errors"][0]["extensions"]["code"]
        await server.ask(CANCEL, {"r": run_id}, ada)

    assert (acting, watched) == ("CAPABILITY_NOT_MATCHED", "CAPABILITY_NOT_MATCHED")
