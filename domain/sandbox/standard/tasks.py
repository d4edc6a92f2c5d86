"""The tasks of a standard run as columns, and the escrow that their bounties are in.

Whatever is held for a task leaves the escrow once: to the worker and the treasury, or back to the planner.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.standard.population import Bools, Ints, Population
from domain.sandbox.work import TaskStatus

LIVE_TASKS = 64
"""How many tasks of one seed live at once."""
NOBODY = -1


@dataclass(slots=True, eq=False)
class Tasks:
    """(seeds, LIVE_TASKS), and (rows,) for the claims."""

    status: NDArray[np.int8]
    planner: Ints
    worker: Ints
    held: Ints
    """In escrow for the task, in micro-credits."""
    until: Ints
    """The epoch with which the offer expires, the work fails, or the dispute is ruled on."""
    due: Ints
    """The clock at which work is submitted."""
    reworks: Ints
    good: Bools
    looks_good: Bools
    claims_used: Ints
    """By row, over the epoch."""

    def at(self, *statuses: TaskStatus) -> Ints:
        """The places, over all seeds, of tasks in these."""
        return np.flatnonzero(np.isin(self.status, statuses))

    def active(self, rows: int) -> Ints:
        """By row: how many tasks it has."""
        busy = self.at(TaskStatus.CLAIMED, TaskStatus.IN_PROGRESS, TaskStatus.SUBMITTED)
        return np.bincount(self.worker.ravel()[busy], minlength=rows).astype(np.int64)


def no_tasks(people: Population) -> Tasks:
    def all_of(value: int) -> Ints:
        return np.full((people.seeds, LIVE_TASKS), value, np.int64)

    return Tasks(
        status=np.zeros((people.seeds, LIVE_TASKS), np.int8),
        planner=all_of(NOBODY),
        worker=all_of(NOBODY),
        held=all_of(0),
        until=all_of(0),
        due=all_of(0),
        reworks=all_of(0),
        good=np.zeros((people.seeds, LIVE_TASKS), np.bool_),
        looks_good=np.zeros((people.seeds, LIVE_TASKS), np.bool_),
        claims_used=np.zeros(people.rows, np.int64),
    )
