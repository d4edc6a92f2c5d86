"""The log of a standard run: what seats did, every answered proposal, who was frozen and released, how all stand.

Posts and votes are counted per epoch, not told one by one. Reading it again gives every metric of the run to the bit.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args, get_type_hints

import numpy as np
from pydantic import TypeAdapter

from domain.sandbox.eventlog.header import Fields, Header, encoded
from domain.sandbox.eventlog.records import Chapter
from domain.sandbox.eventlog.snapshot import restored, snapshot
from domain.sandbox.levers.breaker import NOT_FROZEN
from domain.sandbox.levers.membrane import Judges
from domain.sandbox.rule import Rule
from domain.sandbox.scenario import standard_settings
from domain.sandbox.seats.action import fields_of
from domain.sandbox.seats.play import Play, nobody
from domain.sandbox.seats.reading import read_taken
from domain.sandbox.standard.measuring import Tally, measure
from domain.sandbox.standard.population import Bools, Ints, population_of
from domain.sandbox.standard.records import EpochMetrics, Interactions
from domain.sandbox.standard.run import Epoch, Run
from domain.sandbox.standard.seats import Sitting
from domain.sandbox.standard.state import new_state

STANDING = ("reputation", "resources", "soft_payoff", "real_payoff", "frozen_until", "away", "outside", "flagged")
"""The columns of the state that a log holds at the end of every epoch, amounts in micro-credits."""
ACCOUNTS = ("treasury", "world", "escrow", "bad_debt")
TALLY = tuple(field.name for field in fields(Tally))
COLUMNS = [field.name for field in fields(Interactions)]
HINTS = get_type_hints(Interactions)
METRICS = TypeAdapter(EpochMetrics)


class StandardCourse:
    """One seed of the standard profile."""

    def __init__(self, header: Header, judges: Judges | None = None, play: Play = nobody) -> None:
        self._header, self._id, self._branched, self._judges = header, header.run_id, False, judges
        sitting = None if header.seating is None else Sitting(header.seating.agents, play)
        self._run = Run(standard_settings(header.scenario, judges), [header.seed], sitting)

    @property
    def settled(self) -> int:
        return self._run.next_epoch

    def chapters(self) -> Iterator[Chapter]:
        self._branch()
        state = self._run.state
        before = state.frozen_until.copy(), state.away.copy()
        while self.settled < self._run.settings.n_epochs:
            number, epoch = self.settled, self._run.advance()
            yield Chapter(number, epoch.metrics[0], self._lines(number, epoch, *before))
            self._branch()
            state = self._run.state
            before = state.frozen_until.copy(), state.away.copy()

    def snapshot(self) -> bytes:
        return snapshot(self._run.state)

    def restore(self, epochs: int, snapshot: bytes) -> None:
        restored(self._run.state, snapshot)
        self._run.next_epoch = epochs

    def _branch(self) -> None:
        branch = self._header.branch
        if branch is not None and self.settled >= branch.epoch and not self._branched:
            self._run, self._branched = self._run.branch(standard_settings(self._header.branched, self._judges)), True

    def _lines(self, number: int, epoch: Epoch, frozen: Ints, away: Bools) -> Iterator[bytes]:
        """`frozen` is until when agents were frozen at the end of the epoch before, `away` who was not there."""
        state, ids = self._run.state, self._run.people.ids
        where = {"run": self._id, "epoch": number}
        for one in epoch.taken:
            said = {"step": one.step, "agent": one.agent, "action": fields_of(one.action)}
            yield encoded({"event": "seat", **where, **said})
        for row in interaction_rows(epoch.interactions, ids):
            yield encoded({"event": "interaction", **where, **row})
        for event in (*self._comings(number, away), *_freezes(ids, number, frozen, state.frozen_until)):
            yield encoded({"event": event.pop("event"), **where, **event})
        standing = {name: getattr(state, name).tolist() for name in STANDING}
        accounts = {name: getattr(state.accounts, name).tolist()[0] for name in ACCOUNTS}
        yield encoded({"event": "agents", **where, **standing, **accounts})
        yield encoded({"event": "epoch", **where, "metrics": epoch.metrics[0]})

    def _comings(self, number: int, away: Bools) -> Iterator[Fields]:
        """Who came, went, and took a new name; nobody comes or goes with the first epoch."""
        ids, now = self._run.people.ids, self._run.state.away
        for rank in np.flatnonzero(away != now).tolist() if number else ():
            yield {"event": "left" if now[rank] else "arrived", "agent": ids[rank]}
        for rank in self._run.people.renamed(number).tolist():
            yield {"event": "renamed", "agent": ids[rank]}


def _freezes(ids: tuple[str, ...], number: int, before: Ints, now: Ints) -> Iterator[Fields]:
    """Who was released at the start of the epoch, and who was frozen in it, until which epoch."""
    for agent, was, until in zip(ids, before.tolist(), now.tolist(), strict=True):
        if was != NOT_FROZEN and was <= number:
            yield {"event": "released", "agent": agent}
        if until not in (NOT_FROZEN, was):
            yield {"event": "frozen", "agent": agent, "until": until}


def interaction_rows(rows: Interactions, ids: tuple[str, ...]) -> Iterator[Fields]:
    """Agents by id and the rule by name, and whether it was accepted."""
    columns: dict[str, list[Any]] = {name: getattr(rows, name).tolist() for name in COLUMNS if name != "seed"}
    columns["initiator"] = [ids[rank] for rank in columns["initiator"]]
    columns["counterparty"] = [ids[rank] for rank in columns["counterparty"]]
    columns["rule"] = [RULES[number] for number in columns["rule"]]
    names = ("accepted", *columns)
    for values in zip(rows.accepted.tolist(), *columns.values(), strict=True):
        yield dict(zip(names, values, strict=True))


RULES = [rule.name.lower() for rule in sorted(Rule)]


class StandardReader:
    """Computes the metrics of each epoch from what its log says."""

    def __init__(self, header: Header) -> None:
        members = standard_settings(header.scenario).members
        self._people = population_of(members, 1)
        self._rank = {agent_id: number for number, agent_id in enumerate(self._people.ids)}
        self._rows: list[list[Any]] = []  # Any: as the columns are
        self._state = new_state(self._people)

    def take(self, entry: Fields) -> None:
        """Any entry but the epoch's own; raises `KeyError`, `TypeError` or `ValueError` for one of another shape."""
        if entry["event"] == "interaction":
            self._rows.append(self._row(entry))
        elif entry["event"] == "agents":
            self._stand(entry)
        elif entry["event"] == "seat":
            read_taken(entry)

    def metrics(self, entry: Fields) -> tuple[EpochMetrics, EpochMetrics]:
        """(recorded, computed); the tally is the recorded one."""
        recorded = METRICS.validate_python(entry["metrics"])
        tally = Tally(**{name: np.array([getattr(recorded, name)], np.int64) for name in TALLY})
        rows, self._rows = self._columns(), []
        return recorded, measure(self._people, self._state, int(entry["epoch"]), rows, tally)[0]

    def _stand(self, entry: Fields) -> None:
        for name in STANDING:
            column = getattr(self._state, name)
            column[:] = np.array(entry[name], column.dtype)
        for name in ACCOUNTS:
            getattr(self._state.accounts, name)[:] = entry[name]

    def _row(self, entry: Fields) -> list[Any]:
        initiator, counterparty = self._rank[entry["initiator"]], self._rank[entry["counterparty"]]
        rule = RULES.index(entry["rule"])
        row = {**entry, "seed": 0, "initiator": initiator, "counterparty": counterparty, "rule": rule}
        return [row[name] for name in COLUMNS]

    def _columns(self) -> Interactions:
        columns = list(zip(*self._rows, strict=True)) or [()] * len(COLUMNS)
        return Interactions(
            **{name: np.array(column, _dtype(name)) for name, column in zip(COLUMNS, columns, strict=True)}
        )


def _dtype(name: str) -> Any:  # Any: numpy's generic types
    return get_args(get_args(HINTS[name])[1])[0]
