"""What a decision about one agent and one expression reads, and what an expression's coherence counts (property 3)."""

from dataclasses import replace

import pytest

from graphdb.store import Moved, Repeat, Standing, Store
from tests.worlds import World, agent, agents


async def test_an_unknown_organism_has_no_standing(store: Store) -> None:
    assert await store.organisms.standing("so://nowhere", "json://nothing", agent("a").did) == Standing(None)


async def test_a_member_who_gave_a_verdict(store: Store, world: World) -> None:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    url = await world.speak(uri, speaker, "hello")
    commit = await world.judging(uri, other, url, "reject", reason="no")
    await store.organisms.commit(commit)
    statement_id = commit.events[0].signed.id

    standing = await store.organisms.standing(uri, url, other.did, statement_id)

    gathering = await world.gathering(uri)
    assert standing == Standing(
        organism=gathering.organism,
        membership=gathering.member(other.did),
        spoken=(await store.organisms.spoken([url]))[0],
        verdict=(await store.organisms.verdicts(url, 10, None)).items[1],
        in_spoken_roster=True,
        repeat=Repeat(url),
    )


async def test_a_stranger_and_an_unspoken_url(store: Store, world: World) -> None:
    uri = await world.found(agent("founder"))

    standing = await store.organisms.standing(uri, "json://nothing", agent("stranger").did, "0" * 64)

    assert standing == Standing(await world.organism(uri))


async def test_the_spoken_roster_is_that_of_its_epoch(store: Store, world: World) -> None:
    speaker, gone, late, back = agents(4)
    uri = await world.choir(speaker, gone, back)
    url = await world.speak(uri, speaker, "hello")
    await world.leave(uri, gone)
    await world.leave(uri, back)
    await world.admit(uri, speaker, late)
    await world.admit(uri, speaker, back)

    standings = [await store.organisms.standing(uri, url, each.did) for each in (speaker, gone, late, back)]

    assert [each.in_spoken_roster for each in standings] == [True, True, False, True]
    assert [each.membership is not None for each in standings] == [True, False, True, True]


async def test_an_expression_of_another_organism_is_shown_as_spoken_there(store: Store, world: World) -> None:
    founder = agent("founder")
    uri, elsewhere = [await world.found(founder) for _ in range(2)]
    url = await world.speak(elsewhere, founder, "hello")

    standing = await store.organisms.standing(uri, url, founder.did)

    assert standing.spoken is not None
    assert standing.spoken.organism == elsewhere


async def test_coherence_counts_the_roster_that_spoke_and_the_members_of_today(store: Store, world: World) -> None:
    speaker, gone, silent, late = agents(4)
    uri = await world.choir(speaker, gone, silent)
    url = await world.speak(uri, speaker, "hello")
    await world.verdict(uri, gone, url)
    await world.leave(uri, gone)
    await world.admit(uri, speaker, late)
    await world.verdict(uri, late, url)
    await world.verdict(uri, silent, url, "reject")

    coherence = await store.organisms.coherence(url)

    assert coherence is not None
    assert (coherence.as_spoken_concurring, coherence.as_spoken_members) == (2, 3)
    assert (coherence.current_concurring, coherence.current_members) == (2, 3)
    assert (coherence.rejecting, coherence.epoch, coherence.organism) == (1, 2, uri)


async def test_a_dormant_organisms_expressions_have_no_present_coherence(store: Store, world: World) -> None:
    speaker = agent("speaker")
    uri = await world.found(speaker)
    url = await world.speak(uri, speaker, "hello")
    await world.leave(uri, speaker)

    coherence = await store.organisms.coherence(url)

    assert coherence is not None
    assert (coherence.as_spoken, coherence.current) == (1.0, None)


async def test_live_verdicts_on_several_expressions_by_url_and_did(store: Store, world: World) -> None:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    urls = [await world.speak(uri, speaker, words) for words in ("one", "two", "three")]
    await world.verdict(uri, other, urls[0], "concur")
    rejected = await world.judging(uri, other, urls[0], "reject")
    await store.organisms.commit(rejected)

    found = await store.organisms.given([urls[1], urls[0], urls[0]], 10)

    assert [(each.url, each.did) for each in found] == sorted(
        [(urls[0], speaker.did), (urls[0], other.did), (urls[1], speaker.did)]
    )
    live = next(each for each in found if each.did == other.did)
    assert (str(live.verdict), live.received_at) == ("reject", rejected.received_at)
    assert len(await store.organisms.given(urls, 2)) == 2
    assert await store.organisms.given([], 10) == ()


async def test_a_decision_that_looked_at_verdicts_does_not_hold_once_one_came_in(store: Store, world: World) -> None:
    speaker, other = agents(2)
    uri = await world.choir(speaker, other)
    first = await world.speak(uri, speaker, "first")
    size = (await world.organism(uri)).size
    decided = await world.speaking(uri, speaker, *world.expression(speaker, "second"))
    looked = replace(decided, expected=replace(decided.expected, size=size))
    await world.verdict(uri, other, first)

    with pytest.raises(Moved):
        await store.organisms.commit(looked)

    assert (await store.organisms.commit(decided)).entries
