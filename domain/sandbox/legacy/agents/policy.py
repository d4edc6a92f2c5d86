"""What legacy policies have in common: the memory of past interactions, and the two ways of being asked.

A pending proposal is answered by `act` when the agent's turn comes, by `accept` at the end of the step; the two follow
different rules for every type, which is why listing order decides outcomes in this profile (D10).

Draws happen only where every condition before them held, since all agents share one generator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Protocol

from domain.sandbox.interaction import InteractionType
from domain.sandbox.legacy.observation import Action, ActionType, Observation, Proposal, Task

UNKNOWN_TRUST = 0.5


class Policy(Protocol):
    """One agent's behaviour and memory."""

    def act(self, seen: Observation) -> Action: ...
    def accept(self, proposal: Proposal, seen: Observation) -> bool: ...
    def learn(self, other: str, p: float, accepted: bool) -> None:
        """After every interaction of this agent, in either role, accepted or not."""


@dataclass(slots=True)
class _Sum:
    total: float = 0.0
    count: int = 0

    def add(self, p: float) -> None:
        self.total += p
        self.count += 1


class Remembering:
    """Running sums per counterparty; the original walks its whole history every time (D25), to the same bits."""

    DIFFICULTIES: ClassVar[dict[str, float]] = {"trivial": 1, "easy": 2, "medium": 3, "hard": 4, "expert": 5}

    def __init__(self, random: Random) -> None:
        self.random = random
        self._accepted: dict[str, _Sum] = {}
        self._all: dict[str, _Sum] = {}

    def learn(self, other: str, p: float, accepted: bool) -> None:
        self._all.setdefault(other, _Sum()).add(p)
        if accepted:
            self._accepted.setdefault(other, _Sum()).add(p)

    def trust(self, other: str) -> float:
        """Mean p of the accepted interactions with `other`; rejected ones teach nothing (D28)."""
        known = self._accepted.get(other)
        return known.total / known.count if known else UNKNOWN_TRUST

    def experience(self, other: str) -> float | None:
        """Mean p of all interactions with `other`, rejected ones included."""
        known = self._all.get(other)
        return known.total / known.count if known else None

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def post(self, contents: int) -> Action:
        """Which of its texts an agent posts changes nothing but the state of the generator."""
        self.random.choice(range(contents))
        return Action(ActionType.POST)

    def best_task(self, tasks: Sequence[Task]) -> Task:
        """The most bounty per difficulty, the first of several."""
        return max(tasks, key=lambda task: task.bounty / self.DIFFICULTIES.get(task.difficulty, 3))


def answer(proposal: Proposal, accepted: bool) -> Action:
    return Action(ActionType.ACCEPT if accepted else ActionType.REJECT, proposal.proposal_id)


def propose(other: str, interaction_type: InteractionType) -> Action:
    return Action(ActionType.PROPOSE, other, interaction_type)


def vote(post_id: str, direction: int) -> Action:
    return Action(ActionType.VOTE, post_id, vote=direction)


def claim(task: Task) -> Action:
    return Action(ActionType.CLAIM, task.task_id)


def submit(task: Task) -> Action:
    return Action(ActionType.SUBMIT, task.task_id)
