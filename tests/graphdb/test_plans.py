"""How Neo4j carries our statements out: found by index, and without holding rows back on the hot path."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from neo4j import Driver, GraphDatabase

from graphdb.neo4j import changes, knows, queries, runs
from graphdb.neo4j.connection import LOCK_ORGANISMS
from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore
from tests.neo4j_server import wipe

HOT = [
    queries.KNOWN,
    queries.REMEMBER,
    changes.APPEND,
    changes.APPEND_AT,
    changes.RESIGNED,
    queries.STANDING,
    queries.SPOKEN_BY_URL,
]
COLD = [
    *changes.ORDER,
    LOCK_ORGANISMS,
    queries.LOCK_LOG,
    queries.REPEAT,
    queries.GATHERING,
    queries.ORGANISMS,
    queries.MEMBERS,
    queries.ROSTER,
    queries.MEMBERS_AT,
    queries.COHERENCE,
    queries.VERDICTS,
    queries.AWAITING_VERDICT,
    queries.AWAITING_VOTE,
    queries.AWAITING_JOIN,
    queries.ENTRIES_SINCE,
    queries.ENTRIES_OF,
    queries.ENTRIES_AFTER_SEQ,
    queries.ENTRIES_OF_STAYS,
    queries.STAYS,
    queries.GIVEN,
    queries.ADOPTIONS,
    queries.EVALUATED,
    queries.KEPT,
    queries.AWAITING_TRY,
    queries.AUTOMATIC_FOR,
    queries.CONFIRM_DNA,
    queries.LEAVE_UNSIGNED,
    queries.UNSIGNED,
    queries.expressions(["minCoherence", "author", "language"]),
    queries.proposals(None),
    queries.proposals(True),
    knows.CIRCLE,
    knows.READY,
    knows.CONNECT,
    knows.UPDATE,
    knows.DISCONNECT,
    knows.FIND,
    knows.FIND_ALL,
    knows.REMOVE,
    knows.OF_PERSON,
    knows.OF_OBSERVER,
    knows.CONNECTIONS,
    knows.MUTUALS,
    knows.CIRCLES,
    *knows.CHAINS.values(),
    runs.LOCK_LOG,
    runs.NUMBER,
    runs.ADD,
    runs.FIND,
    runs.PAGE,
    runs.OPEN_RUNS,
    runs.OPEN_COUNT,
    runs.LOCK,
    runs.MOVE,
    runs.SETTLE,
    runs.RESULTS,
]
SCANS = {"AllNodesScan", "NodeByLabelScan", "DirectedRelationshipTypeScan", "UndirectedRelationshipTypeScan"}


class Operator(NamedTuple):
    """A step of a plan, and how many rows Neo4j expects of it."""

    name: str
    rows: float


@pytest.fixture(scope="module", params=["neo4j_5", "neo4j_2026"])
def plans(request: pytest.FixtureRequest) -> dict[str, list[Operator]]:
    """What each release makes of every query, with our constraints and indexes, and without data."""
    server: LocalNeo4j = request.getfixturevalue(request.param)
    wipe(server)
    asyncio.run(_migrate(server))
    with GraphDatabase.driver(server.uri, auth=server.auth, notifications_min_severity="OFF") as driver:
        return {query: plan(driver, query) for query in HOT + COLD}


async def _migrate(server: LocalNeo4j) -> None:
    store = await Neo4jStore.open(server.uri)
    await store.close()


def held_back(plan: list[Operator]) -> float:
    """The most rows that an operator is expected to keep until it has seen them all."""
    return max((operator.rows for operator in plan if operator.name == "Eager"), default=0)


def plan(driver: Driver, query: str) -> list[Operator]:
    given = dict.fromkeys(re.findall(r"\$(\w+)", query))
    plan = driver.execute_query(f"EXPLAIN {query}", given, database_="neo4j").summary.plan
    assert plan is not None
    return list(_operators(plan))


def _operators(plan: dict[str, Any]) -> Iterator[Operator]:  # Any: as the driver has it
    yield Operator(plan["operatorType"].split("@")[0], plan["args"]["EstimatedRows"])
    for child in plan.get("children", []):
        yield from _operators(child)


def test_everything_is_found_by_an_index(plans: dict[str, list[Operator]]) -> None:
    found = {query: {operator.name for operator in plan} & SCANS for query, plan in plans.items()}

    assert {query: scans for query, scans in found.items() if scans} == {}


def test_verdicts_are_written_without_holding_rows_back(plans: dict[str, list[Operator]]) -> None:
    """The log's own row may be."""
    eager = [query for query in HOT if held_back(plans[query]) > 1]

    assert eager == []
