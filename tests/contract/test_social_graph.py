"""The social graph: every observer has one, and every question is answered as the domain defines it (P21)."""

import asyncio
import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from domain.identity import Did
from domain.people import social_graph
from domain.people.connection import Bond, Connection
from domain.people.errors import AlreadyMerged, UnknownPerson
from domain.people.interaction import PersonId
from domain.people.social_graph import neighbours_in, overlap, tie_strength
from graphdb.store import Store
from tests.contract.pages import all_pages, items, totals
from tests.contract.persons import ACT, merge, register
from tests.worlds import agent

PEOPLE = [PersonId(f"p_{number:02}") for number in range(24)]
ME, OTHER = agent("me").did, agent("other").did

Graph = Mapping[PersonId, Sequence[PersonId]]


def made(
    one: str, other: str, word: str = "friend", inverse: str | None = None, *, by: Did = ME, weight: float = 1.0
) -> Connection:
    """As the domain makes it: from the lesser id."""
    bond = Bond(word, inverse or word, f"{word} of {one}", weight)
    if other < one:
        one, other, bond = other, one, bond.turned()
    return Connection(by, PersonId(one), PersonId(other), bond, 1_000, 1_000)


def drawn(seed: int, by: Did, density: float) -> list[Connection]:
    """A random graph of one observer."""
    chance = random.Random(seed)
    pairs = [(one, other) for one in PEOPLE for other in PEOPLE if one < other and chance.random() < density]
    return [made(one, other, f"{seed}-{one}-{other}", "back", by=by, weight=chance.random()) for one, other in pairs]


def distance(graph: Graph, one: PersonId, other: PersonId) -> int | None:
    """By trying everything, from one end alone."""
    found, waiting = {one: 0}, deque([one])
    while waiting:
        person = waiting.popleft()
        for neighbour in graph[person]:
            if neighbour not in found:
                found[neighbour] = found[person] + 1
                waiting.append(neighbour)
    return found.get(other)


async def connections(store: Store, person: PersonId, by: Did, size: int = 4) -> list[Connection]:
    pages = await all_pages(lambda after: store.social_graph.connections(by, person, size, _id(after)))
    assert totals(pages) == {len(items(pages))}
    return items(pages)


async def mutuals(store: Store, one: PersonId, other: PersonId, by: Did, size: int = 2) -> list[PersonId]:
    pages = await all_pages(lambda after: store.social_graph.mutuals(by, one, other, size, _id(after)))
    assert totals(pages) == {len(items(pages))}
    return items(pages)


def _id(after: str | None) -> PersonId | None:
    return None if after is None else PersonId(after)


@pytest.fixture
async def known(store: Store) -> Store:
    """With everybody in `PEOPLE`."""
    await register(store, *PEOPLE)
    return store


@pytest.fixture
async def graphs(known: Store) -> dict[Did, Graph]:
    """Three observers with graphs of their own about the same people, from a few connections to many."""
    drawings = {agent(f"observer {seed}").did: (seed, density) for seed, density in enumerate((0.04, 0.09, 0.3))}
    told = [each for by, (seed, density) in drawings.items() for each in drawn(seed, by, density)]
    await asyncio.gather(*(known.social_graph.connect(each) for each in told))
    return {by: neighbours_in(PEOPLE, [each for each in told if each.observer == by]) for by in drawings}


async def test_p21_a_chain_is_as_long_as_the_true_distance_or_none(known: Store, graphs: dict[Did, Graph]) -> None:
    chance = random.Random(21)
    lengths = set()
    for by, graph in graphs.items():
        for _ in range(40):
            one, other = chance.sample(PEOPLE, 2)
            depth = chance.choice([0, 1, 2, 3, 4, 6, 12])
            true = distance(graph, one, other)

            path = await known.social_graph.chain(by, one, other, depth)

            if true is None or true > depth:
                assert path is None
                continue
            assert path is not None
            lengths.add(len(path) - 1)
            assert (path[0], path[-1], len(path) - 1) == (one, other, true)
            assert all(there in graph[here] for here, there in pairwise(path))
    assert lengths >= {1, 2, 3}


