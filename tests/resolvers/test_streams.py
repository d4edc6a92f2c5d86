import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from domain.capabilities import AuthInfo, Capability, CapabilityNotMatched, Domain
from resolvers.context import Context
from resolvers.errors import Unauthorized
from resolvers.streams import guarded
from server.tokens import LIFETIME_SECONDS
from tests.domain.agents import agent
from tests.services import World, world

ADA = agent(1)
WATCHER = AuthInfo("Watcher", "", capabilities=(Capability("social-organism", ("*",), ("SUBSCRIBE",)),))


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, credential="the admin's") as opened:
        yield opened


class Source:
    """Items that come when a test says so; knows whether it was closed."""

    def __init__(self) -> None:
        self.items: asyncio.Queue[int | None] = asyncio.Queue()
        self.waiting = asyncio.Event()
        self.closed = False

    async def follow(self) -> AsyncIterator[int]:
        try:
            while True:
                self.waiting.set()
                item = await self.items.get()
                if item is None:
                    return
                yield item
        finally:
            self.closed = True


async def watcher(here: World) -> tuple[Context, str]:
    """An app's context and its request's id."""
    challenge = here.authority.challenge(ADA.did)
    signed_in = await here.authority.sign_in(ADA.did, challenge.nonce, ADA.sign(challenge.signed_bytes))
    request_id = here.authority.request()
    code = here.authority.permit(await here.authority.session(signed_in), request_id, WATCHER)
    context = here.context((await here.authority.generate_jwt(request_id, code)).token)
    await context.authenticate()
    return context, request_id


def guard(context: Context, source: Source) -> AsyncGenerator[int, None]:
    def check() -> None:
        context.require(Domain.SOCIAL_ORGANISM, "SUBSCRIBE")

    return cast("AsyncGenerator[int, None]", guarded(context, source.follow(), check))


async def test_items_come_through_in_order_until_the_end(here: World) -> None:
    context, _ = await watcher(here)
    source = Source()
    for item in (1, 2, 3, None):
        source.items.put_nowait(item)

    assert [item async for item in guard(context, source)] == [1, 2, 3]

    assert source.closed
    await asyncio.sleep(0)
    assert here.authority.revocations.waiting == 0


async def test_a_revoked_token_ends_the_stream_though_nothing_happens(here: World) -> None:
    context, request_id = await watcher(here)
    source = Source()
    step = asyncio.ensure_future(anext(guard(context, source)))
    await source.waiting.wait()

    await here.authority.revoke(ADA.did, request_id)

    with pytest.raises(Unauthorized, match="Unauthorized access"):
        await asyncio.wait_for(step, 1)
    assert source.closed


async def test_an_expired_token_ends_the_stream_though_nothing_happens(here: World) -> None:
    context, _ = await watcher(here)
    source = Source()
    step = asyncio.ensure_future(anext(guard(context, source)))
    await source.waiting.wait()

    here.clock.forward(LIFETIME_SECONDS)

    with pytest.raises(Unauthorized):
        await asyncio.wait_for(step, 1)
    assert source.closed


async def test_an_item_that_was_waiting_when_the_token_died_is_not_delivered(here: World) -> None:
    context, request_id = await watcher(here)
    source = Source()
    stream = guard(context, source)
    source.items.put_nowait(1)
    assert await anext(stream) == 1
    source.items.put_nowait(2)

    await here.authority.revoke(ADA.did, request_id)

    with pytest.raises(Unauthorized):
        await anext(stream)


async def test_the_capability_is_checked_for_every_item(here: World) -> None:
    context, _ = await watcher(here)
    source, allowed = Source(), True

    def check() -> None:
        if not allowed:
            raise CapabilityNotMatched("social-organism", "SUBSCRIBE", ["*"])

    stream = guarded(context, source.follow(), check)
    source.items.put_nowait(1)
    assert await anext(stream) == 1
    allowed = False
    source.items.put_nowait(2)

    with pytest.raises(CapabilityNotMatched):
        await anext(stream)
    assert source.closed


async def test_a_client_that_leaves_while_nothing_happens_leaves_nothing_behind(here: World) -> None:
    context, _ = await watcher(here)
    source = Source()
    step = asyncio.ensure_future(anext(guard(context, source)))
    await source.waiting.wait()
    tasks = asyncio.all_tasks()

    step.cancel()
    await asyncio.gather(step, return_exceptions=True)

    assert step.cancelled()
    assert source.closed
    assert here.authority.revocations.waiting == 0
    assert len(asyncio.all_tasks()) < len(tasks)


async def test_a_client_that_leaves_between_two_items_leaves_nothing_behind(here: World) -> None:
    context, _ = await watcher(here)
    source = Source()
    stream = guard(context, source)
    source.items.put_nowait(1)
    await anext(stream)

    await stream.aclose()

    assert source.closed
    await asyncio.sleep(0)
    assert here.authority.revocations.waiting == 0


async def test_an_error_of_the_source_comes_through(here: World) -> None:
    context, _ = await watcher(here)

    async def broken() -> AsyncIterator[int]:
        yield 1
        raise ZeroDivisionError

    stream = guarded(context, broken(), lambda: None)
    assert await anext(stream) == 1

    with pytest.raises(ZeroDivisionError):
        await anext(stream)


async def test_the_admins_stream_goes_on(here: World) -> None:
    context = here.context("the admin's")
    await context.authenticate()
    source = Source()
    source.items.put_nowait(1)
    stream = guard(context, source)

    assert await anext(stream) == 1
    await here.authority.revocations.look()
    source.items.put_nowait(2)

    assert await anext(stream) == 2
    await stream.aclose()
