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
