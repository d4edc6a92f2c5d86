"""People and histories on a store, in a few words."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from domain.identity import Did
from domain.people.interaction import Interaction, PersonId
from domain.people.person import PersonEvent, PlatformId
from domain.people.registry import Act, Sighting
from graphdb.interactions import Moment, RecordedBatch, Recording, RecordingBatch
from graphdb.people import Encounter, Met, PersonCommit, PersonRecord
from graphdb.store import Store
from tests.domain.agents import agent
from tests.domain.people.histories import START, interaction

ME: Did = agent(1).did
OTHER: Did = agent(2).did
ANN, BOB, CAT = (PersonId(f"p_{name}") for name in ("ann", "bob", "cat"))
NOW = START + 400 * 86_400_000


def act(reason: str = "because", at: int = NOW, actor: str = "did:key:actor") -> Act:
    return Act(actor, at, reason)


def account(name: str) -> PlatformId:
    return PlatformId("discord", name)


def encounter(person: PersonId, name: str = "", at: int = START, **fields: Any) -> Encounter:  # Any: of Encounter
    """Somebody whose account is called like their id, so that it is theirs again at the next encounter."""
    platform_id = fields.pop("platform_id", account(person))
    return Encounter(Sighting(platform_id, name or person, at, fields.pop("username", None)), person, **fields)


class Populace:
    """Does what tests need on a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def meet(self, *persons: PersonId, **fields: Any) -> Met:  # Any: of Encounter
        met = [await self.store.people.meet(encounter(each, **fields)) for each in persons]
        return met[-1]

    async def commit(self, events: Sequence[PersonEvent], *records: PersonRecord, **fresh: int) -> Any:  # Any: records
        expected = [(each.person.id, each.version) for each in records]
        expected += [(PersonId(f"p_{name}"), version) for name, version in fresh.items()]
        return await self.store.people.commit(PersonCommit(tuple(events), tuple(expected)))

    async def known(self, person: PersonId) -> PersonRecord:
        (found,) = await self.store.people.persons([person])
        assert found is not None
        return found

    async def record(
        self, *interactions: Interaction, now: int = NOW, whole: bool = False, owners: Iterable[str] = ()
    ) -> RecordedBatch:
        recordings = tuple(Recording(each) for each in interactions)
        moment = Moment(now, frozenset(owners))
        batch = RecordingBatch(interactions[0].observer, recordings, moment, whole=whole)
        return await self.store.interactions.record(batch)


def with_person(history: Iterable[Interaction], person: PersonId, observer: Did = ME) -> list[Interaction]:
    return [each._replace(person=person, observer=observer) for each in history]


def spoken(person: PersonId, at: int, observer: Did = ME, **fields: Any) -> Interaction:  # Any: of Interaction
    """A message at `START` plus so many milliseconds."""
    name = hashlib.sha256(repr((person, at, observer, fields)).encode()).hexdigest()[:24]
    return interaction(at, **({"id": name} | fields), person=person, observer=observer)
