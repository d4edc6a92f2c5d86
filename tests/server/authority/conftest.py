from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services import World, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, credential="the admin's") as opened:
        yield opened
