"""Who proposes to whom, and in what mood."""

from dataclasses import dataclass

import numpy as np

from domain.sandbox.agent import AgentType
from domain.sandbox.standard.population import MICRO, NO_GROUP, SLOTS, Bools, Floats, Ints, Population
from domain.sandbox.standard.reach import Reach
from domain.sandbox.standard.rules import Rules
from domain.sandbox.standard.state import NOBODY, State
from domain.sandbox.standard.streams import Purpose, Streams, pick, unit
from domain.sandbox.standard.trust import Known, recall, trust

CANDIDATES = 8
REMEMBERED = 4
"""So many candidates come from memory; the others are strangers."""
EXPLORED = 0.1
NOISE = 0.1
RICH = 100 * MICRO
WEALTH_APPEAL = 0.2
GROUP_AVERSION = 2.0
HONEST_APPEAL = 1.0
"""Only where types are visible: an adversary then prefers any honest agent to any other."""
EXPLOITABLE_TRUST = 0.6
EXPLOITABLE_MEETINGS = 2
EXPLOITABLE_PARTNERS = 2
ESTABLISHED = 10
EXPLOITATION = 0.5
EXPLOITING = 0
"""The arm of those that adapt; the other one lies low."""


@dataclass(frozen=True, slots=True, eq=False)
class Proposals:
    """At most one per agent and step, in the order of rows; offers in micro-credits."""

    initiator: Ints
    target: Ints
    exploiting: Bools
    colluding: Bools
    offer: Ints

    def __len__(self) -> int:
        return len(self.initiator)

    def take(self, which: Ints) -> "Proposals":
        return Proposals(
            self.initiator[which], self.target[which], self.exploiting[which], self.colluding[which], self.offer[which]
        )


def propose(
    people: Population, state: State, rules: Rules, streams: Streams, near: Reach, proposers: Ints
) -> Proposals:
    """Who has nobody to propose to does nothing."""
    rows = proposers[near.count(proposers) > 0]
    draws = _candidate_draws(streams, rows)
    explore, exploit, chosen, collude = unit(streams.raw(Purpose.CHOICE, 4)[rows]).T
    candidates = _candidates(state, near, rows, draws)
    exploiting = _exploits(people, state, rows, exploit)
    scores = _scores(people, state, rules, rows, candidates, exploiting) + NOISE * draws[:, :, 1]
    best = np.where(explore < EXPLORED, pick(chosen, CANDIDATES), scores.argmax(axis=1))
    target = candidates[np.arange(len(rows)), best]
    mate = _mates(people, state, rows, chosen)
    colluding = (collude < people.collude[rows]) & (mate != NOBODY)
    target = np.where(colluding, mate, target)
    exploiting &= ~people.same_group(rows, target)
    offer = people.offer[rows] if rules.transfers else np.zeros(len(rows), np.int64)
    return Proposals(rows, target, exploiting, colluding, offer)


def candidates_of(state: State, streams: Streams, near: Reach, rows: Ints) -> list[Ints]:
    """Whom each of these chooses among in this step, each once, in the order of the draws."""
    reached = near.count(rows) > 0
    asking = rows[reached]
    found = iter(_candidates(state, near, asking, _candidate_draws(streams, asking)))
    return [_each_once(next(found)) if any_ else np.zeros(0, np.int64) for any_ in reached.tolist()]


def _each_once(found: Ints) -> Ints:
    return found[np.sort(np.unique(found, return_index=True)[1])]


def _candidate_draws(streams: Streams, rows: Ints) -> Floats:
    """(rows, CANDIDATES, 3): which stranger, how much noise, which memory slot."""
    return unit(streams.raw(Purpose.CANDIDATES, CANDIDATES, 3)[rows])


def _candidates(state: State, near: Reach, rows: Ints, draws: Floats) -> Ints:
    """Four remembered partners, strangers in place of those that are out of reach, and four strangers."""
    found = near.choose(rows, draws[:, :, 0])
    slots = pick(draws[:, :REMEMBERED, 2], SLOTS)
    partner = state.memory.partner[rows[:, None], slots].astype(np.int64)
    usable = (partner != NOBODY) & ~state.out[partner] & (state.side[partner] == state.side[rows][:, None])
    found[:, :REMEMBERED] = np.where(usable, partner, found[:, :REMEMBERED])
    return found


def _exploits(people: Population, state: State, rows: Ints, u: Floats) -> Bools:
    """The deceptive, once enough partners trust them; adversaries always, but those that lie low."""
    memory = state.memory
    trusting = ((memory.ema[rows] >= EXPLOITABLE_TRUST) & (memory.met[rows] >= EXPLOITABLE_MEETINGS)).sum(axis=1)
    ready = (trusting >= EXPLOITABLE_PARTNERS) & (state.accepted[rows] >= ESTABLISHED) & (u < EXPLOITATION)
    deceptive = people.is_kind(AgentType.DECEPTIVE)[rows]
    willing = ~people.adapts[rows] | (state.arm[rows] == EXPLOITING)
    found: Bools = willing & ((deceptive & ready) | people.is_kind(AgentType.ADVERSARIAL)[rows])
    return found


def _scores(people: Population, state: State, rules: Rules, rows: Ints, candidates: Ints, exploiting: Bools) -> Floats:
    """Trust; the exploiting deceptive look for those they met most, adversaries for the rich outside their group."""
    known = recall(state.memory, rows, candidates)
    found = trust(state, rules, known, candidates)
    deceiving = exploiting & people.is_kind(AgentType.DECEPTIVE)[rows]
    found = np.where(deceiving[:, None], _familiarity(known), found)
    preying = people.is_kind(AgentType.ADVERSARIAL)[rows]
    return np.where(preying[:, None], found + _appeal(people, state, rules, rows, candidates), found)


def _familiarity(known: Known) -> Floats:
    return known.met / (known.met + 2.0)


def _appeal(people: Population, state: State, rules: Rules, rows: Ints, candidates: Ints) -> Floats:
    wealth = WEALTH_APPEAL * np.minimum(1.0, state.resources[candidates] / RICH)
    found = wealth - GROUP_AVERSION * people.same_group(rows[:, None], candidates)
    return found if rules.hidden_types else found + HONEST_APPEAL * people.is_kind(AgentType.HONEST)[candidates]


def _mates(people: Population, state: State, rows: Ints, u: Floats) -> Ints:
    """A uniform other member of the group; nobody where there is none, or it is out of reach."""
    found = np.full(len(rows), NOBODY, np.int64)
    groups = people.group[: people.size]
    for group in np.unique(groups[groups != NO_GROUP]) if people.collude.any() else ():
        members = np.flatnonzero(groups == group)
        mine = np.flatnonzero(people.group[rows] == group)
        if len(members) < 2 or not len(mine):
            continue
        local, base = rows[mine] % people.size, rows[mine] - rows[mine] % people.size
        chosen = pick(u[mine], len(members) - 1)
        chosen += chosen >= np.searchsorted(members, local)
        mate = base + members[chosen]
        reached = ~state.out[mate] & (state.side[mate] == state.side[rows[mine]])
        found[mine] = np.where(reached, mate, NOBODY)
    return found
