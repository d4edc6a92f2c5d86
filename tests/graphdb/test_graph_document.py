"""The queries of docs/graph.md, on a real Neo4j with an organism that has done a little of everything."""

import re
from pathlib import Path
from typing import Any

import pytest
from neo4j import GraphDatabase

from graphdb.neo4j.local import LocalNeo4j
from tests.neo4j_server import empty
from tests.server.test_main_job import JOIN, LINK, SPEAK, SUGGEST, hosted
from tests.servers import Chorus, chorus, socket

DOCUMENT = (Path(__file__).parents[2] / "docs" / "graph.md").read_text(encoding="utf8")
QUERIES = re.findall(r"```cypher\n(.*?)```", DOCUMENT.partition("## People")[0], re.DOTALL)
CREATE = "mutation ($o: SocialOrganismInput!) { soCreate(socialOrganism: $o) }"
RECORD = "mutation ($i: PersonInteractionInput!) { personRecordInteraction(interaction: $i) { person } }"
CONNECT = """mutation ($a: String!, $b: String!) {
  personConnect(one: $a, other: $b, relationship: "boss", inverse: "employee") { since } }"""
WATCH = "subscription ($u: String) { soCoherenceChanged(soURI: $u) { coherence { asSpokenConcurring } } }"


def test_there_are_six() -> None:
    assert len(QUERIES) == 6


@pytest.fixture
async def world(tmp_path: Path, neo4j_5: LocalNeo4j) -> dict[str, str]:
    """Two organisms that share the founder and its friend; one said a link, and is asked to take a third agent in."""
    empty(neo4j_5)
    async with chorus(tmp_path, store=neo4j_5.uri) as server:
        founder_did, founder = await hosted(server, "founder")
        friend_did, friend = await hosted(server, "friend")
        stranger_did, _ = await hosted(server, "stranger")
        uris = []
        for name in ("Garden club", "Choir"):
            given = {"name": name, "members": [friend_did]}
            uris.append((await server.ask(CREATE, {"o": given}, founder))["soCreate"])
            await server.ask(JOIN, {"u": uris[-1]}, friend)
        await server.ask(SUGGEST, {"u": uris[0], "d": stranger_did}, founder)
        async with socket(server, founder) as watching:
            await watching.subscribe(WATCH, {"u": uris[0]})
            answer = await server.ask(SPEAK, {"u": uris[0], "c": LINK, "l": "link"}, founder)
            for _ in range(2):  # said, and concurred with by the friend's key
                await watching.event()
        people = [await met(server, founder, name) for name in ("Ann", "Ben")]
        await server.ask(CONNECT, {"a": people[0], "b": people[1]}, founder)
        return {"uri": uris[0], "url": answer["soSpeak"]["url"], "observer": founder_did, "person": people[1]}


async def met(server: Chorus, by: str, name: str) -> str:
    """The id of a person."""
    given = {"platformId": f"discord:{name}", "displayName": name, "kind": "MESSAGE"}
    return str((await server.ask(RECORD, {"i": given}, by))["personRecordInteraction"]["person"])


def answers(server: LocalNeo4j, query: str, parameters: dict[str, str]) -> list[dict[str, Any]]:
    with GraphDatabase.driver(server.uri, auth=server.auth) as driver:
        return [record.data() for record in driver.execute_query(query, parameters, database_="neo4j").records]


async def test_each_query_answers_its_question(world: dict[str, str], neo4j_5: LocalNeo4j) -> None:
    members, said, behind, shared, vouches, known = (answers(neo4j_5, query, world) for query in QUERIES)

    assert [row["epoch"] for row in members] == [0, 1]
    assert [(row["url"], row["coherence"]) for row in said] == [(world["url"], 1.0)]
    assert [row["verdict"] for row in behind] == ["concur", "concur"]
    assert [row["shared"] for row in shared] == [2]
    assert [(row["change"], row["state"]) for row in vouches] == [("add", "OPEN")]
    assert [(row["name"], row["relationship"]) for row in known] == [("Ann", "employee")]
