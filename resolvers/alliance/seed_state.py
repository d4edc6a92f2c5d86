"""Bringing a history along: the `alliance_state.json` of the module that the alliance comes from."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.alliance.exchange import SeedImport, import_seed
from domain.alliance.seed_file import read_seed_file
from domain.errors import DomainError, InvalidTimestamp
from domain.identity import Did
from domain.people.interaction import By, Interaction, PersonId, accept
from domain.people.names import NAME_CHARACTERS
from domain.people.person import PlatformId, parse_platform_id
from domain.people.registry import Sighting
from domain.timestamp import normalise
from graphdb.interactions import Recorded, Recording
from resolvers.context import Observing
from resolvers.errors import InvalidArgument
from resolvers.people.meeting import encounter, new_person
from resolvers.people.record import write_all


@dataclass(frozen=True, slots=True)
class Source:
    """What the file does not say: the platform of its names, the zone of its times, who replied and mentioned.

    Raises `InvalidPlatformIdentity` and `InvalidArgument`.
    """

    channel: str
    offset: str = "Z"
    by: By = By.OBSERVER

    def __post_init__(self) -> None:
        PlatformId(self.channel, "anybody")
        try:
            normalise(f"2026-01-01T00:00:00{self.offset}")
        except InvalidTimestamp:
            raise InvalidArgument("offset", "Z or +hh:mm", self.offset) from None


@dataclass(slots=True)
class Report:
    """What became of the rows; `refused` tells of each that was passed over, by its place."""

    people: int
    recorded: int
    repeated: int
    repaired: tuple[str, ...]
    refused: tuple[str, ...]


async def import_seed_state(services: Observing, observer: Did, text: str, source: Source) -> Report:
    """Reading the same file twice adds nothing. Raises `InvalidAllianceData` where it is no such file at all."""
    found = read_seed_file(text)
    read = import_seed(
        found.state,
        observer,
        person_of=lambda name: str(PlatformId(source.channel, name)),
        offset=source.offset,
        by=source.by,
    )
    sound, refused = _sound(services, read)
    persons = await _met(services, sound, refused)
    interactions = [each._replace(person=persons[each.person]) for each in sound if each.person in persons]
    recorded, repeated = await _record(services, observer, interactions, refused)
    return Report(len(set(persons.values())), recorded, repeated, found.repairs, tuple(refused))


def _sound(services: Observing, read: SeedImport) -> tuple[list[Interaction], list[str]]:
    sound: list[Interaction] = []
    refused = [problem.message for problem in read.problems]
    for each in read.interactions:
        try:
            sound.append(accept(each, services.clock()))
        except DomainError as problem:
            refused.append(f"{each.kind} of {each.person}: {problem.message}")
    return sound, refused


async def _met(services: Observing, sound: Sequence[Interaction], refused: list[str]) -> dict[PersonId, PersonId]:
    """The person of each account, seen when the last of their interactions happened."""
    seen: dict[PersonId, int] = {}
    for each in sound:
        seen[each.person] = max(each.at, seen.get(each.person, 0))
    met: dict[PersonId, PersonId] = {}
    for account, at in seen.items():
        try:
            met[account] = await _person(services, parse_platform_id(account), at)
        except DomainError as problem:
            refused.append(f"everything of {account}: {problem.message}")
    return met


async def _person(services: Observing, account: PlatformId, at: int) -> PersonId:
    sighting = Sighting(account, account.sender[:NAME_CHARACTERS], at)
    met = await services.store.people.meet(encounter(services, sighting, new_person(services)))
    return met.record.person.id


async def _record(
    services: Observing, observer: Did, interactions: Sequence[Interaction], refused: list[str]
) -> tuple[int, int]:
    recorded = repeated = 0
    async for _, outcome in write_all(services, observer, [Recording(each) for each in interactions]):
        if isinstance(outcome, Recorded):
            recorded, repeated = recorded + (not outcome.repeated), repeated + outcome.repeated
        else:
            refused.append(outcome.message)
    return recorded, repeated
