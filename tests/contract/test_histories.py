"""Property 4: what the graph says is what follows from the log, and the log alone rebuilds the graph."""

from pathlib import Path
from typing import Any

import pytest

from domain.organisms.coherence import Coherence
from domain.organisms.profile import profile_of
from graphdb.replay import replay
from graphdb.sqlite.store import SqliteStore
from graphdb.store import ExpressionFilter, Store
from tests.contract.conftest import Open
from tests.contract.histories import History
from tests.contract.pages import log
from tests.faults.recount import Recount, recount
from tests.worlds import World

Json = Any  # Any: answers are compared with literals

ENTRIES = 50
SEEDS = [*(("sqlite", seed) for seed in range(6)), ("neo4j_5", 0), ("neo4j_2026", 1)]
"""Where histories take long to write, one for each release."""


def counts(coherence: Coherence | None) -> Json:
    """As `Recount.coherence` has it."""
    assert coherence is not None
    return {
        "asSpoken": coherence.as_spoken,
        "asSpokenConcurring": coherence.as_spoken_concurring,
        "asSpokenMembers": coherence.as_spoken_members,
        "current": coherence.current,
        "currentConcurring": coherence.current_concurring,
        "currentMembers": coherence.current_members,
        "rejecting": coherence.rejecting,
        "epoch": coherence.epoch,
        "rosterRoot": coherence.roster,
    }


async def check(store: Store, uri: str) -> Recount:
    counted = recount(entry.text for entry in await log(store, uri))
    await check_roster(store, uri, counted)
    await check_expressions(store, uri, counted)
    await check_proposals(store, uri, counted)
    return counted


async def check_roster(store: Store, uri: str, counted: Recount) -> None:
    gathering = await store.organisms.gathering(uri)
    assert gathering is not None
    organism = gathering.organism
    assert (organism.size, organism.epoch, organism.root) == (counted.size, counted.epoch, counted.root)
    assert (organism.roster, organism.member_count) == (counted.roster, len(counted.members))
    assert [each.did for each in gathering.members] == sorted(counted.members)
    assert organism.dna == counted.dna
    assert profile_of(organism).as_json() == counted.profile
    adoptions = await store.organisms.adoptions(uri)
    assert [(each.epoch, each.dna, each.proposal) for each in adoptions] == counted.adoptions
    assert list(gathering.invited) == sorted(counted.invited)
    open_ones = {key for key, asked in counted.proposals.items() if asked.state == "OPEN"}
    assert {each.id for each in gathering.proposals} == open_ones


async def check_expressions(store: Store, uri: str, counted: Recount) -> None:
    spoken = (await store.organisms.expressions(uri, 1_000, None, ExpressionFilter())).items
    assert {each.url for each in spoken} == counted.said.keys()
    for each in spoken:
        said = counted.said[each.url]
        expected = counted.coherence(each.url)
        assert (each.concurring, each.members) == (expected["asSpokenConcurring"], expected["asSpokenMembers"])
        assert counts(await store.organisms.coherence(each.url)) == expected
        assert (each.retracted_at is not None) == said.retracted
        verdicts = (await store.organisms.verdicts(each.url, 100, None)).items
        assert {live.did: (str(live.verdict), live.statement_id) for live in verdicts} == {
            did: (live.verdict, live.statement_id) for did, live in said.verdicts.items()
        }
        assert {live.did for live in verdicts if live.member_now} == said.verdicts.keys() & counted.members
        assert {live.did for live in verdicts if live.as_spoken} == said.verdicts.keys() & said.roster


async def check_proposals(store: Store, uri: str, counted: Recount) -> None:
    proposals = (await store.organisms.proposals(uri, 1_000, None)).items
    assert {each.id for each in proposals} == counted.proposals.keys()
    for each in proposals:
        asked = counted.proposals[each.id]
        assert (str(each.state), each.joined_at is not None) == (asked.state, asked.joined)
        assert each.profile == asked.profile
        assert {vote.did: str(vote.vote) for vote in each.votes} == asked.votes


@pytest.mark.parametrize(("opening", "seed"), SEEDS, indirect=["opening"])
async def test_the_graph_is_what_follows_from_the_log(store: Store, world: World, seed: int) -> None:
    uri = await History(world, seed).run(ENTRIES)

    counted = await check(store, uri)
    assert counted.size >= ENTRIES


async def test_reopening_keeps_everything(opening: Open) -> None:
    store = await opening()
    uri = await History(World(store), 7).run(ENTRIES)
    before = (await store.organisms.gathering(uri), await log(store, uri), await store.organisms.position())
    await store.close()

    store = await opening()
    try:
        await check(store, uri)
        assert (await store.organisms.gathering(uri), await log(store, uri), await store.organisms.position()) == before
    finally:
        await store.close()


async def test_the_log_of_the_store_rebuilds_its_graph_in_another(store: Store, world: World, tmp_path: Path) -> None:
    uri = await History(world, 11).run(ENTRIES)
    target = await SqliteStore.open(str(tmp_path / "target.db"))
    try:
        report = await replay(store, target)

        assert (report.differences, report.organisms) == ([], 1)
        assert await log(target, uri) == await log(store, uri)
        await check(target, uri)
    finally:
        await target.close()


async def test_the_log_of_another_store_rebuilds_its_graph_here(store: Store, tmp_path: Path) -> None:
    source = await SqliteStore.open(str(tmp_path / "source.db"))
    try:
        uri = await History(World(source), 13).run(ENTRIES)

        report = await replay(source, store)

        assert (report.differences, report.organisms) == ([], 1)
        assert await log(store, uri) == await log(source, uri)
        await check(store, uri)
    finally:
        await source.close()
