"""What is planned: who arrives, leaves and begins again under a new name, and the shocks.

All of it happens at the start of an epoch. Agents that come later have their credits from the beginning, and whoever
leaves keeps them, so that the sum of all credits never changes.
"""

from collections.abc import Iterator

import numpy as np

from domain.sandbox.levers.breaker import NOT_FROZEN
from domain.sandbox.shock import Shock, ShockKind
from domain.sandbox.standard.outcomes import MISLEADING
from domain.sandbox.standard.population import Bools, Ints, Population
from domain.sandbox.standard.state import NEVER, NEVER_MET, NOBODY, State
from domain.sandbox.standard.streams import Purpose, Streams


def begin(people: Population, state: State, shocks: tuple[Shock, ...], streams: Streams, epoch: int) -> None:
    """Who is there, and on which side, in this epoch."""
    planned: Bools = (people.arrives <= epoch) & (epoch < people.leaves)
    state.away[:] = ~planned
    state.side[:] = 0
    for shock, hit in _hits(shocks, streams, epoch):
        if shock.kind is ShockKind.DROPOUT:
            state.away |= hit
        elif shock.kind is ShockKind.PARTITION:
            state.side |= hit
    begin_again(people, state, people.renamed(epoch))


def misleading(shocks: tuple[Shock, ...], epoch: int) -> float:
    """The chance that an interaction looks like the opposite of what it is: the worst noise that holds."""
    noises = [shock.share for shock in shocks if shock.kind is ShockKind.NOISE and shock.holds(epoch)]
    return max(noises, default=MISLEADING)


def _hits(shocks: tuple[Shock, ...], streams: Streams, epoch: int) -> Iterator[tuple[Shock, Bools]]:
    """The same agents in every epoch of one shock; the place in the list is its step."""
    for number, shock in enumerate(shocks):
        if shock.holds(epoch) and shock.kind is not ShockKind.NOISE:
            streams.at(shock.epoch, number)
            yield shock, streams.draw(Purpose.SHOCK) < shock.share


def begin_again(people: Population, state: State, rows: Ints) -> None:
    """Whitewashing: nobody knows these any more; they keep their credits and what they know of others."""
    if not len(rows):
        return
    state.reputation[rows] = 0.0
    for column in (state.accepted, state.initiated, state.violations, state.windowed):
        column[rows] = 0
    state.initiated_p[rows] = 0.0
    state.window[rows] = 0.0
    state.frozen_until[rows] = NOT_FROZEN
    renamed = np.zeros(people.rows, np.bool_)
    renamed[rows] = True
    state.feed.author[(state.feed.author != NOBODY) & renamed[state.feed.author]] = NOBODY
    memory = state.memory
    forgotten = (memory.partner != NOBODY) & renamed[memory.partner]
    memory.partner[forgotten] = NOBODY
    memory.ema[forgotten] = NEVER_MET
    memory.met[forgotten] = 0
    memory.clock[forgotten] = NEVER
