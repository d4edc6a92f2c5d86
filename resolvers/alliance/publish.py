"""What anybody may ask, without a token: the policy, and what it answers to a history that they bring."""

import asyncio
from dataclasses import dataclass

from domain.alliance.engagement import Context as Post
from domain.alliance.engagement import Decision, should_engage
from domain.alliance.errors import InvalidAllianceData
from domain.alliance.history import History
from domain.alliance.policy import Policy, Profile, newest, policy_named
from domain.alliance.replay import read_replay_data
from domain.canonical import Json
from domain.timestamp import normalise, parse_millis
from resolvers.context import Services
from resolvers.errors import InvalidArgument

MOST_SUPPLIED = 1_000
"""Interactions of a history that somebody brings along: it is read for strangers too."""

POST_ID_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with what it was taken from; `links` says whether the history has its links already."""

    decision: Decision
    history: History
    policy: Policy
    links: bool = True


def policy(profile: Profile, version: int | None) -> Policy:
    """The newest version, unless one is named; raises `UnknownPolicy`."""
    return newest(profile) if version is None else policy_named(profile, version)


def checked_post(post: Post) -> Post:
    """The context of a post with an id that can be drawn on."""
    if len(post.post_id) > POST_ID_LENGTH:
        raise InvalidArgument("postId", f"at most {POST_ID_LENGTH} characters", post.post_id)
    return post


def moment_of(services: Services, at: str | None) -> int:
    """Now, or the time given in any RFC 3339 notation, in milliseconds; raises `InvalidTimestamp`."""
    return services.clock() if at is None else parse_millis(normalise(at))


async def evaluate(services: Services, replay: Json, post: Post, at: str | None) -> Decided:
    """What the replay data answer: nothing is looked up and nothing is kept."""
    now = moment_of(services, at)
    return await asyncio.to_thread(_evaluated, replay, checked_post(post), now)


def _evaluated(replay: Json, post: Post, now: int) -> Decided:
    history, found = read_replay_data(_bounded(replay))
    return Decided(should_engage(history, post, now, found), history, found)


def _bounded(replay: Json) -> Json:
    history = replay.get("history") if isinstance(replay, dict) else None
    for name in ("interactions", "marks", "links"):
        rows = history.get(name) if isinstance(history, dict) else None
        if isinstance(rows, list) and len(rows) > MOST_SUPPLIED:
            raise InvalidAllianceData(f"$.history.{name}", f"at most {MOST_SUPPLIED} rows", len(rows))
    return replay
