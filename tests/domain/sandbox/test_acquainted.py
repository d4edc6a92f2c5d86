"""Agents with an id of their own, and what they remember from before the run."""

import numpy as np
import pytest

from domain.sandbox.errors import InvalidScenario, OutOfRange, UnknownKey
from domain.sandbox.eventlog.course import whole_log
from domain.sandbox.eventlog.header import Header
from domain.sandbox.reading import changed, read_scenario
from domain.sandbox.scenario import standard_settings
from domain.sandbox.standard.run import Run, run

TOWN = """
agents:
  - {id: ann, knows: {bob: {trust: 0.9, met: 5}, honest_2: {trust: 0.1}}}
  - {id: bob, type: adversarial}
  - {count: 3}
simulation: {n_epochs: 3, steps_per_epoch: 6, seed: 4}
"""


def test_an_agent_has_the_id_that_it_is_given_and_the_others_are_numbered() -> None:
    assert [agent_id for agent_id, _ in read_scenario(TOWN).agent_ids()] == [
        "ann",
        "bob",
        "honest_1",
        "honest_2",
        "honest_3",
    ]


def test_memory_begins_with_those_that_are_known_for_every_seed() -> None:
    started = Run(standard_settings(read_scenario(TOWN)), [1, 2])

    memory, ids = started.state.memory, started.people.ids
    assert ids == ("ann", "bob", "honest_1", "honest_2", "honest_3")
    for first in (0, 5):
        assert memory.partner[first, :3].tolist() == [first + 1, first + 3, -1]
        assert memory.ema[first, :3].tolist() == [0.9, 0.1, 0.5]
        assert memory.met[first, :3].tolist() == [5, 1, 0]
    assert (memory.partner >= 0).sum() == 4


def test_who_is_known_for_bad_is_not_accepted() -> None:
    known = "\n  - {count: 8}\n  - {id: ann, type: honest, knows: {bob: {trust: %s, met: 1000}}}\n  - {id: bob}\n"
    accepted = []
    for trust in ("0.0", "1.0"):
        scenario = read_scenario("agents:" + known % trust + "simulation: {n_epochs: 1, steps_per_epoch: 60}\n")
        rows = Run(standard_settings(scenario), range(8)).advance().interactions
        asked = (rows.initiator == 1) & (rows.counterparty == 0)
        accepted.append(rows.accepted[asked].mean() if asked.any() else np.nan)

    assert accepted[0] == 0
    assert accepted[1] > 0.9


def test_a_seed_of_a_batch_is_the_seed_alone_and_listing_order_changes_no_byte() -> None:
    scenario = read_scenario(TOWN)
    lines = TOWN.splitlines()
    turned = read_scenario("\n".join((*lines[:2], *reversed(lines[2:5]), *lines[5:])))

    assert run(standard_settings(scenario), [4, 9])[1] == run(standard_settings(scenario), [9])[0]
    assert list(whole_log(Header(turned))) == list(whole_log(Header(scenario)))


@pytest.mark.parametrize(
    ("agents", "place", "line"),
    [
        ("  - {id: ann, count: 2}", "agents.0.id", 2),
        ("  - {id: ann}\n  - {id: ann}", "agents.0.id", 2),
        ("  - {}\n  - {id: honest_1}", "agents.1.id", 3),
        ("  - {}\n  - id: a b", "agents.1.id", 3),
        ("  - {}\n  - {id: ann, knows: {bob: {trust: 0.5}}}", "agents.1.knows.bob", 3),
        ("  - {id: ann, knows: {ann: {trust: 0.5}}}", "agents.0.knows.ann", 2),
        ("  - {count: 3, knows: {honest_2: {trust: 0.5}}}", "agents.0.knows.honest_2", 2),
        ("  - {id: ann, knows: {bob: {trust: 1.5}}}\n  - {id: bob}", "agents.0.knows.bob.trust", 2),
        ("  - {id: ann, knows: {bob: {trust: 0.5, met: 0}}}\n  - {id: bob}", "agents.0.knows.bob.met", 2),
    ],
)
def test_an_id_is_one_agents_and_who_is_known_is_there(agents: str, place: str, line: int) -> None:
    with pytest.raises(InvalidScenario) as caught:
        read_scenario(f"agents:\n{agents}\n")

    assert (caught.value.facts["path"], caught.value.facts["line"]) == (place, line)


def test_an_unknown_key_of_an_acquaintance_is_told_with_the_one_that_was_meant() -> None:
    with pytest.raises(UnknownKey) as caught:
        read_scenario("agents:\n  - {id: ann, knows: {bob: {trust: 0.5, meet: 3}}}\n  - {id: bob}\n")

    assert caught.value.facts["suggestion"] == "met"


def test_more_acquaintances_than_memory_holds_are_refused() -> None:
    others = {f"honest_{number}": {"trust": 0.5} for number in range(1, 18)}
    scenario = read_scenario("agents:\n  - {id: ann}\n  - {count: 20}\n")

    with pytest.raises(InvalidScenario):
        changed(scenario, {"agents.0.knows": others})  # type: ignore[dict-item]  # it is JSON


def test_legacy_knows_no_ids() -> None:
    with pytest.raises(InvalidScenario):
        read_scenario("profile: legacy\nagents:\n  - {id: ann}\n")


def test_members_who_know_somebody_that_is_not_there_are_refused() -> None:
    settings = standard_settings(read_scenario(TOWN))
    alone = tuple(member for member in settings.members if member.agent_id == "ann")

    with pytest.raises(OutOfRange):
        Run(type(settings)(members=alone), [0])
