"""Hosted agents, oldest first, and the tokens that agents granted."""

import asyncio
from dataclasses import replace

from graphdb.store import App, DeadTokens, HostedAgent, Store
from tests.worlds import agent, agents


def hosted(name: str, created_at: int = 1) -> HostedAgent:
    return HostedAgent(agent(name).did, name, f"sealed {name}", created_at)


def app(request_id: str, name: str = "a", issued_at: int = 1) -> App:
    return App(request_id, agent(name).did, "{}", f"token {request_id}", issued_at)


async def test_hosted_agents_are_listed_in_the_order_they_were_added(store: Store) -> None:
    added = [hosted("z", 9), hosted("a", 5), replace(hosted("m"), name=None)]
    for each in added:
        await store.accounts.add_agent(each)

    assert await store.accounts.agents() == tuple(added)
    assert await store.accounts.agent(added[1].did) == added[1]
    assert await store.accounts.agent(agent("nobody").did) is None


async def test_an_agent_is_added_once(store: Store) -> None:
    await store.accounts.add_agent(hosted("a"))

    await store.accounts.add_agent(replace(hosted("a"), sealed="other"))

    assert await store.accounts.agents() == (hosted("a"),)


async def test_a_sealed_key_is_replaced(store: Store) -> None:
    await store.accounts.add_agent(hosted("a"))

    await store.accounts.replace_key(hosted("a").did, "new")

    assert await store.accounts.agent(hosted("a").did) == replace(hosted("a"), sealed="new")


async def test_apps_are_listed_by_agent_and_time(store: Store) -> None:
    added = [app("one", issued_at=3), app("two", issued_at=2), app("other", "b")]
    for each in added:
        await store.accounts.add_app(each)

    assert await store.accounts.apps(agent("a").did) == (added[1], added[0])
    assert await store.accounts.apps(agents(1)[0].did) == ()


async def test_adding_an_app_again_changes_nothing(store: Store) -> None:
    await store.accounts.add_app(app("one"))

    await store.accounts.add_app(app("one"))

    assert await store.accounts.apps(agent("a").did) == (app("one"),)


async def test_a_revoked_apps_token_is_dead(store: Store) -> None:
    await store.accounts.add_app(app("one"))

    revoked = await store.accounts.revoke_app(agent("a").did, "one")

    assert revoked
    assert await store.accounts.dead_tokens(0) == DeadTokens(frozenset({"token one"}), 1)
    assert await store.accounts.apps(agent("a").did) == (replace(app("one"), revoked=True),)


async def test_a_removed_apps_token_is_dead_too(store: Store) -> None:
    for each in ("one", "two"):
        await store.accounts.add_app(app(each))
    await store.accounts.revoke_app(agent("a").did, "one")

    removed = [await store.accounts.remove_app(agent("a").did, each) for each in ("one", "two")]

    assert removed == [True, True]
    assert await store.accounts.dead_tokens(0) == DeadTokens(frozenset({"token one", "token two"}), 2)
    assert await store.accounts.apps(agent("a").did) == ()


async def test_only_what_died_since_is_read_again(store: Store) -> None:
    for each in ("one", "two", "three"):
        await store.accounts.add_app(app(each))
    await store.accounts.revoke_app(agent("a").did, "one")
    seen = await store.accounts.dead_tokens(0)
    await store.accounts.revoke_app(agent("a").did, "three")
    await store.accounts.remove_app(agent("a").did, "one")

    newly = await store.accounts.dead_tokens(seen.count)

    assert newly == DeadTokens(frozenset({"token three"}), 2)
    assert await store.accounts.dead_tokens(newly.count) == DeadTokens(frozenset(), 2)


async def test_tokens_that_die_at_once_are_all_read(store: Store) -> None:
    names = [f"app {number}" for number in range(20)]
    for each in names:
        await store.accounts.add_app(app(each))
    killing = asyncio.gather(*(store.accounts.revoke_app(agent("a").did, each) for each in names))
    read, seen = set[str](), 0
    while len(read) < len(names):
        newly = await store.accounts.dead_tokens(seen)
        read |= newly.ids
        seen = newly.count

    assert all(await killing)
    assert read == {f"token {each}" for each in names}


async def test_nobody_revokes_or_removes_anothers_app(store: Store) -> None:
    await store.accounts.add_app(app("one"))

    assert not await store.accounts.revoke_app(agent("b").did, "one")
    assert not await store.accounts.remove_app(agent("b").did, "one")
    assert not await store.accounts.revoke_app(agent("a").did, "unknown")
    assert await store.accounts.dead_tokens(0) == DeadTokens(frozenset(), 0)
