"""Checks of d_governance: what each lever does on its own, and all of them together."""

import random
from collections.abc import Iterator
from typing import Any

from domain.sandbox.errors import OutOfRange
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.levers import audit, decay, staking, tax, votes
from domain.sandbox.levers.breaker import Tracker
from tests.oracles.comparing import assert_alike

Row = dict[str, Any]  # Any: rows as the file documents them
Rows = list[Row]


def check_tax(rows: Rows, _content: Row) -> None:
    for row in rows:
        config = GovernanceConfig(transaction_tax_rate=row["rate"], transaction_tax_split=row["split"])
        assert_alike(tax.costs(config, row["tau"]), [row["cost_a"], row["cost_b"]])


def check_decay(rows: Rows, _content: Row) -> None:
    for row in rows:
        config = GovernanceConfig(reputation_decay_rate=row["decay_rate"])
        changes = {agent: decay.change(config, reputation) for agent, reputation in row["reputations"].items()}
        moved = {agent: change for agent, change in changes.items() if change}
        assert_alike(moved, row["deltas"])
        assert_alike({agent: row["reputations"][agent] + change for agent, change in changes.items()}, row["after"])


def check_staking(rows: Rows, _content: Row) -> None:
    for row in rows:
        config = GovernanceConfig(
            staking_enabled=row["enabled"],
            min_stake_to_participate=row["min_stake"],
            stake_slash_rate=row["slash_rate"],
        )
        assert staking.may_act(config, row["resources"]) == row["can_act"]
        assert staking.may_act(config, None) == row["unknown_agent_can_act"]
        assert_alike(staking.slash(config, row["resources"]), row["slash_resource_deltas"].get("x", 0.0))


def check_breaker(rows: Rows, _content: Row) -> None:
    for row in rows:
        config, trackers = GovernanceConfig(**row["config"]), dict[str, Tracker]()
        for event in row["events"]:
            if event["kind"] == "epoch_start":
                assert sorted(_released(trackers, event["epoch"])) == sorted(event["unfreeze"])
                continue
            tracker = trackers.setdefault(event["initiator"], Tracker())
            freezes = tracker.record(config, 1 - event["p"], event["epoch"])
            assert freezes == (event["initiator"] in event["freeze"])
            assert_alike(
                [tracker.mean(), tracker.violations, tracker.frozen_until],
                [event["avg_toxicity"], event["violations"], event["freeze_until_epoch"]],
            )


def _released(trackers: dict[str, Tracker], epoch: int) -> Iterator[str]:
    return (agent for agent, tracker in trackers.items() if tracker.release(epoch))


def check_audit(rows: Rows, _content: Row) -> None:
    for row in rows:
        config, generator = GovernanceConfig(**row["config"]), random.Random(row["python_random_seed"])
        for event in row["events"]:
            u = generator.random()
            assert u == event["u"]
            assert audit.audited(config, u) == event["audited"]
            assert_alike(audit.cost(config, event["p"], u), event["cost_a"])


def check_votes(rows: Rows, _content: Row) -> None:
    for row in rows:
        config = GovernanceConfig(
            vote_normalization_enabled=row["enabled"], max_vote_weight_per_agent=row["max_vote_weight_per_agent"]
        )
        assert_alike(votes.weight(config, row["vote_count"]), row["weight"])


def check_all_levers(rows: Rows, _content: Row) -> None:
    for row in rows:
        config, tracker = GovernanceConfig(**row["config"]), Tracker()
        for event in row["events"]:
            if event["kind"] == "epoch_start":
                found = {agent: decay.change(config, value) for agent, value in row["reputations"].items()}
                assert_alike(found, event["reputation_deltas"])
                continue
            cost_a, cost_b = tax.costs(config, event["tau"])
            found_a = cost_a + audit.cost(config, event["p"], u=0.0)
            freezes = tracker.record(config, 1 - event["p"], epoch=0)
            assert_alike([found_a, cost_b, ["a"] if freezes else []], [*map(event.get, ("cost_a", "cost_b", "freeze"))])


def check_validation(rows: Rows, _content: Row) -> None:
    for row in rows:
        assert _accepted(row["field"], row["value"]) == row["valid"], row


def _accepted(field: str, value: float) -> bool:
    try:
        GovernanceConfig(**{field: value})  # type: ignore[arg-type]  # the oracle has values of every type
    except OutOfRange:
        return False
    return True


GOVERNANCE_CHECKS = {
    "transaction_tax": check_tax,
    "reputation_decay": check_decay,
    "staking": check_staking,
    "circuit_breaker": check_breaker,
    "random_audit": check_audit,
    "vote_normalization": check_votes,
    "engine_all_levers": check_all_levers,
    "config_validation": check_validation,
}
