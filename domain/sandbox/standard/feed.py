"""The feed of the standard profile: 64 open posts per seed, of which the best 20 are the front page."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.agent import AgentType
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.levers import votes
from domain.sandbox.role import HIDING_FLAGS, Role
from domain.sandbox.standard.population import Bools, Floats, Ints, Population
from domain.sandbox.standard.rules import Rules
from domain.sandbox.standard.state import LIVE_POSTS, NOBODY, Feed, State
from domain.sandbox.standard.streams import pick
from domain.sandbox.standard.trust import recall, trust

FRONT_PAGE = 20
AGEING = 0.01
"""What a post loses per step, in votes."""
UPVOTED_TRUST = 0.45
TOLERATED_NET = -2
"""The opportunistic vote against what already stands lower."""
REPUTATION_PER_VOTE = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Ballots:
    """Votes of one step: who, on which post of the feed (flat over seeds), up or down, and whether it counts."""

    voter: Ints
    place: Ints
    direction: Floats
    counts: Bools


def ranking(feed: Feed, clock: int) -> NDArray[np.intp]:
    """Slots per seed, the best first: by net votes less age, then the newest, then by lottery."""
    score = np.where(feed.author == NOBODY, -np.inf, feed.net - AGEING * (clock - feed.born))
    return np.lexsort((feed.author, feed.lottery, -feed.born, -score), axis=-1)


def front_page(feed: Feed, clock: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(seeds, FRONT_PAGE) slots, the best first, and how many of them are posts."""
    shown = np.minimum((feed.author != NOBODY).sum(axis=1), FRONT_PAGE)
    return ranking(feed, clock)[:, :FRONT_PAGE], shown


def choose_votes(people: Population, state: State, rules: Rules, voters: Ints, u: Floats) -> Ballots:
    """Everyone looks at the front page of the start of the step; who finds it empty does not vote."""
    page, shown = front_page(state.feed, state.clock)
    voters = voters[shown[people.seed_of(voters)] > 0]
    seed = people.seed_of(voters)
    slot = page[seed, pick(u[voters], shown[seed])]
    author = state.feed.author[seed, slot]
    seen = (state.seen[voters] >> slot.astype(np.uint64)) & np.uint64(1) == 1
    direction = _directions(people, state, rules, voters, author, state.feed.net[seed, slot])
    return Ballots(voters, seed * LIVE_POSTS + slot, direction, ~seen & (author != voters))


def _directions(people: Population, state: State, rules: Rules, voters: Ints, author: Ints, net: Floats) -> Floats:
    up = trust(state, rules, recall(state.memory, voters, author), author) >= UPVOTED_TRUST
    up = np.where(people.is_kind(AgentType.OPPORTUNISTIC)[voters], net >= TOLERATED_NET, up)
    up = np.where(people.is_kind(AgentType.ADVERSARIAL)[voters], people.same_group(voters, author), up)
    return np.where(up, 1.0, -1.0)


def count_votes(people: Population, state: State, config: GovernanceConfig, ballots: Ballots) -> None:
    """A vote on an own or already seen post takes its place in the budget and changes nothing (D12)."""
    state.votes_used[ballots.voter] += 1
    weight = votes.weight(config, (state.votes_used[ballots.voter] - 1).astype(np.float64))
    worth = np.where(ballots.counts, ballots.direction * weight, 0.0)
    authors = state.feed.author.ravel()[ballots.place]
    state.feed.net += np.bincount(ballots.place, worth, state.feed.net.size).reshape(state.feed.net.shape)
    state.reputation += np.bincount(authors, REPUTATION_PER_VOTE * worth, len(state.reputation))
    _flag(people, state, ballots)
    state.seen[ballots.voter] |= np.uint64(1) << (ballots.place % LIVE_POSTS).astype(np.uint64)


def _flag(people: Population, state: State, ballots: Ballots) -> None:
    """A moderator's vote against a post is a flag; enough of them hide it."""
    flagging = ballots.counts & (ballots.direction < 0) & people.has_role(Role.MODERATOR)[ballots.voter]
    if flagging.any():
        np.add.at(state.feed.flags.ravel(), ballots.place[flagging], 1)
        state.feed.author[state.feed.flags >= HIDING_FLAGS] = NOBODY


def publish(people: Population, state: State, authors: Ints, lottery: Floats) -> None:
    """New posts compete with the open ones for the slots; who loses is closed."""
    state.posts_used[authors] += 1
    state.posted_at[authors] = state.clock
    fresh = _seated(people, state, authors, lottery[authors])
    feed = state.feed
    both = Feed(
        np.concatenate((feed.author, fresh.author), axis=1),
        np.concatenate((feed.net, fresh.net), axis=1),
        np.concatenate((feed.born, fresh.born), axis=1),
        np.concatenate((feed.lottery, fresh.lottery), axis=1),
        np.concatenate((feed.flags, fresh.flags), axis=1),
    )
    place = np.empty(both.author.shape, np.int64)
    np.put_along_axis(place, ranking(both, state.clock), np.arange(both.author.shape[1])[None, :], axis=1)
    stays = (place < LIVE_POSTS) & (both.author != NOBODY)
    free = np.argsort(stays[:, :LIVE_POSTS], axis=1, kind="stable")
    enters = np.argsort(~stays[:, LIVE_POSTS:], axis=1, kind="stable")
    width = min(LIVE_POSTS, enters.shape[1])
    used = np.arange(width)[None, :] < stays[:, LIVE_POSTS:].sum(axis=1)[:, None]
    seed, column = np.nonzero(used)
    slot, post = free[seed, column], enters[seed, column]
    for ours, theirs in zip(_columns(feed), _columns(fresh), strict=True):
        ours[seed, slot] = theirs[seed, post]
    _forget(people, state, seed, slot)


def _columns(feed: Feed) -> tuple[NDArray[np.int64] | NDArray[np.float64], ...]:
    return feed.author, feed.net, feed.born, feed.lottery, feed.flags


def _seated(people: Population, state: State, authors: Ints, lottery: Floats) -> Feed:
    """The new posts of each seed side by side, the first of the lottery first; more than there are slots are lost."""
    seed = people.seed_of(authors)
    order = np.lexsort((authors, lottery, seed))
    authors, lottery, seed = authors[order], lottery[order], seed[order]
    first = np.searchsorted(seed, np.arange(people.seeds))
    place = np.arange(len(authors)) - first[seed]
    kept = place < LIVE_POSTS
    shape = (people.seeds, int(place[kept].max(initial=-1)) + 1)
    clock = np.full(shape, state.clock, np.int64)
    fresh = Feed(np.full(shape, NOBODY, np.int64), np.zeros(shape), clock, np.zeros(shape), np.zeros(shape, np.int64))
    fresh.author[seed[kept], place[kept]] = authors[kept]
    fresh.lottery[seed[kept], place[kept]] = lottery[kept]
    return fresh


def _forget(people: Population, state: State, seed: NDArray[np.intp], slot: NDArray[np.intp]) -> None:
    """Nobody has seen what now stands in these slots."""
    reused = np.zeros(people.seeds, np.uint64)
    np.bitwise_or.at(reused, seed, np.uint64(1) << slot.astype(np.uint64))
    by_seed = state.seen.reshape(people.seeds, people.size)
    by_seed &= ~reused[:, None]
