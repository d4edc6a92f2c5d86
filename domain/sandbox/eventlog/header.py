"""The first line of a log: everything that the rest follows from."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from domain.sandbox.reading import changed, scenario_of
from domain.sandbox.scenario import Profile, Scenario
from domain.sandbox.seats.seating import Seating, seating_of
from domain.sandbox.yaml_text import Data, Document

FORMAT = 1
ID_LENGTH = 16
Fields = dict[str, Any]  # Any: the JSON of one line


@dataclass(frozen=True, slots=True)
class Branch:
    """A what-if: from this epoch on, other settings."""

    epoch: int
    changes: dict[str, Data]


@dataclass(frozen=True, slots=True)
class Header:
    """`scenario` says the seed too. Two runs with the same header are the same run."""

    scenario: Scenario
    branch: Branch | None = None
    numpy: str = field(default=np.__version__)
    """Draws and sums could differ in the last bit with another version."""
    seating: Seating | None = None
    """Whom somebody outside plays; what they did is in the log."""

    @property
    def run_id(self) -> str:
        """The same for the same run, wherever and whenever it runs."""
        return hashlib.sha256(orjson.dumps(self._facts())).hexdigest()[:ID_LENGTH]

    @property
    def seed(self) -> int:
        return self.scenario.simulation.seed

    @property
    def branched(self) -> Scenario:
        """What holds from the branch on; the scenario itself without one."""
        return self.scenario if self.branch is None else changed(self.scenario, self.branch.changes)

    def line(self) -> bytes:
        return encoded({"event": "run_started", "run": self.run_id, **self._facts()})

    def _facts(self) -> Fields:
        facts = {
            "format": FORMAT,
            "numpy": self.numpy,
            "scenario": canonical(self.scenario),
            "what_if": None if self.branch is None else {"epoch": self.branch.epoch, "changes": self.branch.changes},
        }
        return facts if self.seating is None else {**facts, "seating": self.seating.facts()}


def canonical(scenario: Scenario) -> Fields:
    """As JSON with every default filled in, without the output files.

    Where listing order changes nothing it is not written down: agents come by type, alike ones together.
    """
    facts = scenario.model_dump(mode="json", exclude={"outputs"})
    if scenario.profile is Profile.STANDARD:
        facts["agents"] = _together(sorted(facts["agents"], key=_place))
    return facts


def _place(spec: Fields) -> tuple[str, str]:
    return str(spec["type"]), spec["id"] or ""


def _together(specs: Iterable[Fields]) -> list[Fields]:
    found: list[Fields] = []
    for spec in specs:
        if found and {**found[-1], "count": 0} == {**spec, "count": 0}:
            found[-1]["count"] += spec["count"]
        else:
            found.append(dict(spec))
    return found


def header_of(facts: Fields) -> Header:
    """From the fields of the first line; raises `InvalidScenario`, `KeyError` or `TypeError`."""
    branch = facts["what_if"]
    return Header(
        scenario_of(Document(facts["scenario"], {})),
        None if branch is None else Branch(int(branch["epoch"]), dict(branch["changes"])),
        str(facts["numpy"]),
        seating_of(facts.get("seating")),
    )


def encoded(fields: Fields) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE)
