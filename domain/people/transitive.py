"""Transitive trust: what others say about somebody. Hearsay stands beside a score and never changes it.

Two readings: opinions discounted along edge-disjoint paths from one observer, and EigenTrust over the whole graph.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from domain.people.errors import InvalidOpinion
from domain.people.interaction import PersonId, finite
from domain.people.opinion import Opinion, along, fuse

HOPS = 3
PATHS = 8

Opinions = Mapping[PersonId, Mapping[PersonId, Opinion]]
"""Who shared which opinion about whom."""

Path = tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class Hearsay:
    """What the root hears about somebody: the fused opinion, and the paths that it came by, shortest first."""

    opinion: Opinion
    paths: tuple[Path, ...]


def hearsay(
    root: PersonId, subject: PersonId, opinions: Opinions, recommenders: Collection[PersonId], *, paths: int = PATHS
) -> Hearsay:
    """`recommenders` are those whom the root itself holds familiar or higher: nobody else is heard.

    Greedy shortest paths (hops, then ids), at most 3 hops, edge-disjoint, discounted and added up. The root's own
    opinion of the subject is no hearsay.
    """
    used: set[tuple[PersonId, PersonId]] = {(root, subject)}
    found: list[Path] = []
    while len(found) < paths:
        path = _shortest(root, subject, opinions, frozenset(recommenders), used)
        if path is None:
            break
        found.append(path)
        used.update(_edges(path))
    told = [along([opinions[source][target] for source, target in _edges(path)]) for path in found]
    return Hearsay(fuse(told), tuple(found))


def _edges(path: Path) -> Iterator[tuple[PersonId, PersonId]]:
    return pairwise(path)


def _shortest(
    root: PersonId,
    subject: PersonId,
    opinions: Opinions,
    recommenders: frozenset[PersonId],
    used: Collection[tuple[PersonId, PersonId]],
) -> Path | None:
    """Breadth first, in the order of ids: the first path that arrives is the least by hops, then ids."""
    waiting: deque[Path] = deque([(root,)])
    seen = {root}
    while waiting:
        path = waiting.popleft()
        told = opinions.get(path[-1], {})
        if subject in told and (path[-1], subject) not in used:
            return (*path, subject)
        if len(path) == HOPS:
            continue
        for person in sorted((told.keys() & recommenders) - seen - {subject}):
            if (path[-1], person) not in used:
                seen.add(person)
                waiting.append((*path, person))
    return None


RESTART = 0.15
"""The share of trust that goes back to the pre-trusted in every step (a in the paper)."""

_STEPS = 2_000
_PRECISION = 1e-16


def eigentrust(
    satisfaction: Mapping[PersonId, Mapping[PersonId, float]],
    pretrusted: Collection[PersonId],
    *,
    restart: float = RESTART,
) -> dict[PersonId, float]:
    """Global trust, adding up to 1: t = (1 - a) C^T t + a p (Kamvar, Schlosser and Garcia-Molina 2003).

    `satisfaction` is satisfied minus unsatisfied per pair; what is not positive counts nothing, and whoever trusts
    nobody trusts the pre-trusted. Raises `InvalidOpinion` without anybody pre-trusted or with numbers that are none.
    """
    if not pretrusted:
        raise InvalidOpinion("$.pretrusted", "at least one person")
    if not finite(restart) or not 0 < restart <= 1:
        raise InvalidOpinion("$.restart", "a number above 0, at most 1", restart)
    start = {person: 1 / len(set(pretrusted)) for person in set(pretrusted)}
    rows = {person: _normalised(row) for person, row in satisfaction.items()}
    people = sorted(start.keys() | rows.keys() | {target for row in rows.values() for target in row})
    trust = {person: start.get(person, 0.0) for person in people}
    for _ in range(_STEPS):
        stepped = _step(trust, rows, start, restart)
        change = sum(abs(stepped[person] - trust[person]) for person in people)
        trust = stepped
        if change < _PRECISION:
            break
    return trust


def _normalised(row: Mapping[PersonId, float]) -> dict[PersonId, float]:
    for person, value in row.items():
        if not finite(value):
            raise InvalidOpinion(f"$.satisfaction.{person}", "a finite number", value)
    total = sum(value for value in row.values() if value > 0)
    return {person: value / total for person, value in row.items() if value > 0}


def _step(
    trust: Mapping[PersonId, float],
    rows: Mapping[PersonId, Mapping[PersonId, float]],
    start: Mapping[PersonId, float],
    restart: float,
) -> dict[PersonId, float]:
    passed = dict.fromkeys(trust, 0.0)
    for person, amount in trust.items():
        for target, share in (rows.get(person) or start).items():
            passed[target] += (1 - restart) * amount * share
    for person, share in start.items():
        passed[person] += restart * share
    return passed
