"""Processes without a Social DNA engine on both stores."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from server.dna.engine import Engine
from server.schema import ChorusSchema
from tests.people.village import Village
from tests.servers import Json
from tests.services import Clock, NoEngine
from tests.so.society import society

SCHEMA = ChorusSchema()
"""One for all: making it takes longer than most tests."""


@pytest.fixture
async def village(tmp_path: Path, on_store: Json) -> AsyncIterator[Village]:
    async with society(tmp_path, cast("Engine", NoEngine()), on_store, schema=SCHEMA, token_clock=Clock()) as opened:
        yield Village(opened)
