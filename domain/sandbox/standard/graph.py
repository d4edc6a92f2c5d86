"""Networks as lists of neighbours, one graph per seed.

Draws are those of the purposes NETWORK and PLACE at epoch 0, step 0; the shapes are made on places, and places are
dealt to agents by chance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from domain.sandbox.network import NetworkConfig, Topology
from domain.sandbox.standard.population import Floats, Ints, Population
from domain.sandbox.standard.streams import Purpose, Streams, pick

Draws = Callable[[int], Floats]
"""So many draws of one seed, always the same first ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The neighbours of row i are `others[starts[i] : starts[i + 1]]`, in the order of rows; ties go both ways."""

    starts: Ints
    others: Ints


def graph_of(config: NetworkConfig, people: Population, streams: Streams) -> Graph | None:
    """None where everybody knows everybody."""
    if config.topology is Topology.COMPLETE:
        return None
    streams.at(0, 0)
    places = np.argsort(streams.draw(Purpose.PLACE).reshape(people.seeds, people.size), axis=1, kind="stable")
    found = []
    for seed in range(people.seeds):
        ties = _SHAPES[config.topology](config, people.size, partial(streams.sequence, seed, Purpose.NETWORK))
        found.append(places[seed][ties] + seed * people.size)
    return _listed(np.concatenate(found), people.rows)


def _listed(ties: Ints, rows: int) -> Graph:
    """Of pairs (n, 2): each tie once, in both directions, none to oneself."""
    ties = ties[ties[:, 0] != ties[:, 1]]
    both = np.concatenate((ties, ties[:, ::-1]))
    keys = np.unique(both[:, 0] * rows + both[:, 1])
    source, others = keys // rows, keys % rows
    return Graph(np.searchsorted(source, np.arange(rows + 1)).astype(np.int64), others)


def _ring(config: NetworkConfig, size: int, draws: Draws) -> Ints:
    near = np.arange(size)[:, None]
    steps = np.arange(1, config.reach + 1)[None, :]
    far = (near + steps) % size
    return np.stack((np.broadcast_to(near, far.shape).ravel(), far.ravel()), axis=1)


def _star(config: NetworkConfig, size: int, draws: Draws) -> Ints:
    return np.stack((np.zeros(size, np.int64), np.arange(size)), axis=1)


def _small_world(config: NetworkConfig, size: int, draws: Draws) -> Ints:
    """A rewired tie keeps its first end; one that falls on another tie, or on itself, is lost."""
    ties = _ring(config, size, draws)
    rewired, chosen = draws(2 * len(ties)).reshape(len(ties), 2).T
    ties[:, 1] = np.where(rewired < config.rewiring, pick(chosen, size), ties[:, 1])
    return ties


def _erdos_renyi(config: NetworkConfig, size: int, draws: Draws) -> Ints:
    """Pairs are numbered, and the gaps between those that are tied are geometric (Batagelj and Brandes 2005)."""
    pairs, chance = size * (size - 1) // 2, config.edge_probability
    if chance == 0:
        return np.zeros((0, 2), np.int64)
    count = int(pairs * chance + 10 * np.sqrt(pairs * chance) + 10)
    tied = _gaps(draws(count), chance)
    while tied[-1] < pairs:
        count *= 2
        tied = _gaps(draws(count), chance)
    tied = tied[tied < pairs]
    first_pair = np.arange(size) * (np.arange(size) - 1) // 2  # pair (i, j) with j < i has number i (i - 1) / 2 + j
    upper = np.searchsorted(first_pair, tied, side="right") - 1
    return np.stack((upper, tied - first_pair[upper]), axis=1)


def _gaps(u: Floats, chance: float) -> Ints:
    if chance == 1:
        return np.arange(len(u), dtype=np.int64)
    skipped = np.floor(np.log1p(-u) / np.log1p(-chance))
    return np.cumsum(np.minimum(skipped, 2**40).astype(np.int64) + 1) - 1


def _scale_free(config: NetworkConfig, size: int, draws: Draws) -> Ints:
    """End 2e + 1 of tie e is a copy of an end of an earlier agent's ties: of who has many, more often."""
    ties = np.arange(size * config.ties)
    owner = ties // config.ties
    copied = pick(draws(len(ties)), 2 * config.ties * owner)
    target = copied.copy()
    while (odd := target % 2 == 1).any():
        target[odd] = copied[target[odd] // 2]
    return np.stack((owner, target // 2 // config.ties), axis=1)


_SHAPES: dict[Topology, Callable[[NetworkConfig, int, Draws], Ints]] = {
    Topology.RING: _ring,
    Topology.STAR: _star,
    Topology.ERDOS_RENYI: _erdos_renyi,
    Topology.SMALL_WORLD: _small_world,
    Topology.SCALE_FREE: _scale_free,
}
