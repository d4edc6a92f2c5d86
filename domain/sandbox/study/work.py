"""What a worker does for a sweep: plain data in, plain data out, the same wherever and whenever it is done."""

import orjson

from domain.sandbox.criteria import judged
from domain.sandbox.eventlog.course import course_of
from domain.sandbox.eventlog.header import Header
from domain.sandbox.eventlog.records import Metrics
from domain.sandbox.figures import run_figures
from domain.sandbox.levers.membrane import Judges
from domain.sandbox.reading import scenario_of
from domain.sandbox.scenario import Profile, Scenario, standard_settings
from domain.sandbox.standard.run import run
from domain.sandbox.study.design import Unit, headers
from domain.sandbox.yaml_text import Document

Row = dict[str, str | float | None]
"""Of one run: `condition`, `seed`, `run`, `met`, then the figures over the run."""
NAMED = ("condition", "seed", "run", "met")
"""What a row says beside figures."""


def scenario_of_unit(unit: Unit) -> Scenario:
    return scenario_of(Document(orjson.loads(unit.scenario), {}))


def run_unit(unit: Unit, judges: Judges | None = None) -> list[Row]:
    """`judges` evaluates a membrane."""
    scenario = scenario_of_unit(unit)
    each = headers(unit, scenario)
    if scenario.profile is Profile.STANDARD:
        found: list[tuple[Metrics, ...]] = list(run(standard_settings(scenario, judges), unit.seeds))
    else:
        found = [tuple(chapter.metrics for chapter in course_of(header).chapters()) for header in each]
    return [_row(unit, header, epochs) for header, epochs in zip(each, found, strict=True)]


def _row(unit: Unit, header: Header, epochs: tuple[Metrics, ...]) -> Row:
    met = all(verdict.met for verdict in judged(header.scenario, epochs))
    named: Row = {"condition": unit.condition, "seed": header.seed, "run": header.run_id, "met": met}
    return {**named, **run_figures(epochs)}
