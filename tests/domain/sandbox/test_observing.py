"""The loop that benchmarks measure against does what the legacy profile does."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.observing import observing_world, turns
from domain.sandbox.legacy.run import advance
from domain.sandbox.legacy.settings import LegacySettings
from domain.sandbox.legacy.world import new_world
from domain.sandbox.reading import read_scenario
from domain.sandbox.scenario import legacy_settings

SCENARIOS = Path(__file__).parents[3] / "scenarios"


def shipped(name: str) -> LegacySettings:
    return legacy_settings(read_scenario((SCENARIOS / f"{name}.yaml").read_text()))


@pytest.mark.parametrize("name", ["baseline", "status_game", "strict_governance"])
@pytest.mark.parametrize("seed", [42, 123])
def test_the_loop_that_looks_at_everything_finds_the_same_to_the_bit(name: str, seed: int) -> None:
    settings = replace(shipped(name), n_epochs=5)

    observed, legacy = list(advance(observing_world(settings, seed))), list(advance(new_world(settings, seed)))

    assert repr(observed) == repr(legacy)


def test_turns_are_actions() -> None:
    assert turns(replace(shipped("baseline"), n_epochs=2), 42) == 5 * 10 * 2
