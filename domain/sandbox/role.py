"""Roles beside an agent's type, and the numbers that they act by.

Source: section 5.6 of the sandbox specification: the original's role mixins, which no policy of it ever used.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Role(StrEnum):
    """What an agent does beside what its type does."""

    PLANNER = "planner"
    """Has tasks done: offers bounties and awards them."""
    WORKER = "worker"
    """Bids for tasks and does them."""
    VERIFIER = "verifier"
    """Looks at what workers submit."""
    POSTER = "poster"
    """Posts with pauses, and no more than one time in two."""
    MODERATOR = "moderator"
    """Flags posts by voting against them; what is flagged often enough is hidden."""


MOST_ACTIVE = 2
"""Tasks that a worker has at once."""
HELP_AFTER = 3
"""Reworks after which a worker gives up."""
REWORK_QUALITY = 0.9
"""What is left of a worker's chance to do well, per rework."""
LEAST_INTERVAL = 2
"""Steps from one post of a poster to its next."""
HIDING_FLAGS = 3
"""Flags that hide a post."""
LEAST_QUALITY = 0.6
WELL_COVERED, BADLY_COVERED = 1.0, 0.3
"""How much of what was asked for good and bad looking work covers."""
NOISE = 0.1


def work_quality(looks_good: Bools, u: Floats) -> Floats:
    """A verifier's estimate in [0, 1]: 0.5 + 0.2 length + 0.4 coverage - 0.1 issues, give or take 0.1.

    Bad looking work is shorter, covers less than half of what was asked for, and has an issue.
    """
    length = np.where(looks_good, 1.0, 0.5)
    coverage = np.where(looks_good, WELL_COVERED, BADLY_COVERED)
    noise = NOISE * (2 * u - 1)
    return np.asarray(np.clip(0.5 + 0.2 * length + 0.4 * coverage - 0.1 * ~looks_good + noise, 0.0, 1.0), np.float64)


def approves(quality: Floats, strictness: float) -> Bools:
    """Quality of at least 0.6 (1 + strictness / 2), up to what perfect work can reach: 0.75 at the usual 0.5."""
    found: Bools = quality >= LEAST_QUALITY * (1 + 0.5 * strictness)
    return found
