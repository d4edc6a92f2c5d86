"""The Neo4j Community releases that Chorus runs and is tested on."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from graphdb.neo4j.local.errors import UnknownVersion


@dataclass(frozen=True, slots=True)
class Release:
    """One release: its version, the oldest Java it runs on, its main class, and whether it knows Cypher 25."""

    version: str
    java: int
    main: str
    cypher_25: bool


LONG_TERM = "5.26.30"  # supported by Neo4j until 2028, the one to deploy
CURRENT = "2026.08.1"

RELEASES: Mapping[str, Release] = MappingProxyType(
    {
        LONG_TERM: Release(LONG_TERM, java=17, main="org.neo4j.server.CommunityEntryPoint", cypher_25=False),
        CURRENT: Release(CURRENT, java=21, main="org.neo4j.server.Neo4jCommunity", cypher_25=True),
    }
)


def find(version: str) -> Release:
    """The release of that version. Raises `UnknownVersion`."""
    if version not in RELEASES:
        raise UnknownVersion(version, RELEASES)
    return RELEASES[version]
