"""The page of a report: what it shows, and that it is made of nothing but itself."""

import re
from html.parser import HTMLParser

import orjson
import pytest

from domain.sandbox.errors import DamagedLog
from domain.sandbox.eventlog.course import whole_log
from domain.sandbox.eventlog.header import Header, encoded
from domain.sandbox.report.charts import Series, line_chart, ticks
from domain.sandbox.report.gathered import Gathered, gathered
from domain.sandbox.report.network import network
from domain.sandbox.report.page import MixedRuns, page
from domain.sandbox.statistics import interval
from domain.sandbox.yaml_text import Data
from tests.server.sandbox.worlds import legacy, standard

VOID = {"meta", "br", "line", "circle", "path", "polyline", "polygon"}


class Balanced(HTMLParser):
    """Every tag that is opened is closed in turn; collects what could be loaded or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset") or name[:2] == "on"]
        self.loaded += [tag] * (tag in ("script", "link", "img", "iframe", "object", "embed"))
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def run(header: Header) -> Gathered:
    return gathered(whole_log(header))


def runs(count: int = 3, **changes: Data) -> list[Gathered]:
    return [run(standard(simulation__seed=seed, **changes)) for seed in range(count)]


@pytest.mark.parametrize("made", [runs(), runs(1), [run(legacy())]], ids=["three", "one", "legacy"])
def test_a_page_is_whole_and_loads_nothing(made: list[Gathered]) -> None:
    text = page(made)

    assert Balanced(text).loaded == []
    assert not re.search(r"https?:|url\(|@import", text)
    assert "default-src 'none'" in text


def test_a_page_shows_every_chart_with_intervals() -> None:
    text = page(runs())

    for title in (
        "Toxicity",
        "Welfare",
        "Quality gap",
        "Real payoff per agent",
        "Who dealt with whom",
        "What happened",
    ):
        assert title in text
    assert text.count('<polygon class="band') >= 14
    assert text.count('class="line adversarial"') == 4
    assert '<polygon class="band' not in page(runs(1))


def test_what_happened_is_counted_over_the_runs() -> None:
    made = runs(2)

    text = page(made)

    exploits = made[0].happened["exploits", 1] + made[1].happened["exploits", 1]
    assert f"exploits in epoch 1: {exploits / 2:g}" in text
    assert "frozen in epoch" in text


def test_text_of_a_scenario_is_text() -> None:
    text = page(runs(1, description="<script>alert(1)</script> & so on"))

    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_runs_of_different_scenarios_are_not_shown_as_one() -> None:
    one = run(standard())
    for other in (run(standard(payoff__h=3.0)), run(standard(simulation__n_epochs=2)), one, run(legacy())):
        with pytest.raises(MixedRuns):
            page([one, other])


@pytest.mark.parametrize("header", [standard(), legacy()], ids=["standard", "legacy"])
def test_what_a_log_does_not_tell_is_refused_with_its_line(header: Header) -> None:
    lines = list(whole_log(header))
    number = next(number for number, line in enumerate(lines) if b'"accepted":true' in line)
    lines[number] = encoded({**orjson.loads(lines[number]), "p": "high"})

    with pytest.raises(DamagedLog) as caught:
        gathered(lines)

    assert caught.value.facts["line"] == number + 1


def test_a_run_in_which_nothing_is_accepted_says_so() -> None:
    text = page(runs(2, governance__bandwidth_cap=0))

    assert "Undefined in every epoch" in text
    assert "undefined" in text


def test_many_agents_are_shown_by_type() -> None:
    crowd = standard(agents__0__count=100, simulation__n_epochs=1)
    made = run(crowd)
    kinds = {agent_id: spec.type for agent_id, spec in crowd.scenario.agent_ids()}

    drawn = network(made.ties, kinds)

    assert drawn.count('class="node') == 4
    accepted = sum(tie.count for tie in made.ties.values())
    assert sum(int(count) for count in re.findall(r": (\d+) accepted", drawn)) == accepted


def test_a_gap_in_a_line_stays_a_gap() -> None:
    points = tuple(interval(values) for values in ([1.0, 2.0], [], [2.0, 3.0], [2.0]))

    drawn = line_chart("x", [Series("x", "first", points)])

    assert drawn.count("<polyline") == 2
    assert drawn.count("<circle") == 3
    assert drawn.count("<polygon") == 2


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-0.013, 0.07), (1e6, 5e6), (-3, -1), (0.3, 0.30001)])
def test_ticks_are_round_and_within(low: float, high: float) -> None:
    found = ticks(low, high)

    assert 2 <= len(found) <= 8
    assert all(low - 1e-9 <= value <= high + 1e-9 * abs(high) for value in found)
