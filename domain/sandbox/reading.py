"""Scenarios from YAML, with errors that say which line and which key was meant, and the JSON Schema of the format."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.sandbox.agents.policy import Policy
from domain.sandbox.errors import InvalidScenario, OutOfRange, TooLarge, UnknownKey
from domain.sandbox.scenario import BEHAVIOUR_KEYS, MOST_AGENTS, MOST_LEGACY_AGENTS, Profile, Scenario, Section
from domain.sandbox.standard.population import behaviour_of
from domain.sandbox.yaml_text import Data, Document, Path, parse_yaml

Schema = dict[str, Any]  # Any: JSON Schema
LEGACY_KEYS = frozenset(("type", "count"))
LEGACY_SECTIONS = frozenset(("network", "shocks", "following", "work", "rules", "labels"))
"""Sections that the legacy profile does not know."""
PLACE = re.compile(r"[0-9]{1,9}")
"""Of an entry in a list."""
UNKNOWN = frozenset(("extra_forbidden", "unexpected_keyword_argument"))


def read_scenario(text: str) -> Scenario:
    """Raises `InvalidScenario`, or one of its children, for the first problem in the text."""
    return scenario_of(parse_yaml(text))


def scenario_of(document: Document) -> Scenario:
    if not isinstance(document.data, dict):
        raise InvalidScenario("$", "a scenario is a mapping of sections", 1)
    try:
        scenario = Scenario.model_validate_json(json.dumps(document.data))
    except ValidationError as exc:
        raise _first(exc, document) from exc
    _check_sizes(scenario, document)
    _check_legacy(scenario, document)
    _check_behaviours(scenario, document)
    _check_clock(scenario, document)
    _check_ids(scenario, document)
    return scenario


def changed(scenario: Scenario, changes: Mapping[str, Data]) -> Scenario:
    """With other values at dotted paths such as `governance.audit_probability` or `agents.0.count`.

    Raises `InvalidScenario` as for a text, without a line.
    """
    data = scenario.model_dump(mode="json", exclude_unset=True)
    for place, value in changes.items():
        _put(data, place, value)
    return scenario_of(Document(data, {}))


def _put(data: dict[str, Any], place: str, value: Data) -> None:  # Any: the JSON of a scenario
    path: Path = tuple(int(part) if PLACE.fullmatch(part) else part for part in place.split("."))
    here: Any = data
    for depth, part in enumerate(path):
        if isinstance(here, list) and not (isinstance(part, int) and part < len(here)):
            raise InvalidScenario(place, f"there are {len(here)} entries, counted from 0")
        if depth == len(path) - 1:
            here[part] = value
        elif isinstance(here, dict) and part not in here:
            if str(part) not in _keys_at(path[:depth]):
                raise _unknown(path[: depth + 1], None)
            here[part] = here = {}
        elif not isinstance(here[part], dict | list):
            raise InvalidScenario(place, f"{part} is a single value")
        else:
            here = here[part]


def scenario_schema() -> Schema:
    """The JSON Schema of a scenario file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_schema()}


@cache
def _schema() -> Schema:
    return Scenario.model_json_schema()


def _first(exc: ValidationError, document: Document) -> InvalidScenario:
    problems = [(document.line(error["loc"]) or 0, number, error) for number, error in enumerate(exc.errors())]
    return _told(min(problems, key=lambda problem: problem[:2])[2], document)


def _told(error: ErrorDetails, document: Document) -> InvalidScenario:
    path = error["loc"]
    line, place = document.line(path), ".".join(map(str, path)) or "$"
    if error["type"] in UNKNOWN:
        return _unknown(path, line)
    problem = error["msg"].removeprefix("Value error, ")
    return InvalidScenario(place, problem[:1].lower() + problem[1:], line)


def _unknown(path: Path, line: int | None) -> UnknownKey:
    key = str(path[-1])
    keys = _keys_at(path[:-1])
    near = [known for known in keys if known.startswith(key)] or get_close_matches(key, keys, n=1, cutoff=0.5)
    return UnknownKey(".".join(map(str, path)), key, near[0] if near else None, line)


