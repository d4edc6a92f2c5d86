"""Processes without a Social DNA engine: on both stores, and on the embedded one for what needs no store."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from server.dna.engine import Engine
from server.schema import ChorusSchema
from tests.alliance.observers import Observers
from tests.servers import Json
from tests.services import Clock, NoEngine
from tests.so.society import Society, society

SCHEMA = ChorusSchema()
"""One for all: making it takes longer than most tests."""


@pytest.fixture
async def observers(tmp_path: Path, on_store: Json) -> AsyncIterator[Observers]:
    async with society(tmp_path, cast("Engine", NoEngine()), on_store, schema=SCHEMA, token_clock=Clock()) as opened:
        yield Observers(opened)


@pytest.fixture
async def anywhere(tmp_path: Path) -> AsyncIterator[Society]:
    async with society(tmp_path, cast("Engine", NoEngine()), {}, schema=SCHEMA, token_clock=Clock()) as opened:
        yield opened
