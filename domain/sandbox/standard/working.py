"""A step of the marketplace: offers, bids and awards, work, verification, disputes, and every payment.

A task lives through open, claimed, in progress, submitted, and ends completed, failed or expired; a worker whose work
is refused three times disputes if it was right, and an adversary always. Draws of tasks belong to their places, draws
of agents to their rows, so that neither listing order nor other seeds matter. Work moves credits: without settlement
there is none.
"""

import numpy as np

from domain.sandbox.agent import AgentType
from domain.sandbox.payoff import PayoffConfig
from domain.sandbox.role import HELP_AFTER, MOST_ACTIVE, REWORK_QUALITY, Role, approves, work_quality
from domain.sandbox.standard.measuring import Tally
from domain.sandbox.standard.outcomes import MISLEADING
from domain.sandbox.standard.population import KINDS, MICRO, Floats, Ints, Population
from domain.sandbox.standard.rules import Rules
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.standard.settling import pay
from domain.sandbox.standard.state import State
from domain.sandbox.standard.streams import Purpose, Streams, pick
from domain.sandbox.standard.tasks import LIVE_TASKS, NOBODY
from domain.sandbox.standard.trust import learn, recall, trust
from domain.sandbox.work import ASKED, PRICE_MATTERS, TaskStatus, WorkConfig

PLACE_DRAWS = 8
ROW_DRAWS = 4


