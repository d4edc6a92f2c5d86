"""Runs of the sandbox as a store keeps them: what is run, for whom, how far it is, and the metrics of every epoch.

Events are not here but in the run's event log, a file of the server that runs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.identity import Did
from graphdb.page import Page


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
    """`header` is the first line of its event log; `server` the DID of the server that runs it."""

    id: str
    owner: Did
    server: Did
    header: str
    epochs: int
    """How many there will be."""
    created_at: int
    changed_at: int
    state: RunState = RunState.QUEUED
    settled: int = 0
    """How many epochs are over."""
    problem: str | None = None
    """Why it failed."""


@dataclass(frozen=True, slots=True)
class StoredEpoch:
    """`metrics` is JSON text."""

    epoch: int
    metrics: str


class Runs(Protocol):
    """Every method is one atomic, retry-safe transaction."""

    async def add(self, run: StoredRun) -> None: ...
    async def run(self, run_id: str) -> StoredRun | None: ...
    async def runs(self, owner: Did, first: int, after: str | None) -> Page[StoredRun]:
        """Of one agent, newest first."""
        ...

    async def open_runs(self, server: Did) -> Sequence[StoredRun]:
        """Queued and running ones of one server, oldest first."""
        ...

    async def open_count(self, owner: Did) -> int: ...
    async def move(self, run_id: str, state: RunState, at: int, problem: str | None = None) -> bool:
        """From an open state into this one; False where the run is over, or not there."""
        ...

    async def settle(self, run_id: str, epoch: StoredEpoch, at: int) -> bool:
        """Appends the next epoch of a running run; False for any other epoch, and where it does not run."""
        ...

    async def epochs(self, run_id: str, after: int, first: int) -> tuple[StoredEpoch, ...]:
        """Those with a greater number than `after`, in order."""
        ...
