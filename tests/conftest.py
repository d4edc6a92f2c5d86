"""Options of the test run."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from server.logs import configure

pytest_plugins = ("tests.neo4j_server", "tests.stores")

# A busy machine is no defect of a test: examples may take as long as they take.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# As a server logs: structlog's own default would write the local variables of every frame.
configure("INFO", "json")

COMMITTED_ORACLES = Path(__file__).parent / "oracles" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--oracles",
        type=Path,
        default=COMMITTED_ORACLES,
        metavar="DIR",
        help="folder with *.json.gz oracle files, at any depth (default: tests/oracles/data)",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that at the end no worker is left alone with them."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.nodeid.startswith("tests/faults/"):
        return 0
    if item.nodeid.startswith(_WIPING):
        return 1
    return 2 if _ON_NEO4J.search(item.nodeid) else 3


_WIPING = ("tests/graphdb/test_local_neo4j.py", "tests/graphdb/test_plans.py")
"""They take a shared Neo4j's schema away, and with it every plan: before the others, nothing is lost."""
_ON_NEO4J = re.compile("neo4j|^tests/graphdb/")


class _ByServer(LoadScopeScheduling):  # type: ignore[misc]  # xdist is untyped
    """A shared Neo4j runs in one worker only, and every other file's tests stay together.

    Of version 5 there are two, one for the stores' own tests and one for those of all layers: on one they would take
    longer than everything else together.
    """

    def _split_scope(self, nodeid: str) -> str:
        path, _, test = nodeid.partition("::")
        if "neo4j_2026" in test:
            return "neo4j_2026"
        if path.startswith("tests/graphdb/") or ("neo4j" in test and path.startswith("tests/contract/")):
            return "neo4j_5 of the stores"
        # The fault tests start servers of their own.
        return "neo4j_5" if "neo4j" in test and not path.startswith("tests/faults/") else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:  # Any: xdist is untyped
    return _ByServer(config, log)
