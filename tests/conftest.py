"""Options of the test run."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With two workers each Neo4j runs in one of them only, and every other file's tests stay together."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_neo4j(item) or item.location[0]))


def _neo4j(item: pytest.Item) -> str | None:
    """Which of the shared servers a test asks for: by a fixture, or by a parameter from which a fixture takes it."""
    asked = {*getattr(item, "fixturenames", ()), *map(str, _parameters(item))}
    if "neo4j_2026" in asked:
        return "neo4j_2026"
    shared = "neo4j_5" in asked or ("on_store" in asked and "neo4j" in asked)
    return "neo4j_5" if shared else None


def _parameters(item: pytest.Item) -> tuple[object, ...]:
    callspec = getattr(item, "callspec", None)
    return () if callspec is None else tuple(callspec.params.values())
