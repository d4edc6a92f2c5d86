"""The log: gapless, in one order for all organisms, and hashed as RFC 6962 has it."""

import pymerkle  # type: ignore[import-untyped]  # it has no stubs
import pytest

from domain.organisms.log import EMPTY, leaf_hash
from graphdb.store import Entry, Store
from tests.contract.pages import log
from tests.worlds import World, agents


async def follow(store: Store, position: int, first: int, **of: object) -> list[Entry]:
    """All entries since a position, in pages."""
    entries: list[Entry] = []
    while page := await store.organisms.entries_since(position, first, **of):  # type: ignore[arg-type]  # by name
        entries += page
        position = page[-1].position
    return entries


@pytest.fixture
async def two(world: World) -> tuple[str, str]:
    """Two organisms whose entries alternate."""
    founder, guest = agents(2)
    uris = await world.found(founder, guest), await world.found(founder, guest)
    for uri in uris:
        await world.join(uri, guest)
    for number in range(3):
        for uri in uris:
            url = await world.speak(uri, founder, f"{uri} {number}")
            await world.verdict(uri, guest, url)
    return uris


async def test_positions_and_sequences_have_no_gap(store: Store, two: tuple[str, str]) -> None:
    entries = await follow(store, 0, 4)

    assert [entry.position for entry in entries] == list(range(1, 19))
    assert await store.organisms.position() == 18
    for uri in two:
        assert [entry.seq for entry in entries if entry.organism == uri] == list(range(1, 10))
        assert await log(store, uri) == [entry for entry in entries if entry.organism == uri]


async def test_the_root_is_that_of_an_rfc_6962_tree(store: Store, world: World, two: tuple[str, str]) -> None:
    texts = [entry.text for entry in await log(store, two[0])]
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for text in texts:
        tree.append_entry(text.encode())

    organism = await world.organism(two[0])

    assert organism.root == tree.get_root().hex()
    assert organism.root == EMPTY.extend(map(leaf_hash, texts)).root().hex()


async def test_entries_of_one_organism_since_a_position(store: Store, two: tuple[str, str]) -> None:
    everything = await follow(store, 0, 100)

    found = await follow(store, 9, 2, uri=two[1])

    assert found == [entry for entry in everything if entry.organism == two[1] and entry.position > 9]


async def test_entries_after_a_sequence_are_limited(store: Store, two: tuple[str, str]) -> None:
    found = await store.organisms.entries(two[0], 4, 3)

    assert [entry.seq for entry in found] == [5, 6, 7]
    assert await store.organisms.entries(two[0], 9, 3) == ()


async def test_a_member_sees_entries_from_its_admission_to_its_removal(store: Store, world: World) -> None:
    founder, guest = agents(2)
    uri, elsewhere = [await world.found(founder) for _ in range(2)]
    stays = []
    for number in range(2):
        await world.speak(uri, founder, f"before {number}")
        await world.admit(uri, founder, guest)
        start = next(each.position for each in await log(store, uri) if '"NewMember"' in each.text and each.seq > 1)
        start = start if number == 0 else (await follow(store, 0, 100))[-2].position
        await world.speak(uri, founder, f"while {number}")
        await world.speak(elsewhere, founder, f"elsewhere {number}")
        await world.leave(uri, guest)
        stays.append((start, await store.organisms.position()))

    seen = await follow(store, 0, 3, member=guest.did)

    expected = [entry for entry in await log(store, uri) if any(start <= entry.position <= end for start, end in stays)]
    assert seen == expected
    assert await follow(store, 0, 3, member=guest.did, uri=elsewhere) == []
    assert await follow(store, 0, 3, member=guest.did, uri=uri) == expected
    assert await follow(store, stays[0][1], 3, member=guest.did) == [
        each for each in expected if each.position > stays[0][1]
    ]


async def test_a_present_member_follows_what_is_new(store: Store, world: World, two: tuple[str, str]) -> None:
    guest = agents(2)[1]
    position = await store.organisms.position()
    await world.speak(two[1], guest, "new")

    seen = await store.organisms.entries_since(position, 10, member=guest.did)

    assert [(entry.position, entry.organism) for entry in seen] == [(position + 1, two[1])]
