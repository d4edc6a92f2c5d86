"""What the end-to-end tests need from the machine.

Where it is missing the test is skipped with the reason; on CI (`CI=true`) it fails instead.
"""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

EXAMPLES = Path(__file__).parents[2] / "client-examples"
WEB_BUNDLE = EXAMPLES / "web" / "dist"
TYPESCRIPT = EXAMPLES / "typescript"


def chromium() -> str:
    """The path of Chromium."""
    return shutil.which("chromium") or _missing("Chromium is not installed: apt-get install chromium")


def node() -> str:
    """The path of Node.js."""
    return shutil.which("node") or _missing("Node.js is not installed: apt-get install nodejs npm")


def typescript() -> Path:
    """The folder of the TypeScript example, with its dependencies."""
    node()
    installed = (TYPESCRIPT / "node_modules" / ".package-lock.json").is_file()
    return TYPESCRIPT if installed else _missing("The TypeScript example is not installed: make examples")


def web_bundle() -> Path:
    """The folder of the built GraphiQL page."""
    return WEB_BUNDLE if (WEB_BUNDLE / "index.html").is_file() else _missing("The GraphiQL page is not built: make web")


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
