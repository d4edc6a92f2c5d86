"""The social graph: who is connected to whom, whatever the labels. Edges have no direction here.

Stores answer the same questions by their own means; this is the definition they are tested against.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from domain.people.connection import Connection
from domain.people.errors import InvalidDepth, UnknownPerson
from domain.people.interaction import PersonId

DEPTH = 3
DEEPEST = 12

Neighbours = Callable[[PersonId], Collection[PersonId] | None]
"""The people somebody is connected to; None for a person nobody knows."""


def neighbours_in(people: Iterable[PersonId], connections: Iterable[Connection]) -> Mapping[PersonId, list[PersonId]]:
    """The graph of these people, neighbours in the order of the connections."""
    found: dict[PersonId, list[PersonId]] = {person: [] for person in people}
    for each in connections:
        for person in (each.one, each.other):
            if person in found and each.neighbour(person) in found:
                found[person].append(each.neighbour(person))
    return found


def mutuals(neighbours: Neighbours, one: PersonId, other: PersonId) -> list[PersonId]:
    """Those connected to both, by id; never the two themselves. Raises `UnknownPerson`."""
    return sorted(_known(neighbours, one) & _known(neighbours, other) - {one, other})


def chain(
    neighbours: Neighbours, one: PersonId, other: PersonId, max_depth: int = DEPTH
) -> tuple[PersonId, ...] | None:
    """A shortest path with both ends, of at most `max_depth` connections; None if there is none.

    Searched from both ends, the smaller side first. Raises `UnknownPerson`, and `InvalidDepth` outside 0 to 12.
    """
    check_depth(max_depth)
    for person in (one, other):
        _known(neighbours, person)
    sides = [{one: one}, {other: other}]
    edges = [{one}, {other}]
    if one == other:
        return (one,)
    for _ in range(max_depth):
        nearer = 0 if len(edges[0]) <= len(edges[1]) else 1
        edges[nearer] = _next(neighbours, edges[nearer], sides[nearer])
        meeting = min(edges[nearer] & sides[1 - nearer].keys(), default=None)
        if meeting is not None:
            return (*reversed(_back(sides[0], meeting)), *_back(sides[1], meeting)[1:])
        if not edges[nearer]:
            return None
    return None


def tie_strength(neighbours: Neighbours, one: PersonId, other: PersonId) -> float:
    """How much the circles of two people overlap, in [0, 1]: those connected to both over those connected to either.

    0 is a bridge between circles (neighbourhood overlap, Easley and Kleinberg 2010, section 3.3).
    """
    first, second = (_known(neighbours, person) - {one, other} for person in (one, other))
    return overlap(len(first & second), len(first | second))


def overlap(mutual: int, either: int) -> float:
    """The share of a joint circle that is connected to both; 0 of an empty one."""
    return mutual / either if either else 0.0


def _known(neighbours: Neighbours, person: PersonId) -> set[PersonId]:
    found = neighbours(person)
    if found is None:
        raise UnknownPerson(person)
    return set(found)


def _next(neighbours: Neighbours, edge: set[PersonId], came_from: dict[PersonId, PersonId]) -> set[PersonId]:
    """The people one step further out; `came_from` learns the way back. A neighbour nobody knows ends no path."""
    reached = set()
    for person in sorted(edge):
        for neighbour in neighbours(person) or ():
            if neighbour not in came_from and neighbours(neighbour) is not None:
                came_from[neighbour] = person
                reached.add(neighbour)
    return reached


def _back(came_from: Mapping[PersonId, PersonId], person: PersonId) -> list[PersonId]:
    """From a person back to where the search began."""
    path = [person]
    while came_from[path[-1]] != path[-1]:
        path.append(came_from[path[-1]])
    return path


def check_depth(max_depth: int) -> None:
    """Raises `InvalidDepth` outside 0 to 12."""
    if type(max_depth) is not int or not 0 <= max_depth <= DEEPEST:
        raise InvalidDepth("$.maxDepth", f"an integer from 0 to {DEEPEST}", max_depth)
