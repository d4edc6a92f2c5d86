"""Reading lists to their ends."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from graphdb.store import Entry, Page, Store

Item = TypeVar("Item")


async def all_pages(page: Callable[[str | None], Awaitable[Page[Item]]]) -> list[Page[Item]]:
    """Each page follows the last cursor of the one before; the last one says that there are no more."""
    pages = [await page(None)]
    while pages[-1].more:
        pages.append(await page(pages[-1].cursors[-1]))
    return pages


def items(pages: list[Page[Item]]) -> list[Item]:
    return [item for page in pages for item in page.items]


def totals(pages: list[Page[Item]]) -> set[int]:
    return {page.total for page in pages}


async def log(store: Store, uri: str) -> list[Entry]:
    """The organism's whole log."""
    entries: list[Entry] = []
    while more := await store.organisms.entries(uri, len(entries), 7):
        entries += more
    return entries
