"""What a seat is shown: what its agent could know, and nothing of anybody's type, quality or memory."""

from dataclasses import dataclass
from enum import StrEnum

from domain.sandbox.seats.action import Move


class Decision(StrEnum):
    """Which of a step's two decisions is asked for."""

    ACT = "act"
    """What to do, before anybody has done anything in this step."""
    ANSWER = "answer"
    """Which proposals of this step to accept."""


DECISIONS = len(Decision)
"""Of one step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another agent as it can be seen. Amounts are in credits."""

    agent: str
    reputation: float
    resources: float
    trust: float
    """How far the seat's agent trusts it, from its own memory and from reputation."""
    same_group: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What a memory slot holds."""

    agent: str
    trust: float
    """The moving average of what it was like; one half before anything was accepted."""
    met: int
    """Accepted interactions with it."""
    step: int
    """Of the latest contact, counted over the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A post of the front page, the best first."""

    post: int
    author: str
    net: float
    """Votes for it less votes against it, as they weigh."""
    age: int
    """In steps."""
    open: bool
    """Whether a vote on it would count: it is neither the seat's own nor voted on already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A proposal in the inbox, the first read first."""

    initiator: Other
    offer: float
    """The transfer that it promises, in credits; negative asks for one."""
    value: float
    """What the seat's agent expects of it, in credits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One turn of one seat. `turn` grows over the run, and names the turn in the answer."""

    agent: str
    turn: int
    epoch: int
    step: int
    clock: int
    """The step, counted over the run."""
    decision: Decision
    moves: tuple[Move, ...]
    """What is possible now."""
    reputation: float
    resources: float
    least_offer: float
    most_offer: float
    """What a proposal may promise: no more than there is."""
    posts_left: int
    votes_left: int
    """In this epoch."""
    memory: tuple[Remembered, ...]
    candidates: tuple[Other, ...] = ()
    """Whom it can propose to in this step."""
    front_page: tuple[Shown, ...] = ()
    proposals: tuple[Incoming, ...] = ()
