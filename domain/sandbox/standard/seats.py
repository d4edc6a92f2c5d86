"""Agents that are played from outside, between the columns of a run and whoever plays them.

What a seat decides takes the place of what its agent's policy chose; every draw is made all the same, so nobody else's
luck changes, and a silent seat changes nothing at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from domain.sandbox.rule import Rule
from domain.sandbox.seats.action import Action, Move
from domain.sandbox.seats.observation import Observation
from domain.sandbox.seats.play import Play, Taken
from domain.sandbox.seats.possible import check
from domain.sandbox.standard.acting import Turns, may_do
from domain.sandbox.standard.answering import Answers
from domain.sandbox.standard.feed import Ballots
from domain.sandbox.standard.observing import Viewpoint
from domain.sandbox.standard.population import MICRO, Ints, Population
from domain.sandbox.standard.proposing import Proposals, candidates_of
from domain.sandbox.standard.reach import Reach
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.standard.state import State
from domain.sandbox.standard.streams import Streams


@dataclass(frozen=True, slots=True)
class Sitting:
    """Which agents are played, by id, and by whom."""

    agents: tuple[str, ...]
    play: Play


@dataclass(frozen=True, slots=True, eq=False)
class Acts:
    """What seats do with one step, by row."""

    people: Population
    actions: Mapping[int, Action] = field(default_factory=dict)

    def overrule_turns(self, turns: Turns) -> Turns:
        if not self.actions:
            return turns
        posters = self._doing(turns.posters, Move.POST)
        return Turns(posters, self._doing(turns.voters, Move.VOTE), self._doing(turns.proposers, Move.PROPOSE))

    def overrule_ballots(self, ballots: Ballots) -> None:
        for number, action in self._numbers(ballots.voter, Move.VOTE):
            assert action.post is not None  # it is possible
            ballots.place[number] = action.post
            ballots.direction[number] = 1.0 if action.up else -1.0
            ballots.counts[number] = True

    def overrule_proposals(self, proposals: Proposals) -> None:
        """Nobody is exploited in the own group; collusion is for the policies."""
        for number, action in self._numbers(proposals.initiator, Move.PROPOSE):
            assert action.to is not None  # it is possible
            row, target = int(proposals.initiator[number]), self.people.ids.index(action.to)
            mates = bool(self.people.same_group(np.array([row]), np.array([target]))[0])
            proposals.target[number] = target
            proposals.exploiting[number] = action.exploit and not mates
            proposals.colluding[number] = False
            if action.offer is not None:
                proposals.offer[number] = round(action.offer * MICRO)

    def _doing(self, rows: Ints, move: Move) -> Ints:
        theirs = [row for row, action in self.actions.items() if action.move is move]
        others = np.setdiff1d(rows, np.array(list(self.actions), np.int64))
        return np.union1d(others, np.array(theirs, np.int64))

    def _numbers(self, rows: Ints, move: Move) -> list[tuple[int, Action]]:
        """Where in these sorted rows those are that make the move."""
        theirs = [(row, action) for row, action in self.actions.items() if action.move is move]
        return [(int(np.searchsorted(rows, row)), action) for row, action in theirs]


class Seats:
    """Of one run; without any, nobody is asked and nothing is overruled."""

    def __init__(self, people: Population, sitting: Sitting | None) -> None:
        self._people = people
        self._play = None if sitting is None else sitting.play
        self._rows: tuple[int, ...] = () if sitting is None else tuple(sorted(map(people.ids.index, sitting.agents)))
        self._taken: list[Taken] = []

    def act(self, state: State, settings: StandardSettings, streams: Streams, near: Reach) -> Acts:
        """Everybody who can act is asked at once, on the state at the start of the step."""
        if not self._rows:
            return Acts(self._people)
        able = may_do(self._people, state, settings).act
        rows = [row for row in self._rows if able[row]]
        candidates = candidates_of(state, streams, near, np.array(rows, np.int64))
        views = [Viewpoint(self._people, state, settings, row) for row in rows]
        seen = [view.acting(others) for view, others in zip(views, candidates, strict=True)]
        return Acts(self._people, self._asked(rows, seen))

    def overrule_answers(self, state: State, settings: StandardSettings, answers: Answers) -> None:
        """Who finds proposals in the inbox is asked once for all of them."""
        asked = answers.proposals
        inboxes = {row: _inbox(answers, row) for row in self._rows}
        rows = [row for row, inbox in inboxes.items() if len(inbox)]
        seen = [Viewpoint(self._people, state, settings, row).answering(answers, inboxes[row]) for row in rows]
        for row, action in self._asked(rows, seen).items():
            for number in inboxes[row].tolist():
                accepts = self._people.ids[int(asked.initiator[number])] in action.accept
                answers.rule[number] = Rule.SEAT_ACCEPTED if accepts else Rule.SEAT_REFUSED

    def taken(self) -> tuple[Taken, ...]:
        """What was done since this was last asked."""
        found, self._taken = tuple(self._taken), []
        return found

    def _asked(self, rows: Sequence[int], seen: Sequence[Observation]) -> dict[int, Action]:
        if not rows or self._play is None:
            return {}
        said, actions = self._play(tuple(seen)), dict[int, Action]()
        for row, one in zip(rows, seen, strict=True):
            if one.agent in said:
                actions[row] = said[one.agent]
                check(one, actions[row])
                self._taken.append(Taken(one.epoch, one.step, one.agent, actions[row]))
        return actions


def _inbox(answers: Answers, row: int) -> Ints:
    mine = np.flatnonzero(answers.proposals.target == row)
    return mine[np.argsort(answers.rank[mine], kind="stable")]
