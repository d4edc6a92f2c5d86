"""One engine for all tests of this folder; its native code is compiled once, into a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.dna import Engine


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("native")


@pytest.fixture(scope="session")
def engine(cache: Path) -> Iterator[Engine]:
    with Engine(cache=cache) as opened:
        yield opened
