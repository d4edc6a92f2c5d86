"""Deciding what a batch of recordings writes: pure, shared by both stores.

A store reads what the batch touches under its write lock (`Known`), asks `plan`, writes the added rows, counts again
what an early repeat has upset, asks `projected`, and writes the trust of every ledger that moved.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.errors import DomainError
from domain.identity import Did
from domain.organisms.errors import IdempotencyKeyReused
from domain.people.errors import UnknownPerson
from domain.people.interaction import By, Interaction, Kind, PersonId
from domain.people.signals import record as count_in
from graphdb.errors import DamagedRecord
from graphdb.interactions import (
    Head,
    Moment,
    Recorded,
    RecordedBatch,
    Recording,
    RecordingBatch,
    TrustChange,
)
from graphdb.ledger import Added, Ledger, upset
from graphdb.running import Pair

Likeness = tuple[By, Kind, str]
Place = tuple[int, str]


@dataclass(frozen=True, slots=True)
class FirstOutcome:
    """What a client's key was answered with."""

    recorded: Recorded
    fingerprint: str


@dataclass(slots=True)
class Known:
    """What the database says, under the write lock, about everything a batch touches.

    `persons` leads from the ids that were given to those that were kept in merges; `alike` has (at, id) of the first
    recorded one with a likeness.
    """

    persons: dict[PersonId, PersonId] = field(default_factory=dict)
    ledgers: dict[Pair, Ledger | DamagedRecord] = field(default_factory=dict)
    keys: dict[tuple[Did, str], FirstOutcome] = field(default_factory=dict)
    ids: dict[tuple[Pair, str], tuple[int, int]] = field(default_factory=dict)
    """(at, sequence) of the row with that id; -1 where it is retracted, because nothing takes its place."""
    alike: dict[tuple[Pair, Likeness], Place] = field(default_factory=dict)


Outcome = Recorded | DomainError | None


@dataclass(frozen=True, slots=True)
class Plan:
    """`outcomes[i]` answers batch i; `moved` are the ledgers with rows to write; `new_keys` is what keys answered."""

    outcomes: tuple[tuple[Outcome, ...], ...]
    touched: tuple[tuple[Pair, ...], ...]
    moved: tuple[Ledger, ...]
    new_keys: dict[tuple[Did, str], FirstOutcome]


def plan(batches: Sequence[RecordingBatch], known: Known) -> Plan:
    """Takes the batches in order; `known` is moved along with what is recorded."""
    new_keys: dict[tuple[Did, str], FirstOutcome] = {}
    outcomes = tuple(_record_batch(batch, known, new_keys) for batch in batches)
    moved = tuple(each for each in known.ledgers.values() if isinstance(each, Ledger) and each.added)
    pairs = {ledger.pair for ledger in moved}
    touched = tuple(_touched(batch.observer, answers, pairs) for batch, answers in zip(batches, outcomes, strict=True))
    return Plan(outcomes, touched, moved, new_keys)


def _touched(observer: Did, outcomes: Iterable[Outcome], moved: Collection[Pair]) -> tuple[Pair, ...]:
    """The ledgers that one batch moved."""
    persons = {each.person for each in outcomes if isinstance(each, Recorded)}
    return tuple((observer, person) for person in sorted(persons) if (observer, person) in moved)


def _record_batch(
    batch: RecordingBatch, known: Known, new_keys: dict[tuple[Did, str], FirstOutcome]
) -> tuple[Outcome, ...]:
    if batch.whole:
        refusals = tuple(_refusal(each, known) for each in batch.recordings)
        if any(refusals):
            return refusals
    return tuple(_record(each, batch, known, new_keys) for each in batch.recordings)


def _refusal(recording: Recording, known: Known) -> DomainError | None:
    interaction = recording.interaction
    first = None if recording.key is None else known.keys.get((interaction.observer, recording.key))
    if recording.key is not None and first is not None:
        return None if first.fingerprint == recording.fingerprint else IdempotencyKeyReused(recording.key)
    person = known.persons.get(interaction.person)
    if person is None:
        return UnknownPerson(interaction.person)
    ledger = known.ledgers[(interaction.observer, person)]
    return ledger if isinstance(ledger, DamagedRecord) else None


def _record(
    recording: Recording, batch: RecordingBatch, known: Known, new_keys: dict[tuple[Did, str], FirstOutcome]
) -> Outcome:
    refusal = _refusal(recording, known)
    if refusal is not None:
        return refusal
    key = None if recording.key is None else (batch.observer, recording.key)
    if key is not None and key in known.keys:
        return replace(known.keys[key].recorded, repeated=True)
    person = known.persons[recording.interaction.person]
    ledger = known.ledgers[(batch.observer, person)]
    assert isinstance(ledger, Ledger)
    recorded = _append(_under(recording.interaction, person), ledger, known, batch.moment.now)
    if key is not None:
        known.keys[key] = new_keys[key] = FirstOutcome(recorded, recording.fingerprint)
    return recorded


def _under(interaction: Interaction, person: PersonId) -> Interaction:
    return interaction if interaction.person == person else interaction._replace(person=person)


def _append(interaction: Interaction, ledger: Ledger, known: Known, now: int) -> Recorded:
    place = (ledger.pair, interaction.id)
    if place in known.ids:
        return _repeated(interaction, ledger, known, now)
    ledger.head = Head(ledger.head.sequence + 1, ledger.head.era)
    counted = _count(interaction, ledger, known)
    ledger.rows += 1
    ledger.interactions += 1
    ledger.added.append(Added(interaction, ledger.head.sequence, now, counted))
    known.ids[place] = interaction.at, ledger.head.sequence
    return Recorded(interaction.id, ledger.person, ledger.head.sequence)


def _repeated(interaction: Interaction, ledger: Ledger, known: Known, now: int) -> Recorded:
    """The same id again: the earlier one of both is what happened."""
    at, sequence = known.ids[(ledger.pair, interaction.id)]
    if interaction.at < at:
        known.ids[(ledger.pair, interaction.id)] = interaction.at, sequence
        ledger.added.append(Added(interaction, sequence, now, counted=True, replaces=True))
        upset(ledger)
    return Recorded(interaction.id, ledger.person, sequence, repeated=True)


def _count(interaction: Interaction, ledger: Ledger, known: Known) -> bool:
    """Whether it counts; a repeat of an act on one context does not, unless it is earlier than the one that does."""
    likeness = interaction.likeness
    if likeness is not None:
        first = known.alike.get((ledger.pair, likeness))
        if first is not None and first <= interaction.key:
            return False
        known.alike[(ledger.pair, likeness)] = interaction.key
        if first is not None:
            upset(ledger)
    if ledger.signals is not None:
        ledger.signals = count_in(ledger.signals, interaction)
    return True


def moments(batches: Sequence[RecordingBatch], plan: Plan) -> dict[Pair, Moment]:
    """When the trust of each ledger that moved is told: the latest of the batches that touched it."""
    found: dict[Pair, Moment] = {}
    for batch, pairs in zip(batches, plan.touched, strict=True):
        for pair in pairs:
            if pair not in found or batch.moment.now >= found[pair].now:
                found[pair] = batch.moment
    return found


def answers(plan: Plan, changes: Mapping[Pair, TrustChange]) -> list[RecordedBatch]:
    return [
        RecordedBatch(outcomes, tuple(changes[pair] for pair in pairs))
        for outcomes, pairs in zip(plan.outcomes, plan.touched, strict=True)
    ]
