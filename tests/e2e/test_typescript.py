"""The TypeScript example: its types, its unit tests, and its main job against a real server."""

from pathlib import Path

import pytest

from tests.e2e import needs
from tests.e2e.commands import run
from tests.faults.process import ServerProcess

README = (needs.TYPESCRIPT / "README.md").read_text(encoding="utf8")


@pytest.fixture
def typescript() -> Path:
    return needs.typescript()


async def test_the_generated_types_are_current_and_everything_is_typed(typescript: Path) -> None:
    await run("npm", "run", "check", cwd=typescript)


async def test_the_unit_tests_pass(typescript: Path) -> None:
    await run("npm", "test", cwd=typescript)


async def test_the_main_job_prints_what_is_documented_each_time(typescript: Path, chorus_server: ServerProcess) -> None:
    job = ("npm", "run", "--silent", "main-job", "--", chorus_server.url, "--normalise")

    first, second = await run(*job, cwd=typescript), await run(*job, cwd=typescript)

    assert first == (typescript / "main-job.txt").read_text(encoding="utf8")
    assert second == first


async def test_somebody_is_trusted_wronged_and_heard(typescript: Path, chorus_server: ServerProcess) -> None:
    shown = await run("npm", "run", "--silent", "trust-somebody", "--", chorus_server.url, cwd=typescript)

    assert shown == (typescript.parent / "people.txt").read_text(encoding="utf8")


async def test_the_ten_lines_of_the_readme_work(typescript: Path, chorus_server: ServerProcess) -> None:
    await run("npm", "run", "build", cwd=typescript)
    lines = README.split("```js\n")[1].split("```")[0].replace("http://127.0.0.1:12000", chorus_server.url)

    shown = await run("node", "--input-type=module", "--eval", lines, cwd=typescript)

    assert shown == "1\n"
