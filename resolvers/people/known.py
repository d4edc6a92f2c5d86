"""Whom an observer knows: everybody it recorded something with.

All others are unknown to it, whether they exist or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.capabilities import Domain
from domain.identity import Did, parse_did
from domain.people.errors import UnknownPerson
from domain.people.interaction import PersonId
from domain.people.person import Person, parse_platform_id
from domain.timestamp import normalise, parse_millis
from graphdb.interactions import Grounds, Moment
from graphdb.people import PersonRecord
from resolvers.context import Context, Observing


@dataclass(frozen=True, slots=True)
class Known:
    """A person as one observer knows them: the shared record, and what the observer's trust is made from."""

    observer: Did
    record: PersonRecord
    grounds: Grounds

    @property
    def person(self) -> Person:
        return self.record.person


def observer_of(context: Context, operation: str, person: str = "*") -> Did:
    """The agent of the token, if it may do that with the person."""
    context.require(Domain.PEOPLE, operation, [person])
    return context.me


def moment(services: Observing, observer: Did) -> Moment:
    return Moment(services.clock(), services.people.owners.of(observer))


def moment_of(text: str) -> int:
    """A time in any RFC 3339 notation, in milliseconds; raises `InvalidTimestamp`."""
    return parse_millis(normalise(text))


def with_owner(services: Observing, record: PersonRecord) -> PersonRecord:
    """Who is an owner is configuration, whatever the record says."""
    owner = services.people.owners.owns_anybody(record.person)
    return replace(record, person=replace(record.person, owner=owner))


async def known(context: Context, operation: str, person: str) -> Known:
    """The person with that id, if the observer knows them and may do that; raises `UnknownPerson`."""
    observer = observer_of(context, operation, person)
    (record,) = await context.services.store.people.persons([PersonId(person)])
    found = await among_known(context.services, observer, [record])
    if found[0] is None:
        raise UnknownPerson(person)
    return found[0]


async def known_or_any(context: Context, operation: str, person: str) -> Known:
    """As `known`; the operator, who answers for the server, reaches everybody."""
    if not context.session.admin:
        return await known(context, operation, person)
    observer = observer_of(context, operation, person)
    (record,) = await context.services.store.people.persons([PersonId(person)])
    if record is None:
        raise UnknownPerson(person)
    return await as_known(context.services, observer, record)


async def among_known(
    services: Observing, observer: Did, records: Sequence[PersonRecord | None]
) -> tuple[Known | None, ...]:
    """Those of the records whom the observer knows, in order; itself is among them."""
    there = [record for record in records if record is not None]
    grounds = await services.store.interactions.grounds(observer, [each.person.id for each in there]) if there else ()
    by_person = {
        record.person.id: Known(observer, with_owner(services, record), found)
        for record, found in zip(there, grounds, strict=True)
        if holds(found) or observer in record.person.dids
    }
    return tuple(None if record is None else by_person.get(record.person.id) for record in records)


def holds(found: Grounds) -> bool:
    """Whether anything counts that was recorded: nothing does of somebody who was forgotten."""
    return found.signals.latest is not None or found.override is not None


async def as_known(services: Observing, observer: Did, record: PersonRecord) -> Known:
    """A record that the observer has just changed, whether it recorded anything with that person or not."""
    (grounds,) = await services.store.interactions.grounds(observer, [record.person.id])
    return Known(observer, with_owner(services, record), grounds)


async def person(context: Context, person: str) -> Known | None:
    observer = observer_of(context, "READ", person)
    (record,) = await context.services.store.people.persons([PersonId(person)])
    return (await among_known(context.services, observer, [record]))[0]


async def by_platform_id(context: Context, platform_id: str) -> Known | None:
    observer = observer_of(context, "READ")
    found = await context.services.store.people.by_platform_ids([parse_platform_id(platform_id)])
    return (await among_known(context.services, observer, found))[0]


async def by_did(context: Context, did: str) -> Known | None:
    observer = observer_of(context, "READ")
    found = await context.services.store.people.by_dids([parse_did(did)])
    return (await among_known(context.services, observer, found))[0]
