"""An agent's people as tools, with the official client over real connections."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import httpx
import httpx2
import pytest
from mcp import StdioServerParameters
from mcp.client.client import Client, Transport
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from graphdb.runs import RunKind, RunState, StoredRun
from graphdb.sqlite.store import SqliteStore
from resolvers.context import Authority, Session
from server.app import open_services
from server.identity import load_identity
from server.mcp.endpoint import endpoint
from server.settings import Settings
from tests.servers import Chorus, Json, chorus

TOOLS = {
    "list_people",
    "recall_scene",
    "record_interaction",
    "should_engage",
    "update_person_note",
    "view_person",
}


@dataclass(frozen=True)
class Tools:
    """One agent's connection."""

    client: Client

    async def text(self, tool: str, **arguments: Json) -> str:
        answer = await self.client.call_tool(tool, arguments)
        assert not answer.is_error, answer.content
        return answer.content[0].text

    async def data(self, tool: str, **arguments: Json) -> Json:
        answer = await self.client.call_tool(tool, arguments)
        assert not answer.is_error, answer.content
        return answer.structured_content

    async def refusal(self, tool: str, **arguments: Json) -> str:
        answer = await self.client.call_tool(tool, arguments)
        assert answer.is_error
        return answer.content[0].text.removeprefix(f"Error executing tool {tool}: ")


