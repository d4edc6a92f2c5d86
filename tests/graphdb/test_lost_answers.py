"""A COMMIT whose answer got lost: the batch is written once, and its callers get its first answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore
from graphdb.store import HostedAgent
from tests.contract.pages import log
from tests.contract.test_histories import check
from tests.graphdb.cutting import FROM_MEMORY, Cut, Wire, wire
from tests.neo4j_server import empty
from tests.worlds import World, agent, agents

CUTS = pytest.mark.parametrize("cut", Cut)


@dataclass
class Wired:
    """A store at the end of a wire."""

    store: Neo4jStore
    wire: Wire
    world: World


@pytest.fixture
async def wired(neo4j_5: LocalNeo4j) -> AsyncIterator[Wired]:
    empty(neo4j_5)
    async with wire(neo4j_5.port) as (cutting, uri):
        store = await Neo4jStore.open(uri)
        yield Wired(store, cutting, World(store))
        await store.close()


@CUTS
async def test_a_batch_of_verdicts(wired: Wired, cut: Cut) -> None:
    speaker, *crowd = agents(6)
    uri = await wired.world.choir(speaker, *crowd)
    url = await wired.world.speak(uri, speaker, "hello")
    commits = [await wired.world.judging(uri, each, url) for each in crowd]
    wired.wire.next = cut

    answers = await asyncio.gather(*map(wired.store.organisms.commit, commits))

    entries = [entry for answer in answers for entry in answer.entries]
    assert [answer.repeated for answer in answers] == [False] * len(crowd)
    assert entries == (await log(wired.store, uri))[-len(crowd) :]
    assert wired.wire.cuts == 1
    await check(wired.store, uri)


@CUTS
async def test_a_batch_of_verdicts_from_memory(wired: Wired, cut: Cut) -> None:
    speaker, first, *crowd = agents(6)
    uri = await wired.world.choir(speaker, first, *crowd)
    url = await wired.world.speak(uri, speaker, "hello")
    await wired.world.verdict(uri, first, url)
    commits = [await wired.world.judging(uri, each, url) for each in crowd]
    wired.wire.commit, wired.wire.next = FROM_MEMORY, cut

    answers = await asyncio.gather(*map(wired.store.organisms.commit, commits))

    entries = [entry for answer in answers for entry in answer.entries]
    assert [answer.repeated for answer in answers] == [False] * len(crowd)
    assert entries == (await log(wired.store, uri))[-len(crowd) :]
    assert wired.wire.cuts == 1
    await check(wired.store, uri)


@CUTS
async def test_a_change_of_the_roster_that_no_statement_carries(wired: Wired, cut: Cut) -> None:
    founder, candidate = agents(2)
    world = wired.world
    uri = await world.found(founder)
    proposal = await world.propose(uri, founder, candidate.did)
    await world.join(uri, candidate)
    wired.wire.next = cut

    committed = await world.settle(uri, proposal)

    assert list(committed.entries) == (await log(wired.store, uri))[-2:]
    assert (await world.organism(uri)).epoch == 1
    await check(wired.store, uri)


@CUTS
async def test_a_founding(wired: Wired, cut: Cut) -> None:
    founding = wired.world.founding(agent("founder"))
    wired.wire.next = cut

    committed = await wired.store.organisms.commit(founding)

    assert (len(committed.entries), committed.repeated) == (1, False)
    assert await wired.store.organisms.position() == 1


@CUTS
async def test_a_hosted_agent(wired: Wired, cut: Cut) -> None:
    hosted = HostedAgent(agent("hosted").did, None, "sealed", 1)
    wired.wire.next = cut

    await wired.store.accounts.add_agent(hosted)

    assert await wired.store.accounts.agents() == (hosted,)
    assert wired.wire.cuts == 1
