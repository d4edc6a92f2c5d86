"""Interactions as a store keeps them: the history that decides, and what follows from it.

The rows of the history are the truth. Signals are running counters of it, kept in process (bounded) and in a row per
observer and person; they equal a recount, carry a checksum, and are counted again from the history whenever they are
missing, unreadable or behind. Trust is a projection for lists, true until its `valid_until`.

Every method is one atomic, retry-safe transaction under one observer's DID; a method that reads across observers says
so in its name. What cannot be read raises `DamagedRecord`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from domain.errors import DomainError
from domain.identity import Did
from domain.people.interaction import Interaction, PersonId
from domain.people.registry import Act
from domain.people.report import Override, Profile
from domain.people.signals import Signals
from domain.people.tier import Tier
from graphdb.page import Page
from graphdb.people import Appeal, AuditEntry, Kept, PersonRecord

MOST_RECORDED = 1_000
"""How many interactions one call records."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When trust is told (ms), and under which identities (platform ids and DIDs) somebody is the observer's owner."""

    now: int
    owners: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Recording:
    """One interaction to be recorded, its id drawn by the server.

    `key` is the client's own, unique per observer: a repeat is answered with the first outcome. `fingerprint` is what
    the client asked for; another one under the same key is refused.
    """

    interaction: Interaction
    key: str | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class RecordingBatch:
    """Up to 1,000 interactions of one observer; `whole`: all of them or none.

    Dates in the future are the caller's to refuse (`interaction.accept`).
    """

    observer: Did
    recordings: tuple[Recording, ...]
    moment: Moment
    whole: bool = False

    def __post_init__(self) -> None:
        # It would be found out in the midst of a batch, and fail the others there.
        if not 0 < len(self.recordings) <= MOST_RECORDED:
            raise ValueError(f"a batch has 1 to {MOST_RECORDED} interactions")
        if any(each.interaction.observer != self.observer for each in self.recordings):
            raise ValueError("a batch belongs to one observer")

    def __len__(self) -> int:
        return len(self.recordings)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An interaction as it was recorded: `person` is the one who was kept, where the one given was merged.

    `sequence` numbers what the observer recorded with that person, from 1. `repeated`: it was there already.
    """

    id: str
    person: PersonId
    sequence: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Trusted:
    """An observer's trust in a person as projected: the standard profile's, at `at`, true until `valid_until` (ms)."""

    observer: Did
    person: PersonId
    score: float
    tier: Tier
    at: int
    valid_until: int | None
    interactions: int
    """How many are recorded and not retracted, repeats included."""
    sequence: int


@dataclass(frozen=True, slots=True)
class TrustChange:
    """Trust in a person before and after a write; `before` is None at the first contact of the two.

    `position` numbers the changes of tier that the observer's log keeps; None where the tier stays.
    """

    before: Trusted | None
    after: Trusted
    position: int | None = None


@dataclass(frozen=True, slots=True)
class RecordedBatch:
    """`outcomes[i]` answers `recordings[i]`: what was recorded, or why it was not.

    Refusals are `UnknownPerson`, `IdempotencyKeyReused` and `DamagedRecord`; in a `whole` batch with one of them
    nothing is recorded, and the others are None.
    """

    outcomes: tuple[Recorded | DomainError | None, ...]
    changes: tuple[TrustChange, ...]
    """One for each person with whom something new was recorded, by id."""


class Logged(NamedTuple):
    """An interaction in the history; a retracted one no longer counts. A tuple, as histories are long."""

    interaction: Interaction
    sequence: int
    recorded_at: int
    retracted_at: int | None = None


def standing(history: Iterable[Logged]) -> Iterator[Interaction]:
    """What counts of it."""
    return (each.interaction for each in history if each.retracted_at is None)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a history stands. `sequence` is its newest number; `era` moves with whatever changes older parts of it.

    What was calculated from a history holds while both stay the same.
    """

    sequence: int = 0
    era: int = 0


NOTHING_RECORDED = Head()


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that a report of now is made from, in one snapshot. The override is there until it is lifted, held or not.

    `signals` are counted for profile `standard`, and hold everything recorded, up to 300 s ahead of now too.
    """

    person: PersonId
    head: Head
    signals: Signals
    override: Override | None
    trusted: Trusted | None


@dataclass(frozen=True, slots=True)
class TierChange:
    """An entry of an observer's log of tiers, by `position`; `before` is None at first contact."""

    position: int
    person: PersonId
    at: int
    score: float
    before: Tier | None
    after: Tier