@asynccontextmanager
async def tools(server: Chorus, token: str) -> AsyncIterator[Tools]:
    headers = {"authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(headers=headers) as http:
        transport = streamable_http_client(f"{server.url}/mcp", http_client=http)
        async with Client(transport) as client:
            yield Tools(client)


async def agent(server: Chorus, name: str) -> Json:
    query = "mutation ($n: String!) { agentCreateHosted(name: $n, passphrase: $n) { did token } }"
    return (await server.ask(query, {"n": name}))["agentCreateHosted"]


@pytest.fixture
async def server(tmp_path: Path, on_store: Json) -> AsyncIterator[Chorus]:
    async with chorus(tmp_path / "data", **on_store) as running:
        await running.ask('mutation { agentGenerate(passphrase: "main") { did } }')
        yield running


async def test_an_agent_meets_notes_and_recalls_somebody(server: Chorus) -> None:
    bot = await agent(server, "bot")
    async with tools(server, bot["token"]) as ours:
        listed = await ours.client.list_tools()
        assert {tool.name for tool in listed.tools} == TOOLS
        assert all(tool.description for tool in listed.tools)

        met = await ours.data("record_interaction", who="discord:1", kind="message", display_name="Ann", key="m1")
        again = await ours.data("record_interaction", who="discord:1", kind="message", display_name="Ann", key="m1")
        assert (met["tier"], met["repeated"], again["repeated"], again["id"]) == ("stranger", False, True, met["id"])

        assert "1 notes" in await ours.text("update_person_note", person_name="ann", note="Plays the *cello*")
        seen = await ours.text("view_person", person_name="Ann")
        assert "stranger" in seen
        assert "Plays the \\*cello\\*" in seen
        assert "Ann" in await ours.text("list_people")

        scene = await ours.text("recall_scene", speaker="discord:1", others=["discord:9"])
        assert "**Ann**" in scene
        assert "(unknown, stranger)" in scene


async def test_engaging_follows_the_published_policy(server: Chorus) -> None:
    bot = await agent(server, "bot")
    async with tools(server, bot["token"]) as ours:
        for post in ("p1", "p2", "p3"):
            await ours.data(
                "record_interaction", who="forum:bea", kind="upvote_received", context=post, display_name="Bea"
            )
        decided = await ours.data("should_engage", person_name="Bea", post_id="p4")

    expected = {"engage": True, "reason": "ally_prioritize", "relationship": "ally", "score": 6.0, "tone": "warm"}
    assert {name: decided[name] for name in expected} == expected


async def test_a_stranger_is_engaged_with_whether_met_or_not(server: Chorus) -> None:
    bot, other = await agent(server, "bot"), await agent(server, "other")
    async with tools(server, bot["token"]) as ours:
        for who in ("forum:nobody", other["did"]):
            decided = await ours.data("should_engage", person_name=who)
            assert (decided["engage"], decided["tone"], decided["relationship"]) == (True, "warm", "unknown")
        assert (await ours.refusal("should_engage", person_name="Nobody")).startswith("UNKNOWN_PERSON")
        assert (await ours.refusal("should_engage", person_name=" ")).startswith("INVALID_ARGUMENT: name")


async def test_names_and_accounts_have_no_markdown_of_their_own(server: Chorus) -> None:
    bot = await agent(server, "bot")
    async with tools(server, bot["token"]) as ours:
        await ours.data("record_interaction", who="web:[x](y)", kind="message", display_name="**Ann**")
        noted = await ours.text("update_person_note", person_name="Ann", note="x")
        seen = await ours.text("view_person", person_name="Ann")

    assert r"\*\*Ann\*\*" in noted
    assert r"web:\[x\](y)" in seen


async def test_a_name_means_nobody_alone_however_many_begin_like_it(server: Chorus) -> None:
    bot = await agent(server, "bot")
    names = ["Ann", *(f"Ann {number}" for number in range(25)), "Ann"]
    async with tools(server, bot["token"]) as ours:
        for number, name in enumerate(names):
            await ours.data("record_interaction", who=f"irc:{number}", kind="message", display_name=name)

        assert (await ours.refusal("view_person", person_name="Ann")).startswith("AMBIGUOUS_NAME")
        assert "irc:25" in await ours.text("view_person", person_name="Ann 24")


async def test_nobody_sees_what_another_agent_keeps(server: Chorus) -> None:
    one, other = await agent(server, "one"), await agent(server, "other")
    async with tools(server, one["token"]) as ours, tools(server, other["token"]) as theirs:
        await ours.data("record_interaction", who="discord:1", kind="message", display_name="Ann")
        await ours.text("update_person_note", person_name="Ann", note="A secret of mine")

        assert (await theirs.refusal("view_person", person_name="discord:1")).startswith("UNKNOWN_PERSON")
        assert "0 people" in await theirs.text("list_people")

        await theirs.data("record_interaction", who="discord:1", kind="message", display_name="Ann")
        assert "secret" not in await theirs.text("view_person", person_name="Ann")


async def test_refusals_carry_their_code_and_say_what_was_expected(server: Chorus) -> None:
    bot = await agent(server, "bot")
    async with tools(server, bot["token"]) as ours:
        await ours.data("record_interaction", who="discord:1", kind="message", display_name="Ann")
        await ours.data("record_interaction", who="discord:2", kind="message", display_name="Ann")

        assert (await ours.refusal("view_person", person_name="Ann")).startswith("AMBIGUOUS_NAME")
        assert (await ours.refusal("view_person", person_name="Zoe")).startswith("UNKNOWN_PERSON")
        assert (await ours.refusal("update_person_note", person_name="discord:1", note=" ")).startswith(
            "INVALID_ARGUMENT"
        )
        assert (await ours.refusal("record_interaction", who="nowhere", kind="message")).startswith(
            "INVALID_PLATFORM_ID"
        )
        assert (await ours.refusal("record_interaction", who="discord:1", kind="reply_negative")).startswith(
            "INVALID_INTERACTION"
        )
        assert "kind" in await ours.refusal("record_interaction", who="discord:1", kind="hug")


PING = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPTED = {"accept": "application/json, text/event-stream"}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"authorization": "Bearer nonsense"}, 401, "INVALID_TOKEN"),
        ({"origin": "https://elsewhere.example"}, 403, "ORIGIN_NOT_ALLOWED"),
        ({"host": "elsewhere.example"}, 403, "ORIGIN_NOT_ALLOWED"),
    ],
)
async def test_strangers_and_foreign_pages_get_no_tools(
    tmp_path: Path, headers: dict[str, str], status: int, code: str
) -> None:
    async with chorus(tmp_path / "data") as server, httpx.AsyncClient() as http:
        answer = await http.post(f"{server.url}/mcp", json=PING, headers=ACCEPTED | headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_without_an_agent_there_is_nobody_to_act_for(tmp_path: Path) -> None:
    async with chorus(tmp_path / "data") as server, httpx.AsyncClient() as http:
        answer = await http.post(f"{server.url}/mcp", json=PING, headers=ACCEPTED)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "NO_AGENT")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_body_that_is_too_large_is_refused(tmp_path: Path) -> None:
    async with chorus(tmp_path / "data", body_size=1_000) as server, httpx.AsyncClient() as http:
        await server.ask('mutation { agentGenerate(passphrase: "main") { did } }')
        answer = await http.post(f"{server.url}/mcp", json=PING | {"pad": "x" * 2_000}, headers=ACCEPTED)

    assert answer.status_code == 413


