"""Runs of the sandbox in both stores."""

import asyncio
from dataclasses import replace

from graphdb.runs import RunKind, RunState, StoredResult, StoredRun
from graphdb.store import Store
from tests.worlds import SERVER, agent


def run(name: str, owner: str = "a", kind: RunKind = RunKind.RUN) -> StoredRun:
    return StoredRun(name, agent(owner).did, SERVER.did, kind, '{"event":"run_started"}\n', 3, 1, 1)


def result(number: int) -> StoredResult:
    return StoredResult(number, f"[{number}]")


async def test_a_run_is_found_as_it_was_added(store: Store) -> None:
    await store.runs.add(run("one"))
    await store.runs.add(replace(run("one"), header="another"))

    assert await store.runs.run("one") == run("one")
    assert await store.runs.run("none") is None


async def test_the_runs_of_an_agent_come_newest_first_by_pages(store: Store) -> None:
    for name in ("one", "two", "three"):
        await store.runs.add(run(name))
    await store.runs.add(run("another's", "b"))
    await store.runs.add(run("a sweep", kind=RunKind.SWEEP))
    mine = agent("a").did

    first = await store.runs.runs(mine, RunKind.RUN, 2, None)
    rest = await store.runs.runs(mine, RunKind.RUN, 2, first.cursors[-1])
    sweeps = await store.runs.runs(mine, RunKind.SWEEP, 2, None)

    assert [each.id for each in (*first.items, *rest.items)] == ["three", "two", "one"]
    assert (first.total, first.more, rest.more) == (3, True, False)
    assert sweeps.items == (run("a sweep", kind=RunKind.SWEEP),)


async def test_a_run_that_is_over_stays_as_it_is(store: Store) -> None:
    await store.runs.add(run("one"))

    moves = [
        await store.runs.move("one", RunState.RUNNING, 2),
        await store.runs.move("one", RunState.FAILED, 3, "no memory"),
        await store.runs.move("one", RunState.COMPLETE, 4),
        await store.runs.move("none", RunState.RUNNING, 5),
    ]

    assert moves == [True, True, False, False]
    assert await store.runs.run("one") == replace(run("one"), state=RunState.FAILED, changed_at=3, problem="no memory")


async def test_results_are_appended_in_turn_once_each_while_it_runs(store: Store) -> None:
    await store.runs.add(run("one"))
    early = await store.runs.settle("one", [result(0)], 2)
    await store.runs.move("one", RunState.RUNNING, 2)

    settled = [await store.runs.settle("one", [result(number)], 3) for number in (0, 0, 2, 1)]
    await store.runs.move("one", RunState.CANCELLED, 4)
    late = await store.runs.settle("one", [result(2)], 5)

    assert (early, settled, late) == (False, [True, False, False, True], False)
    assert await store.runs.results("one", -1, 10) == (result(0), result(1))
    assert await store.runs.results("one", 0, 1) == (result(1),)
    found = await store.runs.run("one")
    assert found is not None
    assert found.settled == 2


async def test_several_results_are_appended_at_once_or_not_at_all(store: Store) -> None:
    await store.runs.add(run("one", kind=RunKind.SWEEP))
    await store.runs.move("one", RunState.RUNNING, 2)

    batches = [[result(0), result(1)], [result(1), result(2)], [result(2), result(3), result(4)]]
    settled = [await store.runs.settle("one", batch, 3) for batch in batches]

    assert settled == [True, False, True]
    assert await store.runs.results("one", -1, 10) == tuple(map(result, range(5)))
    found = await store.runs.run("one")
    assert found is not None
    assert found.settled == 5


async def test_one_result_settled_at_once_by_many_is_kept_once(store: Store) -> None:
    await store.runs.add(run("one"))
    await store.runs.move("one", RunState.RUNNING, 2)

    settled = await asyncio.gather(*(store.runs.settle("one", [StoredResult(0, f"[{n}]")], 3) for n in range(8)))

    assert sum(settled) == 1
    assert len(await store.runs.results("one", -1, 10)) == 1


async def test_open_runs_are_those_of_a_server_oldest_first(store: Store) -> None:
    for name in ("one", "two", "three"):
        await store.runs.add(run(name))
    await store.runs.add(run("four", kind=RunKind.SWEEP))
    await store.runs.add(replace(run("elsewhere"), server=agent("other").did))
    await store.runs.move("two", RunState.RUNNING, 2)
    await store.runs.move("three", RunState.CANCELLED, 2)

    assert [each.id for each in await store.runs.open_runs(SERVER.did)] == ["one", "two", "four"]
    assert await store.runs.open_count(agent("a").did) == 4
    assert await store.runs.open_count(agent("b").did) == 0