@dataclass(frozen=True, slots=True)
class PersonExport:
    """Everything that an observer holds about a person, and the shared record."""

    record: PersonRecord
    kept: Kept
    history: tuple[Logged, ...]
    override: Override | None
    trusted: Trusted | None
    appeals: tuple[Appeal, ...]
    audit: tuple[AuditEntry, ...]


class Interactions(Protocol):
    """The history of every observer with every person."""

    async def record(self, batch: RecordingBatch) -> RecordedBatch:
        """Durably records, counts, and projects the trust of each person touched once."""
        ...

    async def heads(self, observer: Did, persons: Sequence[PersonId]) -> tuple[Head, ...]: ...
    async def grounds(self, observer: Did, persons: Sequence[PersonId]) -> tuple[Grounds, ...]: ...
    async def signals_at(
        self,
        observer: Did,
        person: PersonId,
        at: int,
        *,
        sequence: int | None = None,
        profile: Profile = Profile.STANDARD,
    ) -> Signals:
        """Counted from the history: what is dated up to `at` (ms) and was known at that sequence number, or is now."""
        ...

    async def interactions(self, observer: Did, person: PersonId, ids: Sequence[str]) -> tuple[Logged | None, ...]: ...
    async def page(
        self, observer: Did, person: PersonId, first: int, after: str | None, *, newest_first: bool = False
    ) -> Page[Logged]:
        """By (at, id), without retracted ones."""
        ...

    async def since(self, observer: Did, person: PersonId, sequence: int, first: int) -> tuple[Logged, ...]:
        """What was recorded after that number, in the order of recording, retracted ones too."""
        ...

    async def histories(
        self, observer: Did, persons: Sequence[PersonId], *, after: Sequence[int] | None = None
    ) -> tuple[tuple[Head, tuple[Interaction, ...]], ...]:
        """What counts, in the order of recording: whole, or what came after a sequence number for each person."""
        ...

    async def histories_of_all_observers(self, person: PersonId, first: int, after: str | None) -> Page[Logged]:
        """Everything that anybody recorded with a person, retracted ones too, by observer and sequence."""
        ...

    async def pardon(
        self, observer: Did, person: PersonId, interaction: str, act: Act, moment: Moment
    ) -> TrustChange | None:
        """A violation weighs no more from the act on; audited. None for what is no violation, or pardoned already."""
        ...

    async def retract(
        self, observer: Did, person: PersonId, interaction: str, act: Act, moment: Moment
    ) -> TrustChange | None:
        """An event that was wrong no longer counts; audited. None for an unknown one, or one retracted already."""
        ...

    async def set_override(
        self, observer: Did, person: PersonId, override: Override | None, act: Act, moment: Moment
    ) -> TrustChange:
        """A score set by hand, or lifted; audited. Raises `UnknownPerson`."""
        ...

    async def trusted(
        self,
        observer: Did,
        first: int,
        after: str | None,
        *,
        tiers: Sequence[Tier] | None = None,
        search: str | None = None,
    ) -> Page[Trusted]:
        """Those with whom something is recorded, highest score first, then by id; as projected: see `refresh`.

        `search` as in `people`: whose name begins with what can be taken for these words.
        """
        ...

    async def refresh(self, observer: Did, moment: Moment, most: int = 1_000) -> tuple[TrustChange, ...]:
        """Projects anew what is no longer true, the oldest first: those of `trusted` with `valid_until` passed."""
        ...

    async def due_of_all_observers(self, now: int) -> tuple[Did, ...]:
        """Observers with trust to `refresh`."""
        ...

    async def observers(self) -> tuple[Did, ...]:
        """Everybody who recorded something, by DID: for the daily round over all observers."""
        ...

    async def observers_of(self, person: PersonId) -> tuple[Did, ...]:
        """Everybody who holds anything about a person, by DID. Reads across observers."""
        ...

    async def tier_position(self, observer: Did) -> int:
        """The newest position of the observer's log of tiers; 0 where it is empty."""
        ...

    async def tier_changes(self, observer: Did, position: int, first: int) -> tuple[TierChange, ...]:
        """The observer's log of tiers after a position."""
        ...

    async def export(self, observer: Did, person: PersonId, act: Act) -> PersonExport:
        """Everything that the observer holds about a person; audited. Raises `UnknownPerson`."""
        ...
