"""Connections and the graph of them (P21; E21)."""

from collections import deque
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.connection import (
    Connected,
    Connection,
    ConnectionUpdated,
    Disconnected,
    bond,
    connect,
    disconnect,
    update,
)
from domain.people.errors import (
    AlreadyConnected,
    AlreadyMerged,
    InvalidConnection,
    InvalidDepth,
    NotConnected,
    UnknownPerson,
)
from domain.people.interaction import PersonId
from domain.people.person import Person
from domain.people.social_graph import DEEPEST, chain, mutuals, neighbours_in, tie_strength
from tests.domain.people.histories import OBSERVER

Graph = Mapping[PersonId, list[PersonId]]

ids = st.integers(0, 14).map(lambda number: PersonId(f"p{number:02}"))
EVERYBODY = [PersonId(f"p{number:02}") for number in range(15)]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    pairs = draw(st.sets(st.tuples(ids, ids).filter(lambda pair: pair[0] < pair[1]), max_size=30))
    return graph([*pairs])


def somebody(name: str, **fields: Any) -> Person:
    return Person(PersonId(name), name, (name,), 0, 0, **fields)


def made(one: str, other: str, word: str = "friend", inverse: str | None = None) -> Connection:
    return connect(OBSERVER, somebody(one), somebody(other), bond(word, inverse), at=5)[0].connection


def graph(pairs: list[tuple[Any, Any]]) -> Graph:
    return neighbours_in(EVERYBODY, [made(*pair) for pair in pairs])


def distances(graph: Graph, start: PersonId) -> dict[PersonId, int]:
    found, waiting = {start: 0}, deque([start])
    while waiting:
        person = waiting.popleft()
        for neighbour in graph[person]:
            if neighbour not in found:
                found[neighbour] = found[person] + 1
                waiting.append(neighbour)
    return found


@given(graphs(), ids, ids, st.integers(0, DEEPEST))
def test_p21_a_chain_is_a_shortest_path_within_the_depth(
    graph: Graph, one: PersonId, other: PersonId, depth: int
) -> None:
    distance = distances(graph, one).get(other)

    path = chain(graph.get, one, other, depth)

    if distance is None or distance > depth:
        assert path is None
        return
    assert path is not None
    assert (path[0], path[-1], len(path) - 1) == (one, other, distance)
    assert all(after in graph[before] for before, after in pairwise(path))


@given(graphs(), ids, ids)
def test_p21_mutuals_are_symmetric_and_never_one_of_the_two(graph: Graph, one: PersonId, other: PersonId) -> None:
    found = mutuals(graph.get, one, other)

    assert found == mutuals(graph.get, other, one) == sorted(set(graph[one]) & set(graph[other]) - {one, other})
    assert one not in found
    assert other not in found


@given(graphs(), ids, ids)
def test_tie_strength_is_symmetric_between_0_and_1(graph: Graph, one: PersonId, other: PersonId) -> None:
    strength = tie_strength(graph.get, one, other)

    assert 0 <= strength <= 1
    assert strength == tie_strength(graph.get, other, one)
    assert (strength > 0) == bool(mutuals(graph.get, one, other))


def test_a_bridge_is_weak_and_a_shared_circle_is_strong() -> None:
    bridge = graph([("p00", "p01"), ("p00", "p02"), ("p01", "p03")])
    circle = graph([("p00", "p01"), ("p00", "p02"), ("p01", "p02"), ("p00", "p03"), ("p01", "p03"), ("p01", "p04")])

    assert tie_strength(bridge.get, PersonId("p00"), PersonId("p01")) == 0
    assert tie_strength(circle.get, PersonId("p00"), PersonId("p01")) == 2 / 3


