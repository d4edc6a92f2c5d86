"""Real Neo4j servers for tests.

A server takes about 6 s to start, so each runs once for the whole session, from the first test that asks for it,
and is emptied between tests. A test that kills its server starts one of its own.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from types import MappingProxyType
from typing import Any

import pytest
from neo4j import Driver, GraphDatabase

from graphdb.neo4j.local import (
    CURRENT,
    CYPHER_25,
    LONG_TERM,
    SHORT_LIVED,
    FetchFailed,
    LocalNeo4j,
    LocalNeo4jError,
    NoJava,
    NoMaven,
    java,
)

VERSIONS = (LONG_TERM, CURRENT)
NEWER_JAVA = 21

PLANNED_ONCE = MappingProxyType({"dbms.cypher.min_replan_interval": "24h"})
"""Neo4j plans a statement anew when the data have changed a lot since, which between tests they always have."""


def short_lived(version: str = LONG_TERM, **options: Any) -> LocalNeo4j:  # Any: as `LocalNeo4j` takes them
    """A server for a test: quick to start, and to answer statements of which it has seen few yet. It is not started."""
    settings = {**PLANNED_ONCE, **options.pop("settings", {})}
    return LocalNeo4j(version, settings=settings, java_options=SHORT_LIVED, **options)


def start(server: LocalNeo4j) -> None:
    """Start the server; without Java, Maven or the jars, skip the test, or fail it where `CI` is `true`."""
    try:
        server.start()
    except (NoJava, NoMaven, FetchFailed) as missing:
        _unavailable(missing)


def _unavailable(missing: LocalNeo4jError) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(str(missing), pytrace=False)
    pytest.skip(f"no Neo4j here: {missing}")


def empty(server: LocalNeo4j) -> None:
    """Remove what tests wrote. What the migrations made stays: without it every query would be planned again."""
    with GraphDatabase.driver(server.uri, auth=server.auth) as driver, driver.session(database="neo4j") as session:
        session.run(
            "MATCH (n) WHERE NOT n:Migration AND NOT n:Log AND NOT n:PeopleLog"
            " CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
        ).consume()
        session.run("MATCH (l:Log) SET l.position = 0").consume()
        session.run("MATCH (l:PeopleLog) SET l.persons = 0, l.appeals = 0, l.audited = 0").consume()


def wipe(server: LocalNeo4j) -> None:
    """Remove all data, constraints and indexes."""
    with GraphDatabase.driver(server.uri, auth=server.auth) as driver:
        with driver.session(database="neo4j") as session:
            session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()
        _wipe_schema(driver)


def _wipe_schema(driver: Driver) -> None:
    # Constraints first: theirs are indexes that cannot be dropped alone.
    _drop(driver, "CONSTRAINT", "SHOW CONSTRAINTS YIELD name RETURN collect(name) AS names")
    # Lookup indexes are there in every new database.
    _drop(driver, "INDEX", "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN collect(name) AS names")


def _drop(driver: Driver, kind: str, names: str) -> None:
    with driver.session(database="neo4j") as session:
        for name in session.run(names).single(strict=True)["names"]:
            session.run(f"DROP {kind} `{name}`").consume()


@pytest.fixture(scope="session")
def neo4j_5() -> Iterator[LocalNeo4j]:
    """A running Neo4j of the long-term release, whose language is Cypher 5; shared by all tests."""
    with closing(short_lived()) as server:
        start(server)
        yield server


@pytest.fixture(scope="session")
def neo4j_2026() -> Iterator[LocalNeo4j]:
    """A running Neo4j of the current release, set to Cypher 25, where there is a Java for it; shared by all tests."""
    if java(NEWER_JAVA) is None:
        pytest.skip(f"Neo4j {CURRENT} needs Java {NEWER_JAVA} or newer")
    with closing(short_lived(CURRENT, settings=CYPHER_25)) as server:
        start(server)
        yield server


@pytest.fixture(params=["neo4j_5", "neo4j_2026"])
def empty_neo4j(request: pytest.FixtureRequest) -> LocalNeo4j:
    """Each of the two servers in turn, without data, constraints and indexes."""
    server: LocalNeo4j = request.getfixturevalue(request.param)
    wipe(server)
    return server