def _keys_at(path: Path) -> list[str]:
    """The keys that the schema has at this place."""
    schema = here = _schema()
    for part in path:
        inner = here["items"] if isinstance(part, int) else here.get("properties", {}).get(part)
        here = _resolved(schema, here["additionalProperties"] if inner is None else inner)
    names = here.get("propertyNames", {}).get("enum", ())
    return [*here.get("properties", {}), *names]


def _resolved(schema: Schema, here: Schema) -> Schema:
    reference = here.get("$ref")
    return here if reference is None else cast("Schema", schema["$defs"][reference.rpartition("/")[2]])


def _check_sizes(scenario: Scenario, document: Document) -> None:
    most = MOST_LEGACY_AGENTS if scenario.profile is Profile.LEGACY else MOST_AGENTS
    if scenario.population > most:
        problem = f"{scenario.population} agents; the {scenario.profile} profile takes at most {most}"
        raise TooLarge("agents", problem, document.line(("agents",)))


def _check_legacy(scenario: Scenario, document: Document) -> None:
    governance = scenario.governance
    if scenario.profile is Profile.LEGACY and (governance.membrane.on or governance.collusion_detection_enabled):
        problem = "the legacy profile knows neither a membrane nor the detection of collusion"
        raise InvalidScenario("governance", problem, document.line(("governance",)))
    beyond = _given(scenario) & LEGACY_SECTIONS if scenario.profile is Profile.LEGACY else set()
    if beyond:
        raise InvalidScenario(min(beyond), "the legacy profile knows no such section", document.line((min(beyond),)))


def _check_clock(scenario: Scenario, document: Document) -> None:
    if any(spec.policy is not Policy.OWN for spec in scenario.agents):
        try:
            scenario.following.check(scenario.simulation.steps_per_epoch)
        except OutOfRange as exc:
            place: Path = ("simulation", "steps_per_epoch")
            raise InvalidScenario(".".join(map(str, place)), exc.message, document.line(place)) from exc


def _check_ids(scenario: Scenario, document: Document) -> None:
    """An id is one agent's, and whoever is known is somebody else who is there."""
    if not any(spec.id or spec.knows for spec in scenario.agents):
        return
    named = scenario.agent_ids()
    ids = Counter(agent_id for agent_id, _ in named)
    for number, spec in enumerate(scenario.agents):
        if spec.id is not None and ids[spec.id] > 1:
            raise _at(("agents", number, "id"), f"{spec.id} is the id of {ids[spec.id]} agents", document)
        own = {agent_id for agent_id, each in named if each is spec} if spec.knows else set()
        for other in spec.knows:
            if other not in ids or other in own:
                raise _at(("agents", number, "knows", other), "no other agent has this id", document)


def _at(path: Path, problem: str, document: Document) -> InvalidScenario:
    return InvalidScenario(".".join(map(str, path)), problem, document.line(path))


def _given(section: Section) -> set[str]:
    """The keys whose values are not the defaults."""
    kept = {
        name
        for name, field in type(section).model_fields.items()
        if getattr(section, name) == field.get_default(call_default_factory=True)
    }
    return set(type(section).model_fields) - kept


def _check_behaviours(scenario: Scenario, document: Document) -> None:
    for number, spec in enumerate(scenario.agents):
        path: Path = ("agents", number, "behaviour")
        legacy = scenario.profile is Profile.LEGACY
        if legacy and (beyond := _given(spec) - LEGACY_KEYS):
            raise InvalidScenario(
                f"agents.{number}",
                f"the legacy profile knows no {min(beyond)}",
                document.line((*path[:2], min(beyond))),
            )
        for key in spec.behaviour:
            if key not in BEHAVIOUR_KEYS:
                raise _unknown((*path, key), document.line((*path, key)))
        try:
            behaviour_of(spec.type, spec.behaviour)
        except OutOfRange as exc:
            raise InvalidScenario(f"agents.{number}.behaviour", exc.message, document.line(path)) from exc
