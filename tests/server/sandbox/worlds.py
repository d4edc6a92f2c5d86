"""Small scenarios for the tests of runs."""

import os
import signal
import time
from pathlib import Path

from domain.sandbox.eventlog.header import Header
from domain.sandbox.reading import changed, read_scenario
from domain.sandbox.study.design import Unit
from domain.sandbox.study.work import Row, run_unit
from domain.sandbox.yaml_text import Data

SCENARIOS = Path(__file__).parents[3] / "scenarios"
MIXED = """
scenario_id: mixed
agents:
  - {type: honest, count: 12}
  - {type: opportunistic, count: 4}
  - {type: deceptive, count: 4}
  - {type: adversarial, count: 4, group: ring, collude: 0.3}
governance:
  audit_enabled: true
  circuit_breaker_enabled: true
  freeze_threshold_toxicity: 0.4
  freeze_duration_epochs: 1
  transaction_tax_rate: 0.1
  reputation_decay_rate: 0.9
  collusion_detection_enabled: true
simulation: {n_epochs: 6, steps_per_epoch: 6, seed: 7}
"""


def standard(**changes: Data) -> Header:
    return Header(changed(read_scenario(MIXED), {name.replace("__", "."): value for name, value in changes.items()}))


def legacy(name: str = "strict_governance") -> Header:
    return Header(read_scenario((SCENARIOS / f"{name}.yaml").read_text()))


def deadly(marks: Path, deaths: int, unit: Unit) -> list[Row]:
    """Kills its worker at some units, that many times in all."""
    if unit.condition == 1 and len(list(marks.iterdir())) < deaths:
        (marks / str(time.time_ns())).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return run_unit(unit)
