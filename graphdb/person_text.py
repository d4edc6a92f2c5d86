"""Persons and the events of their trails as JSON text, and back.

Reading raises `DamagedRecord` for whatever is not what was written.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson

from domain.errors import DomainError
from domain.identity import Did
from domain.people.interaction import PersonId
from domain.people.person import (
    AliasAdded,
    DidLinked,
    DidUnlinked,
    IdentityLinked,
    IdentitySeen,
    IdentityUnlinked,
    NameAlike,
    NameRefused,
    Person,
    PersonEvent,
    PersonRegistered,
    PersonRenamed,
    PersonsMerged,
    PlatformIdentity,
    parse_platform_id,
)
from graphdb.errors import DamagedRecord

Json = Any  # Any: JSON as orjson reads it
Value = TypeVar("Value")

UNREADABLE = (orjson.JSONDecodeError, DomainError, KeyError, IndexError, TypeError, ValueError, AttributeError)
"""What reading something damaged can raise."""


def person_text(person: Person) -> str:
    return orjson.dumps(_person(person)).decode()


def read_person(text: object, person: PersonId) -> Person:
    """The record of that person."""
    found = read(f"person {person}", lambda: _read_person(_parsed(text)))
    if found.id != person:
        raise DamagedRecord(f"person {person}", f"it is the record of {found.id}")
    return found


def event_text(event: PersonEvent) -> str:
    fields: dict[str, Json] = {"type": type(event).__name__, "person": event.person, "at": event.at}
    fields |= {"actor": event.actor, "reason": event.reason, **_fields(event)}
    return orjson.dumps(fields).decode()


def read_event(text: object, person: PersonId, number: int) -> PersonEvent:
    return read(f"event {number} of person {person}", lambda: _read_event(_parsed(text)))


def read(what: str, reading: Callable[[], Value]) -> Value:
    """What `reading` answers, or `DamagedRecord` where it fails."""
    try:
        return reading()
    except DamagedRecord:
        raise
    except UNREADABLE as exc:
        raise DamagedRecord(what, repr(exc)) from exc


def _parsed(text: object) -> Mapping[str, Json]:
    found = orjson.loads(text)  # type: ignore[arg-type]  # what is no text is refused by it
    if not isinstance(found, dict):
        raise TypeError("no object")
    return found


def _person(person: Person) -> dict[str, Json]:
    return {
        "id": person.id,
        "displayName": person.display_name,
        "aliases": person.aliases,
        "createdAt": person.created_at,
        "updatedAt": person.updated_at,
        "identities": [_identity(each) for each in person.identities],
        "dids": person.dids,
        "owner": person.owner,
        "mergedInto": person.merged_into,
        "splitFrom": person.split_from,
    }


def _read_person(row: Mapping[str, Json]) -> Person:
    return Person(
        id=PersonId(_text(row["id"])),
        display_name=_text(row["displayName"]),
        aliases=tuple(map(_text, row["aliases"])),
        created_at=_moment(row["createdAt"]),
        updated_at=_moment(row["updatedAt"]),
        identities=tuple(map(_read_identity, row["identities"])),
        dids=tuple(Did(_text(each)) for each in row["dids"]),
        owner=bool(row["owner"]),
        merged_into=_optional(row["mergedInto"]),
        split_from=_optional(row["splitFrom"]),
    )


def _identity(identity: PlatformIdentity) -> dict[str, Json]:
    return {
        "id": str(identity.id),
        "displayName": identity.display_name,
        "username": identity.username,
        "firstSeen": identity.first_seen,
        "lastSeen": identity.last_seen,
    }


def _read_identity(row: Mapping[str, Json]) -> PlatformIdentity:
    return PlatformIdentity(
        parse_platform_id(row["id"]),
        _text(row["displayName"]),
        None if row["username"] is None else _text(row["username"]),
        _moment(row["firstSeen"]),
        _moment(row["lastSeen"]),
    )


def _fields(event: PersonEvent) -> dict[str, Json]:
    """What an event says besides who did what to whom, when and why."""
    match event:
        case PersonRegistered(record=record):
            return {"record": _person(record)}
        case PersonsMerged(absorbed=absorbed):
            return {"absorbed": _person(absorbed)}
        case IdentitySeen(identity=identity) | IdentityLinked(identity=identity):
            return {"identity": _identity(identity)}
        case IdentityUnlinked(platform_id=platform_id, to=to):
            return {"platformId": str(platform_id), "to": to}
        case AliasAdded(alias=alias):
            return {"alias": alias}
        case NameAlike(name=name, others=others):
            return {"name": name, "others": others}
        case NameRefused(name=name) | PersonRenamed(name=name):
            return {"name": name}
        case DidLinked(did=did) | DidUnlinked(did=did):
            return {"did": did}
    raise AssertionError(f"no event of a person: {event}")


_READERS: Mapping[str, Callable[[Mapping[str, Json], dict[str, Json]], PersonEvent]] = {
    "PersonRegistered": lambda row, base: PersonRegistered(record=_read_person(row["record"]), **base),
    "PersonsMerged": lambda row, base: PersonsMerged(absorbed=_read_person(row["absorbed"]), **base),
    "IdentitySeen": lambda row, base: IdentitySeen(identity=_read_identity(row["identity"]), **base),
    "IdentityLinked": lambda row, base: IdentityLinked(identity=_read_identity(row["identity"]), **base),
    "IdentityUnlinked": lambda row, base: IdentityUnlinked(
        platform_id=parse_platform_id(row["platformId"]), to=PersonId(_text(row["to"])), **base
    ),
    "AliasAdded": lambda row, base: AliasAdded(alias=_text(row["alias"]), **base),
    "NameAlike": lambda row, base: NameAlike(
        name=_text(row["name"]), others=tuple(PersonId(_text(each)) for each in row["others"]), **base
    ),
    "NameRefused": lambda row, base: NameRefused(name=_text(row["name"]), **base),
    "PersonRenamed": lambda row, base: PersonRenamed(name=_text(row["name"]), **base),
    "DidLinked": lambda row, base: DidLinked(did=Did(_text(row["did"])), **base),
    "DidUnlinked": lambda row, base: DidUnlinked(did=Did(_text(row["did"])), **base),
}


def _read_event(row: Mapping[str, Json]) -> PersonEvent:
    base: dict[str, Json] = {
        "person": PersonId(_text(row["person"])),
        "at": _moment(row["at"]),
        "actor": _text(row["actor"]),
        "reason": _text(row["reason"]),
    }
    return _READERS[row["type"]](row, base)


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _moment(value: Json) -> int:
    if type(value) is not int:
        raise TypeError("no time")
    return value


def _optional(value: Json) -> PersonId | None:
    return None if value is None else PersonId(_text(value))
