"""The standard loop: epochs and steps, for several seeds at once.

Each seed of a batch has the same bits as when it runs alone, and no result depends on the order of agents or seeds.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from domain.sandbox.errors import OutOfRange
from domain.sandbox.levers import decay
from domain.sandbox.seats.play import Taken
from domain.sandbox.standard.acting import Turns, take_turns
from domain.sandbox.standard.adapting import adapt
from domain.sandbox.standard.answering import Answers, answer
from domain.sandbox.standard.feed import choose_votes, count_votes, publish
from domain.sandbox.standard.followers import Moment
from domain.sandbox.standard.graph import graph_of
from domain.sandbox.standard.learning import learn_from, punish_collusion, release, trip_breaker
from domain.sandbox.standard.measuring import Tally, measure
from domain.sandbox.standard.membership import decide
from domain.sandbox.standard.outcomes import turn_out
from domain.sandbox.standard.population import Ints, Population, population_of
from domain.sandbox.standard.proposing import propose
from domain.sandbox.standard.reach import reach
from domain.sandbox.standard.records import EpochMetrics, Interactions, interactions, joined
from domain.sandbox.standard.schedule import begin, misleading
from domain.sandbox.standard.seats import Seats, Sitting
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.standard.settling import settle
from domain.sandbox.standard.state import State, new_state
from domain.sandbox.standard.streams import Purpose, Streams, StreamsById
from domain.sandbox.standard.working import Workshop

SEEDS = range(2**64)


@dataclass(frozen=True, slots=True, eq=False)
class Epoch:
    """What one epoch brought: metrics per seed, in the order of the seeds, and every answered interaction."""

    metrics: tuple[EpochMetrics, ...]
    interactions: Interactions
    taken: tuple[Taken, ...] = ()
    """What seats did, in order."""


class Run:
    """A batch of runs that differ in their seed only. `epochs` advances them together, from the next one on.

    Agents can be played from outside (`sitting`) where there is one seed.
    """

    def __init__(self, settings: StandardSettings, seeds: Sequence[int], sitting: Sitting | None = None) -> None:
        for seed in seeds:
            if isinstance(seed, bool) or not isinstance(seed, int) or seed not in SEEDS:
                raise OutOfRange("seed", "a whole number from 0 to 2**64 - 1", seed)
        if not seeds:
            raise OutOfRange("seeds", "at least one", seeds)
        if sitting is not None and len(seeds) > 1:
            raise OutOfRange("seeds", "one where agents have seats", len(seeds))
        self.settings = settings
        self._judge = settings.judge()
        self.seeds = tuple(seeds)
        self.people: Population = population_of(settings.members, len(seeds))
        self.state: State = new_state(self.people, self.seeds, settings.following)
        self.next_epoch = 0
        self._streams = _streams(settings, self.seeds, self.people)
        self._graph = graph_of(settings.network, self.people, self._streams)
        self._seats = Seats(self.people, sitting)

    def epochs(self, first: int | None = None) -> Iterator[Epoch]:
        """From the next epoch on, or from epoch `first` for a state that an earlier run left there."""
        self.next_epoch = self.next_epoch if first is None else first
        while self.next_epoch < self.settings.n_epochs:
            yield self.advance()

    def advance(self) -> Epoch:
        """One epoch, whether or not it was asked for."""
        found = self._epoch(self.next_epoch)
        self.next_epoch += 1
        return found

    def branch(self, settings: StandardSettings) -> "Run":
        """What if, from here on, these settings held? The same members with the same past and the same draws."""
        if settings.members != self.settings.members:
            raise OutOfRange("members", "those of the run", len(settings.members))
        other = Run(settings, self.seeds)
        other.state, other.next_epoch = deepcopy(self.state), self.next_epoch
        return other

    def _epoch(self, epoch: int) -> Epoch:
        self._start(epoch)
        tally = Tally.empty(self.people.seeds)
        steps = [self._step(epoch, step, tally) for step in range(self.settings.steps_per_epoch)]
        if self.settings.governance.collusion_detection_enabled:
            punish_collusion(self.people, self.state)
        rows = joined(steps)
        return Epoch(measure(self.people, self.state, epoch, rows, tally), rows, self._seats.taken())

    def _start(self, epoch: int) -> None:
        state = self.state
        adapt(self.people, state, self._streams, epoch)
        begin(self.people, state, self.settings.shocks, self._streams, epoch)
        if epoch:
            state.reputation += decay.change(self.settings.governance, state.reputation)
        release(state, epoch)
        if self._judge is not None:
            decide(self.people, state, self.settings.rules, self.settings.governance.membrane, self._judge, epoch)
        for used in (state.posts_used, state.votes_used, state.tasks.claims_used, state.flagged):
            used[:] = 0
        state.real_payoff[:], state.soft_payoff[:] = 0, 0.0

    def _step(self, epoch: int, step: int, tally: Tally) -> Interactions:
        """All choices first, on the state at the start of the step; then their effects."""
        people, state, settings, streams = self.people, self.state, self.settings, self._streams
        streams.at(epoch, step)
        state.moment = Moment(epoch, step, settings.following.hour(epoch, step))
        near = reach(people, state, self._graph)
        acts = self._seats.act(state, settings, streams, near)
        turns = acts.overrule_turns(take_turns(people, state, settings, streams.draw(Purpose.ACTION)))
        ballots = choose_votes(people, state, settings.rules, turns.voters, streams.draw(Purpose.VOTE))
        acts.overrule_ballots(ballots)
        proposals = propose(people, state, settings.rules, streams, near, turns.proposers)
        acts.overrule_proposals(proposals)
        lottery, tremble = streams.draw(Purpose.INBOX), streams.draw(Purpose.TREMBLE)
        answers = answer(people, state, settings.rules, settings.payoff, settings.inbox, proposals, lottery, tremble)
        self._seats.overrule_answers(state, settings, answers)
        count_votes(people, state, settings.governance, ballots)
        publish(people, state, turns.posters, streams.draw(Purpose.POST))
        self._count(tally, turns, ballots.voter[ballots.counts], proposals.initiator, answers.unanswered)
        found = self._resolve(epoch, step, answers)
        if settings.work.on and settings.rules.settlement:
            Workshop(people, state, settings, streams, tally).step()
        self._pass_time()
        return found

    def _resolve(self, epoch: int, step: int, answers: Answers) -> Interactions:
        people, state, settings, streams = self.people, self.state, self.settings, self._streams
        config = settings.governance
        outcomes = turn_out(people, settings.proxy, streams, answers, misleading(settings.shocks, epoch))
        audit = streams.draw(Purpose.AUDIT) if config.audit_enabled else None
        settled = settle(people, state, settings.rules, settings.payoff, config, answers, outcomes, audit)
        learn_from(people, state, settings.rules, answers, outcomes, settled)
        if config.circuit_breaker_enabled:
            done = answers.accepted
            trip_breaker(state, config, epoch, answers.proposals.initiator[done], 1 - outcomes.p[done])
        return interactions(people, step, answers, outcomes, settled)

    def _pass_time(self) -> None:
        state, following = self.state, self.settings.following
        moment = state.moment
        last = moment.step + 1 == self.settings.steps_per_epoch
        until = following.hour(moment.epoch + 1, 0) if last else following.hour(moment.epoch, moment.step + 1)
        for group in state.followers:
            group.ledger.pass_time(moment.hour, until)
        state.clock += 1

    def _count(self, tally: Tally, turns: Turns, voted: Ints, proposed: Ints, unanswered: Ints) -> None:
        counted = (tally.posts, turns.posters), (tally.votes, voted), (tally.proposed, proposed)
        for column, rows in (*counted, (tally.unanswered, unanswered)):
            column += np.bincount(self.people.seed_of(rows), minlength=self.people.seeds)


def _streams(settings: StandardSettings, seeds: tuple[int, ...], people: Population) -> Streams:
    return StreamsById(seeds, people.ids) if settings.rules.draws_by_id else Streams(seeds, people.size)


def run(settings: StandardSettings, seeds: Sequence[int]) -> tuple[tuple[EpochMetrics, ...], ...]:
    """The metrics of every epoch, for each seed."""
    by_epoch = [epoch.metrics for epoch in Run(settings, seeds).epochs()]
    return tuple(zip(*by_epoch, strict=True))