def test_e21_nobody_unknown_is_on_a_path_not_even_at_its_own_end() -> None:
    known = graph([("p00", "p01")])
    nobody, a, b = PersonId("nobody"), PersonId("p00"), PersonId("p01")
    dangling = dict(known) | {a: [nobody, b], b: [a, nobody]}

    questions: list[Callable[[], object]] = [
        lambda: chain(known.get, nobody, nobody),
        lambda: chain(known.get, a, nobody),
        lambda: mutuals(known.get, nobody, a),
        lambda: tie_strength(known.get, a, nobody),
    ]
    for question in questions:
        with pytest.raises(UnknownPerson):
            question()
    assert chain(dangling.get, a, PersonId("p02")) is None


@pytest.mark.parametrize("depth", [-1, 13, 10**6, 2.0, True])
def test_a_depth_without_bound_is_refused(depth: Any) -> None:
    with pytest.raises(InvalidDepth):
        chain(graph([]).get, PersonId("p00"), PersonId("p01"), depth)


def test_p21_a_connection_has_two_sides_whoever_is_named_first() -> None:
    forward, backward = made("p_ann", "p_ben", "daughter", "father"), made("p_ben", "p_ann", "father", "daughter")

    assert forward == backward
    assert forward.label(PersonId("p_ann")) == "daughter"
    assert forward.label(PersonId("p_ben")) == "father"
    assert forward.neighbour(PersonId("p_ben")) == "p_ann"


def test_e21_nobody_is_connected_to_themselves_nor_to_who_was_merged() -> None:
    ann, gone = somebody("p_ann"), somebody("p_ben", merged_into=PersonId("p_cee"))

    with pytest.raises(InvalidConnection):
        connect(OBSERVER, ann, ann, bond("self"), at=1)
    with pytest.raises(AlreadyMerged):
        connect(OBSERVER, ann, gone, bond("friend"), at=1)


def test_a_connection_is_made_once_updated_and_removed() -> None:
    ann, ben = somebody("p_ann"), somebody("p_ben")
    (event,) = connect(OBSERVER, ann, ben, bond("friend"), at=1)
    first = event.connection

    assert isinstance(event, Connected)
    assert connect(OBSERVER, ben, ann, bond("friend"), at=2, existing=first) == ()
    with pytest.raises(AlreadyConnected):
        connect(OBSERVER, ann, ben, bond("rival"), at=2, existing=first)
    (changed,) = update(first, ben, ann, bond("boss", "employee"), at=3)
    assert isinstance(changed, ConnectionUpdated)
    assert (changed.connection.label(ben.id), changed.connection.since, changed.connection.updated_at) == ("boss", 1, 3)
    assert update(first, ann, ben, bond("friend"), at=3) == ()
    assert [type(each) for each in disconnect(first, at=4)] == [Disconnected]
    assert disconnect(None, at=4) == ()
    with pytest.raises(NotConnected):
        update(None, ann, ben, bond("friend"), at=3)


@pytest.mark.parametrize("weight", [0, -0.5, 1.01, float("nan"), float("inf"), True, "1", None])
def test_a_weight_is_a_number_above_0_and_at_most_1(weight: Any) -> None:
    with pytest.raises(InvalidConnection):
        bond("friend", weight=weight)


def test_a_weight_is_the_same_from_both_sides() -> None:
    ann, ben = somebody("p_ann"), somebody("p_ben")
    (forward,) = connect(OBSERVER, ann, ben, bond("boss", "employee", "at work", weight=0.25), at=1)
    (backward,) = connect(OBSERVER, ben, ann, bond("employee", "boss", "at work", weight=0.25), at=1)

    assert forward == backward
    assert forward.connection.bond.weight == 0.25


@pytest.mark.parametrize(
    "words", [("", None), (" ", None), ("x" * 81, None), ("a\nb", None), ("a", ""), ("a", "b", "c" * 501)]
)
def test_unsound_words_are_refused(words: Any) -> None:
    with pytest.raises(InvalidConnection):
        bond(*words)


def test_a_refusal_names_the_word_that_is_missing() -> None:
    with pytest.raises(InvalidConnection) as refused:
        bond("boss", " ")

    assert refused.value.path == "$.inverse"
