"""What a process remembers of Neo4j: true when it is used, compared when it is written from, and never much of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from domain.canonical import Json
from domain.identity import KeyPair
from domain.organisms import speaking
from domain.organisms.profile import Profile
from graphdb import memory
from graphdb.neo4j.local import LocalNeo4j
from graphdb.neo4j.store import Neo4jStore
from graphdb.store import Commit, Expected, Moved
from tests.contract.histories import History
from tests.contract.test_histories import check
from tests.neo4j_server import empty
from tests.worlds import World, agents

HOUR = 3_600_000


@dataclass
class Pair:
    """Two processes on one Neo4j; ours remembers an expression on which only the first of the crowd concurred."""

    ours: World
    theirs: World
    uri: str
    url: str
    speaker: KeyPair
    crowd: list[KeyPair]

    def recalls(self, member: KeyPair) -> bool:
        return self.ours.store.organisms.recall(self.uri, self.url, member.did) is not None

    def from_memory(self, member: KeyPair) -> Commit:
        """The member's concurrence, decided from what is remembered."""
        standing = self.ours.store.organisms.recall(self.uri, self.url, member.did)
        assert standing is not None
        assert standing.organism is not None
        assert standing.spoken is not None
        spoken = standing.spoken
        fields: dict[str, Json] = {"content": spoken.content, "epoch": spoken.epoch, "dna": spoken.dna}
        statement = self.ours.sign(member, "verdict", self.uri, expression=self.url, verdict="concur", **fields)
        events = speaking.give_verdict(
            statement,
            organism=standing.organism,
            membership=standing.membership,
            spoken=standing.spoken,
            previous=None,
            in_spoken_roster=standing.in_spoken_roster,
            acceptance=self.ours.acceptance,
        )
        return Commit(self.uri, events, Expected(standing.organism.epoch), self.ours.now, self.url)


@pytest.fixture
async def pair(neo4j_5: LocalNeo4j) -> AsyncIterator[Pair]:
    empty(neo4j_5)
    store, other = await Neo4jStore.open(neo4j_5.uri), await Neo4jStore.open(neo4j_5.uri)
    ours = World(store)
    speaker, *crowd = agents(6)
    uri = await ours.choir(speaker, *crowd)
    url = await ours.speak(uri, speaker, "hello")
    await ours.verdict(uri, crowd[0], url)
    yield Pair(ours, World(other, now=ours.now + HOUR), uri, url, speaker, crowd[1:])
    await other.close()
    await store.close()


async def test_who_gave_no_verdict_is_remembered_after_the_first_one(pair: Pair) -> None:
    assert all(map(pair.recalls, pair.crowd))
    assert not pair.recalls(pair.speaker)
    assert pair.theirs.store.organisms.recall(pair.uri, pair.url, pair.crowd[0].did) is None


async def test_a_verdict_from_memory_is_one_of_the_log(pair: Pair) -> None:
    answers = [await pair.ours.store.organisms.commit(pair.from_memory(each)) for each in pair.crowd]

    assert [answer.concurring for answer in answers] == [3, 4, 5, 6]
    assert not any(map(pair.recalls, pair.crowd))
    counted = await check(pair.theirs.store, pair.uri)
    assert len(counted.said[pair.url].verdicts) == 6


@pytest.mark.parametrize("seed", range(2))
async def test_what_is_recalled_is_what_is_read(neo4j_5: LocalNeo4j, seed: int) -> None:
    empty(neo4j_5)
    store = await Neo4jStore.open(neo4j_5.uri)
    world, recalled = World(store), 0
    try:
        history = History(world, seed)
        for entries in (14, 28):
            uri = await history.run(entries)
            for said, _ in await store.organisms.newest_expressions(uri, 100):
                for each in (await world.gathering(uri)).members:
                    standing = store.organisms.recall(uri, said.url, each.did)
                    recalled += standing is not None
                    assert standing in (None, await store.organisms.standing(uri, said.url, each.did))
                assert store.organisms.remembered(said.url) in (None, said)
    finally:
        await store.close()
    assert recalled > 0


