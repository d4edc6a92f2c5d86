"""Many at once: one order, no gap, nothing counted twice, and no answer that was never true (property 2)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from graphdb.store import Committed, Store
from tests.contract.pages import log
from tests.contract.test_histories import check, counts
from tests.faults.recount import history
from tests.worlds import World, agents

Json = Any  # Any: answers are compared with literals

CROWD = 64


async def test_sixty_four_commits_of_one_organism_form_one_log(store: Store, world: World) -> None:
    speaker, *crowd = agents(CROWD + 1)
    uri = await world.choir(speaker, *crowd)
    url = await world.speak(uri, speaker, "hello")
    commits = [await world.judging(uri, each, url) for each in crowd]
    before = await store.organisms.position()

    answers = await asyncio.gather(*map(store.organisms.commit, commits))

    entries = [entry for answer in answers for entry in answer.entries]
    assert sorted(entry.position for entry in entries) == list(range(before + 1, before + CROWD + 1))
    assert tuple(sorted(entries, key=lambda each: each.position)) == await store.organisms.entries_since(before, 100)
    counted = await check(store, uri)
    assert counted.coherence(url)["asSpokenConcurring"] == CROWD + 1


async def test_a_verdict_is_answered_with_the_count_right_after_it(store: Store, world: World) -> None:
    speaker, *crowd = agents(12)
    uri = await world.choir(speaker, *crowd)
    url = await world.speak(uri, speaker, "hello")
    first = [await world.judging(uri, each, url, "reject" if at % 3 else "concur") for at, each in enumerate(crowd)]

    answers = list(await asyncio.gather(*map(store.organisms.commit, first)))
    answers += [await store.organisms.commit(await world.judging(uri, crowd[0], url, "reject"))]

    recounts = history(entry.text for entry in await log(store, uri))
    true = {each.size: each.coherence(url)["asSpokenConcurring"] for each in recounts if url in each.said}
    assert [answer.concurring for answer in answers] == [true[answer.entries[0].seq] for answer in answers]
    assert len(set(true.values())) > 3


async def test_organisms_written_at_once_share_one_order(store: Store, world: World) -> None:
    founders = agents(12)

    uris = await asyncio.gather(*map(world.found, founders))
    await asyncio.gather(*(world.speak(uri, founder, uri) for uri, founder in zip(uris, founders, strict=True)))

    entries = await store.organisms.entries_since(0, 100)
    assert [entry.position for entry in entries] == list(range(1, 25))
    for uri in uris:
        assert (await check(store, uri)).size == 2


async def test_everything_at_once_leaves_a_sound_log(store: Store, world: World) -> None:
    speaker, *others = agents(8)
    members, guests = others[:4], others[4:]
    uri = await world.choir(speaker, *members)
    url = await world.speak(uri, speaker, "hello")
    proposals = [await world.propose(uri, speaker, guest.did) for guest in guests]

    await asyncio.gather(
        *(world.verdict(uri, each, url) for each in members),
        *(world.vote(uri, members[0], proposal) for proposal in proposals),
        *(world.join(uri, guest) for guest in guests),
        *(world.speak(uri, each, each.did) for each in members),
        world.retract(uri, speaker, url),
    )

    counted = await check(store, uri)
    assert len(counted.said) == 5
    assert all(asked.joined for asked in counted.proposals.values())


async def watch(store: Store, url: str, busy: Callable[[], bool]) -> list[tuple[int, Json, int]]:
    """Coherences, each with the sizes of the one organism's log before and after."""
    seen: list[tuple[int, Json, int]] = []
    while busy():
        start = await store.organisms.position()
        coherence = counts(await store.organisms.coherence(url))
        seen.append((start, coherence, await store.organisms.position()))
    return seen


async def test_every_coherence_was_true_while_it_was_asked_for(store: Store, world: World) -> None:
    speaker, *others = agents(16)
    members, guests = others[:10], others[10:]
    uri = await world.found(speaker, *others)
    for each in members:
        await world.join(uri, each)
    url = await world.speak(uri, speaker, "hello")

    async def live(steps: list[Callable[[], Awaitable[Committed]]]) -> None:
        for step in steps:
            await step()

    lives = [live([lambda m=m: world.verdict(uri, m, url), lambda m=m: world.leave(uri, m)]) for m in members]  # type: ignore[misc]  # bound now
    lives += [live([lambda g=g: world.join(uri, g), lambda g=g: world.verdict(uri, g, url)]) for g in guests]  # type: ignore[misc]  # bound now
    happening = asyncio.gather(*lives)
    watchers = [asyncio.create_task(watch(store, url, lambda: not happening.done())) for _ in range(3)]
    await happening
    seen = [each for watcher in watchers for each in await watcher]

    true = {r.size: r.coherence(url) for r in history(e.text for e in await log(store, uri)) if url in r.said}
    assert len(seen) > 3
    for start, coherence, end in seen:
        assert coherence in [true[size] for size in range(start, end + 1)]
