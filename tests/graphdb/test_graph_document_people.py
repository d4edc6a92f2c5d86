"""The queries about people in docs/graph.md, on a real Neo4j."""

import re
from pathlib import Path
from typing import Any

from neo4j import GraphDatabase

from domain.people.constants import DAY
from graphdb.interactions import Moment
from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore
from tests.domain.people.histories import START, at, varied
from tests.neo4j_server import empty
from tests.populace import ANN, BOB, ME, OTHER, Populace, act, spoken, with_person

DOCUMENT = (Path(__file__).parents[2] / "docs" / "graph.md").read_text(encoding="utf8")
TRUSTED, HISTORY = re.findall(r"```cypher\n(.*?)```", DOCUMENT.partition("## People")[2], re.DOTALL)


def answers(server: LocalNeo4j, query: str, **parameters: str) -> list[dict[str, Any]]:
    with GraphDatabase.driver(server.uri, auth=server.auth) as driver:
        return [record.data() for record in driver.execute_query(query, parameters, database_="neo4j").records]


async def test_trust_and_history_are_read_with_cypher(neo4j_5: LocalNeo4j) -> None:
    store = await Neo4jStore.open(neo4j_5.uri)
    empty(neo4j_5)
    populace = Populace(store)
    await populace.meet(ANN, BOB)
    await populace.record(*with_person(varied(range(20)), ANN), now=START + 20 * DAY)
    await populace.record(spoken(BOB, at(1)), spoken(BOB, at(2)), now=START + 20 * DAY)
    await populace.record(spoken(BOB, at(3), OTHER))
    await store.interactions.retract(ME, BOB, spoken(BOB, at(1)).id, act(), Moment(START + 20 * DAY))
    await store.close()

    trusted = answers(neo4j_5, TRUSTED, observer=ME)
    history = answers(neo4j_5, HISTORY, observer=ME, person=BOB)

    assert [(row["person"], row["tier"]) for row in trusted] == [(ANN, "familiar"), (BOB, "stranger")]
    assert [isinstance(row["holds"], bool) for row in trusted] == [True, True]
    assert [(row["seq"], row["kind"], row["by"]) for row in history] == [(2, "message", "person")]
    assert history[0]["at"] == "2026-01-07T12:00:00.000Z"