async def test_a_verdict_given_elsewhere_is_not_given_twice(pair: Pair) -> None:
    first, *_ = pair.crowd
    commit = pair.from_memory(first)
    await pair.theirs.verdict(pair.uri, first, pair.url, "reject")

    with pytest.raises(Moved):
        await pair.ours.store.organisms.commit(commit)

    assert not any(map(pair.recalls, pair.crowd))
    await check(pair.ours.store, pair.uri)


async def test_who_left_elsewhere_does_not_concur(pair: Pair) -> None:
    first, *_ = pair.crowd
    commit = pair.from_memory(first)
    await pair.theirs.leave(pair.uri, first)

    with pytest.raises(Moved):
        await pair.ours.store.organisms.commit(commit)

    assert (await pair.ours.store.organisms.standing(pair.uri, pair.url, first.did)).membership is None


async def test_a_verdict_replaced_elsewhere_stays_the_last_one(pair: Pair) -> None:
    first, *_ = pair.crowd
    await pair.ours.store.organisms.commit(pair.from_memory(first))
    replacing = await pair.ours.judging(pair.uri, first, pair.url, "reject")
    await pair.theirs.verdict(pair.uri, first, pair.url, "reject", reason="theirs")

    with pytest.raises(Moved):
        await pair.ours.store.organisms.commit(replacing)

    counted = await check(pair.ours.store, pair.uri)
    assert counted.said[pair.url].verdicts[first.did].verdict == "reject"


async def test_what_does_not_touch_a_verdict_costs_it_nothing(pair: Pair) -> None:
    """The batch is looked up and written as if nothing had been remembered."""
    first, second, *_ = pair.crowd
    commit = pair.from_memory(first)
    await pair.theirs.retract(pair.uri, pair.speaker, pair.url)
    await pair.theirs.verdict(pair.uri, second, pair.url)

    answer = await pair.ours.store.organisms.commit(commit)

    assert (answer.repeated, answer.concurring) == (False, 4)
    assert pair.ours.store.organisms.remembered(pair.url) is None
    await check(pair.ours.store, pair.uri)


async def test_the_same_statement_from_two_processes_is_written_once(pair: Pair) -> None:
    commit = pair.from_memory(pair.crowd[0])

    answers = [await each.store.organisms.commit(commit) for each in (pair.theirs, pair.ours, pair.ours)]

    assert [answer.repeated for answer in answers] == [False, True, True]


async def test_a_change_by_this_process_is_remembered_at_once(pair: Pair) -> None:
    first, second, *_ = pair.crowd
    await pair.ours.leave(pair.uri, first)
    await pair.ours.retract(pair.uri, pair.speaker, await pair.ours.speak(pair.uri, pair.speaker, "oh"))

    standing = pair.ours.store.organisms.recall(pair.uri, pair.url, second.did)

    assert standing == await pair.ours.store.organisms.standing(pair.uri, pair.url, second.did)
    assert standing is not None
    assert not pair.recalls(first)


async def test_a_new_name_is_read_again(pair: Pair) -> None:
    founder, second, *_ = [pair.speaker, *pair.crowd]
    proposal = await pair.ours.propose_profile(pair.uri, founder, Profile("Band", None, None))

    await pair.ours.settle(pair.uri, proposal)

    assert not pair.recalls(second)


async def test_little_is_remembered(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "SIGNERS", 6)
    first, second, *_ = pair.crowd
    newest = await pair.ours.speak(pair.uri, pair.speaker, "newest")
    for each in pair.crowd:
        await pair.ours.verdict(pair.uri, each, newest)

    organisms = pair.ours.store.organisms

    assert organisms.remembered(pair.url) is None
    assert organisms.remembered(newest) is not None
    monkeypatch.setattr(memory, "MEMBERS", 1)
    monkeypatch.setattr(memory, "ORGANISMS", 0)
    await pair.ours.verdict(pair.uri, first, pair.url)
    assert organisms.recall(pair.uri, newest, second.did) is None
    await check(pair.ours.store, pair.uri)
