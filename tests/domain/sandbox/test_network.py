"""The topologies, and that proposals keep to them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.sandbox.network import NetworkConfig, Topology
from domain.sandbox.standard.graph import Graph, graph_of
from domain.sandbox.standard.population import population_of
from domain.sandbox.standard.run import Run
from domain.sandbox.standard.streams import Streams
from tests.domain.sandbox.test_standard import members, world

SIZE, SEEDS = 60, 3


def graph(config: NetworkConfig) -> Graph:
    people = population_of(members(SIZE, 0, 0, 0), SEEDS)
    found = graph_of(config, people, Streams(tuple(range(SEEDS)), SIZE))
    assert found is not None
    return found


def ties(found: Graph) -> set[tuple[int, int]]:
    owner = np.repeat(np.arange(len(found.starts) - 1), np.diff(found.starts))
    return set(zip(owner.tolist(), found.others.tolist(), strict=True))


def degrees(found: Graph) -> NDArray[np.int64]:
    return np.diff(found.starts)


def distances(found: Graph, start: int) -> list[int]:
    """Of everybody that can be reached."""
    known, front, steps = {start}, {start}, [0]
    while front:
        front = {int(o) for at in front for o in found.others[found.starts[at] : found.starts[at + 1]]} - known
        known |= front
        steps += [steps[-1] + 1] * len(front)
    return steps


@pytest.mark.parametrize("topology", [one for one in Topology if one is not Topology.COMPLETE])
def test_ties_go_both_ways_and_stay_within_a_seed(topology: Topology) -> None:
    found = ties(graph(NetworkConfig(topology=topology)))

    assert found == {(b, a) for a, b in found}
    assert all(a != b and a // SIZE == b // SIZE for a, b in found)


def test_a_ring_is_a_circle() -> None:
    found = graph(NetworkConfig(topology=Topology.RING, reach=1))

    assert (degrees(found) == 2).all()
    assert max(distances(found, 0)) == SIZE // 2


def test_a_star_has_one_middle() -> None:
    found = degrees(graph(NetworkConfig(topology=Topology.STAR))).reshape(SEEDS, SIZE)

    assert (np.sort(found, axis=1) == [*[1] * (SIZE - 1), SIZE - 1]).all()
    assert len({row.argmax() for row in found}) > 1, "the middle is dealt"


@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
def test_ties_of_chance_are_as_many_as_expected(chance: float) -> None:
    found = graph(NetworkConfig(topology=Topology.ERDOS_RENYI, edge_probability=chance))

    pairs = SEEDS * SIZE * (SIZE - 1) / 2
    error = 4 * np.sqrt(pairs * chance * (1 - chance))
    assert abs(len(found.others) / 2 - pairs * chance) <= error


def test_a_small_world_is_smaller_than_its_ring() -> None:
    ring = graph(NetworkConfig(topology=Topology.SMALL_WORLD, rewiring=0.0))
    small = graph(NetworkConfig(topology=Topology.SMALL_WORLD, rewiring=0.2))

    assert ties(ring) == ties(graph(NetworkConfig(topology=Topology.RING)))
    assert np.mean(distances(small, 0)) < 0.7 * np.mean(distances(ring, 0))


def test_a_scale_free_network_is_connected_and_has_hubs() -> None:
    found = graph(NetworkConfig(topology=Topology.SCALE_FREE, ties=2))
    chance = graph(NetworkConfig(topology=Topology.ERDOS_RENYI, edge_probability=degrees(found).mean() / (SIZE - 1)))

    assert len(distances(found, 0)) == SIZE
    assert degrees(found).max() > 1.4 * degrees(chance).max()


@pytest.mark.parametrize("topology", Topology)
def test_proposals_go_to_neighbours(topology: Topology) -> None:
    made = world(6, 4, 3, 3, network=NetworkConfig(topology=topology))
    ran = Run(made, [1, 2])
    built = graph_of(made.network, ran.people, Streams((1, 2), ran.people.size))

    rows = [epoch.interactions for epoch in ran.epochs()]

    size = ran.people.size
    met = {
        (int(seed * size + a), int(seed * size + b))
        for one in rows
        for seed, a, b in zip(one.seed, one.initiator, one.counterparty, strict=True)
    }
    assert met
    assert built is None or met <= ties(built)


def test_who_has_no_neighbour_does_nothing() -> None:
    alone = NetworkConfig(topology=Topology.ERDOS_RENYI, edge_probability=0.0)

    assert all(epoch.metrics[0].proposed == 0 for epoch in Run(world(network=alone), [1]).epochs())
