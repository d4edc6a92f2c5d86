"""Correcting a history: violations recorded by hand and pardoned, wrong interactions taken back, scores set by hand."""

from domain.people.interaction import Kind
from domain.people.registry import Act
from domain.people.report import Override
from domain.timestamp import format_millis
from resolvers.context import Context, Services
from resolvers.errors import InvalidArgument
from resolvers.people.errors import NotAViolation, UnknownInteraction
from resolvers.people.known import Known, known, moment, moment_of
from resolvers.people.meeting import Subject
from resolvers.people.record import Happening, Outcome, record, told
from resolvers.people.trust import Assessed, assess_known
from resolvers.people.words import checked_words

REASON_LENGTH = 500
DESCRIPTION_LENGTH = 400


async def record_violation(
    context: Context, person: str, description: str, *, severity: float | None, at: str | None, key: str | None
) -> Outcome:
    """The time is part of what it is about, so that the same again at another time is another one."""
    known_person = await known(context, "CREATE", person)
    words = checked_words("description", description, DESCRIPTION_LENGTH)
    now = context.services.clock() if at is None else moment_of(at)
    happening = Happening(
        Subject(person=known_person.person.id),
        Kind.VIOLATION,
        at=format_millis(now),
        context=f"{words} ({format_millis(now)})",
        severity=severity,
        key=key,
    )
    return await record(context, happening)


async def pardon(context: Context, person: str, violation: str, reason: str) -> Assessed:
    """At once, and audited."""
    found = await known(context, "UPDATE", person)
    act = _act(found, context.services, reason)
    interactions = context.services.store.interactions
    (logged,) = await interactions.interactions(found.observer, found.person.id, [violation])
    if logged is None or logged.retracted_at is not None:
        raise UnknownInteraction(violation)
    now = moment(context.services, found.observer)
    change = await interactions.pardon(found.observer, found.person.id, violation, act, now)
    if change is None:
        raise NotAViolation(violation)
    told(context.services, [change])
    return await _again(context.services, found)


async def retract(context: Context, person: str, interaction: str, reason: str) -> Assessed:
    """Something that was recorded wrongly no longer counts; audited."""
    found = await known(context, "DELETE", person)
    act = _act(found, context.services, reason)
    now = moment(context.services, found.observer)
    change = await context.services.store.interactions.retract(found.observer, found.person.id, interaction, act, now)
    if change is None:
        raise UnknownInteraction(interaction)
    told(context.services, [change])
    return await _again(context.services, found)


async def set_override(context: Context, person: str, score: float, reason: str, until: str | None) -> Assessed:
    """A score set by hand: neither gate nor caps apply while it holds; audited."""
    found = await known(context, "UPDATE", person)
    words = checked_words("reason", reason, REASON_LENGTH)
    end = None if until is None else moment_of(until)
    if end is not None and end <= context.services.clock():
        raise InvalidArgument("until", "a time to come", until)
    return await _overridden(context.services, found, Override(score, found.observer, words, end), words)


async def clear_override(context: Context, person: str, reason: str) -> Assessed:
    found = await known(context, "UPDATE", person)
    return await _overridden(context.services, found, None, checked_words("reason", reason, REASON_LENGTH))


async def _overridden(services: Services, found: Known, override: Override | None, reason: str) -> Assessed:
    act = _act(found, services, reason)
    now = moment(services, found.observer)
    told(
        services,
        [await services.store.interactions.set_override(found.observer, found.person.id, override, act, now)],
    )
    return await _again(services, found)


def _act(found: Known, services: Services, reason: str) -> Act:
    return Act(found.observer, services.clock(), checked_words("reason", reason, REASON_LENGTH))


async def _again(services: Services, found: Known) -> Assessed:
    """The report after what was just written."""
    (grounds,) = await services.store.interactions.grounds(found.observer, [found.person.id])
    return await assess_known(services, Known(found.observer, found.record, grounds))
