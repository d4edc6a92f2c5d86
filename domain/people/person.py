"""Who a person is: one record behind many accounts, changed only by events that say who did what, when and why.

Ids are given: whoever calls draws them at random, wide enough never to meet again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.errors import shown
from domain.identity import Did
from domain.people.errors import InvalidPlatformIdentity
from domain.people.interaction import PersonId
from domain.people.names import confusable

ALIASES = 50
"""The names kept of one person; the oldest but the display name goes first."""

CHANNEL_CHARACTERS = 32
SENDER_CHARACTERS = 200


@dataclass(frozen=True, slots=True, order=True)
class PlatformId:
    """An account on a platform, written `channel:sender_id`. The sender id may hold colons, the channel may not."""

    channel: str
    sender: str

    def __post_init__(self) -> None:
        channel = self.channel.replace("-", "").replace("_", "")
        sound = channel.isascii() and channel.isalnum() and channel == channel.lower()
        if not sound or len(self.channel) > CHANNEL_CHARACTERS:
            raise InvalidPlatformIdentity(
                "$.channel", f"1 to {CHANNEL_CHARACTERS} of a-z, 0-9, - and _", shown(ascii(self.channel))
            )
        visible = self.sender.isprintable() and " " not in self.sender
        if not visible or not 0 < len(self.sender) <= SENDER_CHARACTERS:
            raise InvalidPlatformIdentity(
                "$.sender", f"1 to {SENDER_CHARACTERS} visible characters without spaces", shown(ascii(self.sender))
            )

    def __str__(self) -> str:
        return f"{self.channel}:{self.sender}"


def parse_platform_id(text: str) -> PlatformId:
    """Raises `InvalidPlatformIdentity`."""
    if not isinstance(text, str) or ":" not in text:
        raise InvalidPlatformIdentity("$", "channel:sender_id", shown(ascii(text)))
    channel, _, sender = text.partition(":")
    return PlatformId(channel, sender)


@dataclass(frozen=True, slots=True)
class PlatformIdentity:
    """How a person is seen on one platform. Times are milliseconds since 1970."""

    id: PlatformId
    display_name: str
    username: str | None
    first_seen: int
    last_seen: int


@dataclass(frozen=True, slots=True)
class Person:
    """One person as everybody sees them. `owner` comes from the configuration; trust is never kept here."""

    id: PersonId
    display_name: str
    aliases: tuple[str, ...]
    created_at: int
    updated_at: int
    identities: tuple[PlatformIdentity, ...] = ()
    dids: tuple[Did, ...] = ()
    owner: bool = False
    merged_into: PersonId | None = None
    split_from: PersonId | None = None

    def identity(self, platform_id: PlatformId) -> PlatformIdentity | None:
        return next((each for each in self.identities if each.id == platform_id), None)

    def is_called(self, name: str) -> bool:
        """Whether a name could mean this person."""
        return any(confusable(name, alias) for alias in (self.display_name, *self.aliases))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEvent:
    """What happened to the record of `person`: `actor` is a DID, or what acted for the server."""

    person: PersonId
    at: int
    actor: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRegistered(PersonEvent):
    """Somebody was met for the first time, or split off from another person."""

    record: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySeen(PersonEvent):
    """The platform showed this of the person."""

    identity: PlatformIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasAdded(PersonEvent):
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRefused(PersonEvent):
    """The name can be taken for one that is reserved: it was neither kept nor shown."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAlike(PersonEvent):
    """The name can be taken for that of others: kept, and told."""

    name: str
    others: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRenamed(PersonEvent):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLinked(PersonEvent):
    identity: PlatformIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityUnlinked(PersonEvent):
    """`to` is the person that the account stands for from now on."""

    platform_id: PlatformId
    to: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class DidLinked(PersonEvent):
    did: Did


@dataclass(frozen=True, slots=True, kw_only=True)
class DidUnlinked(PersonEvent):
    did: Did


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsMerged(PersonEvent):
    """Another person turned out to be this one: `absorbed` is their record as it was."""

    absorbed: Person


def evolve(person: Person, event: PersonEvent) -> Person:
    """The record after an event of this person; one that changes no field leaves it as it is."""
    person = replace(person, updated_at=max(person.updated_at, event.at))
    match event:
        case IdentitySeen(identity=identity) | IdentityLinked(identity=identity):
            rest = (each for each in person.identities if each.id != identity.id)
            return replace(person, identities=_sorted((*rest, identity)))
        case AliasAdded(alias=alias):
            return replace(person, aliases=_with_aliases(person, [alias]))
        case PersonRenamed(name=name):
            renamed = replace(person, display_name=name)
            return replace(renamed, aliases=_with_aliases(renamed, [name]))
        case IdentityUnlinked(platform_id=platform_id):
            return replace(person, identities=tuple(each for each in person.identities if each.id != platform_id))
        case DidLinked(did=did):
            return replace(person, dids=tuple(sorted({*person.dids, did})))
        case DidUnlinked(did=did):
            return replace(person, dids=tuple(each for each in person.dids if each != did))
        case PersonsMerged(absorbed=absorbed):
            return _merged(person, absorbed, event)
    return person


def replay(events: Iterable[PersonEvent]) -> Person:
    """The record that a history of one person leaves; its first event registers them."""
    first, *rest = events
    assert isinstance(first, PersonRegistered), "a history begins with the registration"
    person = first.record
    for event in rest:
        person = evolve(person, event)
    return person


def _sorted(identities: Iterable[PlatformIdentity]) -> tuple[PlatformIdentity, ...]:
    return tuple(sorted(identities, key=lambda each: each.id))


def _with_aliases(person: Person, names: Iterable[str]) -> tuple[str, ...]:
    aliases = [*person.aliases, *names]
    aliases = list(dict.fromkeys(aliases))
    while len(aliases) > ALIASES:
        aliases.remove(next(each for each in aliases if each != person.display_name))
    return tuple(aliases)


def _merged(person: Person, absorbed: Person, event: PersonEvent) -> Person:
    """Absorbing is seen from both sides: the absorbed record keeps nothing but where it went."""
    if person.id == absorbed.id:
        return replace(person, identities=(), dids=(), merged_into=event.person)
    return replace(
        person,
        aliases=_with_aliases(person, absorbed.aliases),
        identities=_sorted((*person.identities, *absorbed.identities)),
        dids=tuple(sorted({*person.dids, *absorbed.dids})),
        created_at=min(person.created_at, absorbed.created_at),
        owner=person.owner or absorbed.owner,
    )
