"""Whom an agent asks about: a person's id, an account, or a DID."""

from dataclasses import dataclass

from domain.capabilities import Domain
from domain.errors import shown
from domain.identity import Did, parse_did
from domain.people.errors import UnknownPerson
from domain.people.interaction import PersonId
from domain.people.person import parse_platform_id
from graphdb.alliances import Stance
from graphdb.people import PersonRecord
from resolvers.alliance.reading import held
from resolvers.alliance.standings import Held
from resolvers.context import Context
from resolvers.errors import InvalidArgument
from resolvers.people.meeting import Subject

LONGEST = 300
"""Characters of an account or DID; an id is shorter."""


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody as one observer knows them; `record` is None of somebody who was never met."""

    observer: Did
    record: PersonRecord | None
    held: Held

    @property
    def person(self) -> PersonId:
        return self.held.stance.person


def subject(text: str) -> Subject:
    """`did:…` is an agent, `channel:sender` an account, anything else a person's id."""
    if not 0 < len(text) <= LONGEST:
        raise InvalidArgument("subject", f"1 to {LONGEST} characters", shown(text))
    if text.startswith("did:"):
        return Subject(did=text)
    return Subject(platform_id=text) if ":" in text else Subject(person=text)


def observer_of(context: Context, operation: str, text: str = "*") -> Did:
    """The agent of the token, if it may do that: a token for one person takes that person's id."""
    context.require(Domain.PEOPLE, operation, [text if subject(text).person else "*"])
    return context.me


async def find(context: Context, operation: str, text: str) -> Found:
    """Whoever is meant. An account or agent with whom nothing is recorded is a stranger, met before or not.

    Raises `UnknownPerson` for a person's id that the observer does not know, whether there is such a person or not.
    """
    observer = observer_of(context, operation, text)
    record = await record_of(context, text)
    if record is not None:
        (known,) = await held(context.services, observer, [record.person.id])
        if known.stance.head.sequence or known.stance.marks:
            return Found(observer, record, known)
    if subject(text).person is not None:
        raise UnknownPerson(text)
    stranger = Stance(PersonId(text))
    return Found(observer, None, Held(observer, stranger, (), context.services.clock(), 0))


async def record_of(context: Context, text: str) -> PersonRecord | None:
    """Whoever is meant, known to the observer or not; None of somebody who was never met."""
    people, meant = context.services.store.people, subject(text)
    if meant.did is not None:
        (record,) = await people.by_dids([parse_did(meant.did)])
    elif meant.platform_id is not None:
        (record,) = await people.by_platform_ids([parse_platform_id(meant.platform_id)])
    else:
        (record,) = await people.persons([PersonId(meant.person or "")])
    return record
