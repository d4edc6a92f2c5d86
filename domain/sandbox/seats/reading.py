"""Observations and actions from JSON: between processes, and from logs."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import TypeAdapter

from domain.sandbox.seats.action import Action
from domain.sandbox.seats.observation import Observation
from domain.sandbox.seats.play import Taken

ACTION = TypeAdapter(Action)
OBSERVATIONS = TypeAdapter(tuple[Observation, ...])


def read_action(said: object) -> Action:
    """Raises `ValueError` for what is none."""
    return ACTION.validate_json(orjson.dumps(said))


def read_observations(told: object) -> tuple[Observation, ...]:
    return OBSERVATIONS.validate_json(orjson.dumps(told))


def read_taken(entry: Mapping[str, Any]) -> Taken:  # Any: the JSON of one line
    """From a line of a log; raises `KeyError`, `TypeError` or `ValueError`."""
    return Taken(int(entry["epoch"]), int(entry["step"]), str(entry["agent"]), read_action(entry["action"]))
