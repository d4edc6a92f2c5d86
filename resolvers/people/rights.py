"""Rights: what an observer shares, what somebody may know of themselves, export, forgetting, and appeals."""

from dataclasses import dataclass

from domain.identity import Did, parse_did
from domain.people.connection import Connection
from domain.people.gate import GateVerdict
from domain.people.history import Snapshot
from domain.people.registry import Act
from graphdb.interactions import PersonExport
from graphdb.page import Page
from graphdb.people import Appeal, AuditEntry, SharedOpinion, Sharing, TrailEntry
from resolvers.context import Context, Services
from resolvers.paging import decode, page_size
from resolvers.people.correct import REASON_LENGTH
from resolvers.people.errors import NotShared, NotYourPerson, UnknownAppeal, UnknownInteraction
from resolvers.people.hearsay import opinion_shared
from resolvers.people.known import Known, known, known_or_any, observer_of
from resolvers.people.scene import verdict
from resolvers.people.social_graph import all_connections
from resolvers.people.trail import whole_trail
from resolvers.people.trust import shared
from resolvers.people.words import checked_words

APPEAL_LENGTH = 2_000


async def sharing(context: Context, found: Known) -> Sharing:
    (kept,) = await context.services.store.people.kept(found.observer, [found.person.id])
    return kept.sharing


async def share(context: Context, person: str, given: Sharing) -> Known:
    """What the person themselves, or everybody, may see of the observer's trust in them; audited."""
    found = await known(context, "UPDATE", person)
    act = Act(found.observer, context.services.clock())
    await context.services.store.people.share(found.observer, found.person.id, given, act)
    return found


@dataclass(frozen=True, slots=True)
class Everything:
    """All that an observer holds about a person, with the connections it told, what it lets others hear, the scores it
    remembers by date, and what happened to the shared record."""

    export: PersonExport
    connections: tuple[Connection, ...]
    shared_opinion: SharedOpinion | None
    snapshots: tuple[Snapshot, ...]
    trail: tuple[TrailEntry, ...]


async def export(context: Context, person: str) -> Everything:
    """Everything that the observer holds about somebody; audited."""
    found = await known(context, "READ", person)
    act = Act(found.observer, context.services.clock())
    services, pair = context.services, (found.observer, found.person.id)
    return Everything(
        export=await services.store.interactions.export(*pair, act),
        connections=await all_connections(services, found),
        shared_opinion=await opinion_shared(services, found),
        snapshots=await services.store.people.snapshots(*pair),
        trail=tuple(await whole_trail(services, found.person.id)),
    )


async def forget(context: Context, person: str, reason: str | None, *, everywhere: bool) -> bool:
    """Erases what the observer holds about somebody; `everywhere`, what anybody does.

    The latter is for the person's own agents and the operator.
    """
    found = await (known_or_any if everywhere else known)(context, "DELETE", person)
    if everywhere and not (context.session.admin or found.observer in found.person.dids):
        raise NotYourPerson(found.person.id)
    words = "" if reason is None else checked_words("reason", reason, REASON_LENGTH)
    act = Act(found.observer, context.services.clock(), words)
    observer = None if everywhere else found.observer
    try:
        return await context.services.store.people.forget(found.person.id, act, observer)
    finally:
        context.services.standings.everything_written()


# The subject's own view


@dataclass(frozen=True, slots=True)
class AboutMe:
    """What an observer lets me see of what it holds about me."""

    found: Known
    gate: GateVerdict


async def about_me(context: Context, observer: str) -> AboutMe:
    """Raises `NotShared`, whether the observer holds anything or not."""
    other, me = parse_did(observer), observer_of(context, "READ")
    found = await _as_seen_by(context, me, other)
    return AboutMe(found, await verdict(context.services, found))


async def _as_seen_by(context: Context, me: Did, observer: Did) -> Known:
    (record,) = await context.services.store.people.by_dids([me])
    if record is None:
        raise NotShared(observer)
    return await shared(context.services, me, observer, record.person.id)


async def appeal(context: Context, observer: str, text: str, interaction: str | None) -> Appeal:
    """Asks an observer that shares its view of me to look again: at one interaction, or at all of it."""
    other, me, services = parse_did(observer), observer_of(context, "CREATE"), context.services
    found = await _as_seen_by(context, me, other)
    if interaction is not None:
        (logged,) = await services.store.interactions.interactions(other, found.person.id, [interaction])
        if logged is None:
            raise UnknownInteraction(interaction)
    made = Appeal(
        id=f"a_{services.random(16).hex()}",
        person=found.person.id,
        appellant=me,
        at=services.clock(),
        text=checked_words("text", text, APPEAL_LENGTH),
        interaction=interaction,
    )
    await services.store.people.appeal(other, made)
    return made


async def answer_appeal(context: Context, appeal_id: str, answer: str) -> Appeal:
    """The first answer stays."""
    observer = observer_of(context, "UPDATE")
    words = checked_words("answer", answer, APPEAL_LENGTH)
    act = Act(observer, context.services.clock(), words)
    answered = await context.services.store.people.answer_appeal(observer, appeal_id, act)
    if answered is None:
        raise UnknownAppeal(appeal_id)
    return answered


async def appeals(
    context: Context, first: int | None, after: str | None, person: str | None, *, open_only: bool
) -> Page[Appeal]:
    """What was appealed to me."""
    observer, services = observer_of(context, "READ"), context.services
    about = None if person is None else (await known(context, "READ", person)).person.id
    size = page_size(first, services.limits.page)
    return await services.store.people.appeals(observer, size, decode(after), person=about, open_only=open_only)


async def my_appeals(services: Services, found: Known, first: int | None, after: str | None) -> Page[Appeal]:
    """What was appealed in my name to that observer."""
    size = page_size(first, services.limits.page)
    return await services.store.people.appeals(found.observer, size, decode(after), person=found.person.id)


# Who did what


async def audit(context: Context, person: str | None, first: int | None, after: str | None) -> Page[AuditEntry]:
    """What was done about people in my name."""
    observer, services = observer_of(context, "READ"), context.services
    about = None if person is None else (await known(context, "READ", person)).person.id
    size = page_size(first, services.limits.page)
    return await services.store.people.audit(observer, size, decode(after), person=about)


async def trail(context: Context, found: Known, first: int | None, after: str | None) -> Page[TrailEntry]:
    """What happened to the shared record: names, links, merges."""
    size = page_size(first, context.services.limits.page)
    return await context.services.store.people.trail(found.person.id, size, decode(after))
