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


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """Who may do what now, by row."""

    act: Bools
    """Anything at all: neither frozen, away, nor without the stake that acting takes."""
    post: Bools
    vote: Bools


def may_do(people: Population, state: State, settings: StandardSettings) -> Means:
    able = _able(state, settings)
    rested = ~people.has_role(Role.POSTER) | (state.clock - state.posted_at >= LEAST_INTERVAL)
    return Means(
        able,
        able & rested & (state.posts_used < settings.limits.posts_per_epoch),
        able & (state.votes_used < settings.limits.votes_per_epoch),
    )


def take_turns(people: Population, state: State, settings: StandardSettings, u: Floats) -> Turns:
    """One draw per agent; an action whose limit is spent becomes nothing."""
    may = may_do(people, state, settings)
    posts, votes = u < people.until_post, u < people.until_vote
    return Turns(
        np.flatnonzero(may.post & posts),
        np.flatnonzero(may.vote & votes & ~posts),
        np.flatnonzero(may.act & ~votes & (u < people.until_propose)),
    )


def _able(state: State, settings: StandardSettings) -> Bools:
    able: Bools = ~state.out
    if settings.governance.staking_enabled:
        able &= state.resources >= round(settings.governance.min_stake_to_participate * MICRO)
    return able
