"""Bringing a history along: an Ene workspace becomes what one observer knows. The same again adds nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.canonical import sha256_hex
from domain.errors import DomainError
from domain.identity import Did
from domain.people import connection, registry
from domain.people.interaction import By, Interaction, Kind, PersonId
from domain.people.person import PlatformIdentity
from domain.people.registry import Act, Sighting
from domain.people.workspace import Finding, Handling, Workspace, WorkspacePerson
from graphdb.interactions import Recorded, Recording
from graphdb.people import Note, PersonCommit, PersonRecord
from graphdb.store import Moved
from resolvers.context import Observing
from resolvers.people.meeting import encounter, new_person
from resolvers.people.record import new_interaction, write_all

SOURCE = "ene"
REASON = "The same person in an Ene workspace"
CONTEXT_CHARACTERS = 400


@dataclass(slots=True)
class Imported:
    """What an import came to. What was there already is not counted; `findings` tell of the workspace and of this."""

    people: int = 0
    accounts: int = 0
    interactions: int = 0
    notes: int = 0
    connections: int = 0
    snapshots: int = 0
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, person: WorkspacePerson, path: str, problem: str) -> None:
        self.findings.append(Finding(f"people/{person.id}.json", path, Handling.REFUSED, problem))


@dataclass(frozen=True, slots=True)
class Importer:
    """One import for one observer."""

    services: Observing
    observer: Did

    async def take(self, workspace: Workspace) -> Imported:
        done = Imported(findings=list(workspace.findings))
        met: dict[str, PersonRecord] = {}
        for person in workspace.people:
            try:
                record = await self._met(person, done)
                if record is not None:
                    met[person.id] = record
                    await self._taken(person, record.person.id, done)
            except (DomainError, Moved) as refusal:
                done.refuse(person, "$", str(refusal) or "somebody else changed this person: import again")
        for person in workspace.people:
            await self._connected(person, met, done)
        done.people = len({each.person.id for each in met.values()})
        return done

    async def _met(self, person: WorkspacePerson, done: Imported) -> PersonRecord | None:
        """The person with all their accounts; None where these are different people here."""
        people = self.services.store.people
        known = await people.by_platform_ids([each.id for each in person.identities])
        holders = {each.person.id: each for each in known if each is not None}
        if len(holders) > 1:
            done.refuse(person, "$.platform_ids", f"are of different people here: {', '.join(sorted(holders))}")
            return None
        record = next(iter(holders.values()), None)
        new = [each for each, holder in zip(person.identities, known, strict=True) if holder is None]
        for identity in new:
            record = await (self._registered(identity) if record is None else self._linked(record, identity))
        done.accounts += len(new)
        return record

    async def _registered(self, identity: PlatformIdentity) -> PersonRecord:
        """Seen when it was first and when it was last."""
        services, new = self.services, new_person(self.services)
        for at in (identity.first_seen, identity.last_seen):
            met = await services.store.people.meet(encounter(services, _sighting(identity, at), new))
        return met.record

    async def _linked(self, record: PersonRecord, identity: PlatformIdentity) -> PersonRecord:
        act = Act(registry.SERVER, self.services.clock(), REASON)
        events = registry.link_identity(
            record.person,
            _sighting(identity, identity.last_seen),
            act,
            reserved=self.services.people.reserved_names,
        )
        commit = PersonCommit(events, ((record.person.id, record.version),))
        (linked,) = await self.services.store.people.commit(commit)
        return linked

    async def _taken(self, person: WorkspacePerson, kept: PersonId, done: Imported) -> None:
        people = self.services.store.people
        (before,) = await people.kept(self.observer, [kept])
        if person.summary and before.summary is None:
            await people.summarise(self.observer, kept, person.summary)
        for note in self._notes(person):
            if note.id not in {each.id for each in before.notes}:
                await people.add_note(self.observer, kept, note)
                done.notes += 1
        snapshots = [(kept, each) for each in person.snapshots]
        done.snapshots += await people.remember(self.observer, snapshots) if snapshots else 0
        await self._recorded(person, list(self._recordings(person, kept)), done)

    def _notes(self, person: WorkspacePerson) -> Iterable[Note]:
        for number, note in enumerate(person.notes):
            name = sha256_hex(f"{self.observer} {person.id} {number} {note.added_at}".encode())[:32]
            yield Note(f"n_{name}", note.content, SOURCE, note.added_at, SOURCE)

    def _recordings(self, person: WorkspacePerson, kept: PersonId) -> Iterable[Recording]:
        """What has a date: the first and the last interaction, and the violations."""
        base = Interaction(
            id=new_interaction(self.services),
            observer=self.observer,
            person=kept,
            kind=Kind.MESSAGE,
            by=By.PERSON,
            at=0,
            source=SOURCE,
        )
        for at in person.met:
            yield Recording(base._replace(id=new_interaction(self.services), at=at), f"{SOURCE}:{person.id}:met:{at}")
        for number, each in enumerate(person.violations):
            violation = base._replace(
                id=new_interaction(self.services),
                kind=Kind.VIOLATION,
                at=each.at,
                severity=each.severity,
                context=f"{each.description[:CONTEXT_CHARACTERS] or 'unstated'} ({person.id}, {number})",
            )
            yield Recording(violation, f"{SOURCE}:{person.id}:violation:{number}")

    async def _recorded(self, person: WorkspacePerson, recordings: list[Recording], done: Imported) -> None:
        async for recording, outcome in write_all(self.services, self.observer, recordings):
            if isinstance(outcome, Recorded):
                done.interactions += not outcome.repeated
            else:
                done.refuse(person, f"$.trust ({recording.interaction.kind})", outcome.message)

    async def _connected(self, person: WorkspacePerson, met: Mapping[str, PersonRecord], done: Imported) -> None:
        """The first words of a pair stay, as Ene itself has it; both of its sides say the same."""
        graph, one = self.services.store.social_graph, met.get(person.id)
        for each in person.connections:
            other = met.get(each.other)
            if one is None or other is None:
                done.refuse(person, "$.connections", f"{each.other} is nobody here")
                continue
            try:
                if await graph.connection(self.observer, one.person.id, other.person.id) is not None:
                    continue
                for event in connection.connect(
                    self.observer, one.person, other.person, each.bond, at=self.services.clock(), existing=None
                ):
                    await graph.connect(event.connection)
                    done.connections += 1
            except DomainError as refusal:
                done.refuse(person, "$.connections", str(refusal))


def _sighting(identity: PlatformIdentity, at: int) -> Sighting:
    return Sighting(identity.id, identity.display_name, at, identity.username)
