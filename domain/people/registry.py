"""The rules of the person registry: meeting, renaming, linking, unlinking and merging. Each answers with events.

What has to do with an owner needs the owner: nobody becomes trusted by being linked to one.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from domain.identity import Did
from domain.people.errors import (
    AlreadyMerged,
    IdentityTaken,
    LastIdentity,
    NameReserved,
    OwnerProtected,
    SamePerson,
    UnknownIdentity,
)
from domain.people.interaction import Interaction, Kind, PersonId
from domain.people.names import check_name, clean_name, imitates
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
    PlatformId,
    PlatformIdentity,
)
from domain.people.standing import BADNESS

SERVER = "server"
"""The actor of what follows from a message alone."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody as a platform shows them at one moment (ms)."""

    platform_id: PlatformId
    name: str
    at: int
    username: str | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Who changes a record, when (ms) and why."""

    actor: str
    at: int
    reason: str = ""


def register(
    sighting: Sighting,
    person: PersonId,
    *,
    owner: bool = False,
    reserved: Collection[str] = (),
    alike: Collection[PersonId] = (),
) -> tuple[PersonEvent, ...]:
    """A stranger at first contact. `reserved` are the owner's names, `alike` those whose names could be meant too.

    Under a reserved name a stranger is shown by their account, and the attempt is told. Nor is a user name kept that
    imitates one.
    """
    name = clean_name(sighting.name, str(sighting.platform_id))
    refused = not owner and imitates(name, reserved)
    shown_name = str(sighting.platform_id) if refused else name
    identity = _identity(_presentable(sighting, reserved, owner=owner), shown_name, sighting.at)
    record = Person(person, shown_name, (shown_name,), sighting.at, sighting.at, identities=(identity,), owner=owner)
    act = Act(SERVER, sighting.at)
    met = PersonRegistered(person=person, at=act.at, actor=act.actor, record=record)
    return (met, *_about_name(person, name, act, refused=refused, alike=alike))


def register_agent(did: Did, person: PersonId, act: Act, *, owner: bool = False) -> tuple[PersonEvent, ...]:
    """An agent at first contact: nobody but the DID itself is claimed, so nobody has to agree."""
    record = Person(person, did, (did,), act.at, act.at, dids=(did,), owner=owner)
    return (PersonRegistered(person=person, at=act.at, actor=act.actor, reason=act.reason, record=record),)


def see(
    known: Person, sighting: Sighting, *, reserved: Collection[str] = (), alike: Collection[PersonId] = ()
) -> tuple[PersonEvent, ...]:
    """A known person again: the account is refreshed and a new name becomes an alias, never the display name.

    Arrival order does not matter: what is older than the newest sighting changes no name.
    """
    before = known.identity(sighting.platform_id)
    if before is None:
        raise UnknownIdentity(str(sighting.platform_id), known.id)
    name = clean_name(sighting.name, str(sighting.platform_id))
    refused = not known.owner and imitates(name, reserved)
    newest = sighting.at >= before.last_seen
    presentable = _presentable(sighting, reserved, owner=known.owner)
    identity = _refreshed(before, presentable, before.display_name if refused or not newest else name)
    act = Act(SERVER, sighting.at)
    seen = IdentitySeen(person=known.id, at=act.at, actor=act.actor, identity=identity)
    if not refused and name in known.aliases:
        return (seen,)
    added = () if refused else (AliasAdded(person=known.id, at=act.at, actor=act.actor, alias=name),)
    return (seen, *added, *_about_name(known.id, name, act, refused=refused, alike=alike))


def rename(
    person: Person, name: str, act: Act, *, reserved: Collection[str] = (), alike: Collection[PersonId] = ()
) -> tuple[PersonEvent, ...]:
    """A chosen display name. Raises `InvalidPersonName`, and `NameReserved` for one that imitates the owner's."""
    name = check_name(name)
    if not person.owner and imitates(name, reserved):
        raise NameReserved(name)
    renamed = PersonRenamed(person=person.id, at=act.at, actor=act.actor, reason=act.reason, name=name)
    return (renamed, *_about_name(person.id, name, act, refused=False, alike=alike))


def link_identity(
    person: Person, sighting: Sighting, act: Act, *, holder: PersonId | None = None, reserved: Collection[str] = ()
) -> tuple[PersonEvent, ...]:
    """One more account of a person. `holder` is who has it now; another person must be merged instead."""
    _require_whole(person)
    _require_owner(person, act)
    if holder == person.id:
        return ()
    if holder is not None:
        raise IdentityTaken(str(sighting.platform_id))
    name = clean_name(sighting.name, str(sighting.platform_id))
    refused = not person.owner and imitates(name, reserved)
    presentable = _presentable(sighting, reserved, owner=person.owner)
    identity = _identity(presentable, str(sighting.platform_id) if refused else name, sighting.at)
    linked = IdentityLinked(person=person.id, at=act.at, actor=act.actor, reason=act.reason, identity=identity)
    return (linked, *_about_name(person.id, name, act, refused=refused, alike=()))


