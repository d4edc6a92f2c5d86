"""The property graph in Neo4j 5.26 or newer, for deployments of any size."""

from graphdb.neo4j.accounts import Neo4jAccounts
from graphdb.neo4j.alliances import Neo4jAlliances
from graphdb.neo4j.connection import Database
from graphdb.neo4j.expressions import Neo4jExpressions
from graphdb.neo4j.interactions import Neo4jInteractions
from graphdb.neo4j.migrating import migrate
from graphdb.neo4j.organisms import Neo4jOrganisms
from graphdb.neo4j.people import Neo4jPeople
from graphdb.neo4j.runs import Neo4jRuns
from graphdb.neo4j.social_graph import Neo4jSocialGraph


class Neo4jStore:
    """The `Store` protocol over one Neo4j database; open it with `await Neo4jStore.open(uri)`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.organisms = Neo4jOrganisms(database)
        self.expressions = Neo4jExpressions(database)
        self.accounts = Neo4jAccounts(database)
        self.people = Neo4jPeople(database)
        self.interactions = Neo4jInteractions(database)
        self.social_graph = Neo4jSocialGraph(database)
        self.alliances = Neo4jAlliances(database)
        self.runs = Neo4jRuns(database)

    @classmethod
    async def open(
        cls, uri: str, user: str | None = None, password: str | None = None, database: str = "neo4j"
    ) -> "Neo4jStore":
        """Connects and migrates; raises `StoreUnavailable` where no Neo4j answers."""
        opened = Database.connect(uri, user, password, database)
        try:
            await migrate(opened)
        except BaseException:
            await opened.close()
            raise
        return cls(opened)

    async def ready(self) -> None:
        await self.organisms.position()

    async def close(self) -> None:
        await self.organisms.close()
        await self.people.close()
        await self.interactions.close()
        await self.social_graph.close()
        await self._database.close()
