"""Adversaries that learn whether exploiting pays under the rules in force.

Every epoch such an agent exploits throughout or lies low; it does what has paid better lately, and now and then tries
the other (an epsilon-greedy bandit of two arms; Sutton and Barto 2018, section 2.2).
"""

import numpy as np

from domain.sandbox.standard.population import MICRO, Population
from domain.sandbox.standard.state import State
from domain.sandbox.standard.streams import Purpose, Streams

LATEST = 0.5
"""How much the latest epoch counts."""
EXPLORED = 0.1


def adapt(people: Population, state: State, streams: Streams, epoch: int) -> None:
    """At the start of an epoch, from what the epoch before brought; everybody begins by exploiting."""
    rows = np.flatnonzero(people.adapts)
    if epoch == 0 or not len(rows):
        return
    streams.at(epoch, 0)
    arm = state.arm[rows]
    brought = state.real_payoff[rows] / MICRO
    state.worth[rows, arm] += LATEST * (brought - state.worth[rows, arm])
    better = state.worth[rows].argmax(axis=1)
    tries = streams.draw(Purpose.ADAPT)[rows] < EXPLORED
    state.arm[rows] = np.where(tries, 1 - better, better)
