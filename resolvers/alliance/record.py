"""What the agent does about people: recording what happened, ignoring and no longer ignoring them."""

from dataclasses import dataclass

from domain.alliance.policy import DEFAULT
from domain.alliance.relationship import Assessment
from domain.errors import shown
from domain.identity import Did
from domain.people.interaction import By, Kind, PersonId
from graphdb.interactions import Recorded
from resolvers.alliance.engage import assessment
from resolvers.alliance.reading import held
from resolvers.alliance.subject import find, observer_of, subject
from resolvers.context import Context
from resolvers.errors import InvalidArgument
from resolvers.people.known import moment_of
from resolvers.people.meeting import found_or_met, meant
from resolvers.people.record import Happening
from resolvers.people.record import record as record_happening


@dataclass(frozen=True, slots=True)
class Happened:
    """What is recorded, and the relationship before and after it."""

    recorded: Recorded
    before: Assessment
    after: Assessment


async def record(
    context: Context,
    whom: str,
    kind: Kind,
    *,
    by: By | None,
    at: str | None,
    about: str | None,
    severity: float | None,
    key: str | None,
) -> Happened:
    """The same interaction that trust is made from; somebody new is registered. Raises what is wrong with it."""
    observer = observer_of(context, "CREATE", whom)
    before = await _before(context, observer, whom)
    happening = Happening(subject(whom), kind, by=by, at=at, context=about, severity=severity, key=key)
    outcome = await record_happening(context, happening)
    after = await _of(context, observer, outcome.recorded.person)
    return Happened(outcome.recorded, before, after)


async def _before(context: Context, observer: Did, whom: str) -> Assessment:
    if subject(whom).person is not None:
        return await _of(context, observer, PersonId(whom))
    return assessment(context.services, await find(context, "CREATE", whom), DEFAULT)


async def _of(context: Context, observer: Did, person: PersonId) -> Assessment:
    (found,) = await held(context.services, observer, [person])
    return found.assess(DEFAULT, context.services.clock())


async def ignore(context: Context, whom: str, until: str | None) -> Assessment:
    """Never engage with somebody, whatever else is true; somebody new is registered."""
    now = context.services.clock()
    end = None if until is None else moment_of(until)
    if end is not None and end <= now:
        raise InvalidArgument("until", "a time to come", shown(until))
    observer, person = await _marked(context, whom)
    await context.services.store.people.ignore(observer, person, now, end)
    return await _told(context, observer, person)


async def unignore(context: Context, whom: str) -> Assessment:
    """Every mark that holds is lifted."""
    observer, person = await _marked(context, whom)
    await context.services.store.people.unignore(observer, person, context.services.clock())
    return await _told(context, observer, person)


async def _marked(context: Context, whom: str) -> tuple[Did, PersonId]:
    found = await find(context, "UPDATE", whom)
    if found.record is not None:
        return found.observer, found.person
    (person,) = await found_or_met(context.services, [meant(subject(whom), context.services.clock())])
    return found.observer, person


async def _told(context: Context, observer: Did, person: PersonId) -> Assessment:
    context.services.standings.written([(observer, person)])
    return await _of(context, observer, person)
