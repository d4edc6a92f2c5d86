"""People, in SQLite."""

from graphdb.sqlite.connection import Database
from graphdb.sqlite.notebook import SqliteNotebook
from graphdb.sqlite.registry import SqliteRegistry


class SqlitePeople(SqliteRegistry, SqliteNotebook):
    """The `People` protocol over the embedded database."""

    def __init__(self, database: Database) -> None:
        SqliteRegistry.__init__(self, database)
        SqliteNotebook.__init__(self, database)
