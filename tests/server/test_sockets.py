"""graphql-transport-ws over real sockets: the protocol's own rules, and what revocation and bad messages do."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from tests.server.acts import JOIN, LEAVE, SUGGEST, create, hosted, limited, say
from tests.servers import Chorus, Json, Socket, chorus, socket

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROTOCOL = "graphql-transport-ws"
LIMIT = 100_000
MOST = 5
EVENTS = "subscription ($u: String, $a: String) { soEvents(soURI: $u, after: $a) { cursor soURI entry { seq event } } }"
INIT = {"type": "connection_init"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chorus]:
    data = tmp_path_factory.mktemp("data")
    async with chorus(data, body_size=LIMIT, socket_init=1, subscriptions=MOST) as running:
        yield running


@asynccontextmanager
async def raw(server: Chorus, protocol: str = PROTOCOL, **headers: str) -> AsyncIterator[ClientConnection]:
    """A socket that has sent nothing."""
    url = server.url.replace("http", "ws", 1) + "/graphql"
    async with connect(url, subprotocols=[Subprotocol(protocol)], additional_headers=headers) as connection:
        yield connection


async def closing(connection: ClientConnection) -> int:
    """The code that the server closes with, whatever it says before."""
    async with asyncio.timeout(20):
        with suppress(ConnectionClosed):
            while True:
                await connection.recv()
    assert connection.close_code is not None
    return connection.close_code


async def of(client: Socket, name: str) -> Json:
    """The next message about one operation."""
    while True:
        message = await client.receive()
        if message.get("id") == name:
            return message


# The protocol


async def test_the_older_protocol_is_refused(server: Chorus) -> None:
    async with raw(server, "graphql-ws") as connection:
        assert connection.subprotocol is None
        assert await closing(connection) == 4406


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"origin": "http://elsewhere.example"}, False),
        ({"origin": "null"}, False),
        ({"host": "rebound.example", "origin": "http://rebound.example"}, False),
        ({"host": "[", "origin": "http://["}, False),
    ],
)
async def test_only_own_pages_and_known_hosts_may_open_a_socket(
    server: Chorus, headers: dict[str, str], allowed: bool
) -> None:
    if allowed:
        async with raw(server, **headers) as connection:
            assert connection.subprotocol == PROTOCOL
    else:
        with pytest.raises(InvalidStatus) as refused:
            async with raw(server, **headers):
                pass
        assert refused.value.response.status_code == 403


async def test_a_socket_that_says_nothing_is_closed(server: Chorus) -> None:
    async with raw(server) as connection:
        assert await closing(connection) == 4408


def subscribing(**payload: Json) -> Json:
    return {"id": "1", "type": "subscribe", "payload": payload}


ASK = subscribing(query="{ a }")
WATCH = subscribing(query="subscription { soEvents { cursor } }")
CLOSED: dict[str, tuple[list[Json], int]] = {
    "subscribe before connection_init": ([ASK], 4401),
    "connection_init twice": ([INIT, INIT], 4429),
    "the same id twice": ([INIT, WATCH, WATCH], 4409),
    "connection_init with a list": ([INIT | {"payload": []}], 4400),
    "an unknown type": ([INIT, {"type": "begin"}], 4400),
    "a list": ([[]], 4400),
    "a number": ([1], 4400),
    "no type": ([{}], 4400),
    "a type that is no string": ([{"type": []}], 4400),
    "subscribe without id": ([INIT, {"type": "subscribe", "payload": ASK["payload"]}], 4400),
    "an id that is no string": ([INIT, ASK | {"id": []}], 4400),
    "complete of no string": ([INIT, {"id": {}, "type": "complete"}], 4400),
    "a payload that is no object": ([INIT, ASK | {"payload": []}], 4400),
    "no query": ([INIT, subscribing()], 4400),
    "a query that is no string": ([INIT, subscribing(query=[])], 4400),
    "variables that are no object": ([INIT, subscribing(query="{ a }", variables="x")], 4400),
    "a name that is no string": ([INIT, subscribing(query="{ a }", operationName=1)], 4400),
}


@pytest.mark.parametrize(("messages", "code"), CLOSED.values(), ids=list(CLOSED))
async def test_what_breaks_the_protocol_closes_the_socket(server: Chorus, messages: list[Json], code: int) -> None:
    async with raw(server) as connection:
        for message in messages:
            await connection.send(json.dumps(message))

        assert await closing(connection) == code


@pytest.mark.parametrize("message", ["", "{", '{"type": NaN}', '{"type": "\\ud800"}', b"\x00"])
async def test_what_is_no_json_text_closes_the_socket(server: Chorus, message: str | bytes) -> None:
    async with raw(server) as connection:
        await connection.send(message)

        assert await closing(connection) == 4400


async def test_a_message_beyond_the_limit_closes_the_socket(server: Chorus) -> None:
    async with raw(server) as connection:
        await connection.send(json.dumps({"type": "ping", "payload": "x" * LIMIT}))

        assert await closing(connection) == 1009


@pytest.mark.parametrize("headers", [{"Authorization": "no token"}, {"AUTHORIZATION": "x"}, {"authorization": 5}])
async def test_a_token_counts_however_its_header_is_written(server: Chorus, headers: Json) -> None:
    async with raw(server) as connection:
        await connection.send(json.dumps(INIT | {"payload": {"headers": headers}}))
        client = Socket(connection)
        assert (await client.receive())["type"] == "connection_ack"
        name = await client.subscribe("{ soAll { totalCount } }")

        answer = await of(client, name)

    assert answer["payload"]["errors"][0]["extensions"]["code"] == "INVALID_TOKEN"


async def test_a_ping_is_answered(server: Chorus) -> None:
    async with socket(server) as client:
        await client.send({"type": "ping"})

        assert await client.receive() == {"type": "pong"}


async def test_queries_and_mutations_travel_over_the_socket_too(server: Chorus) -> None:
    _, token = await hosted(server, "talker")
    async with socket(server, token) as client:
        name = await client.subscribe('mutation { agentSignMessage(message: "m") { publicKey } }')

        answer, end = await of(client, name), await of(client, name)

    assert "publicKey" in answer["payload"]["data"]["agentSignMessage"]
    assert end["type"] == "complete"


# Errors stay with their operation

REFUSED = {
    "does not parse": ("subscription {", "GRAPHQL_PARSE_FAILED"),
    "is empty": ("", "BAD_REQUEST"),
    "is not valid": ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
    "is too large": ("{" + " soAll { totalCount }" * 900 + "}", "DOCUMENT_TOO_LARGE"),
    "names no operation": ("query A { soAll { totalCount } } query B { soAll { totalCount } }", "BAD_REQUEST"),
    "watches no organism": ('subscription { soEvents(soURI: "so://none") { cursor } }', "UNKNOWN_ORGANISM"),
    "watches no expression": ('subscription { soCoherenceChanged(url: "x:y") { url } }', "UNKNOWN_EXPRESSION"),
    "resumes from nowhere": ('subscription { soEvents(after: "x") { cursor } }', "INVALID_CURSOR"),
    "resumes from the future": ('subscription { soEvents(after: "Y2hvcnVzOjk5OTk5") { cursor } }', "INVALID_CURSOR"),
}


@pytest.mark.parametrize(("query", "code"), REFUSED.values(), ids=list(REFUSED))
async def test_a_refused_operation_leaves_the_socket_and_its_siblings_alone(
    server: Chorus, query: str, code: str
) -> None:
    _, token = await hosted(server, "watcher")
    async with socket(server, token) as client:
        uri = await create(server, token)
        sibling = await client.subscribe(EVENTS, {"u": uri, "a": "0"})
        await of(client, sibling)
        refused = await client.subscribe(query)

        answer = await of(client, refused)
        await server.ask(LEAVE, {"u": uri}, token)
        event = await of(client, sibling)

    errors = answer["payload"] if answer["type"] == "error" else answer["payload"]["errors"]
    assert [error["extensions"]["code"] for error in errors] == [code]
    assert event["payload"]["data"]["soEvents"]["entry"]["event"] == "MemberRemoved"


async def test_a_subscription_that_is_not_allowed_leaves_its_siblings_alone(server: Chorus) -> None:
    _, token = await hosted(server, "reader")
    uri = await create(server, token)
    app, _ = await limited(server, token, "SUBSCRIBE")
    async with socket(server, app) as client:
        sibling = await client.subscribe(EVENTS, {"u": uri, "a": "0"})
        await of(client, sibling)
        denied = await client.subscribe("subscription { agentStatusChanged { did } }")

        answer = await of(client, denied)
        await server.ask(LEAVE, {"u": uri}, token)
        event = await of(client, sibling)

    errors = answer["payload"] if answer["type"] == "error" else answer["payload"]["errors"]
    assert errors[0]["extensions"]["code"] == "CAPABILITY_NOT_MATCHED"
    assert event["payload"]["data"]["soEvents"]["entry"]["event"] == "MemberRemoved"


async def test_one_operation_too_many_is_refused_by_itself(server: Chorus) -> None:
    _, token = await hosted(server, "greedy")
    async with socket(server, token) as client:
        for _ in range(MOST):
            await client.subscribe(EVENTS)
        extra = await client.subscribe(EVENTS)

        answer = await of(client, extra)

    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": MOST}


# Tokens


async def test_a_revoked_token_ends_its_streams_and_no_others(server: Chorus) -> None:
    _, token = await hosted(server, "granter")
    uri = await create(server, token)
    app, request = await limited(server, token, "SUBSCRIBE", "READ")
    _, other = await hosted(server, "bystander")
    async with socket(server, app) as ended, socket(server, other) as living:
        first = await ended.subscribe(EVENTS, {"u": uri, "a": "0"})
        second = await living.subscribe(EVENTS, {"u": uri, "a": "0"})
        for client, name in ((ended, first), (living, second)):
            await of(client, name)
        revoke = "mutation ($i: String!) { agentRevokeToken(requestId: $i) { revoked } }"

        await server.ask(revoke, {"i": request}, token)
        async with asyncio.timeout(1):
            answer = await of(ended, first)
        await server.ask(LEAVE, {"u": uri}, token)
        event = await of(living, second)
        again = await of(ended, await ended.subscribe("{ soAll { totalCount } }"))

    assert answer["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHORIZED"
    assert event["payload"]["data"]["soEvents"]["entry"]["event"] == "MemberRemoved"
    assert again["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHORIZED"


async def test_an_app_that_may_only_subscribe_gets_events_and_reads_nothing_more(server: Chorus) -> None:
    _, token = await hosted(server, "owner")
    uri = await create(server, token)
    app, _ = await limited(server, token, "SUBSCRIBE")
    url = await say(server, uri, token, "hello")
    query = 'subscription ($u: String!) { soNewExpression(soURI: $u, after: "0") { expression { url %s } } }'
    async with socket(server, app) as client:
        plain = await of(client, await client.subscribe(query % "", {"u": uri}))
        deep = await of(client, await client.subscribe(query % "coherence { asSpoken }", {"u": uri}))

    assert plain["payload"]["data"] == {"soNewExpression": {"expression": {"url": url}}}
    assert deep["payload"]["errors"][0]["extensions"]["code"] == "CAPABILITY_NOT_MATCHED"


async def test_a_mutation_finishes_although_its_socket_goes_away(server: Chorus) -> None:
    _, token = await hosted(server, "hasty")
    async with socket(server, token) as client:
        await client.subscribe('mutation { soCreate(socialOrganism: {name: "Left behind"}) }')
        client.connection.transport.abort()  # no closing handshake

    async with asyncio.timeout(20):
        query = '{ soAll(search: "Left behind") { totalCount } }'
        while (await server.ask(query))["soAll"]["totalCount"] == 0:
            pass


async def test_closed_sockets_leave_no_tasks_behind(server: Chorus) -> None:
    _, token = await hosted(server, "fleeting")
    uri = await create(server, token)
    before = len(asyncio.all_tasks())
    for _ in range(5):
        async with socket(server, token) as client:
            names = [await client.subscribe(EVENTS, {"u": uri, "a": "0"}) for _ in range(MOST - 1)]
            for name in names[:2]:
                await of(client, name)
                await client.send({"id": name, "type": "complete"})

    async with asyncio.timeout(20):
        while len(asyncio.all_tasks()) > before:
            await server.ask("{ runtimeInfo { isInitialized } }")


# What each subscription delivers


async def watch(server: Chorus, token: str, query: str, **variables: Json) -> list[Json]:
    """What a query over the past gives until `count` events came."""
    count = variables.pop("count")
    async with socket(server, token) as client:
        await client.subscribe(query, variables)
        return [next(iter((await client.event()).values())) for _ in range(count)]


async def test_expression_events(server: Chorus) -> None:
    did, token = await hosted(server, "speaker")
    uri = await create(server, token)
    url = await say(server, uri, token, "one")
    query = """subscription ($u: String) { soNewExpression(soURI: $u, after: "0") { cursor soURI expression {
      url content soURI speaker epoch rosterRoot dnaHash spokenAt retractedAt
      expression { author data } coherence { asSpoken current } signatures { totalCount } } } }"""

    (event,) = await watch(server, token, query, u=uri, count=1)

    expression = event["expression"]
    assert (event["soURI"], expression["soURI"], expression["url"]) == (uri, uri, url)
    assert (expression["speaker"], expression["epoch"], expression["retractedAt"]) == (did, 0, None)
    assert expression["expression"] == {"author": did, "data": '"one"'}
    assert expression["coherence"] == {"asSpoken": 1.0, "current": 1.0}
    assert expression["signatures"] == {"totalCount": 1}


async def test_member_events(server: Chorus) -> None:
    _, founder = await hosted(server, "host")
    guest_did, guest = await hosted(server, "guest")
    uri = await create(server, founder, members=[guest_did])
    await server.ask(JOIN, {"u": uri}, guest)
    await server.ask(LEAVE, {"u": uri}, guest)
    fields = "{ cursor soURI did epoch memberCount }"
    query = 'subscription ($u: String) { %s(soURI: $u, after: "0") ' + fields + " }"

    (joined,) = await watch(server, founder, query % "soNewMember", u=uri, count=1)
    (removed,) = await watch(server, founder, query % "soMemberRemoved", u=uri, count=1)

    assert joined.pop("cursor") != removed.pop("cursor")
    assert joined == {"soURI": uri, "did": guest_did, "epoch": 1, "memberCount": 2}
    assert removed == {"soURI": uri, "did": guest_did, "epoch": 2, "memberCount": 1}


async def test_proposal_events(server: Chorus) -> None:
    founder_did, founder = await hosted(server, "chair")
    guest_did, guest = await hosted(server, "candidate")
    uri = await create(server, founder)
    proposal = (await server.ask(SUGGEST, {"u": uri, "d": guest_did}, founder))["soSuggestMemberAddition"]["id"]
    await server.ask(JOIN, {"u": uri}, guest)
    query = """subscription ($u: String) { soProposalChanged(soURI: $u, after: "0") { cursor soURI proposal {
      id change subject author state vouches declines joined openedAt closedAt evaluation } } }"""

    events = await watch(server, founder, query, u=uri, count=3)

    assert len({event["cursor"] for event in events}) == 3
    last = events[-1]["proposal"]
    assert {event["proposal"]["id"] for event in events} == {proposal}
    assert (last["change"], last["subject"], last["author"]) == ("ADD", guest_did, founder_did)
    assert (last["state"], last["vouches"], last["declines"], last["joined"]) == ("ACCEPTED", [founder_did], [], True)
    assert last["evaluation"]["verdict"] == "true"
    assert last["closedAt"] >= last["openedAt"]


async def test_coherence_events_of_one_expression_leave_other_organisms_out(server: Chorus) -> None:
    _, token = await hosted(server, "double")
    guest_did, guest = await hosted(server, "visitor")
    here, there = [await create(server, token, members=[guest_did]) for _ in range(2)]
    url = await say(server, here, token, "here")
    await server.ask(JOIN, {"u": there}, guest)
    await server.ask(JOIN, {"u": here}, guest)
    query = """subscription ($l: String) { soCoherenceChanged(url: $l, after: "0") {
      cursor soURI url coherence { asSpoken asSpokenMembers current currentMembers } } }"""

    events = await watch(server, token, query, l=url, count=2)

    now = {"asSpoken": 1.0, "asSpokenMembers": 1, "current": 0.5, "currentMembers": 2}
    assert [(event["soURI"], event["url"], event["coherence"]) for event in events] == [(here, url, now)] * 2


async def test_my_events_begin_with_my_admission_and_end_with_my_removal(server: Chorus) -> None:
    _, founder = await hosted(server, "keeper")
    guest_did, guest = await hosted(server, "passer-by")
    uri = await create(server, founder, members=[guest_did])
    other = await create(server, founder)
    await say(server, uri, founder, "before")
    await server.ask(JOIN, {"u": uri}, guest)
    await say(server, uri, founder, "during")
    await server.ask(LEAVE, {"u": uri}, guest)
    await say(server, uri, founder, "after")
    own = await create(server, guest)

    async with socket(server, guest) as client:
        await client.subscribe(EVENTS, {"a": "0"})
        seen: list[Json] = []
        while not seen or seen[-1]["soURI"] != own:
            seen.append((await client.event())["soEvents"])

    assert other not in {event["soURI"] for event in seen}
    names = [event["entry"]["event"] for event in seen if event["soURI"] == uri]
    # The guest's own automatic concurrence may come before it leaves, or not at all.
    assert [name for name in names if name != "VerdictGiven"] == ["NewMember", "NewExpression", "MemberRemoved"]
