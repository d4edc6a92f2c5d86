"""The sandbox's report in a real browser: it draws, in light and dark, and asks nobody for anything."""

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import async_playwright
from typer.testing import CliRunner

from server.__main__ import app
from tests.e2e import needs
from tests.e2e.graphiql import CHROMIUM_ARGS
from tests.server.sandbox.worlds import MIXED

LOOKED_AT = """() => {
  const style = (selector) => getComputedStyle(document.querySelector(selector));
  const boxes = [...document.querySelectorAll("svg")].map((one) => one.getBoundingClientRect());
  return {
    charts: boxes.length,
    empty: boxes.filter((box) => box.width < 200 || box.height < 50).length,
    overflow: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    paper: style("body").backgroundColor, ink: style("body").color,
    lines: [...document.querySelectorAll("polyline")].filter((one) => one.getTotalLength() > 100).length,
    colours: new Set([...document.querySelectorAll(".line")].map((one) => getComputedStyle(one).stroke)).size,
  };
}"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    (folder / "mixed.yaml").write_text(MIXED)
    run = ["sandbox", "run", str(folder / "mixed.yaml"), "--seeds", "3", "--folder", str(folder)]
    assert CliRunner().invoke(app, [*run, "--log", "{seed}.jsonl"]).exit_code == 0
    logs = [str(folder / f"{seed}.jsonl") for seed in (7, 8, 9)]
    made = CliRunner().invoke(app, ["sandbox", "report", *logs, "--to", "mixed.html", "--folder", str(folder)])
    assert made.exit_code == 0, made.output
    return folder / "mixed.html"


def brightness(colour: str) -> float:
    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
async def test_the_report_is_drawn_and_loads_nothing(
    report: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    requests: list[str] = []
    problems: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=needs.chromium(), args=list(CHROMIUM_ARGS))
        page = await browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(report.as_uri())
        seen: dict[str, Any] = await page.evaluate(LOOKED_AT)  # Any: JSON of the page
        await page.locator("summary", has_text="Every epoch").click()
        rows = await page.locator("details[open] tbody tr").count()
        await browser.close()

    assert requests == [report.as_uri()]
    assert problems == []
    assert (seen["charts"], seen["empty"], seen["overflow"], rows) == (10, 0, False, 6)
    assert seen["lines"] >= 20
    assert seen["colours"] >= 5
    light = brightness(seen["paper"]) - brightness(seen["ink"])
    assert light > 0.7 if scheme == "light" else light < -0.7
