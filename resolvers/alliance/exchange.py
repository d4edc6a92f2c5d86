"""Taking a circle along: export of the agent's own histories, and import of such an export.

A row of an import that is wrong is told and passed over; it never costs the others.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from domain.alliance.errors import InvalidAllianceData
from domain.alliance.exchange import export_histories, import_histories
from domain.alliance.history import History, IgnoreMark
from domain.canonical import Json
from domain.errors import DomainError
from domain.identity import Did, parse_did
from domain.organisms.errors import Contended
from domain.people.constants import FUTURE_ALLOWANCE
from domain.people.errors import IdentityTaken, UnknownPerson
from domain.people.interaction import PersonId, accept
from domain.people.person import PlatformId, parse_platform_id
from domain.people.registry import Act, Sighting
from domain.timestamp import format_millis
from graphdb.interactions import Recorded, Recording
from graphdb.people import PersonRecord
from graphdb.store import Moved
from resolvers.alliance.errors import NotYourHistory
from resolvers.alliance.reading import caught_up
from resolvers.alliance.subject import observer_of
from resolvers.context import Context, Services
from resolvers.errors import InvalidArgument
from resolvers.paging import decode_place, page_size
from resolvers.people.errors import FutureTime
from resolvers.people.meeting import meet_agent, new_person
from resolvers.people.record import write_all
from resolvers.people.registry import register

MOST_HISTORIES = 1_000
"""Histories of one import."""

MOST_IDENTITIES = 100
"""Accounts, and DIDs, of one person."""

Identity = TypeVar("Identity", PlatformId, Did)

REASON = "The same person in an export"

PERSON = re.compile(r"p_[0-9a-f]{32}")
"""An id that a server has drawn: a person who is new here keeps it."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A page of the agent's histories, by the person's id."""

    data: dict[str, Json]
    people: int
    last: PersonId | None
    more: bool


async def export(context: Context, first: int | None, after: str | None) -> Exported:
    observer, services = observer_of(context, "READ"), context.services
    size, place = page_size(first, services.limits.page), decode_place(after) or ""
    writes = services.standings.writes
    stances = await services.store.alliances.circle(observer)
    rest = [each for each in stances if each.person > place]
    held = await caught_up(services, observer, rest[:size], writes)
    records = await services.store.people.persons([each.stance.person for each in held])
    data = export_histories(each.history for each in held)
    names = {each.person.id: _identities(each) for each in records if each is not None}
    for row in data["histories"]:  # type: ignore[union-attr]  # an export has a list of rows
        row.update(names.get(row["subject"], {}))  # type: ignore[union-attr, call-overload, index, arg-type]  # as above
    last = held[-1].stance.person if held else None
    return Exported(data, len(stances), last, len(rest) > size)


def _identities(record: PersonRecord) -> dict[str, Json]:
    """By what another server finds the person."""
    person = record.person
    return {
        "displayName": person.display_name,
        "accounts": list[Json](str(each.id) for each in person.identities),
        "dids": list[Json](person.dids),
    }


@dataclass(frozen=True, slots=True)
class Problem:
    """What was passed over: where it stands in the import, and why."""

    path: str
    code: str
    message: str


@dataclass(slots=True)
class Imported:
    """What an import came to. What was there already is `repeated`."""

    people: int = 0
    interactions: int = 0
    repeated: int = 0
    marks: int = 0
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, path: str, refusal: DomainError) -> None:
        place = refusal.path if isinstance(refusal, InvalidAllianceData) else path
        self.problems.append(Problem(place, refusal.code, refusal.message))


async def import_export(context: Context, data: Json) -> Imported:
    """Raises `InvalidAllianceData` only when it is no export at all."""
    observer, services = observer_of(context, "CREATE"), context.services
    read, done = import_histories(data), Imported()
    if len(read.histories) > MOST_HISTORIES:
        raise InvalidArgument("data", f"at most {MOST_HISTORIES} histories", len(read.histories))
    for problem in read.problems:
        done.refuse("$", problem)
    for place, history in zip(read.places, read.histories, strict=True):
        path = f"$.histories[{place}]"
        row: Mapping[str, Json] = data["histories"][place]  # type: ignore[call-overload, index, assignment]  # it was read
        try:
            await _import(services, observer, history, row, path, done)
        except DomainError as refusal:
            done.refuse(path, refusal)
    return done


