"""Who somebody is: renamed, linked, unlinked and merged, by those who may, with a trail of who did it and why."""

from collections.abc import Callable, Sequence

from domain.errors import DomainError
from domain.expressions import verify_message
from domain.identity import Did, parse_did
from domain.organisms.errors import Contended
from domain.people import registry
from domain.people.errors import OwnerProtected, UnknownPerson
from domain.people.interaction import PersonId
from domain.people.names import check_name, clean_name
from domain.people.person import Person, PersonEvent, parse_platform_id, replay
from domain.people.registry import Act, Sighting
from graphdb.people import PersonCommit, PersonRecord
from graphdb.store import Moved
from resolvers.context import Context, Services
from resolvers.people.correct import REASON_LENGTH
from resolvers.people.errors import ConsentMissing, NotYourPerson
from resolvers.people.known import Known, known_or_any, with_owner
from resolvers.people.meeting import new_person
from resolvers.people.words import checked_words

CONSENT = "chorus-person/1"


async def rename(context: Context, person: str, name: str, reason: str | None) -> PersonRecord:
    """A name for everybody to see."""
    found = await _mine(context, person)
    services, chosen = context.services, check_name(name)
    (alike,) = await services.store.people.alike([chosen])
    reserved, act = services.people.reserved_names, _act(context, reason)
    (record,) = await _change(
        services, [found.person], lambda now: registry.rename(now[0], chosen, act, reserved=reserved, alike=alike)
    )
    return record


async def link_platform_id(
    context: Context,
    person: str,
    platform_id: str,
    *,
    display_name: str | None,
    username: str | None,
    reason: str | None,
) -> PersonRecord:
    """One more account. Raises `IdentityTaken` for another person's: those are merged."""
    found = await _mine(context, person)
    account, act = parse_platform_id(platform_id), _act(context, reason)
    name, user = (None if text is None else check_name(text) for text in (display_name, username))
    sighting = Sighting(account, name or found.person.display_name, act.at, user)
    services, reserved = context.services, context.services.people.reserved_names
    _guard_owners(services, found.person, str(account), act)
    (holder,) = await services.store.people.by_platform_ids([account])
    (record,) = await _change(
        services,
        [found.person],
        lambda now: registry.link_identity(now[0], sighting, act, holder=_id(holder), reserved=reserved),
    )
    return record


async def register(
    services: Services, new: PersonId, sightings: Sequence[Sighting], act: Act
) -> tuple[PersonRecord, list[DomainError]]:
    """Somebody new with all their accounts, by one commit: broken off, it leaves nobody with some of them.

    With why accounts after the first were refused. Raises `Moved` or `IdentityTaken` where somebody has one by now.
    """
    (first, *others), rules, refused = sightings, services.people, list[DomainError]()
    (alike,) = await services.store.people.alike([clean_name(first.name, str(first.platform_id))])
    owner = rules.owners.named(str(first.platform_id))
    events = registry.register(first, new, owner=owner, reserved=rules.reserved_names, alike=alike)
    for each in others:
        person = with_owner(services, PersonRecord(replay(events), len(events))).person
        try:
            _guard_owners(services, person, str(each.platform_id), act)
            events += registry.link_identity(person, each, act, reserved=rules.reserved_names)
        except DomainError as refusal:
            refused.append(refusal)
    (record,) = await services.store.people.commit(PersonCommit(events, ((new, 0),)))
    return record, refused


async def unlink_platform_id(context: Context, person: str, platform_id: str, reason: str | None) -> PersonRecord:
    """The account stands for a person of its own again, who keeps everything bad. Gives that person."""
    found = await _mine(context, person)
    services, account, act = context.services, parse_platform_id(platform_id), _act(context, reason)
    split = new_person(services)
    _, made = await _change(
        services, [found.person], lambda now: registry.unlink_identity(now[0], account, act, split=split), new=[split]
    )
    return made


