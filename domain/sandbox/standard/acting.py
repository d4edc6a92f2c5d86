"""What each agent does with its turn."""

from dataclasses import dataclass

import numpy as np

from domain.sandbox.role import LEAST_INTERVAL, Role
from domain.sandbox.standard.population import MICRO, Bools, Floats, Ints, Population
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.standard.state import State


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """Who does what, in the order of rows; everybody else does nothing."""

    posters: Ints
    voters: Ints
    proposers: Ints


def take_turns(people: Population, state: State, settings: StandardSettings, u: Floats) -> Turns:
    """One draw per agent; an action whose limit is spent becomes nothing."""
    able = _able(state, settings)
    posts, votes = u < people.until_post, u < people.until_vote
    rested = ~people.has_role(Role.POSTER) | (state.clock - state.posted_at >= LEAST_INTERVAL)
    may_post = able & rested & (state.posts_used < settings.limits.posts_per_epoch)
    may_vote = able & (state.votes_used < settings.limits.votes_per_epoch)
    return Turns(
        np.flatnonzero(may_post & posts),
        np.flatnonzero(may_vote & votes & ~posts),
        np.flatnonzero(able & ~votes & (u < people.until_propose)),
    )


def _able(state: State, settings: StandardSettings) -> Bools:
    """Neither frozen, away, nor without the stake that acting takes."""
    able: Bools = ~state.out
    if settings.governance.staking_enabled:
        able &= state.resources >= round(settings.governance.min_stake_to_participate * MICRO)
    return able
