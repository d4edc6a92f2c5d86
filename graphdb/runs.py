"""Runs and sweeps of the sandbox as a store keeps them: what is run, for whom, how far it is, and what came of it.

Both live the same life and differ in what their results are. The events of a run are not here but in its event log, a
file of the server that runs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.identity import Did
from graphdb.page import Page


class RunKind(StrEnum):
    """What its results are."""

    RUN = "run"
    """The metrics of every epoch."""
    SWEEP = "sweep"
    """The figures of every run of the sweep."""


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (RunState.QUEUED, RunState.RUNNING)
"""States that a run does not stay in."""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """`header` is what it follows from, one line of JSON; `server` the DID of the server that runs it."""

    id: str
    owner: Did
    server: Did
    kind: RunKind
    header: str
    results: int
    """How many there will be."""
    created_at: int
    changed_at: int
    state: RunState = RunState.QUEUED
    settled: int = 0
    """How many results are there."""
    problem: str | None = None
    """Why it failed."""


@dataclass(frozen=True, slots=True)
class StoredResult:
    """Numbered from 0; `text` is JSON."""

    number: int
    text: str


class Runs(Protocol):
    """Every method is one atomic, retry-safe transaction."""

    async def add(self, run: StoredRun) -> None: ...
    async def run(self, run_id: str) -> StoredRun | None: ...
    async def runs(self, owner: Did, kind: RunKind, first: int, after: str | None) -> Page[StoredRun]:
        """Of one kind and one agent, newest first."""
        ...

    async def open_runs(self, server: Did) -> Sequence[StoredRun]:
        """Queued and running ones of one server, oldest first."""
        ...

    async def open_count(self, owner: Did) -> int:
        """Of every kind."""
        ...

    async def move(self, run_id: str, state: RunState, at: int, problem: str | None = None) -> bool:
        """From an open state into this one; False where the run is over, or not there."""
        ...

    async def settle(self, run_id: str, results: Sequence[StoredResult], at: int) -> bool:
        """Appends the next results of a running run, one or more in order; False for any others, and where it does
        not run."""
        ...

    async def results(self, run_id: str, after: int, first: int) -> tuple[StoredResult, ...]:
        """Those with a greater number than `after`, in order."""
        ...
