"""People, in Neo4j."""

from graphdb.neo4j.connection import Database
from graphdb.neo4j.notebook import Neo4jNotebook
from graphdb.neo4j.registry import Neo4jRegistry


class Neo4jPeople(Neo4jRegistry, Neo4jNotebook):
    """The `People` protocol over Neo4j."""

    def __init__(self, database: Database) -> None:
        Neo4jRegistry.__init__(self, database)
        Neo4jNotebook.__init__(self, database)
