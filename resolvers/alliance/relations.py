"""What agents are to each other, for Social DNA: the class that each observer holds of another agent."""

from collections.abc import Sequence

from domain.alliance.policy import DEFAULT
from domain.identity import Did
from domain.organisms.facts import Relation
from domain.people.interaction import PersonId
from resolvers.alliance.reading import held
from resolvers.context import Observing, Relations


class AllianceRelations:
    """The `Relations` protocol. An observer says nothing of whom it never met and never marked."""

    def __init__(self, services: Observing) -> None:
        self._services = services

    async def between(self, observers: Sequence[Did], about: Sequence[str]) -> Sequence[Relation]:
        dids = [Did(each) for each in dict.fromkeys(about)]
        records = await self._services.store.people.by_dids(dids) if dids else ()
        people = {did: record.person.id for did, record in zip(dids, records, strict=True) if record is not None}
        if not people:
            return ()
        return [relation for observer in observers for relation in await self._of(observer, people)]

    async def _of(self, observer: Did, people: dict[Did, PersonId]) -> list[Relation]:
        ids, now = sorted(set(people.values())), self._services.clock()
        found = {each.stance.person: each for each in await held(self._services, observer, ids)}
        known = {person: each for person, each in found.items() if each.stance.head.sequence or each.stance.marks}
        return [
            Relation(observer, did, relationship=str(known[person].assess(DEFAULT, now).relationship))
            for did, person in people.items()
            if did != observer and person in known
        ]


class EveryRelation:
    """What several readers say, one after the other."""

    def __init__(self, *readers: Relations) -> None:
        self._readers = readers

    async def between(self, observers: Sequence[Did], about: Sequence[str]) -> Sequence[Relation]:
        return [each for reader in self._readers for each in await reader.between(observers, about)]
