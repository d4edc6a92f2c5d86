"""Who decides for the seats: somebody outside, what a log has kept, or nobody."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from domain.sandbox.seats.action import Action, Move
from domain.sandbox.seats.observation import Decision, Observation

Play = Callable[[tuple[Observation, ...]], Mapping[str, Action]]
"""What the seats of one decision do, by agent. For those that are missing their own policy decides."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An action that a seat took, as a log keeps it."""

    epoch: int
    step: int
    agent: str
    action: Action

    @property
    def decision(self) -> Decision:
        return Decision.ANSWER if self.action.move is Move.ANSWER else Decision.ACT


def nobody(seen: tuple[Observation, ...]) -> Mapping[str, Action]:
    """Every seat is empty."""
    return {}


def repeated(actions: Iterable[Taken], epochs: int | None = None, after: Play = nobody) -> Play:
    """What was done before is done again in the first `epochs` (None: all); then `after` decides."""
    kept = {(one.epoch, one.step, one.agent, one.decision): one.action for one in actions}

    def play(seen: tuple[Observation, ...]) -> Mapping[str, Action]:
        if epochs is not None and seen[0].epoch >= epochs:
            return after(seen)
        asked = {one.agent: (one.epoch, one.step, one.agent, one.decision) for one in seen}
        return {agent: kept[key] for agent, key in asked.items() if key in kept}

    return play
