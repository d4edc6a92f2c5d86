"""Transitive trust: what others say about somebody. Hearsay stands beside a score and never changes it.

Two readings: opinions discounted along edge-disjoint paths from one observer, and EigenTrust over the whole graph.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.people.errors import InvalidOpinion
from domain.people.interaction import PersonId, finite
from domain.people.opinion import Opinion, along, fuse

HOPS = 3
PATHS = 8

Opinions = Mapping[PersonId, Mapping[PersonId, Opinion]]
"""Who shared which opinion about whom."""

Path = tuple[PersonId, ...]
Floats = NDArray[np.float64]


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
    rows = {person: _normalised(row) for person, row in satisfaction.items()}
    people = sorted({*pretrusted, *rows, *(target for row in rows.values() for target in row)})
    place = {person: number for number, person in enumerate(people)}
    start = np.zeros(len(people))
    start[[place[person] for person in set(pretrusted)]] = 1 / len(set(pretrusted))
    edges = [(place[one], place[other], share) for one, row in rows.items() for other, share in row.items()]
    trust = _settled(start, edges, restart)
    return dict(zip(people, trust.tolist(), strict=True))


def _normalised(row: Mapping[PersonId, float]) -> dict[PersonId, float]:
    for person, value in row.items():
        if not finite(value):
            raise InvalidOpinion(f"$.satisfaction.{person}", "a finite number", value)
    total = sum(value for value in row.values() if value > 0)
    return {person: value / total for person, value in row.items() if value > 0}


def _settled(start: Floats, edges: Sequence[tuple[int, int, float]], restart: float) -> Floats:
    """The distribution at which passing trust on changes nothing; who trusts nobody passes it to the start."""
    sources = np.array([source for source, _, _ in edges], np.int64)
    targets = np.array([target for _, target, _ in edges], np.int64)
    shares = np.array([share for _, _, share in edges])
    silent = np.ones(len(start), bool)
    silent[sources] = False
    trust = start
    for _ in range(_STEPS):
        passed = np.bincount(targets, shares * trust[sources], minlength=len(start)) + trust[silent].sum() * start
        stepped = (1 - restart) * passed + restart * start
        change = np.abs(stepped - trust).sum()
        trust = stepped
        if change < _PRECISION:
            break
    return trust
