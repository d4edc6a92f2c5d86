"""Section 9 of the sandbox specification: strict scenarios, with errors that help."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sandbox.errors import InvalidScenario, InvalidYaml, TooLarge, UnknownKey
from domain.sandbox.reading import read_scenario, scenario_schema
from domain.sandbox.scenario import Profile, legacy_settings, standard_settings

SCENARIOS = Path(__file__).parents[3] / "scenarios"
SMALLEST = "agents:\n  - type: honest\n"


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_scenarios_can_be_read(path: Path) -> None:
    scenario = read_scenario(path.read_text())

    assert scenario.scenario_id == path.stem
    assert scenario.profile is not Profile.LEGACY or legacy_settings(scenario).agents
    assert standard_settings(scenario).members


def test_the_committed_schema_is_current() -> None:
    assert json.loads((SCENARIOS / "scenario.schema.json").read_text()) == scenario_schema()


def test_every_key_of_the_schema_is_described() -> None:
    schema = scenario_schema()
    objects = [schema, *(part for part in schema["$defs"].values() if "properties" in part)]

    missing = [
        (part["title"], name)
        for part in objects
        for name, value in part["properties"].items()
        if "description" not in value
    ]

    assert not missing


def test_ids_are_numbered_per_type_over_the_list() -> None:
    text = "agents:\n  - count: 2\n  - type: deceptive\n  - type: honest\n"

    ids = [agent_id for agent_id, _ in read_scenario(text).agent_ids()]

    assert ids == ["honest_1", "honest_2", "deceptive_1", "honest_3"]


@pytest.mark.parametrize(
    ("text", "line", "suggestion"),
    [
        (SMALLEST + "governence: {}\n", 3, "governance"),
        (SMALLEST + "governance:\n  audit_penalty: 1\n", 4, "audit_penalty_multiplier"),
        (SMALLEST + "governance:\n  reputation_decay: 0.1\n", 4, "reputation_decay_rate"),
        (SMALLEST + "simulation:\n  epochs: 3\n", 4, "n_epochs"),
        ("agents:\n  - type: honest\n    cuont: 3\n", 3, "count"),
        ("agents:\n  - behaviour:\n      vot: 0.3\n", 3, "vote"),
        (SMALLEST + "zzz: 1\n", 3, None),
    ],
)
def test_an_unknown_key_is_refused_with_its_line_and_the_key_that_was_meant(
    text: str, line: int, suggestion: str | None
) -> None:
    with pytest.raises(UnknownKey) as caught:
        read_scenario(text)

    assert (caught.value.facts["line"], caught.value.facts["suggestion"]) == (line, suggestion)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (SMALLEST + "payoff:\n  theta: 1.5\n", 4),
        (SMALLEST + "payoff:\n  s_plus: .nan\n", 4),
        (SMALLEST + "payoff:\n  s_plus: .inf\n", 4),
        (SMALLEST + "payoff:\n  s_plus: '2'\n", 4),
        (SMALLEST + "payoff:\n  s_plus: true\n", 4),
        (SMALLEST + "simulation:\n  seed: -1\n", 4),
        (SMALLEST + "simulation:\n  n_epochs: 2.5\n", 4),
        (SMALLEST + "governance:\n  circuit_breaker_enabled: 1\n", 4),
        (SMALLEST + "outputs:\n  event_log: ../run.jsonl\n", 3),
        (SMALLEST + "outputs:\n  metrics_csv: /run.csv\n", 3),
        ("agents:\n  - type: saint\n", 2),
        ("agents:\n  - count: 0\n", 2),
        ("agents: []\n", 1),
        ("agents:\n  - behaviour:\n      good: 2\n", 2),
        ("profile: legacy\nagents:\n  - behaviour:\n      good: 0.5\n", 3),
        ("description: none takes part\n", 1),
        ("- a list\n", 1),
        ("", 1),
    ],
)
def test_a_wrong_value_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(InvalidScenario) as caught:
        read_scenario(text)

    assert caught.value.facts["line"] == line


@pytest.mark.parametrize("count", [10**9, 10**30])
def test_too_many_agents_are_refused(count: int) -> None:
    with pytest.raises(InvalidScenario):
        read_scenario(f"agents:\n  - count: {count}\n")


def test_too_many_agents_over_several_entries_are_refused() -> None:
    with pytest.raises(TooLarge):
        read_scenario("agents:\n" + "  - count: 1000000\n" * 2)


@pytest.mark.parametrize(
    "text",
    [
        "agents: &a [*a]\n",
        "a: &x [1]\nb: [*x, *x]\n",
        "[" * 100 + "]" * 100,
        "agents: {{}}\n  - [",
        "agents: !!python/object/apply:os.system [echo]\n",
        "agents:\n  - type: honest\nagents:\n  - type: honest\n",
        "description: 2026-01-01\n",
        "? [a]\n: 1\n",
        "a: \x00\n",
    ],
)
def test_text_that_is_no_plain_yaml_is_refused(text: str) -> None:
    with pytest.raises(InvalidYaml):
        read_scenario(text)


@pytest.mark.parametrize(
    "text",
    [
        "agents:\n  - {type: honest}\ndescription: a\x00b\n",
        "agents:\n  - {type: honest}\ndescription: 2026-13-01\n",
        'agents:\n  - {type: honest}\ndescription: "\\ud800"\n',
        'agents:\n  - {type: honest}\n"\\udfff": 1\n',
        f"agents:\n  - {{type: honest}}\nsimulation: {{seed: {'9' * 5_000}}}\n",
    ],
)
def test_a_value_that_is_not_read_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(InvalidYaml) as caught:
        read_scenario(text)

    assert caught.value.facts["line"] == 3


def test_a_long_text_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge):
        read_scenario("#" * 300_000)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidScenario):
        assert read_scenario(text).population > 0


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), st.lists, max_leaves=5))
def test_any_value_in_any_place_is_read_or_refused(value: object) -> None:
    for section in ("agents", "governance", "simulation", "payoff", "rules", "outputs", "seed"):
        with suppress(InvalidScenario):
            scenario = read_scenario(SMALLEST * (section != "agents") + f"{section}: {json.dumps(value)}\n")
            assert scenario.population > 0
