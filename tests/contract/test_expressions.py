"""Expressions by URL, spoken or not."""

from dataclasses import replace

from graphdb.store import Store, StoredExpression
from tests.worlds import World, agent


async def test_an_expression_is_found_by_its_url(store: Store, world: World) -> None:
    url, expression = world.expression(agent("a"), {"text": "ä\u0000", "number": 0.5, "none": None})
    stored = StoredExpression(url, "json", expression)

    await store.expressions.put(stored)

    assert await store.expressions.get(["json://nothing", url]) == (None, stored)
    assert await store.expressions.get([]) == ()


async def test_the_first_content_of_a_url_stays(store: Store, world: World) -> None:
    url, expression = world.expression(agent("a"), "first")
    _, other = world.expression(agent("a"), "other")
    first = StoredExpression(url, "json", expression)
    await store.expressions.put(first)

    await store.expressions.put(StoredExpression(url, "literal", other))

    assert await store.expressions.get([url]) == (first,)


async def test_an_erased_expression_keeps_its_place(store: Store, world: World) -> None:
    url, expression = world.expression(agent("a"), "secret")
    erased = StoredExpression(url, "json", None)
    await store.expressions.put(erased)

    await store.expressions.put(replace(erased, expression=expression))

    assert await store.expressions.get([url]) == (erased,)


async def test_urls_may_be_longer_than_an_index_entry(store: Store, world: World) -> None:
    speaker = agent("speaker")
    uri = await world.found(speaker)
    _, expression = world.expression(speaker, "long")
    url = "literal://string:" + "x" * 60_000

    await store.organisms.commit(await world.speaking(uri, speaker, url, expression))

    (spoken,) = await store.organisms.spoken([url])
    assert spoken is not None
    assert spoken.url == url
    assert (await store.expressions.get([url]))[0] == StoredExpression(url, "json", expression)


async def test_speaking_keeps_what_was_put_before(store: Store, world: World) -> None:
    speaker = agent("speaker")
    uri = await world.found(speaker)
    url, expression = world.expression(speaker, "hello")
    before = StoredExpression(url, "literal", expression)
    await store.expressions.put(before)

    await store.organisms.commit(await world.speaking(uri, speaker, url, expression))

    assert await store.expressions.get([url]) == (before,)


async def test_content_may_be_put_after_it_was_spoken_without(store: Store, world: World) -> None:
    speaker = agent("speaker")
    uri = await world.found(speaker)
    url, expression = world.expression(speaker, "hello")
    commit = await world.speaking(uri, speaker, url, expression)
    await store.organisms.commit(replace(commit, expression=None))
    assert await store.expressions.get([url]) == (None,)
    assert await store.organisms.newest_expressions(uri, 5) == ()

    await store.expressions.put(StoredExpression(url, "json", expression))

    assert await store.expressions.get([url]) == (StoredExpression(url, "json", expression),)
