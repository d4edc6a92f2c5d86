"""Recording what happened between an observer and people: one interaction, or up to 1,000 at once."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from domain.canonical import sha256_hex
from domain.errors import DomainError
from domain.identity import Did
from domain.people.conduct import SEVERITY, Conduct, Finding, Message, judge
from domain.people.errors import UnknownPerson
from domain.people.interaction import By, Interaction, Kind, PersonId, accept, doer
from graphdb.errors import StoreUnavailable
from graphdb.interactions import MOST_RECORDED, Recorded, RecordedBatch, Recording, RecordingBatch, TrustChange, Trusted
from resolvers.context import Context, Observing, Services
from resolvers.errors import InvalidArgument
from resolvers.people.errors import UnknownInteraction
from resolvers.people.known import as_known, moment, moment_of, observer_of
from resolvers.people.meeting import Meant, Subject, found_or_met, meant
from resolvers.people.trust import Assessed, assess_known

KEY_LENGTH = 200
TEXT_LENGTH = 20_000
UNMET = PersonId("unmet")
"""Stands for whoever is meant while an interaction is checked: nobody is registered for one that is refused."""

LIVE = 300_000
"""Messages of the last five minutes are judged; older ones are history that is brought along."""


@dataclass(frozen=True, slots=True)
class Happening:
    """What a client says has happened. `text` is looked at and never kept."""

    subject: Subject
    kind: Kind
    by: By | None = None
    at: str | None = None
    context: str | None = None
    source: str | None = None
    weight: float | None = None
    sentiment: float | None = None
    severity: float | None = None
    code: str | None = None
    text: str | None = None
    key: str | None = None

    @property
    def fingerprint(self) -> str:
        """What a key was used for."""
        return sha256_hex(repr(sorted(asdict(self).items())).encode("utf8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """An interaction as it is recorded now, the trust that follows, and what the message was found to be."""

    observer: Did
    recorded: Recorded
    before: Trusted | None
    trusted: Trusted
    findings: tuple[Finding, ...] = ()
    muted_until: int | None = None


@dataclass(frozen=True, slots=True)
class _Checked:
    happening: Happening
    meant: Meant
    interaction: Interaction

    def of(self, person: PersonId) -> Recording:
        fingerprint = self.happening.fingerprint if self.happening.key else ""
        known = self.interaction.person == person
        interaction = self.interaction if known else self.interaction._replace(person=person)
        return Recording(interaction, self.happening.key, fingerprint)


async def record(context: Context, happening: Happening) -> Outcome:
    """Raises what is wrong with it; then nothing is written."""
    (outcome,) = await _record(context, [happening], whole=False)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


async def record_each(context: Context, happenings: Sequence[Happening], *, whole: bool) -> list[Outcome | DomainError]:
    """An outcome for each. `whole`: all or none, a refusal is raised with its `index` among the facts."""
    if not 1 <= len(happenings) <= MOST_RECORDED:
        raise InvalidArgument("interactions", f"1 to {MOST_RECORDED} of them", len(happenings))
    return await _record(context, happenings, whole=whole)


async def _record(context: Context, happenings: Sequence[Happening], *, whole: bool) -> list[Outcome | DomainError]:
    observer, services = observer_of(context, "CREATE"), context.services
    checked = [_checked(services, observer, each) for each in happenings]
    if whole:
        _raise_first(checked)
    sound = [each for each in checked if isinstance(each, _Checked)]
    outcomes = iter(await _recorded(services, observer, sound, whole=whole))
    return [each if isinstance(each, DomainError) else next(outcomes) for each in checked]


def _checked(services: Services, observer: Did, happening: Happening) -> _Checked | DomainError:
    try:
        return _check(services, observer, happening)
    except DomainError as refusal:
        return refusal


def _check(services: Services, observer: Did, happening: Happening) -> _Checked:
    now = services.clock()
    at = now if happening.at is None else moment_of(happening.at)
    _check_length("text", happening.text, 0, TEXT_LENGTH)
    _check_length("key", happening.key, 1, KEY_LENGTH)
    subject = meant(happening.subject, at)
    interaction = Interaction(
        id=new_interaction(services),
        observer=observer,
        person=subject.person or UNMET,
        kind=happening.kind,
        by=doer(happening.kind, happening.by),
        at=at,
        context=happening.context,
        source=happening.source,
        weight=1.0 if happening.weight is None else happening.weight,
        severity=happening.severity,
        code=happening.code,
        sentiment=happening.sentiment,
    )
    return _Checked(happening, subject, accept(interaction, now))


def _check_length(argument: str, text: str | None, shortest: int, longest: int) -> None:
    if text is not None and not shortest <= len(text) <= longest:
        raise InvalidArgument(argument, f"{shortest} to {longest} characters", text)


def new_interaction(services: Observing) -> str:
    return f"i_{services.random(16).hex()}"


def _raise_first(outcomes: Sequence[object]) -> None:
    for index, outcome in enumerate(outcomes):
        if isinstance(outcome, DomainError):
            outcome.facts["index"] = index
            raise outcome


async def _recorded(
    services: Services, observer: Did, checked: Sequence[_Checked], *, whole: bool
) -> list[Outcome | DomainError]:
    if not checked:
        return []
    people = await found_or_met(services, [each.meant for each in checked])
    recordings = tuple(each.of(person) for each, person in zip(checked, people, strict=True))
    batch = await write(services, RecordingBatch(observer, recordings, moment(services, observer), whole))
    if whole:
        _raise_first(batch.outcomes)
    outcomes = await _outcomes(services, observer, batch)
    return [
        await _judged(services, each, outcome) if isinstance(outcome, Outcome) else outcome
        for each, outcome in zip(checked, outcomes, strict=True)
    ]


async def write(services: Observing, batch: RecordingBatch) -> RecordedBatch:
    """Records and wakes whoever follows tiers, also where nobody knows whether it was written."""
    try:
        recorded = await services.store.interactions.record(batch)
    except StoreUnavailable:
        services.standings.everything_written()
        services.bus.wake()
        raise
    told(services, recorded.changes)
    return recorded


async def write_all(
    services: Observing, observer: Did, recordings: Sequence[Recording]
) -> AsyncIterator[tuple[Recording, Recorded | DomainError]]:
    """Any number of them, part by part: each with what became of it."""
    for start in range(0, len(recordings), MOST_RECORDED):
        part = tuple(recordings[start : start + MOST_RECORDED])
        batch = await write(services, RecordingBatch(observer, part, moment(services, observer)))
        for recording, outcome in zip(part, batch.outcomes, strict=True):
            assert outcome is not None, "only a whole batch leaves some out"
            yield recording, outcome


def told(services: Observing, changes: Iterable[TrustChange | None]) -> None:
    """Wakes whoever follows relationships, and whoever follows tiers if one has changed."""
    written = [change for change in changes if change is not None]
    services.standings.written((change.after.observer, change.after.person) for change in written)
    if any(change.position is not None for change in written):
        services.bus.wake()


async def _outcomes(services: Services, observer: Did, batch: RecordedBatch) -> list[Outcome | DomainError]:
    changes = {change.after.person: change for change in batch.changes}
    known = {person: change.after for person, change in changes.items()}
    wanted = {each.person for each in batch.outcomes if isinstance(each, Recorded)} - known.keys()
    if wanted:
        found = await services.store.interactions.grounds(observer, sorted(wanted))
        known |= {each.person: each.trusted for each in found if each.trusted is not None}
    return [_outcome(observer, each, changes, known) for each in batch.outcomes]


def _outcome(
    observer: Did,
    recorded: Recorded | DomainError | None,
    changes: Mapping[PersonId, TrustChange],
    known: Mapping[PersonId, Trusted],
) -> Outcome | DomainError:
    if isinstance(recorded, DomainError):
        return recorded
    assert recorded is not None, "only a whole batch leaves some out, and that was raised"
    change = changes.get(recorded.person)
    before = known[recorded.person] if change is None else change.before
    return Outcome(observer, recorded, before, known[recorded.person])


# What messages are found to be while they come in


async def _judged(services: Services, checked: _Checked, outcome: Outcome) -> Outcome:
    at, person = checked.interaction.at, outcome.recorded.person
    late = services.clock() - at > LIVE
    if outcome.recorded.repeated or late or checked.interaction.kind is not Kind.MESSAGE:
        return outcome
    message = _as_judged(checked)
    conduct, findings = _judgement(services, outcome, message)
    if findings:
        if await _is_owner(services, outcome.observer, person):
            return outcome
        # Judged on what is remembered now: while this was asked, other messages may have come in.
        conduct, findings = _judgement(services, outcome, message)
    services.conducts.keep(outcome.observer, person, conduct)
    muted = services.conducts.muted_until(outcome.observer, person, services.clock())
    outcome = replace(outcome, findings=findings, muted_until=muted)
    return await _held_against(services, at, outcome) if findings else outcome


def _as_judged(checked: _Checked) -> Message:
    shown = checked.happening.subject
    return Message(
        checked.interaction.at, shown.display_name or "", checked.happening.text or "", username=shown.username or ""
    )


def _judgement(services: Services, outcome: Outcome, message: Message) -> tuple[Conduct, tuple[Finding, ...]]:
    known = services.conducts.of(outcome.observer, outcome.recorded.person)
    return judge(known, message, tier=outcome.trusted.tier, owner_names=services.people.reserved_names)


async def _is_owner(services: Services, observer: Did, person: PersonId) -> bool:
    (record,) = await services.store.people.persons([person])
    return record is not None and services.people.owners.owns(observer, record.person)


async def _held_against(services: Services, at: int, outcome: Outcome) -> Outcome:
    """Each finding is a violation with a code: several of one code on one date weigh as one."""
    violations = tuple(Recording(_violation(services, at, outcome, finding)) for finding in outcome.findings)
    batch = await write(
        services, RecordingBatch(outcome.observer, violations, moment(services, outcome.observer), whole=True)
    )
    return replace(outcome, trusted=batch.changes[0].after) if batch.changes else outcome


def _violation(services: Services, at: int, outcome: Outcome, finding: Finding) -> Interaction:
    return Interaction(
        id=new_interaction(services),
        observer=outcome.observer,
        person=outcome.recorded.person,
        kind=Kind.VIOLATION,
        by=By.PERSON,
        at=at,
        context=f"{finding}: {outcome.recorded.id}",
        source="server",
        severity=SEVERITY,
        code=finding,
    )


async def interaction(services: Services, outcome: Outcome) -> Interaction:
    """As it is kept."""
    (found,) = await services.store.interactions.interactions(
        outcome.observer, outcome.recorded.person, [outcome.recorded.id]
    )
    if found is None:
        raise UnknownInteraction(outcome.recorded.id)
    return found.interaction


async def trust(services: Services, outcome: Outcome) -> Assessed:
    """The whole report of now."""
    person = outcome.recorded.person
    (record,) = await services.store.people.persons([person])
    if record is None:
        raise UnknownPerson(person)
    return await assess_known(services, await as_known(services, outcome.observer, record))
