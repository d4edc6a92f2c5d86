"""Checks of the legacy profile: golden traces, runs of many seeds, policies and observables."""

import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from domain.sandbox import reading
from domain.sandbox.agent import AgentType
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.interaction import InteractionType
from domain.sandbox.legacy.agents import POLICIES
from domain.sandbox.legacy.agents.policy import Policy
from domain.sandbox.legacy.observables import observe
from domain.sandbox.legacy.observation import Action, Agent, Post, Proposal, Scene, Task
from domain.sandbox.legacy.records import Completed, LegacyResult
from domain.sandbox.legacy.run import run
from domain.sandbox.legacy.settings import LegacySettings, Schedule
from domain.sandbox.proxy import Proxy
from domain.sandbox.scenario import legacy_settings

Row = dict[str, Any]  # Any: rows as the file documents them
Rows = list[Row]
Checks = dict[str, Callable[[Any, Row], None]]

SCENARIOS = Path(__file__).parents[2] / "scenarios"
DESCRIPTORS = frozenset(
    ("scenario", "seed", "action_columns", "scenario_file", "schedule_mode", "governance", "seeds", "frozen")
)
"""What the run files say about themselves; not results to check."""
NOISY_SHARE = 0.05
"""Single seeds of the run files carry the original's noise (D24)."""
NOISY_VOTES = 2
SIGMAS = 5.5
"""Thousands of frequencies are compared; none may be further apart than this many standard errors."""


def settings_of(content: Row) -> LegacySettings:
    """The scenario, schedule and governance as the file says."""
    name = content["scenario"].partition("__")[0]
    found = legacy_settings(reading.read_scenario((SCENARIOS / f"{name}.yaml").read_text()))
    if content.get("governance") == "all levers off":
        found = replace(found, governance=GovernanceConfig())
    return replace(found, schedule=Schedule(content.get("schedule_mode", "round_robin")))


def golden(content: Row) -> LegacyResult:
    return run(settings_of(content), content["seed"])


def check_actions(rows: list[list[Any]], content: Row) -> None:
    found = [action._asdict() for action in golden(content).actions]
    columns = {"counterparty_id", "interaction_type", "target_index", "vote_direction", "success"}
    assert columns < set(content["action_columns"])
    assert [[action[column] for column in content["action_columns"]] for action in found] == rows


def check_interactions(rows: Rows, content: Row) -> None:
    assert [_flat(completed) for completed in golden(content).interactions] == rows


def _flat(completed: Completed) -> Row:
    it = asdict(completed.interaction)
    names = ("initiator", "counterparty", "accepted", "v_hat", "p", "tau", "c_a", "c_b")
    observables = ("task_progress_delta", "rework_count", "verifier_rejections", "tool_misuse_flags")
    return {
        "epoch": completed.epoch,
        "step": completed.step,
        "type": it["interaction_type"],
        "payoff_a": completed.payoff_a,
        "payoff_b": completed.payoff_b,
        **{name: it[name] for name in (*names, *observables, "counterparty_engagement_delta")},
    }


def check_epochs(rows: Rows, content: Row) -> None:
    assert [asdict(epoch) for epoch in golden(content).epochs] == rows


def check_agents(rows: Row, content: Row) -> None:
    found = golden(content)
    assert sorted(found.frozen) == sorted(content["frozen"])
    assert {agent.agent_id: _final(agent) for agent in found.agents} == rows


def _final(agent: Agent) -> Row:
    names = ("reputation", "total_payoff", "resources", "average_p_initiated", "average_p_received")
    counts = {"interactions_initiated": agent.initiated, "interactions_received": agent.received}
    return {**{name: getattr(agent, name) for name in names}, **counts}


