"""Whose owner somebody is: configuration, by identities, so that an owner is one under any of theirs (P2, E13)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.identity import Did, parse_did
from domain.people.person import Person, parse_platform_id

EVERY_OBSERVER = "*"


@dataclass(frozen=True, slots=True)
class Owners:
    """Platform ids and DIDs of the owners, by the DID of the observer; `*` stands for every observer."""

    identities: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, observer: Did) -> frozenset[str]:
        """The platform ids and DIDs under which somebody is the observer's owner."""
        return self.identities.get(observer, frozenset()) | self.identities.get(EVERY_OBSERVER, frozenset())

    def named(self, identity: str) -> bool:
        """Whether a platform id or DID is an owner's of any observer."""
        return any(identity in owned for owned in self.identities.values())

    def owns(self, observer: Did, person: Person) -> bool:
        """Whether the person is the observer's owner."""
        return not self.of(observer).isdisjoint(_identities(person))

    def owns_anybody(self, person: Person) -> bool:
        """Whether the person is an owner of any observer: only they change who they are."""
        return any(map(self.named, _identities(person)))


def owners(given: Mapping[str, tuple[str, ...]]) -> Owners:
    """Checked: raises `InvalidDid` and `InvalidPlatformIdentity`."""
    for observer in given:
        if observer != EVERY_OBSERVER:
            parse_did(observer)
    return Owners({observer: frozenset(map(_checked, identities)) for observer, identities in given.items()})


def _checked(identity: str) -> str:
    return parse_did(identity) if identity.startswith("did:") else str(parse_platform_id(identity))


def _identities(person: Person) -> frozenset[str]:
    return frozenset({*person.dids, *(str(each.id) for each in person.identities)})
