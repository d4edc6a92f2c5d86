"""A real Neo4j Community on this machine, for development, tests and benchmarks, without Docker.

`python -m graphdb.neo4j.local` runs one in the foreground.
"""

from graphdb.neo4j.local.config import CYPHER_25, SHORT_LIVED
from graphdb.neo4j.local.errors import (
    DidNotStart,
    FetchFailed,
    LocalNeo4jError,
    NoJava,
    NoMaven,
    PortTaken,
    UnknownVersion,
)
from graphdb.neo4j.local.jars import cache_folder, fetch
from graphdb.neo4j.local.release import CURRENT, LONG_TERM, RELEASES, Release
from graphdb.neo4j.local.runtime import java
from graphdb.neo4j.local.server import LocalNeo4j

__all__ = [
    "CURRENT",
    "CYPHER_25",
    "LONG_TERM",
    "RELEASES",
    "SHORT_LIVED",
    "DidNotStart",
    "FetchFailed",
    "LocalNeo4j",
    "LocalNeo4jError",
    "NoJava",
    "NoMaven",
    "PortTaken",
    "Release",
    "UnknownVersion",
    "cache_folder",
    "fetch",
    "java",
]
