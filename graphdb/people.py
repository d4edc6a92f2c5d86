"""People as a store keeps them: the registry that all observers share, and what each observer keeps about a person.

Every method is one atomic, retry-safe transaction. What belongs to an observer is read and written under that
observer's DID alone; a method that reads across observers says so in its name. What cannot be read raises
`DamagedRecord`: it is never taken for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.alliance.history import IgnoreMark
from domain.identity import Did
from domain.people.history import Snapshot
from domain.people.interaction import PersonId
from domain.people.opinion import Opinion
from domain.people.person import Person, PersonEvent, PlatformId
from domain.people.registry import Act, Sighting
from graphdb.page import Page

NOTES = 50
"""The notes that an observer keeps of one person; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person; `version` counts the events of their trail."""

    person: Person
    version: int


@dataclass(frozen=True, slots=True)
class PersonCommit:
    """Events of one decision, written all or none.

    `expected` has the version of every person that the decision was taken from and that the events touch; 0 is
    somebody who is not registered yet.
    """

    events: tuple[PersonEvent, ...]
    expected: tuple[tuple[PersonId, int], ...]

    def __post_init__(self) -> None:
        # It would be found out in the midst of a batch, and fail the others there.
        if not self.events:
            raise ValueError("a commit has at least one event")


@dataclass(frozen=True, slots=True)
class Encounter:
    """Somebody is seen. `person` is a fresh id, used where the account is new; `reserved` are the owner's names."""

    sighting: Sighting
    person: PersonId
    owner: bool = False
    reserved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Met:
    """Who it is, and the events that were written; `registered` at first contact.

    A sighting that shows nothing new but the time refreshes the record and leaves no event.
    """

    record: PersonRecord
    events: tuple[PersonEvent, ...]
    registered: bool


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """An event of a person's trail; `number` is the person's version after it."""

    number: int
    event: PersonEvent


class Registry(Protocol):
    """Who people are: one record behind many accounts, the same for every observer."""

    async def commit(self, commit: PersonCommit) -> tuple[PersonRecord, ...]:
        """Appends the events and projects them; answers with every person touched, in the order of `expected`.

        Raises `Moved` where a version is not the expected one any more, `IdentityTaken` for an account or DID of
        another person, `UnknownPerson`. Merging unites what all observers recorded and keep; splitting a person off
        copies everything bad (`registry.kept_by_split`), for all observers.
        """
        ...

    async def meet(self, encounter: Encounter) -> Met:
        """Finds the person of the account and notes what the platform shows, or registers them at first contact.

        Somebody who was forgotten and comes back finds the violations that were kept against them.
        """
        ...

    async def persons(self, ids: Sequence[PersonId]) -> tuple[PersonRecord | None, ...]:
        """A merged person's id answers with the person who was kept; a forgotten one's with None."""
        ...

    async def unresolved(self, ids: Sequence[PersonId]) -> tuple[PersonRecord | None, ...]:
        """As `persons`, but a merged person is answered with their own record, which says where it went."""
        ...

    async def by_platform_ids(self, ids: Sequence[PlatformId]) -> tuple[PersonRecord | None, ...]: ...
    async def by_dids(self, dids: Sequence[Did]) -> tuple[PersonRecord | None, ...]: ...
    async def people(self, first: int, after: str | None, *, search: str | None = None) -> Page[PersonRecord]:
        """In the order of their registration, without merged and forgotten ones.

        `search`: whose display name or an alias begins with what can be taken for these words (`names.name_keys`).
        """
        ...

    async def alike(self, names: Sequence[str]) -> tuple[tuple[PersonId, ...], ...]:
        """Who has a name that can be taken for each of these, by id."""
        ...

    async def trail(self, person: PersonId, first: int, after: str | None) -> Page[TrailEntry]:
        """Everything that happened to a record, oldest first. A merged person has the trail up to the merge."""
        ...

    async def forget(self, person: PersonId, act: Act, observer: Did | None = None) -> bool:
        """Erases a person: everything that `observer` holds about them, or, without one, everything everywhere.

        Violations stay against a salted fingerprint of every account and DID. Whether there was anything to erase.
        Either way it is in the audit; everywhere, also in those of whoever asked and of everybody who held something.
        """
        ...


@dataclass(frozen=True, slots=True)
class Note:
    """What an observer wants to remember. `source` says where it comes from; times in milliseconds."""

    id: str
    content: str
    author: str
    added_at: int
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Sharing:
    """With whom an observer shares what it holds about a person."""

    with_subject: bool = False
    with_everybody: bool = False


NOT_SHARED = Sharing()