def check_runs(rows: Rows, content: Row) -> None:
    """Every epoch metric to the bit for nearly all seeds; votes may differ by two where the original was preempted."""
    settings = settings_of(content)
    if settings.schedule is Schedule.RANDOM:  # its order of draws is not documented to the bit
        check_aggregate(content["aggregate"], content)
        return
    pairs = [([asdict(epoch) for epoch in run(settings, row["seed"]).epochs], row["epochs"]) for row in rows]
    exact = sum(_without_votes(found) == _without_votes(expected) for found, expected in pairs)
    assert len(pairs) - exact <= math.ceil(NOISY_SHARE * len(pairs))
    for found, expected in pairs:
        if _without_votes(found) == _without_votes(expected):
            apart = [abs(one["total_votes"] - other["total_votes"]) for one, other in zip(found, expected, strict=True)]
            assert max(apart) <= NOISY_VOTES


def _without_votes(epochs: Rows) -> Rows:
    return [{name: value for name, value in epoch.items() if name != "total_votes"} for epoch in epochs]


def check_aggregate(aggregate: Row, content: Row) -> None:
    """Other seeds than the file's give means within four standard errors, and the same distribution of totals."""
    settings, seeds = settings_of(content), range(5000, 5000 + aggregate["n_seeds"])
    found = [run(settings, seed) for seed in seeds]
    for name, values in _totals(found).items():
        expected = aggregate["run_totals"][name]
        mean = math.fsum(values) / len(values)
        spread = math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
        error = math.sqrt(spread / len(values) + expected["sd"] ** 2 / expected["n"])
        assert abs(mean - expected["mean"]) <= 4 * error + 1e-9, name
        assert kolmogorov_smirnov(values, [row[name] for row in content["runs"]]) > 0.001 / 10, name


def _totals(found: list[LegacyResult]) -> dict[str, list[float]]:
    return {
        "avg_toxicity": [math.fsum(e.toxicity_rate for e in run.epochs) / len(run.epochs) for run in found],
        "total_welfare": [math.fsum(e.total_welfare for e in run.epochs) for run in found],
        "total_interactions": [float(len(run.interactions)) for run in found],
        "accepted_interactions": [float(sum(e.accepted_interactions for e in run.epochs)) for run in found],
        "n_frozen_end": [float(len(run.frozen)) for run in found],
        "actions_executed": [float(len(run.actions)) for run in found],
    }


def kolmogorov_smirnov(one: list[float], other: list[float]) -> float:
    """The two-sample p-value, by the asymptotic series; conservative where values repeat."""
    values = sorted({*one, *other})
    apart = max(abs(_below(one, value) - _below(other, value)) for value in values)
    scale = math.sqrt(len(one) * len(other) / (len(one) + len(other))) * apart
    series = 2 * math.fsum((-1) ** (k - 1) * math.exp(-2 * (k * scale) ** 2) for k in range(1, 101))
    return 1.0 if scale < 0.3 else min(1.0, max(0.0, series))


def _below(values: list[float], limit: float) -> float:
    return sum(value <= limit for value in values) / len(values)


def check_policy_actions(rows: Rows, content: Row) -> None:
    samples = content["meta"]["n_samples_act"]
    for row in rows:
        scene = _scene(row["agent"], content["observations"][row["case"]])
        found = Counter(_key(_policy(row, content, seed).act(scene)) for seed in range(samples))
        for key in {*found, *row["distribution"]}:
            _assert_same_chance(found[key], row["distribution"].get(key, 0.0), samples, (row, key))


def check_policy_answers(rows: Rows, content: Row) -> None:
    samples = content["meta"]["n_samples_accept"]
    for row in rows:
        kind = InteractionType(row["interaction_type"])
        proposal = Proposal("q1", row["initiator"], "me", kind, row["offered_transfer"])
        scene = _scene(row["agent"], content["observations"]["agents_only"])
        found = sum(_policy(row, content, seed, scene).accept(proposal, scene) for seed in range(samples))
        _assert_same_chance(found, row["p_accept"], samples, row)


def check_policy_inputs(rows: Row, _content: Row) -> None:
    """Histories and observations are what the two other sections start from."""
    assert all(isinstance(row, list | dict) for row in rows.values())


