"""Everything about a person as JSON: times as text, names as GraphQL has them."""

from dataclasses import fields, is_dataclass

from domain.canonical import Json
from domain.people.history import Snapshot
from domain.people.person import PersonEvent, PlatformId
from domain.timestamp import format_millis
from graphdb.people import TrailEntry
from resolvers.people.listing import date_text
from resolvers.people.rights import Everything

MOMENTS = frozenset(
    {"at", "created_at", "updated_at", "first_seen", "last_seen", "added_at", "answered_at", "pardoned_at"}
    | {"recorded_at", "retracted_at", "until", "valid_until", "set_at", "lifted_at", "since"}
)
"""Fields that are milliseconds since 1970."""

COMMON = frozenset({"person", "at", "actor", "reason"})
"""What every event of a person says."""


def exported(everything: Everything) -> Json:
    export = everything.export
    return {
        "person": told(export.record.person),
        "kept": told(export.kept),
        "interactions": [told(each) for each in export.history],
        "override": told(export.override),
        "trust": told(export.trusted),
        "trustHistory": [_snapshot(each) for each in everything.snapshots],
        "appeals": [told(each) for each in export.appeals],
        "audit": [told(each) for each in export.audit],
        "connections": [told(each) for each in everything.connections],
        "sharedOpinion": told(everything.shared_opinion),
        "trail": [_entry(each) for each in everything.trail],
    }


def _snapshot(taken: Snapshot) -> Json:
    return {_camel(name): _field(taken, name) for name in _names(taken)} | {"date": date_text(taken.date)}


def _entry(entry: TrailEntry) -> Json:
    event = entry.event
    return {
        "number": entry.number,
        "event": type(event).__name__,
        "at": format_millis(event.at),
        "actor": event.actor,
        "reason": event.reason,
        "details": details(event),
    }


def details(event: PersonEvent) -> Json:
    """What an event says besides what all of them do."""
    return {_camel(each.name): _field(event, each.name) for each in fields(event) if each.name not in COMMON}


def told(value: object) -> Json:
    """A value of the domain: an object for a record, text for an enum."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str | PlatformId):
        return str(value)
    if isinstance(value, tuple | list) and not hasattr(value, "_fields"):
        return [told(each) for each in value]
    return {_camel(name): _field(value, name) for name in _names(value)}


def _names(record: object) -> tuple[str, ...]:
    """The fields of a dataclass, or of a named tuple, which has only this to be known by."""
    named: tuple[str, ...] | None = getattr(record, "_fields", None)
    if named is not None:
        return named
    assert is_dataclass(record), "the domain is made of these"
    return tuple(each.name for each in fields(record))


def _field(of: object, name: str) -> Json:
    value = getattr(of, name)
    if name in MOMENTS and isinstance(value, int):
        return format_millis(value)
    return told(value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
