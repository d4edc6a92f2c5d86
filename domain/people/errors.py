"""What people, trust and the social graph refuse, each with a stable code and the facts.

DomainError
├── InvalidShape
│   ├── InvalidInteraction, InvalidSignals, InvalidOverride, InvalidOpinion
│   ├── InvalidPlatformIdentity, InvalidPersonName
│   └── InvalidConnection, InvalidDepth
└── Refused
    ├── FutureInteraction, SignalsFromLater
    ├── NameReserved, IdentityTaken, UnknownIdentity, LastIdentity, OwnerProtected, SamePerson, AlreadyMerged
    └── UnknownPerson, AlreadyConnected, NotConnected
"""

from domain.errors import InvalidShape, shown
from domain.organisms.errors import Refused


class InvalidInteraction(InvalidShape):
    code = "INVALID_INTERACTION"
    noun = "interaction"


class InvalidSignals(InvalidShape):
    code = "INVALID_SIGNALS"
    noun = "signals"


class InvalidOverride(InvalidShape):
    code = "INVALID_OVERRIDE"
    noun = "override"


class InvalidOpinion(InvalidShape):
    code = "INVALID_OPINION"
    noun = "opinion"


class InvalidPlatformIdentity(InvalidShape):
    code = "INVALID_PLATFORM_ID"
    noun = "platform id"


class InvalidPersonName(InvalidShape):
    code = "INVALID_PERSON_NAME"
    noun = "name"


class InvalidConnection(InvalidShape):
    code = "INVALID_CONNECTION"
    noun = "connection"


class InvalidDepth(InvalidShape):
    code = "INVALID_DEPTH"
    noun = "depth"


class FutureInteraction(Refused):
    code = "FUTURE_INTERACTION"

    def __init__(self, at: int, now: int, ahead: int) -> None:
        super().__init__(
            f"The interaction is dated {(at - now) / 1000:.3f} s after now; at most {ahead // 1000} s are accepted",
            at=at,
            now=now,
            secondsAhead=ahead // 1000,
        )


class SignalsFromLater(Refused):
    """The signals hold an interaction after the moment asked for: count those up to it instead."""

    code = "SIGNALS_FROM_LATER"

    def __init__(self, latest: int, now: int) -> None:
        super().__init__("The signals reach beyond the moment asked for", latest=latest, now=now)


class NameReserved(Refused):
    code = "NAME_RESERVED"

    def __init__(self, name: str) -> None:
        super().__init__(f"{shown(name)} can be taken for a reserved name", name=shown(name))


class IdentityTaken(Refused):
    """Does not say by whom: merging is the way, and needs both."""

    code = "IDENTITY_TAKEN"

    def __init__(self, identity: str) -> None:
        super().__init__(f"{shown(identity)} belongs to another person", identity=shown(identity))


class UnknownIdentity(Refused):
    code = "UNKNOWN_IDENTITY"

    def __init__(self, identity: str, person: str) -> None:
        super().__init__(f"{shown(identity)} is no identity of {person}", identity=shown(identity), person=person)


class LastIdentity(Refused):
    code = "LAST_IDENTITY"

    def __init__(self, person: str) -> None:
        super().__init__(f"It is the last identity of {person}", person=person)


class OwnerProtected(Refused):
    code = "OWNER_PROTECTED"

    def __init__(self, person: str) -> None:
        super().__init__("Only an owner changes who an owner is", person=person)


class SamePerson(Refused):
    code = "SAME_PERSON"

    def __init__(self, person: str) -> None:
        super().__init__(f"Both are {person}", person=person)


class AlreadyMerged(Refused):
    code = "ALREADY_MERGED"

    def __init__(self, person: str, into: str) -> None:
        super().__init__(f"{person} has become {into}", person=person, into=into)


class UnknownPerson(Refused):
    code = "UNKNOWN_PERSON"

    def __init__(self, person: str) -> None:
        super().__init__(f"Nobody is {shown(person)}", person=shown(person))


class AlreadyConnected(Refused):
    code = "ALREADY_CONNECTED"

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other} are connected with other words: update them", one=one, other=other)


class NotConnected(Refused):
    code = "NOT_CONNECTED"

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other} are not connected", one=one, other=other)
