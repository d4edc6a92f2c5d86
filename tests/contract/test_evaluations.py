"""Property 5: whichever store an organism lives in, its Social DNA gets the same facts and gives the same verdict."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.organisms.dna import Evaluation
from graphdb.replay import replay
from graphdb.sqlite.store import SqliteStore
from graphdb.store import ExpressionFilter, Store
from resolvers.context import Services
from resolvers.so.evaluate import evaluate_membrane, evaluate_output
from server.dna import Engine
from server.dna.judge import Judge
from tests import services
from tests.contract.histories import History
from tests.worlds import World, agent

ENTRIES = 50


@pytest.fixture
async def judging(tmp_path: Path) -> AsyncIterator[Services]:
    """Services with a real engine; their store is to be replaced."""
    (tmp_path / "services").mkdir()
    async with services.world(tmp_path / "services") as opened:
        with Engine() as engine:
            yield replace(opened.services, engine=Judge(engine))


async def evaluations(here: Services, store: Store, uri: str) -> list[tuple[object, ...]]:
    """Of every open proposal and everything said, without how long it took."""
    on_store = replace(here, store=store)
    gathering = await store.organisms.gathering(uri)
    assert gathering is not None
    found = [await evaluate_membrane(on_store, gathering, each) for each in gathering.proposals]
    for said in (await store.organisms.expressions(uri, 100, None, ExpressionFilter())).items:
        (stored,) = await store.expressions.get([said.url])
        assert stored is not None
        assert stored.expression is not None
        me = agent("observer").did
        expression = stored.expression
        found.append(await evaluate_output(on_store, said.dna, gathering, said.url, said.language, expression, me))
    return [_without_time(each) for each in found]


def _without_time(each: Evaluation) -> tuple[object, ...]:
    return each.verdict, each.reason, each.fuel, each.engine_hash, each.dna_hash, each.facts_hash


@pytest.mark.parametrize("seed", [24, 30])
async def test_an_organism_rebuilt_in_another_store_is_judged_alike(
    store: Store, world: World, judging: Services, tmp_path: Path, seed: int
) -> None:
    uri = await History(world, seed).run(ENTRIES)
    other = await SqliteStore.open(str(tmp_path / "other.db"))
    try:
        await replay(store, other)

        here, there = await evaluations(judging, store, uri), await evaluations(judging, other, uri)

        assert here == there
        assert len({facts for *_, facts in here}) > 1
    finally:
        await other.close()
