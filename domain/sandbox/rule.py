"""Why a proposal was accepted or refused in the standard profile."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Rule(IntEnum):
    """The rule that decided; numbers are part of what a run writes."""

    ACCEPTED = 0
    """Accepted: trusted enough and worth enough."""
    SAME_GROUP = 1
    """Accepted, whoever it was and whatever it brought: a member of the own group."""
    LITTLE_TRUST = 2
    """Refused: trusted less than the agent asks for."""
    LITTLE_VALUE = 3
    """Refused: expected to bring less than the agent asks for."""
    TREMBLED = 4
    """Refused by chance, although acceptable."""
    UNKNOWN_COOPERATIVE = 5
    """Accepted by the alliance: no recent history, and it starts cooperative."""
    ALLY = 6
    """Accepted by the alliance: an ally."""
    NEUTRAL_ENGAGED = 7
    """Accepted by the alliance: neutral, and the public draw said yes."""
    NEUTRAL_SKIPPED = 8
    """Refused by the alliance: neutral, and the public draw said no."""
    PROVOKED_PAUSE = 9
    """Refused by the alliance: an unprovoked hostile act is still fresh."""
    RIVAL = 10
    """Refused by the alliance: a rival."""
    TIER_REACHED = 11
    """Accepted by the trust formula: the tier asked for is reached."""
    TIER_MISSED = 12
    """Refused by the trust formula: a lower tier than the one asked for."""
    SEAT_ACCEPTED = 13
    """Accepted by whoever plays the agent from outside."""
    SEAT_REFUSED = 14
    """Refused by whoever plays the agent from outside."""

    @property
    def accepts(self) -> bool:
        return self in ACCEPTING


ACCEPTING = frozenset(
    {
        Rule.ACCEPTED,
        Rule.SAME_GROUP,
        Rule.UNKNOWN_COOPERATIVE,
        Rule.ALLY,
        Rule.NEUTRAL_ENGAGED,
        Rule.TIER_REACHED,
        Rule.SEAT_ACCEPTED,
    }
)
_ACCEPTS = np.array([rule in ACCEPTING for rule in Rule])


def accepting(rules: NDArray[np.int8]) -> NDArray[np.bool_]:
    """For columns of rules."""
    found: NDArray[np.bool_] = _ACCEPTS[rules]
    return found
