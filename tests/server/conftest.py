import logging
from collections.abc import Iterator

import pytest
import structlog

from server.logs import configure
from tests.server.log import Pipe


@pytest.fixture
def written() -> Iterator[Pipe]:
    """What is logged meanwhile, as a server would write it."""
    before, names = structlog.get_config(), ("", "neo4j", "chorus")
    levels, handlers = {name: logging.getLogger(name).level for name in names}, logging.root.handlers
    logging.root.handlers = []  # set aside, not closed
    stream = Pipe()
    configure("DEBUG", "json", stream)
    yield stream
    structlog.configure(**before)
    logging.root.handlers = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