class Workshop:
    """One step of the marketplace."""

    def __init__(
        self, people: Population, state: State, settings: StandardSettings, streams: Streams, tally: Tally
    ) -> None:
        self._people, self._state, self._tally = people, state, tally
        self._rules: Rules = settings.rules
        self._payoff: PayoffConfig = settings.payoff
        self._config: WorkConfig = settings.work
        self._most_claims = settings.limits.tasks_per_epoch
        self._u = streams.draw(Purpose.WORK, ROW_DRAWS)
        places = [streams.sequence(seed, Purpose.TASKS, LIVE_TASKS * PLACE_DRAWS) for seed in range(people.seeds)]
        self._chance = np.stack(places).reshape(people.seeds * LIVE_TASKS, PLACE_DRAWS).T

    def step(self) -> None:
        """What was submitted before is looked at before anything new is."""
        self._expire()
        self._rule()
        self._verify()
        self._submit()
        self._start()
        self._award()
        self._offer()

    def _expire(self) -> None:
        """Offers that nobody took, and work that was never finished: the bounty goes back."""
        tasks, epoch = self._state.tasks, self._state.moment.epoch
        over = tasks.until.ravel() <= epoch
        offers = tasks.at(TaskStatus.OPEN)
        unfinished = tasks.at(TaskStatus.CLAIMED, TaskStatus.IN_PROGRESS, TaskStatus.SUBMITTED)
        self._fail(offers[over[offers]], self._tally.tasks_expired)
        self._fail(unfinished[over[unfinished]], self._tally.tasks_failed)

    def _rule(self) -> None:
        """A ruling finds the truth, or splits."""
        tasks = self._state.tasks
        places = tasks.at(TaskStatus.DISPUTED)
        places = places[tasks.until.ravel()[places] <= self._state.moment.epoch]
        held, good = tasks.held.ravel()[places], tasks.good.ravel()[places]
        split = np.rint(held * self._config.dispute_split).astype(np.int64)
        paid = np.where(self._chance[0, places] < self._config.ruling, np.where(good, held, 0), split)
        self._bring(places[paid > 0])
        self._close(places[paid > 0], paid[paid > 0], self._tally.tasks_completed)
        self._fail(places[paid == 0], self._tally.tasks_failed)

    def _verify(self) -> None:
        """By a verifier that has no part in it, or by the planner itself."""
        tasks, people = self._state.tasks, self._people
        places = tasks.at(TaskStatus.SUBMITTED)
        worker = tasks.worker.ravel()[places]
        verifier = self._verifiers(places)
        quality = work_quality(tasks.looks_good.ravel()[places], self._chance[2, places])
        fine = approves(quality, self._config.strictness)
        corrupt = people.is_kind(AgentType.ADVERSARIAL)[verifier]
        fine = np.where(corrupt, people.same_group(verifier, worker), fine)
        self._learn(places, np.where(fine, quality, 1 - quality))
        self._complete(places[fine])
        self._refuse(places[~fine])

    def _verifiers(self, places: Ints) -> Ints:
        """Uniform over those of the seed that are there; their own work is the planner's to judge."""
        tasks, people = self._state.tasks, self._people
        pool = np.flatnonzero(people.has_role(Role.VERIFIER) & ~self._state.out)
        first = np.searchsorted(pool, np.arange(people.seeds + 1) * people.size)
        seed = places // LIVE_TASKS
        count = first[seed + 1] - first[seed]
        planner, worker = tasks.planner.ravel()[places], tasks.worker.ravel()[places]
        if not len(pool):
            return planner
        chosen = pool[np.minimum(first[seed] + pick(self._chance[1, places], count), len(pool) - 1)]
        return np.where((count > 0) & (chosen != worker), chosen, planner)

    def _complete(self, places: Ints) -> None:
        self._bring(places)
        self._close(places, self._state.tasks.held.ravel()[places], self._tally.tasks_completed)

    def _bring(self, places: Ints) -> None:
        """What the work that is paid for turns out to be worth to the planner."""
        tasks, people, state = self._state.tasks, self._people, self._state
        value = round(self._config.value * MICRO)
        change = np.zeros(people.rows, np.int64)
        worth = np.where(tasks.good.ravel()[places], value, -value)
        np.add.at(change, tasks.planner.ravel()[places], worth)
        state.real_payoff += change
        if self._rules.settlement:
            pay(people, state, change, people.seed_of(tasks.planner.ravel()[places]), np.zeros(len(places), np.int64))

    def _refuse(self, places: Ints) -> None:
        """Back to work; or given up: workers that were right, and adversaries, dispute."""
        tasks, people = self._state.tasks, self._people
        tasks.reworks.ravel()[places] += 1
        tired = tasks.reworks.ravel()[places] >= HELP_AFTER
        again, given_up = places[~tired], places[tired]
        tasks.status.ravel()[again] = TaskStatus.IN_PROGRESS
        tasks.due.ravel()[again] = self._state.clock + self._config.steps
        worker = tasks.worker.ravel()[given_up]
        disputed = tasks.good.ravel()[given_up] | people.is_kind(AgentType.ADVERSARIAL)[worker]
        self._dispute(given_up[disputed])
        self._fail(given_up[~disputed], self._tally.tasks_failed)

    def _dispute(self, places: Ints) -> None:
        tasks = self._state.tasks
        tasks.status.ravel()[places] = TaskStatus.DISPUTED
        tasks.until.ravel()[places] = self._state.moment.epoch + self._config.dispute_epochs
        self._count(self._tally.disputes, places)

    def _submit(self) -> None:
        """A latent truth first, then what it looks like, as with interactions; rework makes good work less likely."""
        tasks, people = self._state.tasks, self._people
        places = tasks.at(TaskStatus.IN_PROGRESS)
        worker = tasks.worker.ravel()[places]
        ready = (tasks.due.ravel()[places] <= self._state.clock) & ~self._state.out[worker]
        places, worker = places[ready], worker[ready]
        cheats = people.is_kind(AgentType.ADVERSARIAL)[worker]
        chance = np.where(cheats, people.good_exploiting[worker], people.good[worker])
        good = self._chance[3, places] < chance * REWORK_QUALITY ** tasks.reworks.ravel()[places]
        hidden = np.where(cheats, people.disguise_exploiting[worker], people.disguise[worker])
        looks = (good ^ (self._chance[4, places] < MISLEADING)) | (self._chance[5, places] < hidden)
        tasks.good.ravel()[places], tasks.looks_good.ravel()[places] = good, looks
        tasks.status.ravel()[places] = TaskStatus.SUBMITTED

    def _start(self) -> None:
        tasks = self._state.tasks
        places = tasks.at(TaskStatus.CLAIMED)
        tasks.status.ravel()[places] = TaskStatus.IN_PROGRESS
        tasks.due.ravel()[places] = self._state.clock + self._config.steps

    def _award(self) -> None:
        """Each planner takes, of those it trusts enough, the one with the most trust for the price."""
        tasks, people = self._state.tasks, self._people
        bidder, place = self._bids()
        planner = tasks.planner.ravel()[place]
        trusted = trust(self._state, self._rules, recall(self._state.memory, planner, bidder), bidder)
        asked = _asked(people)[bidder]
        score = np.where(trusted >= people.least_trust[planner], trusted - PRICE_MATTERS * asked, -np.inf)
        order = np.lexsort((bidder, -score, place))
        order = order[np.isfinite(score[order])]
        best = order[np.unique(place[order], return_index=True)[1]]
        self._claim(place[best], bidder[best], asked[best])

    def _bids(self) -> tuple[Ints, Ints]:
        """(bidder, place): free workers look at one offer that is not their own; so many bids for one are read."""
        tasks, people, state = self._state.tasks, self._people, self._state
        free = (tasks.active(people.rows) < MOST_ACTIVE) & (tasks.claims_used < self._most_claims)
        bids = people.has_role(Role.WORKER) & ~state.out & free & (self._u[:, 0] < self._config.bidding)
        bidder, offers = np.flatnonzero(bids), tasks.at(TaskStatus.OPEN)
        first = np.searchsorted(offers, np.arange(people.seeds + 1) * LIVE_TASKS)
        seed = people.seed_of(bidder)
        count = first[seed + 1] - first[seed]
        bidder, seed, count = bidder[count > 0], seed[count > 0], count[count > 0]
        place = offers[first[seed] + pick(self._u[bidder, 1], count)] if len(bidder) else np.zeros(0, np.int64)
        other = tasks.planner.ravel()[place] != bidder
        return self._read(bidder[other], place[other])

    def _read(self, bidder: Ints, place: Ints) -> tuple[Ints, Ints]:
        order = np.lexsort((bidder, self._u[bidder, 2], place))
        bidder, place = bidder[order], place[order]
        rank = np.arange(len(place)) - np.searchsorted(place, place)
        return bidder[rank < self._config.most_bids], place[rank < self._config.most_bids]

    def _claim(self, places: Ints, worker: Ints, asked: Floats) -> None:
        """What the winner did not ask for goes back to the planner."""
        tasks, state = self._state.tasks, self._state
        price = np.rint(tasks.held.ravel()[places] * asked).astype(np.int64)
        self._give_back(places, tasks.held.ravel()[places] - price)
        tasks.status.ravel()[places] = TaskStatus.CLAIMED
        tasks.worker.ravel()[places] = worker
        tasks.until.ravel()[places] = state.moment.epoch + self._config.bid_epochs
        tasks.claims_used[worker] += 1
        self._count(self._tally.tasks_claimed, places)

    def _offer(self) -> None:
        """Planners that can pay the bounty, while there are places; the lottery decides who gets one."""
        tasks, people, state = self._state.tasks, self._people, self._state
        bounty = round(self._config.bounty * MICRO)
        able = people.has_role(Role.PLANNER) & ~state.out & (state.resources >= bounty)
        planner = np.flatnonzero(able & (self._u[:, 3] < self._config.posting))
        planner = planner[np.lexsort((planner, self._u[planner, 2], people.seed_of(planner)))]
        empty = tasks.at(TaskStatus.EMPTY)
        seed = people.seed_of(planner)
        rank = np.arange(len(planner)) - np.searchsorted(seed, seed)
        start = np.searchsorted(empty, seed * LIVE_TASKS)
        fits = rank < np.searchsorted(empty, (seed + 1) * LIVE_TASKS) - start
        planner, places = planner[fits], empty[(start + rank)[fits]]
        tasks.status.ravel()[places] = TaskStatus.OPEN
        tasks.planner.ravel()[places] = planner
        tasks.held.ravel()[places] = bounty
        tasks.until.ravel()[places] = state.moment.epoch + self._config.bid_epochs
        tasks.reworks.ravel()[places] = 0
        state.resources[planner] -= bounty
        state.real_payoff[planner] -= bounty
        np.add.at(state.accounts.escrow, people.seed_of(planner), bounty)
        self._count(self._tally.tasks_offered, places)

    def _fail(self, places: Ints, counter: Ints) -> None:
        """Nothing is paid."""
        self._close(places, np.zeros(len(places), np.int64), counter)

    def _close(self, places: Ints, paid: Ints, counter: Ints) -> None:
        """The end of tasks: so much of what is held to the worker, less the fee; the rest back."""
        tasks, state = self._state.tasks, self._state
        paying = places[paid > 0]
        worker, amount = tasks.worker.ravel()[paying], paid[paid > 0]
        fee = np.rint(amount * self._config.fee).astype(np.int64)
        seed = paying // LIVE_TASKS
        np.add.at(state.resources, worker, amount - fee)
        np.add.at(state.real_payoff, worker, amount - fee)
        np.add.at(state.accounts.treasury, seed, fee)
        np.add.at(state.accounts.escrow, seed, -amount)
        tasks.held.ravel()[paying] -= amount
        self._give_back(places, tasks.held.ravel()[places].copy())
        tasks.status.ravel()[places] = TaskStatus.EMPTY
        tasks.worker.ravel()[places] = NOBODY
        self._count(counter, places)

    def _give_back(self, places: Ints, amount: Ints) -> None:
        tasks, state = self._state.tasks, self._state
        planner = tasks.planner.ravel()[places]
        np.add.at(state.resources, planner, amount)
        np.add.at(state.real_payoff, planner, amount)
        np.add.at(state.accounts.escrow, places // LIVE_TASKS, -amount)
        tasks.held.ravel()[places] -= amount

    def _learn(self, places: Ints, x: Floats) -> None:
        """Planners remember workers by their work, one task after the other; a name grows and shrinks with it."""
        tasks, state = self._state.tasks, self._state
        planner, worker = tasks.planner.ravel()[places], tasks.worker.ravel()[places]
        np.add.at(state.reputation, worker, x - 0.5)
        left = np.arange(len(places))
        while len(left):
            now = left[np.unique(planner[left], return_index=True)[1]]
            slot, known = learn(state, self._rules, planner[now], worker[now], x[now], np.ones(len(now), np.bool_))
            for group in state.followers:
                group.displace(planner[now], slot, known)
            left = np.setdiff1d(left, now)

    def _count(self, counter: Ints, places: Ints) -> None:
        counter += np.bincount(places // LIVE_TASKS, minlength=len(counter))


def _asked(people: Population) -> Floats:
    found: Floats = np.array([ASKED[kind] for kind in KINDS])[people.kind]
    return found
