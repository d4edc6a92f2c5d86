"""An asynchronous client of Chorus: organisms, for agents that a server hosts and for agents that keep their own key.

Needs `httpx` and `websockets`.
"""

import json
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from identity import Identity, content_of, is_signed, json_url, link_url, roster_root
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

Json = Any  # Any: answers have the shape that their document asks for

PROTOCOL = Subprotocol("graphql-transport-ws")

COHERENCE = "coherence { asSpoken asSpokenConcurring asSpokenMembers current currentConcurring currentMembers }"
EXPRESSION = f"""
  url content soURI speaker epoch rosterRoot dnaHash {COHERENCE}
  expression {{ author timestamp data proof {{ key signature valid socialOrganismCoherence }} socialOrganismSource }}
"""
CHALLENGE = "mutation ($did: String!) { agentChallenge(did: $did) { did server nonce expiresAt } }"
SIGN_IN = """mutation ($did: String!, $nonce: String!, $signature: String!) {
  agentSignIn(did: $did, nonce: $nonce, signature: $signature) }"""
HOSTED = """mutation ($name: String!, $passphrase: String!) {
  agentCreateHosted(name: $name, passphrase: $passphrase) { did token } }"""
STANDING = "query ($soURI: String!) { so(uri: $soURI) { epoch dnaHash } soMembers(soURI: $soURI) }"
READ = f"query ($soURI: String!, $url: String!) {{ soExpression(soURI: $soURI, url: $url) {{ {EXPRESSION} }} }}"
SIGNATURES = """query ($soURI: String!, $url: String!) {
  soSignatures(soURI: $soURI, url: $url) { did verdict statement signature automatic } }"""
MEMBERS = "query ($soURI: String!) { soMembers(soURI: $soURI) }"
CREATE = """mutation ($socialOrganism: SocialOrganismInput!, $idempotencyKey: String) {
  soCreate(socialOrganism: $socialOrganism, idempotencyKey: $idempotencyKey) }"""
JOIN = """mutation ($soURI: String!, $signed: SignedStatement, $idempotencyKey: String) {
  soJoin(soURI: $soURI, signed: $signed, idempotencyKey: $idempotencyKey) { epoch memberCount } }"""
SPEAK = """mutation ($soURI: String!, $content: String!, $languageAddress: String!, $signed: SignedStatement,
    $idempotencyKey: String) {
  soSpeak(soURI: $soURI, content: $content, languageAddress: $languageAddress, signed: $signed,
    idempotencyKey: $idempotencyKey) { url } }"""
CONCUR = f"""mutation ($soURI: String!, $url: String!, $signed: SignedStatement, $idempotencyKey: String) {{
  soConcur(soURI: $soURI, url: $url, signed: $signed, idempotencyKey: $idempotencyKey) {{ {EXPRESSION} }} }}"""
NEW_EXPRESSION = f"""subscription ($soURI: String, $after: String) {{
  soNewExpression(soURI: $soURI, after: $after) {{ cursor soURI expression {{ {EXPRESSION} }} }} }}"""

URLS = {"link": link_url, "json": json_url}


class Refused(Exception):
    """What the server refuses, with its stable code and its facts."""

    def __init__(self, message: str, code: str, facts: Mapping[str, Json]) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.facts = facts


def _data(result: Json) -> Json:
    if result.get("errors"):
        first = result["errors"][0]
        facts = dict(first.get("extensions") or {})
        raise Refused(first["message"], facts.pop("code", "UNKNOWN"), facts)
    return result["data"]


