"""The log of a legacy run: every action, every answered proposal, how every agent stands.

Its two generators carry state, which no log holds: such a run is resumed by running it again and comparing.
"""

from collections.abc import Iterator
from dataclasses import asdict, fields

from pydantic import TypeAdapter

from domain.sandbox.eventlog.header import Fields, Header, encoded
from domain.sandbox.eventlog.records import Chapter
from domain.sandbox.interaction import SoftInteraction
from domain.sandbox.legacy.observation import ActionType
from domain.sandbox.legacy.records import Completed, LegacyEpoch, epoch_metrics
from domain.sandbox.legacy.run import Course, advance
from domain.sandbox.legacy.world import new_world
from domain.sandbox.scenario import legacy_settings

INTERACTION = [field.name for field in fields(SoftInteraction)]
INTERACTIONS = TypeAdapter(SoftInteraction)
METRICS = TypeAdapter(LegacyEpoch)


class LegacyCourse:
    """One seed of the legacy profile."""

    def __init__(self, header: Header) -> None:
        self._id = header.run_id
        self._world = new_world(legacy_settings(header.scenario), header.seed)
        self.settled = 0

    def chapters(self) -> Iterator[Chapter]:
        frozen: set[str] = set()
        for told in advance(self._world):
            self.settled = told.epoch + 1
            yield Chapter(told.epoch, told.metrics, self._lines(told, frozen))
            frozen = set(self._world.frozen)

    def snapshot(self) -> None:
        return None

    def restore(self, epochs: int, snapshot: bytes) -> None:
        raise ValueError("the legacy profile takes no snapshots")

    def _lines(self, told: Course, frozen: set[str]) -> Iterator[bytes]:
        """`frozen` is who was at the end of the epoch before."""
        where = {"run": self._id, "epoch": told.epoch}
        for action in told.actions:
            yield encoded({"event": "action", **where, **_without_epoch(action._asdict())})
        for row in told.interactions:
            yield encoded({"event": "interaction", **where, **_row(row)})
        for agent in sorted(frozen - self._world.frozen):
            yield encoded({"event": "released", **where, "agent": agent})
        for agent in sorted(self._world.frozen - frozen):
            yield encoded({"event": "frozen", **where, "agent": agent})
        agents = list(self._world.agents.values())
        yield encoded(
            {
                "event": "agents",
                **where,
                "agent": [agent.agent_id for agent in agents],
                "reputation": [agent.reputation for agent in agents],
                "resources": [agent.resources for agent in agents],
                "total_payoff": [agent.total_payoff for agent in agents],
            }
        )
        yield encoded({"event": "epoch", **where, "metrics": told.metrics})


def _row(row: Completed) -> Fields:
    return {"step": row.step, **asdict(row.interaction), "payoff_a": row.payoff_a, "payoff_b": row.payoff_b}


def _without_epoch(fields_: Fields) -> Fields:
    return {name: value for name, value in fields_.items() if name != "epoch"}


class LegacyReader:
    """Computes the metrics of each epoch from what its log says."""

    def __init__(self, header: Header) -> None:
        self._rows: list[Completed] = []
        self._posts = 0
        self._votes: set[tuple[str, int]] = set()

    def take(self, entry: Fields) -> None:
        """Any entry but the epoch's own; raises `KeyError`, `TypeError` or `ValueError` for one of another shape."""
        if entry["event"] == "interaction":
            told = INTERACTIONS.validate_python({name: entry[name] for name in INTERACTION})
            self._rows.append(Completed(entry["epoch"], entry["step"], told, entry["payoff_a"], entry["payoff_b"]))
        elif entry["event"] == "action":
            self._posts += entry["action"] == ActionType.POST
            if entry["action"] == ActionType.VOTE:
                self._votes.add((entry["agent_id"], entry["target_index"]))

    def metrics(self, entry: Fields) -> tuple[LegacyEpoch, LegacyEpoch]:
        """(recorded, computed)."""
        rows, self._rows = self._rows, []
        return METRICS.validate_python(entry["metrics"]), epoch_metrics(
            int(entry["epoch"]), rows, self._posts, len(self._votes)
        )
