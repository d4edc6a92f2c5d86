"""Detection of collusion: who meets one partner far more often than chance, and rates it far above its own average.

Source: section 13c of the sandbox specification, after the original's later pair scores.
"""

import numpy as np
from numpy.typing import NDArray

MEETINGS = 4
"""Pairs that met less often are not judged."""
INITIATED = 5
"""Nor is whoever initiated less."""
Z = 4.0
PRAISE = 0.12
PENALTY = 1.0
"""Of reputation, per partner and epoch."""


def suspicious(met: NDArray[np.int32], expected: NDArray[np.float64], praise: NDArray[np.float64]) -> NDArray[np.bool_]:
    """`expected` meetings are those of chance; z = (met - expected) / sqrt(max(expected, 0.1)).

    `praise` is how much better the partner is rated than what the agent initiates is on average.
    """
    z = (met - expected) / np.sqrt(np.maximum(expected, 0.1))
    found: NDArray[np.bool_] = (met >= MEETINGS) & (z >= Z) & (praise >= PRAISE)
    return found
