"""What people, trust and the social graph refuse, each with a stable code and the facts.

DomainError
├── InvalidShape
│   └── InvalidInteraction, InvalidSignals, InvalidOverride, InvalidOpinion
└── Refused
    └── FutureInteraction, SignalsFromLater
"""

from domain.errors import InvalidShape
from domain.organisms.errors import Refused


class InvalidInteraction(InvalidShape):
    code = "INVALID_INTERACTION"
    noun = "interaction"


class InvalidSignals(InvalidShape):
    code = "INVALID_SIGNALS"
    noun = "signals"


class InvalidOverride(InvalidShape):
    code = "INVALID_OVERRIDE"
    noun = "override"


class InvalidOpinion(InvalidShape):
    code = "INVALID_OPINION"
    noun = "opinion"


class FutureInteraction(Refused):
    code = "FUTURE_INTERACTION"

    def __init__(self, at: int, now: int, ahead: int) -> None:
        super().__init__(
            f"The interaction is dated {(at - now) / 1000:.3f} s after now; at most {ahead // 1000} s are accepted",
            at=at,
            now=now,
            secondsAhead=ahead // 1000,
        )


class SignalsFromLater(Refused):
    """The signals hold an interaction after the moment asked for: count those up to it instead."""

    code = "SIGNALS_FROM_LATER"

    def __init__(self, latest: int, now: int) -> None:
        super().__init__("The signals reach beyond the moment asked for", latest=latest, now=now)