@dataclass(frozen=True, slots=True)
class SharedOpinion:
    """What an observer lets others hear about a person, as of `at` (ms)."""

    observer: Did
    person: PersonId
    opinion: Opinion
    at: int


@dataclass(frozen=True, slots=True)
class Appeal:
    """A person asks an observer to look again at what was recorded: at one interaction, or at all of it.

    `appellant` is the DID that asks. Times in milliseconds; an open appeal has no answer.
    """

    id: str
    person: PersonId
    appellant: Did
    at: int
    text: str
    interaction: str | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_at: int | None = None


class Deed(StrEnum):
    """What the audit tells of."""

    PARDONED = "pardoned"
    RETRACTED = "retracted"
    OVERRIDE_SET = "override_set"
    OVERRIDE_LIFTED = "override_lifted"
    SHARED = "shared"
    EXPORTED = "exported"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what about a person, when (ms) and why. `about` names the interaction, where it is one.

    `number` orders the entries of all observers.
    """

    number: int
    observer: Did | None
    person: PersonId
    deed: Deed
    actor: str
    at: int
    reason: str
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What an observer keeps about one person besides the history, oldest first."""

    person: PersonId
    summary: str | None = None
    notes: tuple[Note, ...] = ()
    marks: tuple[IgnoreMark, ...] = ()
    sharing: Sharing = NOT_SHARED


class Notebook(Protocol):
    """What an observer keeps about people, for itself alone. Persons are given by the id that was kept in merges."""

    async def kept(self, observer: Did, persons: Sequence[PersonId]) -> tuple[Kept, ...]:
        """In one snapshot; somebody of whom nothing is kept has an empty `Kept`."""
        ...

    async def add_note(self, observer: Did, person: PersonId, note: Note) -> tuple[Note, ...]:
        """The notes afterwards, at most 50: the oldest goes. The same id again changes nothing."""
        ...

    async def remove_note(self, observer: Did, person: PersonId, note: str) -> bool: ...
    async def summarise(self, observer: Did, person: PersonId, summary: str | None) -> None: ...
    async def ignore(
        self, observer: Did, person: PersonId, now: int, until: int | None = None
    ) -> tuple[IgnoreMark, ...]:
        """One more mark, unless the same one holds already; all marks afterwards."""
        ...

    async def unignore(self, observer: Did, person: PersonId, now: int) -> tuple[IgnoreMark, ...]:
        """Every mark that holds is lifted; all marks afterwards."""
        ...

    async def ignored(self, observer: Did) -> tuple[tuple[PersonId, tuple[IgnoreMark, ...]], ...]:
        """Everybody who was ever marked, by id."""
        ...

    async def share(self, observer: Did, person: PersonId, sharing: Sharing, act: Act) -> None: ...
    async def share_opinion(self, observer: Did, person: PersonId, opinion: Opinion | None, at: int) -> None:
        """What others may hear, in place of what they heard before; None takes it back."""
        ...

    async def opinions_shared_by_observers(
        self, observers: Sequence[Did], about: Sequence[PersonId]
    ) -> tuple[SharedOpinion, ...]:
        """What these observers let others hear of these people, by observer and person."""
        ...

    async def opinions_of_observers(self, observers: Sequence[Did], most: int) -> tuple[SharedOpinion, ...]:
        """What these observers let others hear of anybody, by observer and person: of each the first `most`."""
        ...

    async def opinions_shared_by_all_observers_about(self, person: PersonId) -> tuple[SharedOpinion, ...]: ...
    async def remember(self, observer: Did, taken: Sequence[tuple[PersonId, Snapshot]]) -> int:
        """Trust snapshots: the first of a person and date stays, the newest 365 are kept. How many were new."""
        ...

    async def snapshots(self, observer: Did, person: PersonId) -> tuple[Snapshot, ...]:
        """By date."""
        ...

    async def appeal(self, observer: Did, appeal: Appeal) -> None:
        """The same id again changes nothing."""
        ...

    async def answer_appeal(self, observer: Did, appeal: str, act: Act) -> Appeal | None:
        """The act's reason is the answer. The first answer stays; None for an unknown appeal."""
        ...

    async def appeals(
        self, observer: Did, first: int, after: str | None, *, person: PersonId | None = None, open_only: bool = False
    ) -> Page[Appeal]:
        """Oldest first."""
        ...

    async def audit(
        self, observer: Did | None, first: int, after: str | None, *, person: PersonId | None = None
    ) -> Page[AuditEntry]:
        """What was done about people in the observer's name, oldest first; of the registry without an observer."""
        ...


class People(Registry, Notebook, Protocol):
    """Who people are, and what each observer keeps about them."""
