"""What members of an organism may be: shares of the four types, and how what is known of somebody changes them.

Nobody's type can be seen. A mix is what is believed before anything is known. Bayes' rule with the chance that an
interaction of each type is good, from the standard profile's table (`standard.behaviour`), makes of it what is believed
of one member. A deceptive member either still builds trust or exploits already, with even chances, so that a long good
record speaks against adversaries and hardly against the deceptive.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.sandbox.agent import AgentType
from domain.sandbox.errors import SandboxError
from domain.sandbox.living.experience import Experience
from domain.sandbox.standard.behaviour import BEHAVIOURS
from domain.sandbox.standard.proposing import EXPLOITATION

MOST_MIXES = 10
ROUNDING = 1e-9
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")

Shares = tuple[float, float, float, float]
"""In the order of `AgentType`; they add up to 1."""


class InvalidMix(SandboxError):
    """Shares that are none, or a list of mixes that cannot be told apart."""

    code = "INVALID_MIX"


@dataclass(frozen=True, slots=True)
class Mix:
    """What is believed of somebody of whom nothing is known."""

    name: str
    shares: Shares

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise InvalidMix(f"A mix has a name of 1 to 40 letters, digits and ._-, not {self.name!r:.60}")
        if len(self.shares) != len(AgentType) or not all(0 <= share <= 1 for share in self.shares):
            raise InvalidMix(f"The mix {self.name} needs {len(AgentType)} shares from 0 to 1: {_order()}")
        if abs(math.fsum(self.shares) - 1) > ROUNDING:
            raise InvalidMix(f"The shares of the mix {self.name} add up to {math.fsum(self.shares):g}, not to 1")


def _order() -> str:
    return ", ".join(AgentType)


MIXES = (
    Mix("mostly_honest", (0.90, 0.05, 0.03, 0.02)),
    Mix("mixed", (0.60, 0.20, 0.10, 0.10)),
    Mix("hostile", (0.40, 0.20, 0.20, 0.20)),
)
"""Those that are asked where none are given: a club of friends, an open group, one that was infiltrated."""


def checked(mixes: Sequence[Mix]) -> tuple[Mix, ...]:
    """The mixes, or the usual ones without any. Raises `InvalidMix` for too many and for a name given twice."""
    if len(mixes) > MOST_MIXES:
        raise InvalidMix(f"At most {MOST_MIXES} mixes are asked at once, not {len(mixes)}")
    if len({mix.name for mix in mixes}) < len(mixes):
        raise InvalidMix("Each mix has a name of its own")
    return tuple(mixes) or MIXES


def belief(mix: Mix, experience: Experience | None) -> Shares:
    """The mix, weighed by what is known of one member."""
    if experience is None:
        return mix.shares
    likely = [_log_likelihood(kind, experience) for kind in AgentType]
    highest = max(each for each, share in zip(likely, mix.shares, strict=True) if share)
    weights = [share * math.exp(min(0.0, each - highest)) for share, each in zip(mix.shares, likely, strict=True)]
    total = math.fsum(weights)
    honest, opportunistic, deceptive, adversarial = (weight / total for weight in weights)
    return honest, opportunistic, deceptive, adversarial


def _log_likelihood(kind: AgentType, found: Experience) -> float:
    behaviour = BEHAVIOURS[kind]
    if kind is AgentType.ADVERSARIAL:
        return _log_chance(behaviour.good_exploiting, found)
    if kind is not AgentType.DECEPTIVE:
        return _log_chance(behaviour.good, found)
    exploits = EXPLOITATION * behaviour.good_exploiting + (1 - EXPLOITATION) * behaviour.good
    one, other = _log_chance(behaviour.good, found), _log_chance(exploits, found)
    return max(one, other) + math.log1p(math.exp(-abs(one - other))) - math.log(2)


def _log_chance(good: float, found: Experience) -> float:
    return found.good * math.log(good) + found.bad * math.log1p(-good)


def drawn(shares: Shares, u: float) -> AgentType:
    """The type at u in [0, 1), from honest at 0 to adversarial: one mix after the other changes few members' types."""
    possible = [(kind, share) for kind, share in zip(AgentType, shares, strict=True) if share]
    reached = 0.0
    for kind, share in possible:
        reached += share
        if u < reached:
            return kind
    return possible[-1][0]
