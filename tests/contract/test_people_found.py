"""What the people section looks up across lists: names among one's own people, who else knows somebody, log places."""

import pytest

from domain.people.constants import DAY
from domain.people.tier import Tier
from graphdb.store import Store
from tests.populace import ANN, BOB, CAT, ME, NOW, OTHER, Populace, act, spoken


@pytest.fixture
def populace(store: Store) -> Populace:
    return Populace(store)


async def test_ones_own_people_are_found_by_how_their_names_begin(store: Store, populace: Populace) -> None:
    for person, name in ((ANN, "Anna"), (BOB, "Раul"), (CAT, "Anton")):  # the second in Cyrillic letters
        await populace.meet(person, name=name)
    await populace.record(spoken(ANN, 0), spoken(BOB, 0))
    await populace.record(spoken(CAT, 0, OTHER))

    async def found(search: str, tiers: list[Tier] | None = None) -> list[str]:
        page = await store.interactions.trusted(ME, 10, None, tiers=tiers, search=search)
        assert page.total == len(page.items)
        return [each.person for each in page.items]

    assert await found("an") == [ANN]
    assert await found("PAUL") == [BOB]
    assert await found("nna") == []
    assert await found("\u200b") == []
    assert await found("an", [Tier.TRUSTED]) == []


async def test_who_holds_anything_about_a_person_is_told(store: Store, populace: Populace) -> None:
    await populace.meet(ANN, BOB)
    await populace.record(spoken(ANN, 0))
    await store.people.summarise(OTHER, ANN, "A gardener")

    assert await store.interactions.observers_of(ANN) == tuple(sorted([ME, OTHER]))
    assert await store.interactions.observers_of(BOB) == ()

    await store.people.forget(ANN, act())
    assert await store.interactions.observers_of(ANN) == ()


async def test_the_log_of_tiers_says_where_it_ends(store: Store, populace: Populace) -> None:
    await populace.meet(ANN, BOB)
    empty = await store.interactions.tier_position(ME)

    await populace.record(spoken(ANN, 0), spoken(BOB, DAY), now=NOW)

    position = await store.interactions.tier_position(ME)
    changes = await store.interactions.tier_changes(ME, 0, 10)
    assert (empty, position) == (0, changes[-1].position)
    assert await store.interactions.tier_changes(ME, position, 10) == ()
    assert await store.interactions.tier_position(OTHER) == 0
