"""The Social DNA engine of this process, for scenarios that have a membrane."""

import atexit
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from domain.sandbox.levers.membrane import Judges
from domain.sandbox.scenario import Scenario
from domain.sandbox.study.design import Unit
from domain.sandbox.study.work import Row, run_unit, scenario_of_unit

if TYPE_CHECKING:
    from server.sandbox.membranes import Membrane


def judges_for(scenario: Scenario) -> Judges | None:
    """None without a membrane: the engine takes a second to load."""
    return _judges() if scenario.governance.membrane.on else None


def mentioned(program: str) -> frozenset[str]:
    """The predicates that a Social DNA mentions; raises `InvalidDna`."""
    return _judges()(program).program.mentions


def work(unit: Unit) -> list[Row]:
    """What a worker of a sweep runs."""
    return run_unit(unit, judges_for(scenario_of_unit(unit)))


@cache
def _judges() -> Callable[[str], "Membrane"]:
    # Workers of scenarios without a membrane do not load WebAssembly.
    from server.dna.engine import Engine
    from server.sandbox.membranes import judges

    engine = Engine()
    atexit.register(engine.close)
    return judges(engine)