@dataclass(frozen=True)
class Chorus:
    """One agent's connection. With an `identity`, everything that acts is signed here and the key is not sent."""

    server: str
    http: httpx.AsyncClient
    token: str = ""
    identity: Identity | None = None

    async def request(self, document: str, variables: Mapping[str, Json]) -> Json:
        """The data of an answer. Raises `Refused`."""
        headers = {"authorization": self.token}
        body = {"query": document, "variables": variables}
        answer = await self.http.post(f"{self.server.rstrip('/')}/graphql", json=body, headers=headers)
        return _data(answer.json())

    async def subscribe(self, document: str, variables: Mapping[str, Json]) -> AsyncGenerator[Json, None]:
        """Events; when the connection was lost it goes on after the last one that had a `cursor`."""
        variables = dict(variables)
        url = f"ws{self.server.removeprefix('http').rstrip('/')}/graphql"
        async for socket in connect(url, subprotocols=[PROTOCOL]):
            try:
                await self._begin(socket, document, variables)
                async for text in socket:
                    event = await self._event(socket, json.loads(text))
                    if event is not None:
                        yield event
                        variables.update({"after": event["cursor"]} if "cursor" in event else {})
            except _Complete:
                return
            except ConnectionClosed as closed:
                if closed.rcvd is not None and 4400 <= closed.rcvd.code < 4500:
                    raise

    async def _begin(self, socket: ClientConnection, document: str, variables: Mapping[str, Json]) -> None:
        await _send(socket, type="connection_init", payload={"headers": {"authorization": self.token}})
        acknowledged = json.loads(await socket.recv())
        if acknowledged["type"] != "connection_ack":
            raise Refused(f"Expected connection_ack, got {acknowledged['type']}", "PROTOCOL", acknowledged)
        await _send(socket, id="1", type="subscribe", payload={"query": document, "variables": variables})

    async def _event(self, socket: ClientConnection, message: Json) -> Json:
        if message["type"] == "complete":
            raise _Complete
        if message["type"] == "ping":
            await _send(socket, type="pong")
        if message["type"] == "error":
            _data({"errors": message["payload"]})
        if message["type"] != "next":
            return None
        (event,) = _data(message["payload"]).values()
        return event

    # The `so` section

    async def create(self, **social_organism: Json) -> str:
        """Founds an organism (hosted agents only) and gives its URI. `members` are invited."""
        asked = {"socialOrganism": social_organism, "idempotencyKey": str(uuid.uuid4())}
        return str((await self.request(CREATE, asked))["soCreate"])

    async def join(self, so_uri: str) -> Json:
        """Accepts an invitation or an approved proposal, or asks to be let in."""
        standing = await self._standing(so_uri)
        warrant = self._warrant("join", so_uri, epoch=standing["epoch"])
        return (await self.request(JOIN, {"soURI": so_uri, **warrant}))["soJoin"]

    async def speak(self, so_uri: str, data: Json, language: str) -> str:
        """Says a link (`link`) or any JSON (`json`) in the organism's name; gives its URL."""
        if self.identity is None:
            said, warrant = data, self._warrant("speak", so_uri)
        else:
            said = self.identity.expression(data, _now())
            named = {"expression": URLS[language](said), "content": content_of(said)}
            warrant = self._warrant("speak", so_uri, **named, **await self._standing(so_uri))
        asked = {"soURI": so_uri, "content": json.dumps(said), "languageAddress": language, **warrant}
        return str((await self.request(SPEAK, asked))["soSpeak"]["url"])

    async def concur(self, so_uri: str, url: str) -> Json:
        """Signs that the organism rightly said this: only what is read, and whose author's signature holds."""
        spoken = await self.expression(so_uri, url)
        if spoken is None:
            raise LookupError(f"{so_uri} never said {url}")
        expression = signed_expression(spoken)
        if not is_signed(expression):
            raise ValueError(f"the proof of {url} does not hold")
        about = {
            "expression": url,
            "content": content_of(expression),
            "epoch": spoken["epoch"],
            "dna": spoken["dnaHash"],
        }
        warrant = self._warrant("verdict", so_uri, verdict="concur", **about)
        return (await self.request(CONCUR, {"soURI": so_uri, "url": url, **warrant}))["soConcur"]

    async def members(self, so_uri: str) -> list[str]:
        return list((await self.request(MEMBERS, {"soURI": so_uri}))["soMembers"])

    async def expression(self, so_uri: str, url: str) -> Json:
        """What the organism said under that URL; None where it never did."""
        return (await self.request(READ, {"soURI": so_uri, "url": url}))["soExpression"]

    async def signatures(self, so_uri: str, url: str) -> list[Json]:
        """The live verdicts, each with the statement that proves it (`identity.is_verdict_on` checks one)."""
        return list((await self.request(SIGNATURES, {"soURI": so_uri, "url": url}))["soSignatures"])

    def new_expressions(self, so_uri: str | None = None, after: str | None = None) -> AsyncGenerator[Json, None]:
        """Everything said from now on, or after that cursor; "0" from the start."""
        return self.subscribe(NEW_EXPRESSION, {"soURI": so_uri, "after": after})

    async def _standing(self, so_uri: str) -> dict[str, Json]:
        """What a statement has to name: the epoch, the Social DNA, and the roster, whose root is computed here."""
        data = await self.request(STANDING, {"soURI": so_uri})
        if data["so"] is None:
            raise LookupError(f"No organism has the URI {so_uri}")
        return {"epoch": data["so"]["epoch"], "dna": data["so"]["dnaHash"], "roster": roster_root(data["soMembers"])}

    def _warrant(self, kind: str, so_uri: str, **fields: Json) -> dict[str, Json]:
        """A signed statement, or for a hosted agent a key with which a repeated request is done once."""
        if self.identity is None:
            return {"idempotencyKey": str(uuid.uuid4())}
        statement = {"type": kind, "organism": so_uri, "timestamp": _now(), **fields}
        return {"signed": self.identity.statement(statement)}


class _Complete(Exception):
    """The server has ended the subscription."""


async def _send(socket: ClientConnection, **message: Json) -> None:
    await socket.send(json.dumps(message))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def signed_expression(spoken: Mapping[str, Json]) -> dict[str, Json]:
    """The signed expression in what a server shows of it."""
    shown = spoken["expression"]
    proof = {name: shown["proof"][name] for name in ("key", "signature")}
    return {
        "author": shown["author"],
        "timestamp": shown["timestamp"],
        "data": json.loads(shown["data"]),
        "proof": proof,
    }


@asynccontextmanager
async def connected(server: str, token: str = "", identity: Identity | None = None) -> AsyncIterator[Chorus]:
    """A client that acts with this token; with an identity and no token, it signs in first."""
    async with httpx.AsyncClient(timeout=30) as http:
        client = Chorus(server, http, token, identity)
        if identity is not None and not token:
            client = Chorus(server, http, await sign_in(client, identity), identity)
        yield client


async def sign_in(client: Chorus, identity: Identity) -> str:
    """Proves that this program holds the key; gives a token."""
    challenge = (await client.request(CHALLENGE, {"did": identity.did}))["agentChallenge"]
    answer = {"did": identity.did, "nonce": challenge["nonce"], "signature": identity.answer(challenge)}
    return str((await client.request(SIGN_IN, answer))["agentSignIn"])


async def create_hosted(client: Chorus, name: str, passphrase: str) -> tuple[str, str]:
    """A further agent whose key the server keeps: its DID and its token."""
    made = (await client.request(HOSTED, {"name": name, "passphrase": passphrase}))["agentCreateHosted"]
    return made["did"], made["token"]
