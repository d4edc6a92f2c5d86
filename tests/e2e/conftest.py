"""A real server for real clients."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.e2e.graphiql import chromium
from tests.faults.process import ServerProcess, serving


@pytest.fixture
async def chorus_server(
    tmp_path: Path,
    on_store: dict[str, Any],  # Any: keyword arguments of Settings
) -> AsyncIterator[ServerProcess]:
    """A fresh server as a process of its own, on each store; it must not have met anything unexpected."""
    async with serving(tmp_path, **on_store) as server:
        yield server
        assert not server.unexpected(), server.unexpected()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for the tests of a module, which run in the module's event loop."""
    async with chromium() as opened:
        yield opened
