"""The tables of the social graph: connections between nodes, a node being one person in the graph of one observer."""

import apsw

from domain.identity import Did
from domain.people.interaction import PersonId
from graphdb.sqlite import rows

Words = tuple[str, str, str, float, int, int]
"""What a connection says: relationship, inverse, context, weight, since, updated_at."""


def circle(connection: apsw.Connection, observer: Did) -> int:
    """The number of the observer's graph, which begins with its first connection."""
    return _added(connection, "circle", "observer", (observer,))


def node(connection: apsw.Connection, circle: int, person: PersonId) -> int:
    return _added(connection, "node", "circle, person", (circle, person))


def _added(connection: apsw.Connection, table: str, columns: str, values: tuple[object, ...]) -> int:
    """The number of a row, which is added where it is missing."""
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})", values)
    ((number,),) = rows.fetch(connection, f"SELECT number FROM {table} WHERE ({columns}) = ({marks})", values)
    return int(number)


def add(connection: apsw.Connection, node: int, neighbour: int, words: Words) -> None:
    """Connects two nodes, in words told from the first."""
    connection.executemany("INSERT INTO knows VALUES (?, ?)", ((node, neighbour), (neighbour, node)))
    if neighbour < node:
        node, neighbour, words = neighbour, node, _turned(words)
    connection.execute("INSERT INTO connection VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (node, neighbour, *words))


def remove(connection: apsw.Connection, node: int, neighbour: int) -> None:
    pairs = ((node, neighbour), (neighbour, node))
    connection.executemany("DELETE FROM knows WHERE node = ? AND neighbour = ?", pairs)
    connection.executemany("DELETE FROM connection WHERE node = ? AND neighbour = ?", pairs)


def words(connection: apsw.Connection, node: int, neighbour: int) -> Words | None:
    """Told from the first node; None where the two are not connected."""
    query = (
        "SELECT relationship, inverse, context, weight, since, updated_at FROM connection"
        " WHERE node = ? AND neighbour = ?"
    )
    row = rows.fetch_one(connection, query, sorted((node, neighbour)))
    if row is None:
        return None
    relationship, inverse, context, weight, since, updated_at = row
    told = (relationship, inverse, context, weight, since, updated_at)
    return told if node < neighbour else _turned(told)


def _turned(words: Words) -> Words:
    return words[1], words[0], *words[2:]


def merge(connection: apsw.Connection, kept: PersonId, absorbed: PersonId) -> None:
    """Everybody's connections of the absorbed person become those of the kept one, whose own words stay."""
    for gone, circle in rows.fetch(connection, "SELECT number, circle FROM node WHERE person = ?", (absorbed,)):
        row = rows.fetch_one(connection, "SELECT number FROM node WHERE person = ? AND circle = ?", (kept, circle))
        if row is None:
            connection.execute("UPDATE node SET person = ? WHERE number = ?", (kept, gone))
            continue
        for neighbour in _neighbours(connection, gone):
            told = words(connection, gone, neighbour)
            remove(connection, gone, neighbour)
            if told is not None and neighbour != row[0] and words(connection, row[0], neighbour) is None:
                add(connection, row[0], neighbour, told)
        connection.execute("DELETE FROM node WHERE number = ?", (gone,))


def forget(connection: apsw.Connection, person: PersonId, observer: Did | None = None) -> bool:
    """Removes a person from the graph of an observer, or from everybody's; whether they were in one."""
    query = "SELECT n.number FROM node n JOIN circle c ON c.number = n.circle WHERE n.person = ?1"
    found = rows.fetch(connection, f"{query} AND (?2 IS NULL OR c.observer = ?2)", (person, observer))
    for (node,) in found:
        for neighbour in _neighbours(connection, node):
            remove(connection, node, neighbour)
        connection.execute("DELETE FROM node WHERE number = ?", (node,))
    return bool(found)


def _neighbours(connection: apsw.Connection, node: int) -> list[int]:
    return [row[0] for row in rows.fetch(connection, "SELECT neighbour FROM knows WHERE node = ?", (node,))]