def _assert_same_chance(found: int, expected: float, samples: int, what: object) -> None:
    """Two proportions; certain ones must be certain."""
    pooled = (found / samples + expected) / 2
    error = math.sqrt(2 * pooled * (1 - pooled) / samples)
    assert abs(found / samples - expected) <= SIGMAS * error, (what, found / samples, expected)


def _policy(row: Row, content: Row, seed: int, looked_at: Scene | None = None) -> Policy:
    """With its history; adversaries know targets and allies from a turn at which they looked around."""
    policy = POLICIES[AgentType(row["agent"])](random.Random(seed))
    for other, p, accepted in content["histories"][row["history"]]:
        policy.learn(other, p, accepted)
    if looked_at is not None:
        policy.act(looked_at)
    return policy


def _scene(kind: str, seen: Row) -> Scene:
    return Scene(
        me=Agent("me", AgentType(kind)),
        visible_posts=[
            Post(post["post_id"], post["author_id"], net=post["upvotes"] - post["downvotes"])
            for post in seen.get("visible_posts", ())
        ],
        visible_agents=[
            Agent(agent["agent_id"], AgentType(agent["agent_type"]), agent["reputation"], agent["resources"])
            for agent in seen.get("visible_agents", ())
        ],
        pending_proposals=[
            Proposal(
                p["proposal_id"], p["initiator_id"], "me", InteractionType(p["interaction_type"]), p["offered_transfer"]
            )
            for p in seen.get("pending_proposals", ())
        ],
        available_tasks=[Task(**task) for task in seen.get("available_tasks", ())],
        active_tasks=[Task(**task) for task in seen.get("active_tasks", ())],
        **{name: seen.get(name, True) for name in ("can_post", "can_vote", "can_interact", "can_claim_task")},
    )


def _key(action: Action) -> str:
    return f"{action.type}|{action.target or ''}|{action.interaction_type or ''}|{action.vote}"


def check_observables(rows: Rows, _content: Row) -> None:
    proxy, generator = Proxy(), random.Random(20)
    for row in rows:
        kind, count = AgentType(row["initiator_type"]), row["n"]
        seen = [observe(generator, kind, row["accepted"]) for _ in range(count)]
        labels = [proxy.labels(one) for one in seen]
        columns = {name: [float(getattr(one, name)) for one in seen] for name in asdict(seen[0])}
        columns |= {"v_hat": [label.v_hat for label in labels], "p": [label.p for label in labels]}
        for name, values in columns.items():
            _assert_same_distribution(values, row[name], (kind, name))
        ranked = sorted(columns["p"])
        assert all(low <= high for low, high in pairwise(row["p_deciles"]))
        for number, decile in enumerate(row["p_deciles"], 1):
            assert abs(_below(ranked, decile) - number / 10) <= 5 * math.sqrt(0.5 / count) + 1e-3, (kind, number)


def _assert_same_distribution(values: list[float], expected: Row, what: object) -> None:
    count, mean = len(values), math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))
    assert abs(mean - expected["mean"]) <= 5 * math.sqrt(2 / count) * expected["sd"] + 1e-12, what
    assert abs(spread - expected["sd"]) <= 5 * expected["sd"] / math.sqrt(count) + 1e-12, what
    reach = expected["max"] - expected["min"]
    assert expected["min"] - 0.01 * reach <= min(values) <= expected["min"] + 0.05 * reach + 1e-12, what
    assert expected["max"] - 0.05 * reach - 1e-12 <= max(values) <= expected["max"] + 0.01 * reach, what


GOLDEN_CHECKS: Checks = {
    "actions": check_actions,
    "interactions": check_interactions,
    "epoch_metrics": check_epochs,
    "final_agents": check_agents,
}
RUN_CHECKS: Checks = {"runs": check_runs, "aggregate": check_aggregate}
POLICY_CHECKS: Checks = {
    "histories": check_policy_inputs,
    "observations": check_policy_inputs,
    "act": check_policy_actions,
    "accept_interaction": check_policy_answers,
}
OBSERVABLE_CHECKS: Checks = {"cells": check_observables}
