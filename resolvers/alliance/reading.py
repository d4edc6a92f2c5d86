"""What an observer holds of people: from memory where it still holds, else from the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.identity import Did
from domain.people.interaction import Interaction, PersonId
from graphdb.alliances import Stance
from graphdb.interactions import Head
from resolvers.alliance.standings import Held
from resolvers.context import Observing


@dataclass(frozen=True, slots=True)
class _Read:
    """What the store has of a history after a sequence number, 0 for all of it."""

    after: int
    head: Head
    interactions: tuple[Interaction, ...]


async def held(services: Observing, observer: Did, persons: Sequence[PersonId]) -> list[Held]:
    """One for each person, in order; of somebody who was never met it is empty."""
    standings, now = services.standings, services.clock()
    found = {person: standings.fresh((observer, person), now) for person in persons}
    missing = [person for person, each in found.items() if each is None]
    if missing:
        writes = standings.writes
        stances = await services.store.alliances.stances(observer, missing)
        read = await caught_up(services, observer, stances, writes)
        found |= dict(zip(missing, read, strict=True))
    return [each for person in persons if (each := found[person]) is not None]


async def circle(services: Observing, observer: Did) -> list[Held]:
    """Everybody with whom something was ever recorded, or who was ever marked."""
    writes = services.standings.writes
    stances = await services.store.alliances.circle(observer)
    return await caught_up(services, observer, stances, writes)


async def caught_up(services: Observing, observer: Did, stances: Sequence[Stance], writes: int) -> list[Held]:
    """What is held of these, with what is new to memory of each history read from the store.

    `writes` is how often this process had written before the stances were read.
    """
    known = {each.person: _usable(services.standings.get((observer, each.person)), each.head) for each in stances}
    behind = {each.person: each.head for each in stances if _sequence(known[each.person]) != each.head.sequence}
    read = await _read(services, observer, {person: _sequence(known[person]) for person in behind})
    upset = [person for person, each in read.items() if each.after and each.head.era != behind[person].era]
    read |= await _read(services, observer, dict.fromkeys(upset, 0))
    now = services.clock()
    found = [_held(observer, each, known[each.person], read.get(each.person), now, writes) for each in stances]
    for each in found:
        services.standings.keep(each)
    return found


def _usable(held: Held | None, head: Head) -> Held | None:
    """What is held is a part of the history, unless older parts have changed since."""
    return held if held is not None and held.stance.head.era == head.era else None


def _sequence(held: Held | None) -> int:
    return 0 if held is None else held.stance.head.sequence


async def _read(services: Observing, observer: Did, after: Mapping[PersonId, int]) -> dict[PersonId, _Read]:
    if not after:
        return {}
    histories = await services.store.interactions.histories(observer, tuple(after), after=tuple(after.values()))
    found = zip(after.items(), histories, strict=True)
    return {person: _Read(sequence, head, interactions) for (person, sequence), (head, interactions) in found}


def _held(observer: Did, stance: Stance, before: Held | None, read: _Read | None, now: int, writes: int) -> Held:
    if before is not None and read is None and before.stance.marks == stance.marks:
        return before.checked(stance, now, writes)
    if read is None:
        return Held(observer, stance, () if before is None else before.interactions, now, writes)
    earlier = before.interactions if before is not None and read.after else ()
    return Held(observer, replace(stance, head=read.head), (*earlier, *read.interactions), now, writes)
