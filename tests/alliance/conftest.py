"""Processes on both stores, and one on the embedded store for what no store is asked for."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from server.dna.engine import Engine
from tests.servers import Json
from tests.so.society import Society, society


@pytest.fixture(scope="session")
def dna_engine() -> Iterator[Engine]:
    with Engine() as opened:
        yield opened


@pytest.fixture
async def chorus(tmp_path: Path, on_store: Json, dna_engine: Engine) -> AsyncIterator[Society]:
    async with society(tmp_path, dna_engine, on_store) as opened:
        yield opened


@pytest.fixture
async def anywhere(tmp_path: Path, dna_engine: Engine) -> AsyncIterator[Society]:
    async with society(tmp_path, dna_engine, {}) as opened:
        yield opened
