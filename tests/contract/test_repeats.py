"""A statement is accepted once; a commit is refused where its facts have moved."""

import asyncio
from dataclasses import replace

import pytest

from domain.organisms.errors import IdempotencyKeyReused
from graphdb.store import Commit, Committed, Expected, Moved, Repeat, Store
from tests.contract.pages import log
from tests.worlds import World, agent, agents, key_of


def written(answers: list[Committed | BaseException]) -> list[Committed]:
    return [each for each in answers if isinstance(each, Committed) and not each.repeated]


async def together(store: Store, *commits: Commit) -> list[Committed | BaseException]:
    """Most of them end up in one batch."""
    return await asyncio.gather(*(store.organisms.commit(commit) for commit in commits), return_exceptions=True)


async def test_a_repeated_statement_gets_the_first_answer(store: Store, world: World) -> None:
    founder = agent("founder")
    founding = world.founding(founder)
    first = await store.organisms.commit(founding)

    again = await store.organisms.commit(founding)

    assert again == Committed((), first.result, repeated=True)
    assert len(await log(store, first.result)) == 1
    statement_id = founding.events[0].signed.id
    assert await store.organisms.repeat(statement_id, None) == Repeat(first.result)


async def test_a_repeat_is_known_whatever_happened_since(store: Store, world: World) -> None:
    founder, guest = agents(2)
    uri = await world.choir(founder, guest)
    url = await world.speak(uri, founder, "hello")
    commit = await world.judging(uri, guest, url)
    await store.organisms.commit(commit)
    await world.leave(uri, guest)

    again = await store.organisms.commit(commit)

    assert again == Committed((), url, repeated=True)


async def test_one_statement_sent_many_times_at_once_is_written_once(store: Store, world: World) -> None:
    founding = world.founding(agent("founder"))

    answers = await together(store, *[founding] * 20)

    assert len(written(answers)) == 1
    assert {each.result for each in answers if isinstance(each, Committed)} == {founding.organism}
    assert len(await log(store, founding.organism)) == 1


async def test_an_idempotency_key_gets_the_first_answer(store: Store, world: World) -> None:
    founder = agent("founder")
    key = key_of(founder, "k" * 5_000, "one")
    first, second = (replace(world.founding(founder), idempotency=key) for _ in range(2))
    await store.organisms.commit(first)

    again = await store.organisms.commit(second)

    assert again == Committed((), first.result, repeated=True)
    assert await store.organisms.organism(second.organism) is None
    assert await store.organisms.repeat(None, key) == Repeat(first.result, "one")
    assert await store.organisms.repeat("0" * 64, replace(key, key="other")) is None


async def test_one_key_sent_many_times_at_once_is_used_once(store: Store, world: World) -> None:
    founder = agent("founder")
    key = key_of(founder, "key", "one")

    answers = await together(store, *(replace(world.founding(founder), idempotency=key) for _ in range(10)))

    (first,) = written(answers)
    assert {each.result for each in answers if isinstance(each, Committed)} == {first.result}


async def test_a_key_used_for_another_request_is_refused(store: Store, world: World) -> None:
    founder = agent("founder")
    one, other = (replace(world.founding(founder), idempotency=key_of(founder, "key", mark)) for mark in "ab")

    answers = await together(store, one, other)
    later = await together(store, other)

    assert isinstance(answers[1], IdempotencyKeyReused)
    assert isinstance(later[0], IdempotencyKeyReused)


async def test_keys_of_different_agents_are_different(store: Store, world: World) -> None:
    foundings = [
        replace(world.founding(founder), idempotency=key_of(founder, "key", founder.did)) for founder in agents(2)
    ]

    answers = await together(store, *foundings)

    assert len(written(answers)) == 2


async def test_a_moved_epoch_is_refused(store: Store, world: World) -> None:
    founder, guest = agents(2)
    uri = await world.found(founder, guest)
    url = await world.speak(uri, founder, "hello")
    commit = await world.judging(uri, founder, url)
    await world.join(uri, guest)

    with pytest.raises(Moved):
        await store.organisms.commit(commit)


async def test_moved_facts_are_refused(store: Store, world: World) -> None:
    founder = agent("founder")
    uri = await world.found(founder)
    url, expression = world.expression(founder, "late")
    commit = await world.speaking(uri, founder, url, expression)
    await world.speak(uri, founder, "early")

    with pytest.raises(Moved):
        await store.organisms.commit(commit)


async def test_of_two_speaks_at_once_one_moves_the_facts_of_the_other(store: Store, world: World) -> None:
    founder = agent("founder")
    uri = await world.found(founder)
    speaks = [await world.speaking(uri, founder, *world.expression(founder, text)) for text in ("one", "other")]

    answers = await together(store, *speaks)

    assert len(written(answers)) == 1
    assert any(isinstance(answer, Moved) for answer in answers)


async def test_verdicts_do_not_move_the_facts(store: Store, world: World) -> None:
    founder, guest = agents(2)
    uri = await world.choir(founder, guest)
    url = await world.speak(uri, founder, "hello")
    commit = await world.speaking(uri, founder, *world.expression(founder, "more"))
    await world.verdict(uri, guest, url)

    committed = await store.organisms.commit(commit)

    assert not committed.repeated


async def test_a_verdict_that_replaces_another_one_than_expected_is_refused(store: Store, world: World) -> None:
    founder, guest = agents(2)
    uri = await world.choir(founder, guest)
    url = await world.speak(uri, founder, "hello")
    commits = [await world.judging(uri, guest, url, verdict) for verdict in ("concur", "reject")]

    answers = await together(store, *commits)

    assert len(written(answers)) == 1
    assert isinstance(answers[1], Moved)


async def test_a_commit_to_an_unknown_organism_is_refused(store: Store, world: World) -> None:
    founder = agent("founder")
    uri = await world.found(founder)
    url = await world.speak(uri, founder, "hello")
    commit = await world.judging(uri, founder, url, "reject")

    with pytest.raises(Moved):
        await store.organisms.commit(replace(commit, organism="so://nowhere", expected=Expected(0)))


async def test_a_url_is_spoken_for_one_organism_only(store: Store, world: World) -> None:
    founder = agent("founder")
    uris = [await world.found(founder) for _ in range(2)]
    url, expression = world.expression(founder, "hello")
    speaks = [await world.speaking(uri, founder, url, expression) for uri in uris]

    answers = await together(store, *speaks)

    (first,) = written(answers)
    assert any(isinstance(answer, Moved) for answer in answers)
    (spoken,) = await store.organisms.spoken([url])
    assert spoken is not None
    assert first.entries[0].organism == spoken.organism


async def test_a_refused_commit_spares_the_others_of_its_batch(store: Store, world: World) -> None:
    founder, *guests = agents(6)
    uri = await world.choir(founder, *guests)
    url = await world.speak(uri, founder, "hello")
    good = [await world.judging(uri, guest, url) for guest in guests]
    bad = replace(good[0], expected=Expected(99), events=(await world.judging(uri, founder, url, "reject")).events)

    answers = await together(store, good[0], bad, *good[1:])

    assert len(written(answers)) == len(guests)
    assert isinstance(answers[1], Moved)