async def test_a_chain_to_oneself_is_oneself(known: Store) -> None:
    assert await known.social_graph.chain(ME, PEOPLE[0], PEOPLE[0], 3) == (PEOPLE[0],)
    assert await known.social_graph.chain(ME, PEOPLE[0], PEOPLE[0], 0) == (PEOPLE[0],)


async def test_p21_mutuals_are_the_same_from_both_sides_and_never_the_two_themselves(
    known: Store, graphs: dict[Did, Graph]
) -> None:
    chance = random.Random(22)
    for by, graph in graphs.items():
        for _ in range(12):
            one, other = chance.sample(PEOPLE, 2)

            found = await mutuals(known, one, other, by)

            assert found == social_graph.mutuals(graph.get, one, other) == await mutuals(known, other, one, by)
            assert not {one, other} & set(found)
            circles = await known.social_graph.circles(by, one, other)
            assert circles.mutual == len(found)
            assert overlap(circles.mutual, circles.either) == tie_strength(graph.get, one, other)


async def test_p21_a_connection_is_found_from_both_sides(known: Store, graphs: dict[Did, Graph]) -> None:
    for by, graph in graphs.items():
        for person in PEOPLE[::4]:
            told = await connections(known, person, by)

            assert [each.neighbour(person) for each in told] == sorted(graph[person])
            for each in told:
                neighbour = each.neighbour(person)
                assert await known.social_graph.connection(by, neighbour, person) == each
                assert each in await connections(known, neighbour, by, size=100)


async def test_what_a_connection_says_is_kept_to_the_letter(known: Store) -> None:
    told = made("p_05", "p_02", "Größe \U0001f98a' \"", "inverse\\", weight=0.125)

    kept = await known.social_graph.connect(told)

    assert kept == told == await known.social_graph.connection(ME, PEOPLE[5], PEOPLE[2])
    assert (kept.label(PEOPLE[5]), kept.label(PEOPLE[2])) == ("Größe \U0001f98a' \"", "inverse\\")


async def test_a_pair_is_connected_once(known: Store) -> None:
    first = await known.social_graph.connect(made("p_01", "p_02", "friend"))

    kept = await asyncio.gather(
        *(known.social_graph.connect(made("p_02", "p_01", word)) for word in ("rival", "boss", "friend"))
    )

    assert set(kept) == {first}
    assert await connections(known, PEOPLE[1], ME) == [first]


async def test_of_two_at_once_one_is_kept(known: Store) -> None:
    kept = await asyncio.gather(*(known.social_graph.connect(made("p_01", "p_02", f"{n}")) for n in range(8)))

    assert len(set(kept)) == 1
    assert await connections(known, PEOPLE[2], ME) == [kept[0]]


async def test_words_change_and_the_date_stays(known: Store) -> None:
    await known.social_graph.connect(made("p_01", "p_02", "friend"))
    changed = replace(made("p_02", "p_01", "boss", "employee", weight=0.5), updated_at=2_000)

    assert await known.social_graph.update(replace(changed, since=1_999))

    assert await known.social_graph.connection(ME, PEOPLE[1], PEOPLE[2]) == changed
    assert (changed.since, changed.label(PEOPLE[2])) == (1_000, "boss")


async def test_who_is_not_connected_is_not_updated(known: Store) -> None:
    await known.social_graph.connect(made("p_01", "p_02", by=OTHER))

    assert not await known.social_graph.update(made("p_01", "p_02"))
    assert await connections(known, PEOPLE[1], ME) == []


async def test_disconnecting_removes_both_sides_and_only_those(known: Store) -> None:
    for pair in (("p_01", "p_02"), ("p_02", "p_03")):
        await known.social_graph.connect(made(*pair))
    await known.social_graph.connect(made("p_01", "p_02", by=OTHER))

    for _ in range(2):  # the second time there is nothing to remove
        await known.social_graph.disconnect(ME, PEOPLE[2], PEOPLE[1])

    assert await connections(known, PEOPLE[1], ME) == []
    assert await connections(known, PEOPLE[2], ME) == [made("p_02", "p_03")]
    assert await known.social_graph.chain(ME, PEOPLE[1], PEOPLE[3], 12) is None
    assert await connections(known, PEOPLE[1], OTHER) == [made("p_01", "p_02", by=OTHER)]
    assert await known.social_graph.connect(made("p_01", "p_02", "again")) == made("p_01", "p_02", "again")


