"""The shortest way between two nodes of the social graph: breadth first from both ends, on the index of `knows`."""

import apsw

_NEIGHBOURS = "SELECT neighbour FROM knows WHERE node = ?"

CameFrom = dict[int, int]


def shortest(connection: apsw.Connection, one: int, other: int, max_depth: int) -> list[int] | None:
    """The nodes of a shortest path with both ends, of at most `max_depth` steps; None if there is none.

    Each step goes out from the end whose frontier is smaller: a hub on one side is not opened while there is
    another way. A side that was opened to its whole depth has seen everybody at that distance, so the first meeting
    is a shortest one.
    """
    if one == other:
        return [one]
    sides: tuple[CameFrom, CameFrom] = ({one: one}, {other: other})
    frontiers = [[one], [other]]
    for _ in range(max_depth):
        nearer = 0 if len(frontiers[0]) <= len(frontiers[1]) else 1
        meeting, frontiers[nearer] = _open(connection, frontiers[nearer], sides[nearer], sides[1 - nearer])
        if meeting is not None:
            return [*reversed(_back(sides[0], meeting)), *_back(sides[1], meeting)[1:]]
        if not frontiers[nearer]:
            return None
    return None


def _open(
    connection: apsw.Connection, frontier: list[int], came_from: CameFrom, others: CameFrom
) -> tuple[int | None, list[int]]:
    """One step out: where it meets the other side, and the next frontier. `came_from` learns the way back."""
    reached: list[int] = []
    for node in frontier:
        for (neighbour,) in connection.execute(_NEIGHBOURS, (node,)):
            if neighbour not in came_from:
                came_from[neighbour] = node
                if neighbour in others:
                    return neighbour, reached
                reached.append(neighbour)
    return None, reached


def _back(came_from: CameFrom, node: int) -> list[int]:
    """From a node back to where its side began."""
    path = [node]
    while came_from[path[-1]] != path[-1]:
        path.append(came_from[path[-1]])
    return path
