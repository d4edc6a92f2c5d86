"""What the agent of a seat can see, from the state at the start of a step."""

from dataclasses import dataclass

import numpy as np

from domain.sandbox.seats.action import Move
from domain.sandbox.seats.observation import DECISIONS, Decision, Incoming, Observation, Other, Remembered, Shown
from domain.sandbox.standard.acting import may_do
from domain.sandbox.standard.answering import Answers
from domain.sandbox.standard.feed import front_page
from domain.sandbox.standard.population import MICRO, MOST_CREDITS, Ints, Population
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.standard.state import NOBODY, State
from domain.sandbox.standard.trust import recall, trust


@dataclass(frozen=True, slots=True, eq=False)
class Viewpoint:
    """One agent of a run of one seed, before anything has happened in the step."""

    people: Population
    state: State
    settings: StandardSettings
    row: int

    def acting(self, candidates: Ints) -> Observation:
        """`candidates` are rows, each once; nobody's turn is shown to whoever cannot act."""
        shown = self._front_page()
        moves = [Move.NOTHING]
        may = may_do(self.people, self.state, self.settings)
        moves += [Move.POST] if may.post[self.row] else []
        moves += [Move.VOTE] if may.vote[self.row] and any(post.open for post in shown) else []
        moves += [Move.PROPOSE] if len(candidates) else []
        return self._observation(Decision.ACT, tuple(moves), candidates=self._others(candidates), front_page=shown)

    def answering(self, answers: Answers, inbox: Ints) -> Observation:
        """`inbox` are numbers of answers, in the order in which they are read."""
        asked = answers.proposals
        proposals = tuple(
            Incoming(initiator=other, offer=int(asked.offer[number]) / MICRO, value=float(answers.value[number]))
            for other, number in zip(self._others(asked.initiator[inbox]), inbox.tolist(), strict=True)
        )
        return self._observation(Decision.ANSWER, (Move.ANSWER,), proposals=proposals)

    def _observation(
        self,
        decision: Decision,
        moves: tuple[Move, ...],
        *,
        candidates: tuple[Other, ...] = (),
        front_page: tuple[Shown, ...] = (),
        proposals: tuple[Incoming, ...] = (),
    ) -> Observation:
        state, settings, row = self.state, self.settings, self.row
        resources = int(state.resources[row]) / MICRO
        transfers = settings.rules.transfers
        return Observation(
            agent=self.people.ids[row],
            turn=self._turn(decision),
            epoch=state.moment.epoch,
            step=state.moment.step,
            clock=state.clock,
            decision=decision,
            moves=moves,
            reputation=float(state.reputation[row]),
            resources=resources,
            least_offer=-float(MOST_CREDITS) if transfers else 0.0,
            most_offer=min(resources, float(MOST_CREDITS)) if transfers else 0.0,
            posts_left=max(0, settings.limits.posts_per_epoch - int(state.posts_used[row])),
            votes_left=max(0, settings.limits.votes_per_epoch - int(state.votes_used[row])),
            memory=self._memory(),
            candidates=candidates,
            front_page=front_page,
            proposals=proposals,
        )

    def _turn(self, decision: Decision) -> int:
        moment = self.state.moment
        return DECISIONS * (moment.epoch * self.settings.steps_per_epoch + moment.step) + (decision is Decision.ANSWER)

    def _others(self, rows: Ints) -> tuple[Other, ...]:
        state, mine = self.state, np.full(len(rows), self.row)
        trusted = trust(state, self.settings.rules, recall(state.memory, mine, rows), rows)
        columns = (state.reputation[rows], state.resources[rows] / MICRO, trusted, self.people.same_group(mine, rows))
        return tuple(
            Other(agent=self.people.ids[row], reputation=reputation, resources=resources, trust=t, same_group=same)
            for row, reputation, resources, t, same in zip(
                rows.tolist(), *(column.tolist() for column in columns), strict=True
            )
        )

    def _memory(self) -> tuple[Remembered, ...]:
        """The latest contact first."""
        memory, row = self.state.memory, self.row
        used = np.flatnonzero(memory.partner[row] != NOBODY)
        order = used[np.argsort(-memory.clock[row, used], kind="stable")]
        columns = (memory.partner[row, order], memory.ema[row, order], memory.met[row, order], memory.clock[row, order])
        return tuple(
            Remembered(agent=self.people.ids[partner], trust=ema, met=met, step=clock)
            for partner, ema, met, clock in zip(*(column.tolist() for column in columns), strict=True)
        )

    def _front_page(self) -> tuple[Shown, ...]:
        feed, clock, seen = self.state.feed, self.state.clock, int(self.state.seen[self.row])
        (page,), (count,) = front_page(feed, clock)
        return tuple(
            Shown(
                post=slot,
                author=self.people.ids[int(feed.author[0, slot])],
                net=float(feed.net[0, slot]),
                age=clock - int(feed.born[0, slot]),
                open=int(feed.author[0, slot]) != self.row and not seen >> slot & 1,
            )
            for slot in page[:count].tolist()
        )