async def test_no_question_reaches_the_graph_of_another_observer(known: Store) -> None:
    for pair in (("p_01", "p_02"), ("p_02", "p_03"), ("p_01", "p_04"), ("p_04", "p_03")):
        await known.social_graph.connect(made(*pair, by=OTHER))
    await known.social_graph.connect(made("p_01", "p_02"))
    one, _, three = PEOPLE[1:4]

    assert await connections(known, three, ME) == []
    assert await mutuals(known, one, three, ME) == []
    assert await known.social_graph.chain(ME, one, three, 12) is None
    assert await known.social_graph.connection(ME, PEOPLE[2], three) is None
    circles = await known.social_graph.circles(ME, one, three)
    assert (circles.one, circles.other, circles.mutual) == (1, 0, 0)
    assert await mutuals(known, one, three, OTHER) == [PEOPLE[2], PEOPLE[4]]


async def test_nobody_unknown_is_connected(known: Store) -> None:
    nobody = PersonId("p_nobody")

    with pytest.raises(UnknownPerson):
        await known.social_graph.connect(made(nobody, "p_01"))

    assert await connections(known, nobody, ME) == await connections(known, PEOPLE[1], ME) == []
    assert await known.social_graph.chain(ME, nobody, PEOPLE[1], 12) is None
    assert await mutuals(known, nobody, PEOPLE[1], ME) == []


async def test_a_page_goes_on_after_somebody_who_was_disconnected_meanwhile(known: Store) -> None:
    for number in (2, 3, 4, 5):
        await known.social_graph.connect(made("p_01", f"p_{number:02}"))
    page = await known.social_graph.connections(ME, PEOPLE[1], 2)
    await known.social_graph.disconnect(ME, PEOPLE[1], PEOPLE[3])

    rest = await known.social_graph.connections(ME, PEOPLE[1], 2, _id(page.cursors[-1]))

    assert [each.neighbour(PEOPLE[1]) for each in rest.items] == PEOPLE[4:6]
    assert (rest.total, rest.more) == (3, False)


async def test_a_merged_person_s_connections_are_those_of_who_was_kept(known: Store) -> None:
    for pair in (("p_05", "p_01"), ("p_05", "p_02"), ("p_05", "p_03")):
        await known.social_graph.connect(made(*pair, "of five", "five"))
    await known.social_graph.connect(made("p_03", "p_02", "of three", "three"))

    await merge(known, kept=PEOPLE[3], absorbed=PEOPLE[5])

    told = await connections(known, PEOPLE[3], ME)
    assert [(each.neighbour(PEOPLE[3]), each.label(PEOPLE[3])) for each in told] == [
        (PEOPLE[1], "of five"),
        (PEOPLE[2], "of three"),
    ]
    assert [each.neighbour(PEOPLE[1]) for each in await connections(known, PEOPLE[1], ME)] == [PEOPLE[3]]
    assert await connections(known, PEOPLE[5], ME) == []
    with pytest.raises(AlreadyMerged):
        await known.social_graph.connect(made("p_05", "p_07"))


async def test_whoever_is_forgotten_is_in_nobody_s_graph(known: Store) -> None:
    for by in (ME, OTHER):
        for pair in (("p_01", "p_02"), ("p_02", "p_03")):
            await known.social_graph.connect(made(*pair, by=by))
    one, two, three = PEOPLE[1:4]

    await known.people.forget(two, ACT, ME)  # for one observer

    assert await connections(known, one, ME) == []
    assert await known.social_graph.chain(OTHER, one, three, 2) == (one, two, three)

    await known.people.forget(two, ACT)  # for everybody

    assert await connections(known, one, OTHER) == []
    assert await known.social_graph.chain(OTHER, one, three, 2) is None
    with pytest.raises(UnknownPerson):
        await known.social_graph.connect(made("p_01", "p_02"))
