"""The world that bad input is sent to, and how a case of it is written down."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import apsw

from domain.canonical import canonical
from domain.expressions import link_url, sign_expression
from domain.identity import Did, KeyPair
from domain.organisms.roster import roster_root
from domain.organisms.statement import Statement, make_statement, organism_uri, signed_bytes
from domain.organisms.templates import DEFAULT
from domain.timestamp import format_millis
from server.app import now_millis
from tests.domain.agents import agent
from tests.server.acts import CREATE, JOIN, SPEAK, create, hosted, say, sign_in
from tests.servers import Chorus, Json

OWN, STRANGER = agent(1), agent(2)
DNA = hashlib.sha256(DEFAULT.program.encode()).hexdigest()


@dataclass(frozen=True)
class World:
    """Two organisms of the same two members, one hosted and one with its own key; an expression and a proposal each."""

    server: Chorus
    data: Path
    hosted: Did
    token: str
    own_token: str
    stranger_token: str
    here: str
    there: str
    said: Mapping[str, Json]
    hosted_url: str
    proposal: str

    @property
    def roster(self) -> str:
        return roster_root([self.hosted, OWN.did])

    def verdict(self, keys: KeyPair = OWN, **changes: Json) -> dict[str, Json]:
        """The fields of a valid verdict on the hosted agent's expression, with changes."""
        fields = {**self.said, "type": "verdict", "organism": self.here, "author": keys.did, "verdict": "concur"}
        return {**fields, "timestamp": format_millis(now_millis()), **changes}

    def speak(self, keys: KeyPair = OWN, **changes: Json) -> tuple[str, dict[str, Json]]:
        """A new link's content, and the fields of a valid statement that speaks it."""
        at = format_millis(now_millis())
        link = sign_expression(keys, {"source": "a", "predicate": None, "target": "b"}, at)
        fields = {
            "type": "speak",
            "organism": self.here,
            "author": keys.did,
            "timestamp": at,
            "expression": link_url(link),
            "content": link.content,
            "epoch": 1,
            "roster": self.roster,
            "dna": DNA,
        }
        return canonical(link.as_json()), {**fields, **changes}

    def rows(self) -> dict[str, str]:
        """A hash of every table's rows: equal only if nothing was written."""
        connection = apsw.Connection(str(self.data / "chorus.db"), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {table: _hash(connection, table) for table in tables}
        finally:
            connection.close()


def _hash(connection: apsw.Connection, table: str) -> str:
    rows = sorted(map(repr, connection.execute(f"SELECT * FROM {table}")))
    return f"{len(rows)} {hashlib.sha256(repr(rows).encode()).hexdigest()}"


async def build(server: Chorus, data: Path) -> World:
    did, token = await hosted(server, "hosted")
    _, stranger_token = await hosted(server, "stranger")
    own_token = await sign_in(server, OWN)
    await server.ask("mutation { soSetAutoConcur(soURI: null, on: false) }", token=token)
    here, there = [await create(server, token, members=[OWN.did]) for _ in range(2)]
    for uri in (here, there):
        join = signed(OWN, {"type": "join", "organism": uri, "epoch": 0, "timestamp": format_millis(now_millis())})
        await server.ask(JOIN, {"u": uri, "s": join}, own_token)
    variables = {"u": here, "c": canonical({"source": "s", "predicate": None, "target": "t"}), "l": "link"}
    spoken = (await server.ask(SPEAK, variables, token))["soSpeak"]
    suggest = "mutation ($u: String!, $d: String!) { soSuggestMemberAddition(soURI: $u, did: $d) { id } }"
    proposal = (await server.ask(suggest, {"u": here, "d": STRANGER.did}, token))["soSuggestMemberAddition"]["id"]
    said = {"expression": spoken["url"], "content": spoken["content"], "epoch": 1, "dna": DNA}
    hosted_url = await say(server, there, token, "elsewhere")
    return World(server, data, did, token, own_token, stranger_token, here, there, said, hosted_url, proposal)


def signed(keys: KeyPair, fields: Mapping[str, Json]) -> Json:
    """Signed where the domain can sign it."""
    return given(make_statement(keys, fields))


def given(statement: Statement) -> Json:
    return {"statement": statement.text, "signature": statement.signature}


def forced(keys: KeyPair, text: str) -> Json:
    """Signed whatever the text says."""
    return {"statement": text, "signature": keys.sign(signed_bytes(text))}


def founding(keys: KeyPair, **changes: Json) -> tuple[str, Json]:
    """A valid founding statement: the URI it gives, and the argument."""
    fields = {
        "type": "found",
        "organism": "",
        "timestamp": format_millis(now_millis()),
        "name": "N",
        "invited": [],
        "dna": DNA,
        "nonce": "0" * 32,
        **changes,
    }
    statement = make_statement(keys, fields)
    return organism_uri(statement), given(statement)


Make = Callable[[World], Json]


@dataclass(frozen=True)
class Case:
    """A request, the code it is answered with, and what its message says. Callables are called with the world."""

    query: str
    variables: Mapping[str, Json]
    code: str
    says: str = ""
    token: str = "token"

    def filled(self, world: World) -> dict[str, Json]:
        return {name: value(world) if callable(value) else value for name, value in self.variables.items()}


__all__ = ["CREATE", "SPEAK", "Case", "World", "build", "forced", "founding", "given", "signed"]
