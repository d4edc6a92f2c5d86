"""The standard loop: epochs and steps, for several seeds at once.

Each seed of a batch has the same bits as when it runs alone, and no result depends on the order of agents or seeds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.sandbox.errors import OutOfRange
from domain.sandbox.levers import decay
from domain.sandbox.standard.acting import Turns, take_turns
from domain.sandbox.standard.answering import Answers, answer
from domain.sandbox.standard.feed import choose_votes, count_votes, publish
from domain.sandbox.standard.learning import learn_from, punish_collusion, release, trip_breaker
from domain.sandbox.standard.measuring import Tally, measure
from domain.sandbox.standard.outcomes import turn_out
from domain.sandbox.standard.population import Ints, Population, population_of
from domain.sandbox.standard.proposing import propose
from domain.sandbox.standard.records import EpochMetrics, Interactions, interactions, joined
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.standard.settling import settle
from domain.sandbox.standard.state import State, new_state
from domain.sandbox.standard.streams import Purpose, Streams

SEEDS = range(2**64)


@dataclass(frozen=True, slots=True, eq=False)
class Epoch:
    """What one epoch brought: metrics per seed, in the order of the seeds, and every answered interaction."""

    metrics: tuple[EpochMetrics, ...]
    interactions: Interactions


class Run:
    """A batch of runs that differ in their seed only. `epochs` advances them together."""

    def __init__(self, settings: StandardSettings, seeds: Sequence[int]) -> None:
        for seed in seeds:
            if isinstance(seed, bool) or not isinstance(seed, int) or seed not in SEEDS:
                raise OutOfRange("seed", "a whole number from 0 to 2**64 - 1", seed)
        if not seeds:
            raise OutOfRange("seeds", "at least one", seeds)
        self.settings = settings
        self.people: Population = population_of(settings.members, len(seeds))
        self.state: State = new_state(self.people)
        self._streams = Streams(tuple(seeds), self.people.size)

    def epochs(self, first: int = 0) -> Iterator[Epoch]:
        """From epoch `first` on, for a state that an earlier run left there."""
        for epoch in range(first, self.settings.n_epochs):
            yield self._epoch(epoch)

    def _epoch(self, epoch: int) -> Epoch:
        self._start(epoch)
        tally = Tally(*(np.zeros(self.people.seeds, np.int64) for _ in range(4)))
        steps = [self._step(epoch, step, tally) for step in range(self.settings.steps_per_epoch)]
        if self.settings.governance.collusion_detection_enabled:
            punish_collusion(self.people, self.state)
        rows = joined(steps)
        return Epoch(measure(self.people, self.state, epoch, rows, tally), rows)

    def _start(self, epoch: int) -> None:
        state = self.state
        if epoch:
            state.reputation += decay.change(self.settings.governance, state.reputation)
        release(state, epoch)
        for used in (state.posts_used, state.votes_used, state.real_payoff, state.soft_payoff):
            used[:] = 0

    def _step(self, epoch: int, step: int, tally: Tally) -> Interactions:
        """All choices first, on the state at the start of the step; then their effects."""
        people, state, settings, streams = self.people, self.state, self.settings, self._streams
        streams.at(epoch, step)
        turns = take_turns(people, state, settings, streams.draw(Purpose.ACTION))
        ballots = choose_votes(people, state, settings.rules, turns.voters, streams.draw(Purpose.VOTE))
        proposals = propose(people, state, settings.rules, streams, turns.proposers)
        lottery, tremble = streams.draw(Purpose.INBOX), streams.draw(Purpose.TREMBLE)
        answers = answer(people, state, settings.rules, settings.payoff, settings.inbox, proposals, lottery, tremble)
        count_votes(state, settings.governance, ballots)
        publish(people, state, turns.posters, streams.draw(Purpose.POST))
        self._count(tally, turns, ballots.voter[ballots.counts], proposals.initiator, answers.unanswered)
        return self._resolve(epoch, step, answers)

    def _resolve(self, epoch: int, step: int, answers: Answers) -> Interactions:
        people, state, settings, streams = self.people, self.state, self.settings, self._streams
        config = settings.governance
        outcomes = turn_out(people, settings.proxy, streams, answers)
        audit = streams.draw(Purpose.AUDIT) if config.audit_enabled else None
        settled = settle(people, state, settings.rules, settings.payoff, config, answers, outcomes, audit)
        learn_from(state, settings.rules, answers, outcomes, settled)
        if config.circuit_breaker_enabled:
            done = answers.accepted
            trip_breaker(state, config, epoch, answers.proposals.initiator[done], 1 - outcomes.p[done])
        state.clock += 1
        return interactions(people, step, answers, outcomes, settled)

    def _count(self, tally: Tally, turns: Turns, voted: Ints, proposed: Ints, unanswered: Ints) -> None:
        counted = (tally.posts, turns.posters), (tally.votes, voted), (tally.proposed, proposed)
        for column, rows in (*counted, (tally.unanswered, unanswered)):
            column += np.bincount(self.people.seed_of(rows), minlength=self.people.seeds)


def run(settings: StandardSettings, seeds: Sequence[int]) -> tuple[tuple[EpochMetrics, ...], ...]:
    """The metrics of every epoch, for each seed."""
    by_epoch = [epoch.metrics for epoch in Run(settings, seeds).epochs()]
    return tuple(zip(*by_epoch, strict=True))
