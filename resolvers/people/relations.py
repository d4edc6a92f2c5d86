"""What agents think of each other, for Social DNA: trust and its tier, from the history of each observer."""

from collections.abc import Mapping, Sequence

from domain.identity import Did
from domain.organisms.facts import Relation
from domain.people.person import Person
from graphdb.interactions import Grounds
from resolvers.context import Observing
from resolvers.people.known import holds
from resolvers.people.trust import assess


class TrustRelations:
    """The `Relations` protocol. An observer that recorded nothing with somebody says nothing, but of its owner."""

    def __init__(self, services: Observing) -> None:
        self._services = services

    async def between(self, observers: Sequence[Did], about: Sequence[str]) -> Sequence[Relation]:
        dids = [Did(each) for each in dict.fromkeys(about)]
        records = await self._services.store.people.by_dids(dids)
        people = {did: record.person for did, record in zip(dids, records, strict=True) if record is not None}
        if not people:
            return ()
        return [relation for observer in observers for relation in await self._of(observer, people)]

    async def _of(self, observer: Did, people: Mapping[Did, Person]) -> list[Relation]:
        ids = sorted({person.id for person in people.values()})
        grounds = {each.person: each for each in await self._services.store.interactions.grounds(observer, ids)}
        found = [await self._relation(observer, did, person, grounds[person.id]) for did, person in people.items()]
        return [each for each in found if each is not None]

    async def _relation(self, observer: Did, did: Did, person: Person, grounds: Grounds) -> Relation | None:
        owner = self._services.people.owners.owns(observer, person)
        if did == observer or not (holds(grounds) or owner):
            return None
        report = await assess(self._services, observer, person, grounds)
        return Relation(observer, did, score=report.score, tier=report.tier)
