"""Deciding what commits and encounters write to the registry: pure, shared by both stores.

A store reads what a batch touches under its write lock (`Register`), has each call filed in turn, and writes what was
filed.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from domain.identity import Did
from domain.people.errors import IdentityTaken, UnknownPerson
from domain.people.interaction import PersonId
from domain.people.names import clean_name, name_keys
from domain.people.person import (
    DidLinked,
    DidUnlinked,
    IdentityLinked,
    IdentitySeen,
    IdentityUnlinked,
    Person,
    PersonEvent,
    PersonRegistered,
    PersonsMerged,
    PlatformId,
    evolve,
)
from domain.people.registry import register, see
from graphdb.errors import DamagedRecord
from graphdb.people import Encounter, Met, PersonCommit, PersonRecord, TrailEntry
from graphdb.store import Moved

Identity = PlatformId | Did

_LAST = "\U0010ffff"


def kind_of(identity: Identity) -> tuple[str, str]:
    """What an identity is found by: an account and a DID never mean each other."""
    return ("account" if isinstance(identity, PlatformId) else "did"), str(identity)


@dataclass(slots=True)
class Register:
    """What the database says about everything a batch touches; it moves along with what is filed.

    `alike` has the persons under each name key that an encounter asks for.
    """

    records: dict[PersonId, PersonRecord] = field(default_factory=dict)
    holders: dict[Identity, PersonId] = field(default_factory=dict)
    alike: dict[str, set[PersonId]] = field(default_factory=dict)


@dataclass(slots=True)
class Filed:
    """What one call writes, in this order: records (as they were, and as they are), trails, then histories.

    `merges` are (kept, absorbed) persons, `splits` (person, split off); `gained` the identities that came to a person.
    """

    before: dict[PersonId, Person] = field(default_factory=dict)
    after: dict[PersonId, PersonRecord] = field(default_factory=dict)
    trail: list[tuple[PersonId, TrailEntry]] = field(default_factory=list)
    merges: list[tuple[PersonId, PersonId]] = field(default_factory=list)
    splits: list[tuple[PersonId, PersonId]] = field(default_factory=list)
    gained: list[tuple[PersonId, Identity]] = field(default_factory=list)


def names_of(person: Person) -> frozenset[str]:
    """The keys that a person is found by; a merged one is found by none."""
    if person.merged_into is not None:
        return frozenset()
    return frozenset().union(*map(name_keys, (person.display_name, *person.aliases)))


def begins(search: str) -> list[list[str]]:
    """Between which two keys the names lie that begin with what can be taken for these words."""
    return [[key, key + _LAST] for key in sorted(name_keys(search))]


def state_of(person: Person) -> str:
    """What a store says of a record; of one that was erased it says `forgotten`."""
    return "known" if person.merged_into is None else "merged"


def identities_of(person: Person) -> frozenset[Identity]:
    return frozenset((*(each.id for each in person.identities), *person.dids))


def persons_in(commit: PersonCommit) -> set[PersonId]:
    """Whom a commit touches or was decided from."""
    absorbed = {each.absorbed.id for each in commit.events if isinstance(each, PersonsMerged)}
    return absorbed | {each.person for each in commit.events} | {person for person, _ in commit.expected}


def identities_in(commit: PersonCommit) -> set[Identity]:
    """The identities that a commit gives to somebody."""
    return {identity for event in commit.events for identity in _gained(event)}


def shown_name(encounter: Encounter) -> str:
    """The name that an encounter would keep."""
    sighting = encounter.sighting
    return clean_name(sighting.name, str(sighting.platform_id))


def file_commit(commit: PersonCommit, register: Register) -> Filed:
    """Raises `Moved`, `IdentityTaken`, `UnknownPerson`; then nothing was filed."""
    expected = dict(commit.expected)
    for person, version in expected.items():
        if _version(register, person) != version:
            raise Moved
    if not persons_in(commit) <= expected.keys():
        raise ValueError("a commit says what it expects of everybody it touches")
    return _file(commit.events, register)


def file_encounter(encounter: Encounter, register: Register) -> tuple[Filed, Met]:
    """Raises `Moved` where the fresh id is none."""
    holder = register.holders.get(encounter.sighting.platform_id)
    alike = _alike(shown_name(encounter), register)
    if holder is None:
        events = _first_contact(encounter, register, alike)
        filed = _file(events, register)
        return filed, Met(filed.after[encounter.person], events, registered=True)
    known = register.records.get(holder)
    if known is None:
        raise DamagedRecord(f"account {encounter.sighting.platform_id}", f"there is no person {holder}")
    person = replace(known.person, owner=known.person.owner or encounter.owner)
    events = see(person, encounter.sighting, reserved=encounter.reserved, alike=alike)
    filed = _file_seen(known, events, register)
    return filed, Met(filed.after.get(holder, known), tuple(entry.event for _, entry in filed.trail), registered=False)


def _first_contact(encounter: Encounter, known: Register, alike: Collection[PersonId]) -> tuple[PersonEvent, ...]:
    if encounter.person in known.records:
        raise Moved
    return register(
        encounter.sighting, encounter.person, owner=encounter.owner, reserved=encounter.reserved, alike=alike
    )


def _file_seen(known: PersonRecord, events: Sequence[PersonEvent], register: Register) -> Filed:
    """What shows nothing new but the time is no event: it refreshes the record."""
    first, *rest = events
    assert isinstance(first, IdentitySeen)
    before = known.person.identity(first.identity.id)
    assert before is not None
    timeless = replace(first.identity, first_seen=before.first_seen, last_seen=before.last_seen)
    if timeless != before:
        return _file(events, register)
    filed = _file(rest, register)
    if first.identity != before:
        current = register.records[known.person.id]
        _keep(replace(current, person=evolve(current.person, first)), filed, register)
    return filed


def _file(events: Sequence[PersonEvent], register: Register) -> Filed:
    _check_persons(events, register)
    _check_identities(events, register)
    filed = Filed()
    for event in events:
        match event:
            case PersonRegistered():
                _append(event, event.person, event.record, filed, register)
            case PersonsMerged():
                _merge(event, filed, register)
            case _:
                _append(event, event.person, evolve(_known(register, event.person).person, event), filed, register)
        if isinstance(event, IdentityUnlinked):
            filed.splits.append((event.person, event.to))
        filed.gained += [(event.person, identity) for identity in _gained(event)]
    return filed


def _merge(event: PersonsMerged, filed: Filed, register: Register) -> None:
    absorbed = _known(register, event.absorbed.id).person
    event = replace(event, absorbed=absorbed)  # with what was seen of it since the decision
    kept = evolve(_known(register, event.person).person, event)
    _append(event, event.person, kept, filed, register)
    _append(event, absorbed.id, evolve(absorbed, event), filed, register)
    filed.merges.append((event.person, absorbed.id))


def _append(event: PersonEvent, person: PersonId, evolved: Person, filed: Filed, register: Register) -> None:
    version = _version(register, person) + 1
    filed.trail.append((person, TrailEntry(version, event)))
    _keep(PersonRecord(evolved, version), filed, register)


def _keep(record: PersonRecord, filed: Filed, register: Register) -> None:
    person = record.person.id
    before = register.records.get(person)
    if before is not None and person not in filed.after:
        filed.before[person] = before.person
    register.records[person] = filed.after[person] = record
    if before is not None:
        for identity in identities_of(before.person):
            if register.holders.get(identity) == person:
                del register.holders[identity]
    register.holders |= dict.fromkeys(identities_of(record.person), person)
    for key in names_of(record.person):
        register.alike.setdefault(key, set()).add(person)


def _check_persons(events: Iterable[PersonEvent], register: Register) -> None:
    registered: set[PersonId] = set()
    for event in events:
        if isinstance(event, PersonRegistered):
            if event.person in register.records or event.person in registered:
                raise Moved
            registered.add(event.person)
        elif event.person not in register.records and event.person not in registered:
            raise UnknownPerson(event.person)


def _check_identities(events: Iterable[PersonEvent], register: Register) -> None:
    """Nobody takes an identity of somebody else, unless that one lets go of it in the same commit."""
    released: set[Identity] = set()
    for event in events:
        for identity in _gained(event):
            holder = register.holders.get(identity)
            if holder not in (None, event.person) and identity not in released:
                raise IdentityTaken(str(identity))
        match event:
            case IdentityUnlinked(platform_id=platform_id):
                released.add(platform_id)
            case DidUnlinked(did=did):
                released.add(did)


def _gained(event: PersonEvent) -> tuple[Identity, ...]:
    match event:
        case PersonRegistered(record=record):
            return tuple(identities_of(record))
        case IdentityLinked(identity=identity):
            return (identity.id,)
        case DidLinked(did=did):
            return (did,)
    return ()


def _alike(name: str, register: Register) -> set[PersonId]:
    return {person for key in name_keys(name) for person in register.alike.get(key, ())}


def _known(register: Register, person: PersonId) -> PersonRecord:
    known = register.records.get(person)
    if known is None:
        raise UnknownPerson(person)
    return known


def _version(register: Register, person: PersonId) -> int:
    known = register.records.get(person)
    return 0 if known is None else known.version
