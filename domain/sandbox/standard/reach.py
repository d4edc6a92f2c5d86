"""Whom an agent can propose to: all others of its seed, or its neighbours; on its side, and neither frozen nor away."""

from typing import Protocol

import numpy as np

from domain.sandbox.standard.graph import Graph
from domain.sandbox.standard.population import Floats, Ints, Population
from domain.sandbox.standard.state import State
from domain.sandbox.standard.streams import pick


class Reach(Protocol):
    """Of one step."""

    def count(self, rows: Ints) -> Ints:
        """How many each of these can reach."""
        ...

    def choose(self, rows: Ints, u: Floats) -> Ints:
        """Uniform among those: (rows, m) for m draws each. Every row reaches somebody."""
        ...


def reach(people: Population, state: State, graph: Graph | None) -> Reach:
    return Everybody(people, state) if graph is None else Neighbours(state, graph)


class Everybody:
    """All others of the same seed and side. Rows that ask are there themselves."""

    def __init__(self, people: Population, state: State) -> None:
        self._pool = _pools(people, state, np.arange(people.rows))
        free = np.flatnonzero(~state.out)
        pool = self._pool[free]
        order = np.argsort(pool, kind="stable")
        self._there = free[order]
        self._first = np.searchsorted(pool[order], np.arange(2 * people.seeds + 1))
        self._place = np.zeros(people.rows, np.int64)
        self._place[self._there] = np.arange(len(free))

    def count(self, rows: Ints) -> Ints:
        pool = self._pool[rows]
        found: Ints = self._first[pool + 1] - self._first[pool] - 1
        return found

    def choose(self, rows: Ints, u: Floats) -> Ints:
        first = self._first[self._pool[rows]]
        chosen = pick(u, self.count(rows)[:, None])
        chosen += chosen >= (self._place[rows] - first)[:, None]
        found: Ints = self._there[first[:, None] + chosen]
        return found


class Neighbours:
    """Neighbours in a network."""

    def __init__(self, state: State, graph: Graph) -> None:
        owner = np.repeat(np.arange(len(graph.starts) - 1), np.diff(graph.starts))
        kept = ~state.out[graph.others] & (state.side[graph.others] == state.side[owner])
        self._others = graph.others[kept]
        self._starts = np.r_[0, np.cumsum(kept)][graph.starts]

    def count(self, rows: Ints) -> Ints:
        found: Ints = self._starts[rows + 1] - self._starts[rows]
        return found

    def choose(self, rows: Ints, u: Floats) -> Ints:
        found: Ints = self._others[self._starts[rows][:, None] + pick(u, self.count(rows)[:, None])]
        return found


def _pools(people: Population, state: State, rows: Ints) -> Ints:
    return 2 * people.seed_of(rows) + state.side[rows]