async def link_did(context: Context, person: str, did: str, consent: str | None, reason: str | None) -> PersonRecord:
    """An agent of the person, which must agree itself: by asking, or by a signature over `consent_text`."""
    found = await _mine(context, person)
    services, agent, act = context.services, parse_did(did), _act(context, reason)
    _guard_owners(services, found.person, agent, act)
    text = consent_text(found.person.id, agent)
    if agent != context.me and not (consent and verify_message(agent, text, consent)):
        raise ConsentMissing(agent, text)
    (holder,) = await services.store.people.by_dids([agent])
    (record,) = await _change(
        services, [found.person], lambda now: registry.link_did(now[0], agent, act, holder=_id(holder))
    )
    return record


def consent_text(person: PersonId, did: Did) -> str:
    """What an agent signs to be linked to a person."""
    return f"{CONSENT} {did} is {person}"


async def unlink_did(context: Context, person: str, did: str, reason: str | None) -> PersonRecord:
    found = await _mine(context, person)
    agent, act = parse_did(did), _act(context, reason)
    (record,) = await _change(context.services, [found.person], lambda now: registry.unlink_did(now[0], agent, act))
    return record


async def merge(context: Context, kept: str, absorbed: str, reason: str | None) -> PersonRecord:
    """Two people turned out to be one: histories are united, and the worst violations stay."""
    one, other = await _mine(context, kept), await _mine(context, absorbed)
    act = _act(context, reason)
    people = [one.person, other.person]
    record, *_ = await _change(context.services, people, lambda now: registry.merge(now[0], now[1], act))
    context.services.bus.wake()
    return record


async def _mine(context: Context, person: str) -> Known:
    """Somebody whose record the agent may change; raises `UnknownPerson` and `NotYourPerson`.

    The record is everybody's: it is changed by the person's own agents, by the operator, and by an observer on
    whom nobody else's trust depends.
    """
    found = await known_or_any(context, "UPDATE", person)
    if context.session.admin or found.observer in found.person.dids:
        return found
    observers = await context.services.store.interactions.observers_of(found.person.id)
    if set(observers) - {found.observer}:
        raise NotYourPerson(found.person.id)
    return found


def _guard_owners(services: Services, person: Person, identity: str, act: Act) -> None:
    """Nobody but an owner gives an identity of an owner to somebody: they would be the owner from then on."""
    owners = services.people.owners
    if owners.named(identity) and not (owners.named(act.actor) or person.owner):
        raise OwnerProtected(person.id)


def _act(context: Context, reason: str | None) -> Act:
    words = "" if reason is None else checked_words("reason", reason, REASON_LENGTH)
    return Act(context.me, context.services.clock(), words)


def _id(record: PersonRecord | None) -> PersonId | None:
    return None if record is None else record.person.id


async def _change(
    services: Services,
    people: Sequence[Person],
    decide: Callable[[Sequence[Person]], tuple[PersonEvent, ...]],
    new: Sequence[PersonId] = (),
) -> tuple[PersonRecord, ...]:
    """Commits what is decided, deciding again where a record moved meanwhile. Nothing decided, nothing written."""
    ids = [each.id for each in people]
    for _ in range(services.limits.attempts):
        records = [_there(record, person) for record, person in zip(await _read(services, ids), ids, strict=True)]
        events = decide([with_owner(services, record).person for record in records])
        if not events:
            return tuple(records)
        expected = ((record.person.id, record.version) for record in records)
        try:
            return await services.store.people.commit(
                PersonCommit(events, (*expected, *((person, 0) for person in new)))
            )
        except Moved:
            continue
        finally:
            services.standings.everything_written()
    raise Contended(ids[0])


async def _read(services: Services, ids: Sequence[PersonId]) -> tuple[PersonRecord | None, ...]:
    return await services.store.people.unresolved(ids)


def _there(record: PersonRecord | None, person: PersonId) -> PersonRecord:
    if record is None:
        raise UnknownPerson(person)
    return record
