"""Options of the test run."""

from pathlib import Path

import pytest

pytest_plugins = ("tests.neo4j_server",)

COMMITTED_ORACLES = Path(__file__).parent / "oracles" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--oracles",
        type=Path,
        default=COMMITTED_ORACLES,
        metavar="DIR",
        help="folder with *.json.gz oracle files, at any depth (default: tests/oracles/data)",
    )
