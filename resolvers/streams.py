"""Streams that end when their token does."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, TypeVar

from resolvers.context import Context
from resolvers.errors import Unauthorized

Item = TypeVar("Item")


async def guarded(
    context: Context, items: AsyncIterator[Item], check: Callable[[], None]
) -> AsyncGenerator[Item, None]:
    """The items, each one checked anew; ends with an error within a second of the token's end, item or none."""
    authority, session = context.services.authority, context.session
    dead = authority.until_dead(session)
    step: asyncio.Future[Item] | None = None
    try:
        while True:
            step = asyncio.ensure_future(_next(items))
            waiting: set[asyncio.Future[Any]] = {step, dead}  # Any: one gives an item, the other nothing
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not authority.alive(session):
                raise Unauthorized
            check()
            try:
                item = step.result()
            except _Ended:
                return
            yield item
    finally:
        dead.cancel()
        await _close(items, step)


class _Ended(Exception):
    """The inner iterator is at its end; StopAsyncIteration cannot travel through a future."""


async def _next(items: AsyncIterator[Item]) -> Item:
    try:
        return await anext(items)
    except StopAsyncIteration:
        raise _Ended from None


async def _close(items: AsyncIterator[Item], step: "asyncio.Future[Item] | None") -> None:
    if step is not None and not step.done():
        step.cancel()
        await asyncio.wait({step})
    if step is not None and not step.cancelled():
        step.exception()
    close = getattr(items, "aclose", None)
    if close is not None:
        await close()
