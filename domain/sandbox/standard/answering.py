"""Which proposals are answered, how, and why."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.payoff import PayoffConfig, surplus
from domain.sandbox.rule import Rule, accepting
from domain.sandbox.standard.population import MICRO, Bools, Floats, Ints, Population
from domain.sandbox.standard.proposing import Proposals
from domain.sandbox.standard.rules import Rules
from domain.sandbox.standard.state import State
from domain.sandbox.standard.trust import recall, trust

TREMBLE = 0.02
"""The chance that an acceptable proposal is refused all the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The answered proposals in the order of initiators, with the reason; `rank` is the place in the inbox from 0."""

    proposals: Proposals
    rank: Ints
    trust: Floats
    value: Floats
    """Expected, in credits."""
    rule: NDArray[np.int8]
    unanswered: Ints
    """Initiators whose proposal found a full inbox."""

    @property
    def accepted(self) -> Bools:
        return accepting(self.rule)


def answer(
    people: Population,
    state: State,
    rules: Rules,
    payoff: PayoffConfig,
    inbox: int,
    proposals: Proposals,
    lottery: Floats,
    tremble: Floats,
) -> Answers:
    """The first `inbox` of each target, by lottery and then by the initiator's id, are answered."""
    rank = _ranks(proposals, lottery[proposals.initiator])
    read = np.flatnonzero(rank < inbox)
    kept = proposals.take(read)
    known = recall(state.memory, kept.target, kept.initiator)
    trusted = trust(state, rules, known, kept.initiator)
    value = (1 - payoff.theta) * surplus(payoff, trusted) + kept.offer / MICRO
    rule = np.full(len(kept), Rule.ACCEPTED, np.int8)
    rule[tremble[kept.initiator] < TREMBLE] = Rule.TREMBLED
    rule[value < people.least_value[kept.target]] = Rule.LITTLE_VALUE
    rule[trusted < people.least_trust[kept.target]] = Rule.LITTLE_TRUST
    for group in state.followers:
        group.overrule_answers(rule, people, known, kept.initiator, state.moment)
    rule[people.same_group(kept.initiator, kept.target)] = Rule.SAME_GROUP
    return Answers(kept, rank[read], trusted, value, rule, proposals.initiator[rank >= inbox])


def _ranks(proposals: Proposals, lottery: Floats) -> Ints:
    order = np.lexsort((proposals.initiator, lottery, proposals.target))
    target = proposals.target[order]
    starts = np.flatnonzero(np.r_[True, target[1:] != target[:-1]]) if len(target) else np.zeros(0, np.int64)
    place = np.arange(len(target)) - np.repeat(starts, np.diff(np.r_[starts, len(target)]))
    rank = np.empty(len(target), np.int64)
    rank[order] = place
    return rank