def link_did(person: Person, did: Did, act: Act, *, holder: PersonId | None = None) -> tuple[PersonEvent, ...]:
    """An agent of a person; the caller has checked that the agent agrees."""
    _require_whole(person)
    _require_owner(person, act)
    if holder == person.id:
        return ()
    if holder is not None:
        raise IdentityTaken(did)
    return (DidLinked(person=person.id, at=act.at, actor=act.actor, reason=act.reason, did=did),)


def unlink_did(person: Person, did: Did, act: Act) -> tuple[PersonEvent, ...]:
    _require_owner(person, act)
    if did not in person.dids:
        raise UnknownIdentity(did, person.id)
    if len(person.dids) == 1 and not person.identities:
        raise LastIdentity(person.id)
    return (DidUnlinked(person=person.id, at=act.at, actor=act.actor, reason=act.reason, did=did),)


def unlink_identity(person: Person, platform_id: PlatformId, act: Act, *, split: PersonId) -> tuple[PersonEvent, ...]:
    """The account stands for a person of its own from now on, who keeps what `kept_by_split` says."""
    _require_owner(person, act)
    identity = person.identity(platform_id)
    if identity is None:
        raise UnknownIdentity(str(platform_id), person.id)
    if len(person.identities) == 1 and not person.dids:
        raise LastIdentity(person.id)
    name = identity.display_name
    record = Person(split, name, (name,), act.at, act.at, identities=(identity,), split_from=person.id)
    return (
        IdentityUnlinked(
            person=person.id, at=act.at, actor=act.actor, reason=act.reason, platform_id=platform_id, to=split
        ),
        PersonRegistered(person=split, at=act.at, actor=act.actor, reason=act.reason, record=record),
    )


def kept_by_split(history: Collection[Interaction], split: PersonId) -> list[Interaction]:
    """What a person that is split off takes along: everything bad, so that unlinking does not whitewash."""
    bad = {kind for _, kind in BADNESS} | {Kind.VIOLATION, Kind.RESTRICTED_TOOL_ATTEMPT}
    return [each._replace(person=split) for each in history if each.kind in bad]


def merge(kept: Person, absorbed: Person, act: Act) -> tuple[PersonEvent, ...]:
    """Two records of one person become one; histories follow by `interaction.merge_histories`.

    Raises `SamePerson`, `AlreadyMerged`, and `OwnerProtected` where one is an owner and the owner is not asking.
    """
    if kept.id == absorbed.id:
        raise SamePerson(kept.id)
    for person in (kept, absorbed):
        _require_whole(person)
        _require_owner(person, act)
    return (PersonsMerged(person=kept.id, at=act.at, actor=act.actor, reason=act.reason, absorbed=absorbed),)


def _require_owner(person: Person, act: Act) -> None:
    if person.owner and act.actor not in (SERVER, *person.dids):
        raise OwnerProtected(person.id)


def _require_whole(person: Person) -> None:
    if person.merged_into is not None:
        raise AlreadyMerged(person.id, person.merged_into)


def _about_name(
    person: PersonId, name: str, act: Act, *, refused: bool, alike: Collection[PersonId]
) -> tuple[PersonEvent, ...]:
    if refused:
        return (NameRefused(person=person, at=act.at, actor=act.actor, name=name),)
    others = tuple(sorted(set(alike) - {person}))
    return (NameAlike(person=person, at=act.at, actor=act.actor, name=name, others=others),) if others else ()


def _presentable(sighting: Sighting, reserved: Collection[str], *, owner: bool) -> Sighting:
    """Without a user name that can be taken for a reserved one: cards show it beside the name."""
    if owner or not sighting.username or not imitates(sighting.username, reserved):
        return sighting
    return replace(sighting, username=None)


def _identity(sighting: Sighting, name: str, first_seen: int) -> PlatformIdentity:
    return PlatformIdentity(sighting.platform_id, name, _username(sighting), first_seen, sighting.at)


def _refreshed(before: PlatformIdentity, sighting: Sighting, name: str) -> PlatformIdentity:
    newest = sighting.at >= before.last_seen
    return replace(
        before,
        display_name=name,
        username=_username(sighting) or before.username if newest else before.username,
        first_seen=min(before.first_seen, sighting.at),
        last_seen=max(before.last_seen, sighting.at),
    )


def _username(sighting: Sighting) -> str | None:
    return clean_name(sighting.username, "") or None if sighting.username else None
