"""Property 5: whichever store an organism lives in, its Social DNA gets the same facts and gives the same verdict."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.canonical import Json
from domain.organisms.facts import Said
from graphdb.replay import replay
from graphdb.sqlite.store import SqliteStore
from graphdb.store import ExpressionFilter, Store
from resolvers.context import Services
from resolvers.so.evaluate import answer, evaluate_change, output_question
from server.dna import Engine
from server.dna.judge import Judge
from tests import services
from tests.contract.histories import History
from tests.worlds import START, World, agent

ENTRIES = 50
SEEDS = [("sqlite", 7), ("sqlite", 10), ("neo4j_5", 7), ("neo4j_2026", 10)]


@pytest.fixture
async def judging(tmp_path: Path) -> AsyncIterator[Services]:
    """Services with a real engine; their store is to be replaced."""
    (tmp_path / "services").mkdir()
    async with services.world(tmp_path / "services") as opened:
        with Engine() as engine:
            yield replace(opened.services, engine=Judge(engine))


async def evaluations(here: Services, store: Store, uri: str) -> list[dict[str, Json]]:
    """The records of every open proposal and everything said."""
    on_store = replace(here, store=store)
    gathering = await store.organisms.gathering(uri)
    assert gathering is not None
    decided = [await evaluate_change(on_store, gathering, each, START) for each in gathering.proposals]
    found = [each.decision.record() for each in decided if each is not None]
    for said in (await store.organisms.expressions(uri, 100, None, ExpressionFilter())).items:
        (stored,) = await store.expressions.get([said.url])
        assert stored is not None
        assert stored.expression is not None
        subject = Said(said.url, said.language, stored.expression)
        question = await output_question(on_store, said.dna, gathering, subject, START)
        found.append((await answer(on_store, question, agent("observer").did)).evaluation.record())
    return found


@pytest.mark.parametrize(("opening", "seed"), SEEDS, indirect=["opening"])
async def test_an_organism_rebuilt_in_another_store_is_judged_alike(
    store: Store, world: World, judging: Services, tmp_path: Path, seed: int
) -> None:
    uri = await History(world, seed).run(ENTRIES)
    other = await SqliteStore.open(str(tmp_path / "other.db"))
    try:
        await replay(store, other)

        here, there = await evaluations(judging, store, uri), await evaluations(judging, other, uri)

        assert here == there
        assert len({str(record.get("facts")) for record in here}) > 1
    finally:
        await other.close()
