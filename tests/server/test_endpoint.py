"""GraphQL over HTTP on a real port: media types, refusals, who may ask, and the pages beside it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Self, cast

import httpx
import pytest
import pytest_asyncio
from graphql import get_introspection_query
from starlette.applications import Starlette

from graphdb.errors import StoreUnavailable
from graphdb.store import Store
from tests.servers import Chorus, Json, chorus

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEWER = "application/graphql-response+json"
PAGE = "http://page.example"
INFO = "{ runtimeInfo { isInitialized } }"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chorus]:
    async with chorus(tmp_path_factory.mktemp("data"), body_size=100_000, allowed_origins=(PAGE,)) as running:
        yield running


async def send(server: Chorus, method: str = "POST", path: str = "/graphql", **options: Json) -> httpx.Response:
    async with httpx.AsyncClient(base_url=server.url, timeout=30, verify=False) as client:
        return await client.request(method, path, **options)


async def ask(server: Chorus, query: str, **headers: str) -> httpx.Response:
    return await send(server, json={"query": query}, headers=headers)


def code(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    assert len(error["message"]) > 10
    return str(error["extensions"]["code"])


# Media types and status codes


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", ""])
async def test_an_answer_is_json_unless_the_newer_media_type_is_asked_for(server: Chorus, accept: str) -> None:
    answer = await ask(server, INFO, accept=accept)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize("accept", [NEWER, f"{NEWER}, application/json;q=0.9", NEWER.upper()])
async def test_the_newer_media_type_is_answered_with_itself(server: Chorus, accept: str) -> None:
    answer = await ask(server, INFO, accept=accept)

    assert (answer.status_code, answer.headers["content-type"]) == (200, NEWER)


NOT_EXECUTED = {
    "does not parse": ("{", "GRAPHQL_PARSE_FAILED"),
    "is not valid": ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    "has variables of another type": ("query ($n: Int!) { soAll(first: $n) { totalCount } }", "BAD_USER_INPUT"),
}


@pytest.mark.parametrize(("query", "expected"), NOT_EXECUTED.values(), ids=list(NOT_EXECUTED))
async def test_what_was_not_executed_is_a_400_of_the_newer_type_without_data(
    server: Chorus, query: str, expected: str
) -> None:
    older, newer = await ask(server, query), await ask(server, query, accept=NEWER)

    assert (older.status_code, newer.status_code) == (200, 400)
    assert (code(older), code(newer)) == (expected, expected)
    assert "data" not in newer.json()


async def test_a_field_that_failed_is_a_200_with_data(server: Chorus) -> None:
    answer = await ask(server, "{ agent { did } runtimeInfo { isInitialized } }", accept=NEWER)

    assert answer.status_code == 200
    assert code(answer) == "NO_AGENT"
    assert answer.json()["data"] is None


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_not_allowed(server: Chorus, method: str) -> None:
    answer = await send(server, method)

    assert (answer.status_code, code(answer), answer.headers["allow"]) == (405, "METHOD_NOT_ALLOWED", "GET, POST")


@pytest.mark.parametrize("given", ["text/plain", "multipart/form-data; boundary=x", "application/graphql", ""])
async def test_bodies_of_another_type_are_refused(server: Chorus, given: str) -> None:
    body = json.dumps({"query": INFO})

    answer = await send(server, content=body, headers={"content-type": given})

    assert (answer.status_code, code(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_charset_is_no_other_type(server: Chorus) -> None:
    body = json.dumps({"query": INFO})

    answer = await send(server, content=body, headers={"content-type": "Application/JSON; charset=utf-8"})

    assert answer.status_code == 200


NOT_A_REQUEST: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"{query: 1}",
    "not UTF-8": b'{"query": "\xff"}',
    "NaN": b'{"query": "{ a }", "variables": {"a": NaN}}',
    "a lone surrogate": b'{"query": "\\ud800"}',
    "nested too deeply": b"[" * 5_000 + b"]" * 5_000,
    "a batch": b'[{"query": "{ runtimeInfo { isInitialized } }"}]',
    "a string": b'"query"',
    "no query": b"{}",
    "an empty query": b'{"query": ""}',
    "a query of another type": b'{"query": 1}',
    "variables of another type": b'{"query": "{ a }", "variables": []}',
    "a name of another type": b'{"query": "{ a }", "operationName": 1}',
    "an unknown operation": b'{"query": "query A { runtimeInfo { isInitialized } }", "operationName": "B"}',
    "two operations and no name": b'{"query": "query A { soAll { totalCount } } query B { soAll { totalCount } }"}',
    "a subscription": b'{"query": "subscription { soEvents { cursor } }"}',
}


@pytest.mark.parametrize("body", NOT_A_REQUEST.values(), ids=list(NOT_A_REQUEST))
async def test_what_is_no_request_is_a_400_with_a_code(server: Chorus, body: bytes) -> None:
    answer = await send(server, content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")


async def test_a_body_beyond_the_limit_is_a_413(server: Chorus) -> None:
    body = json.dumps({"query": INFO, "variables": {"a": "x" * 200_000}})

    answer = await send(server, content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, code(answer)) == (413, "BODY_TOO_LARGE")


# Who may ask


async def test_any_page_finds_the_server_with_a_get(server: Chorus) -> None:
    answer = await send(server, "GET", headers={"origin": "http://elsewhere.example"})

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", "http://[", "http://127.0.0.1:1"])
async def test_foreign_pages_are_refused(server: Chorus, origin: str) -> None:
    answer = await ask(server, INFO, origin=origin)

    assert (answer.status_code, code(answer)) == (403, "ORIGIN_NOT_ALLOWED")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("host", ["rebound.example", "rebound.example:12000", "[", "127.0.0.1.rebound.example"])
async def test_a_host_that_nobody_configured_is_refused(server: Chorus, host: str) -> None:
    answer = await ask(server, INFO, host=host, origin=f"http://{host}")

    assert (answer.status_code, code(answer)) == (403, "HOST_NOT_ALLOWED")


async def test_its_own_and_configured_pages_are_served(server: Chorus) -> None:
    own = await ask(server, INFO, origin=server.url)
    configured = await ask(server, INFO, origin=PAGE)

    assert (own.status_code, configured.status_code) == (200, 200)
    assert configured.headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize(("origin", "status"), [(PAGE, 200), ("http://elsewhere.example", 400)])
async def test_only_configured_pages_pass_the_preflight(server: Chorus, origin: str, status: int) -> None:
    asked = {"origin": origin, "access-control-request-method": "POST"}
    asked["access-control-request-headers"] = "authorization, content-type"

    answer = await send(server, "OPTIONS", headers=asked)

    assert answer.status_code == status
    assert answer.headers.get("access-control-allow-origin") == (PAGE if status == 200 else None)


# Large documents

FAN = "".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }} " for n in range(40))
TOO_LARGE = {
    "tokens": "{" + " soAll { totalCount }" * 2_000 + "}",
    "depth": "{ soAll" + " { edges { node { members" * 8 + " { totalCount" + " } } }" * 8 + " } }",
    "aliases": "{" + "".join(f" a{n}: __typename" for n in range(60)) + "}",
    "fields": FAN + "fragment F40 on Query { __typename } query { ...F0 }",
    "repeats": "{" + " soAll { totalCount }" * 900 + "}",
    "inline fragments": "{" + "... {" * 2_000 + "__typename" + "}" * 2_000 + "}",
    "lists": "{ so(uri: " + "[" * 2_000 + "]" * 2_000 + ") { uri } }",
    "spreads": "{" + "...A " * 1_000 + "} fragment A on Query { soAll { totalCount } }",
}


@pytest.mark.parametrize("query", TOO_LARGE.values(), ids=list(TOO_LARGE))
async def test_documents_beyond_a_limit_are_refused_quickly(server: Chorus, query: str) -> None:
    began = time.process_time()

    answer = await ask(server, query)

    errors = answer.json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"DOCUMENT_TOO_LARGE"}
    assert time.process_time() - began < 2


async def test_fragments_that_spread_one_another_are_not_valid(server: Chorus) -> None:
    loop = "query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }"

    assert code(await ask(server, loop)) == "GRAPHQL_VALIDATION_FAILED"


async def test_a_name_of_a_document_is_not_repeated_in_full(server: Chorus) -> None:
    answer = await ask(server, "{ " + "a" * 90_000 + " }")

    assert code(answer) == "GRAPHQL_VALIDATION_FAILED"
    assert len(answer.content) < 2_000


async def test_introspection_passes_the_limits(server: Chorus) -> None:
    answer = await ask(server, get_introspection_query(input_value_deprecation=True, specified_by_url=True))

    assert "errors" not in answer.json()
    assert answer.json()["data"]["__schema"]["queryType"]["name"] == "Query"


# Beside GraphQL


async def test_it_is_healthy_and_ready_and_counts(server: Chorus) -> None:
    await ask(server, "{ nothing }")

    healthy, ready = await send(server, "GET", "/healthz"), await send(server, "GET", "/readyz")
    metrics = (await send(server, "GET", "/metrics")).text

    assert (healthy.json(), ready.json()) == ({"status": "ok"}, {"status": "ready"})
    assert 'chorus_errors_total{code="GRAPHQL_VALIDATION_FAILED"}' in metrics
    assert "chorus_log_position 0.0" in metrics
    assert "chorus_sockets 0.0" in metrics


class Away:
    """A store that cannot be reached."""

    async def ready(self) -> None:
        raise StoreUnavailable("it is away")

    async def position(self) -> int:
        raise StoreUnavailable("it is away")

    @property
    def organisms(self) -> Self:
        return self


async def test_it_counts_while_the_store_is_away(server: Chorus) -> None:
    app = cast("Starlette", server.server.config.app)
    there = app.state.services
    app.state.services = replace(there, store=cast("Store", Away()))
    try:
        answer = await send(server, "GET", "/metrics")
    finally:
        app.state.services = there

    assert answer.status_code == 200
    assert "chorus_log_position" in answer.text


async def test_it_is_not_ready_while_the_store_is_away(server: Chorus) -> None:
    app = cast("Starlette", server.server.config.app)
    there = app.state.services
    app.state.services = replace(there, store=cast("Store", Away()))
    try:
        answer, healthy = await send(server, "GET", "/readyz"), await send(server, "GET", "/healthz")
    finally:
        app.state.services = there

    assert (answer.status_code, answer.json()["code"]) == (503, "STORE_UNAVAILABLE")
    assert healthy.status_code == 200


async def test_a_mutation_finishes_although_its_client_goes_away(tmp_path: Path) -> None:
    made = b'{"query": "mutation { agentGenerate(passphrase: \\"p\\") { did } }"}'
    head = f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(made)}"
    async with chorus(tmp_path) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
        writer.write(head.encode() + b"\r\n\r\n" + made)
        await writer.drain()
        writer.transport.abort()

        async with asyncio.timeout(20):
            while not (await server.ask(INFO))["runtimeInfo"]["isInitialized"]:
                pass
