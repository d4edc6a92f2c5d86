"""How far an observer trusts somebody: calculated when asked, from what was recorded."""

from dataclasses import dataclass

from domain.identity import Did, parse_did
from domain.people.interaction import PersonId
from domain.people.person import Person
from domain.people.report import Profile, TrustReport
from domain.people.trust import trust
from domain.timestamp import format_millis
from graphdb.interactions import Grounds
from resolvers.context import Context, Observing
from resolvers.people.errors import FutureTime, NotShared
from resolvers.people.known import Known, known, moment_of, observer_of


@dataclass(frozen=True, slots=True)
class Assessed:
    """A report, and whose trust in whom it is."""

    observer: Did
    person: PersonId
    report: TrustReport


async def report(
    context: Context, person: str, observer: str | None, at: str | None, profile: Profile = Profile.STANDARD
) -> Assessed:
    """Raises `NotShared` for another observer's trust that is not shared, and `UnknownPerson` for one's own."""
    me = observer_of(context, "READ", person)
    other = me if observer is None else parse_did(observer)
    if other != me:
        found = await shared(context.services, me, other, person)
    else:
        found = await known(context, "READ", person)
    moment = None if at is None else _past(context.services, at)
    return await assess_known(context.services, found, moment, profile)


def _past(services: Observing, at: str) -> int:
    moment = moment_of(at)
    if moment > services.clock():
        raise FutureTime("at", format_millis(moment))
    return moment


async def shared(services: Observing, me: Did, observer: Did, person: str) -> Known:
    """Somebody as another observer knows them, if it shares that with me; raises `NotShared`."""
    (record,) = await services.store.people.persons([PersonId(person)])
    if record is None:
        raise NotShared(observer)
    (kept,) = await services.store.people.kept(observer, [record.person.id])
    with_me = kept.sharing.with_subject and me in record.person.dids
    if not (with_me or kept.sharing.with_everybody):
        raise NotShared(observer)
    (grounds,) = await services.store.interactions.grounds(observer, [record.person.id])
    return Known(observer, record, grounds)


async def assess_known(
    services: Observing, found: Known, at: int | None = None, profile: Profile = Profile.STANDARD
) -> Assessed:
    """Now, unless a moment of the past is given (ms). An override holds now; it says nothing of the past."""
    if at is None and profile is Profile.STANDARD:
        assessed = await assess(services, found.observer, found.person, found.grounds)
    else:
        now = services.clock() if at is None else at
        signals = await services.store.interactions.signals_at(found.observer, found.person.id, now, profile=profile)
        override = found.grounds.override if at is None else None
        owner = services.people.owners.owns(found.observer, found.person)
        assessed = trust(signals, now, profile=profile, owner=owner, override=override)
    return Assessed(found.observer, found.person.id, assessed)


async def assess(services: Observing, observer: Did, person: Person, grounds: Grounds) -> TrustReport:
    """The report of now. What is dated ahead, as other clocks may, does not count yet."""
    now, signals = services.clock(), grounds.signals
    if signals.latest is not None and signals.latest > now:
        signals = await services.store.interactions.signals_at(observer, person.id, now)
    owner = services.people.owners.owns(observer, person)
    return trust(signals, now, owner=owner, override=grounds.override)
