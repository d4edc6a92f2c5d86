"""What an answer rests on, for whoever wants to compute it: the history of one person, and replay data."""

from dataclasses import replace

from domain.alliance.history import History, Link
from domain.alliance.policy import Profile, newest
from domain.alliance.replay import digest, replay_data
from domain.canonical import Json
from domain.people.interaction import PersonId
from domain.people.person import PersonsMerged
from graphdb.interactions import Logged
from graphdb.page import Page
from resolvers.alliance.engage import find_held
from resolvers.alliance.publish import Decided
from resolvers.context import Context, Services
from resolvers.paging import Place, decode, page_size
from resolvers.people.trail import whole_trail


async def history(
    context: Context, subject: str, observer: str | None, first: int | None, after: str | None
) -> Page[Logged]:
    """One's own, or another observer's that shares it; by time."""
    size, place = page_size(first, context.services.limits.page), decode(after, place=Place.MOMENT)
    found = await find_held(context, subject, observer)
    if found.record is None:
        return Page((), (), 0, False)
    page = await context.services.store.interactions.page(found.observer, found.person, size, place)
    return page if found.observer == context.me else replace(page, items=tuple(map(_told, page.items)))


def _told(logged: Logged) -> Logged:
    """What a subject may see of an interaction: what an answer depends on, without the observer's remarks."""
    bare = logged.interaction._replace(source=None, code=None, weight=1.0, sentiment=None)
    return logged._replace(interaction=bare)


async def replay(context: Context, subject: str, observer: str | None, profile: Profile) -> dict[str, Json]:
    """Everything that an answer depends on, as `allianceEvaluate` and the offline replayers take it."""
    found = await find_held(context, subject, observer)
    return replay_data(await whole(context.services, found.held.history), newest(profile))


async def inputs(services: Services, decided: Decided) -> str:
    """SHA-256 of the replay data that a decision was taken from."""
    history = decided.history if decided.links else await whole(services, decided.history)
    return digest(history, decided.policy)


async def whole(services: Services, history: History) -> History:
    """With the identities that were merged into the subject, which no rule looks at."""
    return replace(history, links=await _links(services, PersonId(history.subject)))


async def _links(services: Services, person: PersonId) -> tuple[Link, ...]:
    events = [each.event for each in await whole_trail(services, person)]
    merges = [each for each in events if isinstance(each, PersonsMerged) and each.absorbed.id != person]
    return tuple(Link(each.absorbed.id, each.at) for each in merges)
