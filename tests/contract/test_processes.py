"""Two processes on one database: here, the same data opened twice."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from graphdb.store import Entry, Store
from tests.contract.conftest import Open
from tests.contract.test_histories import check, counts
from tests.worlds import World, agents

CROWD = 40


@pytest.fixture
async def other(opening: Open, store: Store) -> AsyncIterator[Store]:
    """The data of `store`, opened once more."""
    opened = await opening()
    yield opened
    await opened.close()


async def follow(store: Store, seen: list[Entry], last: int, **of: object) -> None:
    """Reads what is new, over and over, until the log has come to its last position."""
    position = 0
    while position < last:
        page = await store.organisms.entries_since(position, 5, **of)  # type: ignore[arg-type]  # by name
        seen += page
        position = page[-1].position if page else position


async def test_one_process_follows_the_other_without_a_gap(store: Store, other: Store, world: World) -> None:
    speaker, *crowd = agents(CROWD)
    uris = [await world.choir(speaker, *crowd[:2]) for _ in range(2)]
    urls = [await world.speak(uri, speaker, uri) for uri in uris]
    before = await store.organisms.position()
    last = before + 2 * (2 + CROWD)
    everything, ones, members = list[Entry](), list[Entry](), list[Entry]()
    following = asyncio.gather(
        follow(other, everything, last),
        follow(other, ones, last, uri=uris[1]),
        follow(other, members, last, member=crowd[0].did),
    )

    for number in range(CROWD):
        await asyncio.gather(*(world.speak(uri, speaker, f"{uri} {number}") for uri in uris))
    await asyncio.gather(
        *(world.verdict(uri, each, url) for uri, url in zip(uris, urls, strict=True) for each in crowd[:2])
    )
    await following

    assert [entry.position for entry in everything] == list(range(1, last + 1))
    assert ones == [entry for entry in everything if entry.organism == uris[1]]
    assert [entry.position for entry in members][-2 * CROWD :] == list(range(last - 2 * CROWD + 1, last + 1))


async def test_two_processes_write_one_log(store: Store, other: Store, world: World) -> None:
    speaker, *crowd = agents(CROWD)
    uri = await world.choir(speaker, *crowd)
    url = await world.speak(uri, speaker, "hello")
    theirs = World(other, now=world.now)

    await asyncio.gather(
        *(world.verdict(uri, each, url) for each in crowd[::2]),
        *(theirs.verdict(uri, each, url) for each in crowd[1::2]),
    )

    for each in (store, other):
        counted = await check(each, uri)
        assert counts(await each.organisms.coherence(url))["asSpokenConcurring"] == CROWD
        assert counted.size == len(crowd) * 2 + 2 + len(crowd)


async def test_a_statement_sent_to_both_is_written_once(store: Store, other: Store, world: World) -> None:
    foundings = [world.founding(founder) for founder in agents(8)]

    answers = await asyncio.gather(
        *(each.organisms.commit(founding) for founding in foundings for each in (store, other))
    )

    assert sum(not answer.repeated for answer in answers) == len(foundings)
    assert await other.organisms.position() == len(foundings)
