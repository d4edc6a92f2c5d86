"""Who is meant: persons by id, account or DID. Whoever is met for the first time is registered as a stranger."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from domain.identity import Did, parse_did
from domain.people.errors import IdentityTaken
from domain.people.interaction import PersonId
from domain.people.names import check_name
from domain.people.person import Person, PlatformId, parse_platform_id
from domain.people.registry import Act, Sighting, register_agent
from graphdb.people import Encounter, PersonCommit
from resolvers.context import Observing, Services
from resolvers.errors import InvalidArgument

SEEN_EVERY = 3_600_000
"""How often (ms) an account that shows nothing new is noted again."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a client means: exactly one of the three, with what a platform shows of them."""

    person: str | None = None
    platform_id: str | None = None
    did: str | None = None
    display_name: str | None = None
    username: str | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """A subject, checked."""

    person: PersonId | None = None
    sighting: Sighting | None = None
    named: bool = False
    did: Did | None = None


def meant(subject: Subject, at: int) -> Meant:
    """Raises `InvalidArgument`, `InvalidPlatformIdentity`, `InvalidDid` or `InvalidPersonName`."""
    given = [each for each in (subject.person, subject.platform_id, subject.did) if each is not None]
    if len(given) != 1:
        raise InvalidArgument("person", "exactly one of person, platformId and did", given)
    name, username = (None if text is None else check_name(text) for text in (subject.display_name, subject.username))
    if subject.platform_id is None and (name or username):
        raise InvalidArgument("displayName", "names only with a platformId", name or username)
    if subject.did is not None:
        return Meant(did=parse_did(subject.did))
    if subject.platform_id is None:
        return Meant(person=PersonId(given[0]))
    account = parse_platform_id(subject.platform_id)
    return Meant(sighting=Sighting(account, name or str(account), at, username), named=name is not None)


async def found_or_met(services: Services, subjects: Sequence[Meant]) -> list[PersonId]:
    """The person of each subject; what platforms show of them is noted."""
    sightings = _newest([each for each in subjects if each.sighting is not None])
    dids = sorted({each.did for each in subjects if each.did is not None})
    by_account = await _by_accounts(services, sightings)
    by_did = await _by_dids(services, dids)
    return [_person(each, by_account, by_did) for each in subjects]


def _person(subject: Meant, by_account: dict[PlatformId, PersonId], by_did: dict[Did, PersonId]) -> PersonId:
    if subject.sighting is not None:
        return by_account[subject.sighting.platform_id]
    if subject.did is not None:
        return by_did[subject.did]
    assert subject.person is not None
    return subject.person


def _newest(subjects: Sequence[Meant]) -> list[Meant]:
    """One sighting of each account: the newest one that shows a name, else the newest."""
    newest: dict[PlatformId, Meant] = {}
    for each in sorted(subjects, key=lambda each: (each.named, each.sighting.at if each.sighting else 0)):
        assert each.sighting is not None
        newest[each.sighting.platform_id] = each
    return list(newest.values())


async def _by_accounts(services: Services, subjects: Sequence[Meant]) -> dict[PlatformId, PersonId]:
    sightings = [each.sighting for each in subjects if each.sighting is not None]
    if not sightings:
        return {}
    known = await services.store.people.by_platform_ids([each.platform_id for each in sightings])
    met: dict[PlatformId, PersonId] = {}
    missing: list[Sighting] = []
    for subject, sighting, record in zip(subjects, sightings, known, strict=True):
        if record is None or _shows_something(record.person, sighting, subject.named):
            missing.append(sighting)
        else:
            met[sighting.platform_id] = record.person.id
    encounters = (encounter(services, each, new_person(services)) for each in missing)
    seen = await asyncio.gather(*map(services.store.people.meet, encounters))
    return met | {each.platform_id: now.record.person.id for each, now in zip(missing, seen, strict=True)}


def _shows_something(person: Person, sighting: Sighting, named: bool) -> bool:
    identity = person.identity(sighting.platform_id)
    if identity is None or sighting.at - identity.last_seen >= SEEN_EVERY:
        return named or identity is None
    shown = identity.display_name, identity.username
    return named and shown != (sighting.name, sighting.username or identity.username)


def encounter(services: Observing, sighting: Sighting, new: PersonId) -> Encounter:
    """By the operator's rules; `new` is who it is where nobody has the account yet."""
    rules = services.people
    return Encounter(sighting, new, rules.owners.named(str(sighting.platform_id)), rules.reserved_names)


async def _by_dids(services: Services, dids: Sequence[Did]) -> dict[Did, PersonId]:
    if not dids:
        return {}
    known = await services.store.people.by_dids(dids)
    return {
        did: await meet_agent(services, did, new_person(services)) if record is None else record.person.id
        for did, record in zip(dids, known, strict=True)
    }


async def meet_agent(services: Services, did: Did, new: PersonId) -> PersonId:
    """An agent at first contact: its DID is its own proof, so nobody has to agree."""
    events = register_agent(did, new, Act(did, services.clock()), owner=services.people.owners.named(did))
    with suppress(IdentityTaken):  # somebody else met it at the same moment
        await services.store.people.commit(PersonCommit(events, ((new, 0),)))
    (record,) = await services.store.people.by_dids([did])
    assert record is not None
    return record.person.id


def new_person(services: Observing) -> PersonId:
    """Wide enough never to meet again (E6)."""
    return PersonId(f"p_{services.random(16).hex()}")
