"""Opinions that observers share, found by who shares them and about whom."""

import pytest

from domain.identity import Did
from domain.people.interaction import PersonId
from domain.people.opinion import Opinion
from domain.people.transitive import eigentrust
from graphdb.store import Store
from tests.contract.persons import register
from tests.worlds import agent

ANN, BEN, CAT = (PersonId(f"p_{name}") for name in ("ann", "ben", "cat"))


def did(name: str) -> Did:
    return agent(name).did


async def test_opinions_are_found_by_who_shares_them_and_about_whom(store: Store) -> None:
    await register(store, ANN, BEN, CAT)
    for name in ("one", "two", "three"):
        for person in (ANN, BEN, CAT):
            await store.people.share_opinion(did(name), person, Opinion(len(name), 0.5), 1_000)
    await store.people.share_opinion(did("two"), CAT, None, 2_000)

    found = await store.people.opinions_shared_by_observers([did("one"), did("two"), did("nobody")], [BEN, CAT])

    assert [(each.observer, each.person) for each in found] == sorted(
        [(did("one"), BEN), (did("one"), CAT), (did("two"), BEN)]
    )
    assert {(each.opinion, each.at) for each in found} == {(Opinion(3, 0.5), 1_000)}
    assert await store.people.opinions_shared_by_observers([did("one")], []) == ()
    everything = await store.people.opinions_of_observers([did("one"), did("two")], 1_000)
    assert len(everything) == 5
    assert await store.people.opinions_of_observers([did("two"), did("one")], 2) == tuple(
        each for each in everything if (each.observer, each.person) != (did("one"), CAT)
    )


@pytest.mark.parametrize("sybils", [10, 40])
async def test_p23_the_trust_that_sybils_share_does_not_grow_with_their_number(store: Store, sybils: int) -> None:
    """50 honest people who trust each other, one of whom was taken in: (1 - a) t c / a whatever the number."""
    honest, fakes = [PersonId(f"h_{n:02}") for n in range(50)], [PersonId(f"s_{n:02}") for n in range(sybils)]
    await register(store, *honest, *fakes)
    voices = {did(person): person for person in (*honest, *fakes)}
    for number, person in enumerate(honest):
        await store.people.share_opinion(did(person), honest[(number + 1) % 50], Opinion(4), 1_000)
    await store.people.share_opinion(did(honest[7]), fakes[0], Opinion(1), 1_000)  # c = 1 / 5
    for number, person in enumerate(fakes):
        await store.people.share_opinion(did(person), fakes[(number + 1) % sybils], Opinion(1_000), 1_000)

    satisfaction: dict[PersonId, dict[PersonId, float]] = {}
    for each in await store.people.opinions_of_observers(list(voices), 1_000):
        satisfaction.setdefault(voices[each.observer], {})[each.person] = each.opinion.r - each.opinion.s
    trust = eigentrust(satisfaction, honest)

    assert sum(trust[each] for each in fakes) == pytest.approx(0.85 * trust[honest[7]] * 0.2 / 0.15, rel=1e-9)