async def _import(
    services: Services, observer: Did, history: History, row: Mapping[str, Json], path: str, done: Imported
) -> None:
    if history.observer != observer:
        raise NotYourHistory(path, history.observer)
    who = _named(PersonId(history.subject), row, path, done)
    person = await _person(services, observer, who, path, done)
    recordings = []
    for each in history.interactions:
        try:
            accept(each, services.clock())
        except DomainError as refusal:
            done.refuse(f"{path}.interactions[{each.id}]", refusal)
        else:
            recordings.append(Recording(each._replace(person=person)))
    await _record(services, observer, recordings, path, done)
    done.marks += await services.store.alliances.mark(observer, person, _sound(services, history.marks, path, done))
    done.people += 1
    services.standings.written([(observer, person)])


def _sound(services: Services, marks: Sequence[IgnoreMark], path: str, done: Imported) -> list[IgnoreMark]:
    """Those that were set, and lifted, by now."""
    sound = []
    for each in marks:
        latest = each.at if each.lifted_at is None else max(each.at, each.lifted_at)
        if latest > services.clock() + FUTURE_ALLOWANCE:
            done.refuse(f"{path}.marks", FutureTime("marks", format_millis(latest)))
        else:
            sound.append(each)
    return sound


async def _record(
    services: Services, observer: Did, recordings: Sequence[Recording], path: str, done: Imported
) -> None:
    async for recording, outcome in write_all(services, observer, recordings):
        if isinstance(outcome, Recorded):
            done.interactions += not outcome.repeated
            done.repeated += outcome.repeated
        else:
            done.refuse(f"{path}.interactions[{recording.interaction.id}]", outcome)


@dataclass(frozen=True, slots=True)
class _Named:
    """By what the person of a row is found here."""

    subject: PersonId
    accounts: list[PlatformId]
    dids: list[Did]
    name: str | None


def _named(subject: PersonId, row: Mapping[str, Json], path: str, done: Imported) -> _Named:
    name = row.get("displayName")
    return _Named(
        subject,
        _each(parse_platform_id, row, "accounts", path, done),
        _each(parse_did, row, "dids", path, done),
        name if isinstance(name, str) else None,
    )


def _each(
    read: Callable[[str], Identity], row: Mapping[str, Json], name: str, path: str, done: Imported
) -> list[Identity]:
    """Those of a list that can be read; the others are told."""
    values = row.get(name)
    listed = values if isinstance(values, list) else []
    if len(listed) > MOST_IDENTITIES:
        raise InvalidArgument(name, f"at most {MOST_IDENTITIES}", len(listed))
    found = []
    for place, value in enumerate(listed):
        try:
            found.append(read(value))  # type: ignore[arg-type]  # what is no text is refused by it
        except DomainError as refusal:
            done.refuse(f"{path}.{name}[{place}]", refusal)
    return found


async def _person(services: Services, observer: Did, who: _Named, path: str, done: Imported) -> PersonId:
    """Who they are here, met now if they are new; looked for again where somebody else meets them at that moment."""
    for _ in range(services.limits.attempts):
        known = await _known(services, who)
        if known is not None:
            return known
        with suppress(Moved, IdentityTaken):
            return await _registered(services, observer, who, path, done)
    raise Contended(who.subject)


async def _known(services: Services, who: _Named) -> PersonId | None:
    """The person of that id, or of one of the accounts or DIDs."""
    people = services.store.people
    known = (
        *await people.persons([who.subject]),
        *(await people.by_platform_ids(who.accounts) if who.accounts else ()),
        *(await people.by_dids(who.dids) if who.dids else ()),
    )
    return next((each.person.id for each in known if each is not None), None)


async def _registered(services: Services, observer: Did, who: _Named, path: str, done: Imported) -> PersonId:
    """Under the id they had, with every account; an agent has to agree before it is linked to somebody."""
    new = who.subject if PERSON.fullmatch(who.subject) else new_person(services)
    if who.accounts:
        return await _met(services, observer, who, new, path, done)
    if who.dids:
        return await meet_agent(services, who.dids[0], new)
    raise UnknownPerson(who.subject)


async def _met(services: Services, observer: Did, who: _Named, new: PersonId, path: str, done: Imported) -> PersonId:
    now = services.clock()
    sightings = [Sighting(each, who.name or str(each), now) for each in dict.fromkeys(who.accounts)]
    record, refused = await register(services, new, sightings, Act(observer, now, REASON))
    for refusal in refused:
        done.refuse(f"{path}.accounts", refusal)
    return record.person.id
