"""Allies, rivals, and how many people are what."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain.alliance.circle import Circle
from domain.alliance.circle import circle as in_order
from domain.alliance.policy import Policy, Profile, Relationship, newest
from domain.alliance.relationship import Assessment
from graphdb.page import Page
from resolvers.alliance import reading
from resolvers.alliance.standings import Held
from resolvers.alliance.subject import observer_of
from resolvers.context import Context
from resolvers.errors import InvalidCursor
from resolvers.paging import decode_place, page_size


@dataclass(frozen=True, slots=True)
class Summary:
    """How many people are what, of everybody with a history or a mark."""

    policy: Policy
    now: int
    counts: Mapping[Relationship, int]
    circle: Circle


async def circle(context: Context, profile: Profile) -> Summary:
    observer, services, policy = observer_of(context, "READ"), context.services, newest(profile)
    held = await reading.circle(services, observer)
    now = services.clock()
    found = await asyncio.to_thread(_circle, held, policy, now)
    return Summary(policy, now, found.counts, found)


def _circle(held: Sequence[Held], policy: Policy, now: int) -> Circle:
    return in_order(each.assess(policy, now) for each in held)


async def allies(context: Context, profile: Profile, first: int | None, after: str | None) -> Page[Assessment]:
    """The highest score first."""
    size, place = page_size(first, context.services.limits.page), _place(after)
    found = (await circle(context, profile)).circle
    return _page([each for each in found.assessments if each.relationship is Relationship.ALLY], _down, size, place)


async def rivals(context: Context, profile: Profile, first: int | None, after: str | None) -> Page[Assessment]:
    """The lowest score first."""
    size, place = page_size(first, context.services.limits.page), _place(after)
    found = (await circle(context, profile)).circle
    listed = [each for each in found.assessments[::-1] if each.relationship is Relationship.RIVAL]
    return _page(sorted(listed, key=_up), _up, size, place)


Place = tuple[int, str]


def _down(each: Assessment) -> Place:
    return -each.tally.score, each.subject


def _up(each: Assessment) -> Place:
    return each.tally.score, each.subject


def _place(after: str | None) -> Place | None:
    """Where in the list the page before ended: scores may have changed since, places in the order do not."""
    text = decode_place(after)
    if text is None:
        return None
    score, _, subject = text.partition("/")
    if not score.removeprefix("-").isdecimal() or not subject:
        raise InvalidCursor("after", "a cursor from an earlier answer", after)
    return int(score), subject


def _page(
    listed: Sequence[Assessment], key: Callable[[Assessment], Place], size: int, after: Place | None
) -> Page[Assessment]:
    rest = [each for each in listed if after is None or key(each) > after]
    items = tuple(rest[:size])
    cursors = tuple("{}/{}".format(*key(each)) for each in items)
    return Page(items, cursors, len(listed), len(rest) > size)