async def test_a_revoked_token_opens_nothing_more(server: Chorus) -> None:
    bot = await agent(server, "bot")
    async with tools(server, bot["token"]) as ours:
        await ours.text("list_people")
        (app,) = (await server.ask("{ agentGetApps { requestId } }", token=bot["token"]))["agentGetApps"]
        await server.ask(
            "mutation ($i: String!) { agentRevokeToken(requestId: $i) { requestId } }",
            {"i": app["requestId"]},
            token=bot["token"],
        )
        with pytest.raises(MCPError, match="error response"):
            await ours.text("list_people")


async def test_all_who_ask_first_at_once_are_answered(tmp_path: Path) -> None:
    async with chorus(tmp_path / "data") as server, httpx.AsyncClient() as http:
        await server.ask('mutation { agentGenerate(passphrase: "main") { did } }')
        asking = [http.post(f"{server.url}/mcp", json=PING, headers=ACCEPTED) for _ in range(3)]
        answers = await asyncio.gather(*asking)

    listed = [{tool["name"] for tool in answer.json()["result"]["tools"]} for answer in answers]
    assert listed == [TOOLS, TOOLS, TOOLS]


class Counting:
    """An authority that counts what it is asked."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.asked = 0

    async def session(self, token: str) -> Session:
        self.asked += 1
        return await self.authority.session(token)


async def test_a_call_looks_its_token_up_once(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    calling = {"name": "list_people", "arguments": {}}
    async with open_services(settings, by_itself=False) as services:
        counting = Counting(services.authority)
        await services.keyring.create_main("main")
        async with (
            endpoint(replace(services, authority=cast("Authority", counting)), settings) as app,
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:12000") as http,
        ):
            answer = await http.post("/mcp", json=PING | {"method": "tools/call", "params": calling}, headers=ACCEPTED)

    assert "0 people" in answer.json()["result"]["content"][0]["text"]
    assert counting.asked == 1


def started(data: Path, token: str) -> Transport:
    """A Chorus of its own on that data, over standard input and output."""
    return stdio_client(
        StdioServerParameters(
            command=sys.executable,
            args=["-m", "server", "mcp"],
            cwd=Path(__file__).parents[2],
            env={"PATH": os.environ["PATH"], "CHORUS_DATA": str(data), "CHORUS_TOKEN": token},
        )
    )


async def test_a_program_that_starts_chorus_leaves_the_servers_work_alone(tmp_path: Path) -> None:
    """A simulation that is under way belongs to the server beside it, which would find it taken up a second time."""
    data = tmp_path / "data"
    async with chorus(data) as server:
        await server.ask('mutation { agentGenerate(passphrase: "main") { did } }')
        bot = await agent(server, "bot")
    ours = load_identity(data / "server.key").keys.did
    store = await SqliteStore.open(str(data / "chorus.db"))
    await store.runs.add(StoredRun("run", bot["did"], ours, RunKind.RUN, "no header", 1, 0, 0))

    async with Client(started(data, bot["token"])) as client:
        await Tools(client).text("list_people")

    run = await store.runs.run("run")
    await store.close()
    assert run is not None
    assert run.state is RunState.QUEUED


async def test_a_program_that_starts_chorus_gets_the_same_tools(tmp_path: Path) -> None:
    async with chorus(tmp_path / "data") as server:
        await server.ask('mutation { agentGenerate(passphrase: "main") { did } }')
        token = (await agent(server, "bot"))["token"]
    async with Client(started(tmp_path / "data", token)) as client:
        ours = Tools(client)
        await ours.data("record_interaction", who="discord:1", kind="message", display_name="Ann")
        assert "**Ann**" in await ours.text("list_people")
