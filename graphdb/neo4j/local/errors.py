"""What can go wrong when a local Neo4j is fetched or started.

LocalNeo4jError
├── UnknownVersion   not one of the releases Chorus is tried with
├── NoJava           no installed Java is new enough
├── NoMaven          `mvn` is not on the PATH
├── FetchFailed      Maven could not bring the jars
├── PortTaken        something else listens on the port asked for
└── DidNotStart      the server ended, or did not answer in time
"""

from collections.abc import Iterable


class LocalNeo4jError(Exception):
    """Base of everything raised by `graphdb.neo4j.local`."""


class UnknownVersion(LocalNeo4jError):
    """A release that Chorus is not tried with was asked for."""

    def __init__(self, version: str, known: Iterable[str]) -> None:
        super().__init__(f"unknown Neo4j release {version}: choose from {', '.join(known)}")
        self.version = version


class NoJava(LocalNeo4jError):
    """No installed Java is new enough for the release."""

    def __init__(self, minimum: int) -> None:
        super().__init__(f"no Java {minimum} or newer found: install one, or point JAVA_HOME at it")
        self.minimum = minimum


class NoMaven(LocalNeo4jError):
    """Maven, which fetches the jars, is not installed."""

    def __init__(self) -> None:
        super().__init__("no mvn on the PATH: install Maven, it fetches Neo4j")


class FetchFailed(LocalNeo4jError):
    """Maven ended with an error."""

    def __init__(self, version: str, output: str) -> None:
        super().__init__(f"could not fetch Neo4j {version}:\n{output}")
        self.version = version


class PortTaken(LocalNeo4jError):
    """Something else listens on the port that the server was to have."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} of 127.0.0.1 is taken: choose another")
        self.port = port


class DidNotStart(LocalNeo4jError):
    """The server ended before it answered, or did not answer in time."""

    def __init__(self, reason: str, log: str) -> None:
        super().__init__(f"Neo4j did not start: {reason}\n{log}")
        self.reason = reason
        self.log = log
