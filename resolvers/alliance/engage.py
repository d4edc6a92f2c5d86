"""What somebody is to the agent, and whether and how to engage with them."""

from domain.alliance.engagement import Context as Post
from domain.alliance.engagement import decide
from domain.alliance.policy import Policy, Profile, newest
from domain.alliance.relationship import Assessment
from domain.identity import parse_did
from domain.timestamp import format_millis
from resolvers.alliance.publish import Decided, checked_post
from resolvers.alliance.reading import held
from resolvers.alliance.subject import Found, find, observer_of, record_of
from resolvers.context import Context, Services
from resolvers.people.errors import FutureTime, NotShared
from resolvers.people.known import moment_of
from resolvers.people.trust import shared


async def relationship(
    context: Context, subject: str, observer: str | None, at: str | None, profile: Profile
) -> Assessment:
    """Now, or at a moment of the past: then of what is known now about the time up to it.

    Of another observer, if it shares that with the agent; raises `NotShared`.
    """
    moment = None if at is None else past_moment(context.services, at)
    found = await find_held(context, subject, observer)
    return assessment(context.services, found, newest(profile), moment)


async def find_held(context: Context, subject: str, observer: str | None) -> Found:
    """Somebody as the agent knows them, or as another observer does that shares it."""
    return await find(context, "READ", subject) if observer is None else await find_shared(context, subject, observer)


async def find_shared(context: Context, subject: str, observer: str) -> Found:
    """Somebody as another observer knows them: refused alike whether there is anything to see or not."""
    me, other = observer_of(context, "READ", subject), parse_did(observer)
    if other == me:
        return await find(context, "READ", subject)
    record = await record_of(context, subject)
    if record is None:
        raise NotShared(other)
    found = await shared(context.services, me, other, record.person.id)
    (known,) = await held(context.services, other, [found.person.id])
    return Found(other, found.record, known)


def assessment(services: Services, found: Found, policy: Policy, moment: int | None = None) -> Assessment:
    if moment is None:
        return found.held.assess(policy, services.clock())
    return found.held.assess_at(policy, moment)


def past_moment(services: Services, at: str) -> int:
    moment = moment_of(at)
    if moment > services.clock():
        raise FutureTime("at", format_millis(moment))
    return moment


async def should_engage(context: Context, subject: str, post: Post, profile: Profile) -> Decided:
    policy, post = newest(profile), checked_post(post)
    found = await find(context, "READ", subject)
    history, known = found.held.history, assessment(context.services, found, policy)
    return Decided(decide(history, post, known, policy), history, policy, links=False)
