"""What scenarios of a living organism are made of: the public roster and Social DNA, and what one agent knows itself.

Trust and interactions are read under the DID of the agent that asks. Nothing of another observer is looked at.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.capabilities import Domain
from domain.identity import Did
from domain.organisms.errors import UnknownOrganism
from domain.sandbox.living.assumptions import assumptions
from domain.sandbox.living.experience import Experience, experience_of
from domain.sandbox.living.organism import MOST_MEMBERS, Course, OrganismFacts, Resident, TooManyMembers
from domain.sandbox.living.prior import Mix, checked
from domain.sandbox.living.scenarios import Written, scenarios
from resolvers.context import Context, Observing
from resolvers.people.known import Known, among_known, holds, observer_of
from resolvers.people.trust import assess
from resolvers.sandbox.runs import seed_of
from resolvers.so.read import require_read


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`history`: with what the agent of the token recorded itself; without, only what every reader sees."""

    uri: str
    mixes: Sequence[Mix]
    course: Course
    seed: str
    history: bool


@dataclass(frozen=True, slots=True)
class FromOrganism:
    """The scenarios, what they assume, and the members' names by DID, for whoever asked."""

    scenarios: tuple[Written, ...]
    assumptions: tuple[str, ...]
    names: Mapping[str, str]


async def from_organism(context: Context, asked: Asked) -> FromOrganism:
    context.require(Domain.SANDBOX, "READ")
    require_read(context, asked.uri)
    asker = observer_of(context, "READ") if asked.history else None
    mixes, seed, services = checked(asked.mixes), seed_of(asked.seed), context.services
    facts = await facts_of(services, asked.uri, asker)
    facts = replace(facts, looks_at=(await services.engine.compile(facts.dna)).mentions)
    # Hundreds of members take a while to be written down: in a thread, and for one request at a time.
    async with services.guard("sandbox organism"):
        found = await asyncio.to_thread(scenarios, facts, mixes, asked.course, seed)
    return FromOrganism(found, assumptions(facts, asked.course), facts.names)


async def facts_of(services: Observing, uri: str, asker: Did | None) -> OrganismFacts:
    """Raises `UnknownOrganism`, `NoMembers` or `TooManyMembers`."""
    store = services.store
    organism = await store.organisms.organism(uri)
    if organism is None:
        raise UnknownOrganism(uri)
    page = await store.organisms.members(uri, MOST_MEMBERS, None)
    if page.total > MOST_MEMBERS:
        raise TooManyMembers(uri, page.total)
    known = {} if asker is None else await _experiences(services, asker, [member.did for member in page.items])
    residents = tuple(Resident(member.did, member.since, known.get(member.did)) for member in page.items)
    program = await store.organisms.program(organism.dna)
    assert program is not None, f"the program {organism.dna} is missing from the store"
    return OrganismFacts(uri, residents, program, asker)


async def _experiences(services: Observing, asker: Did, members: Sequence[Did]) -> dict[Did, Experience]:
    """Of those with whom the asker recorded something."""
    records = await services.store.people.by_dids(members)
    found = await among_known(services, asker, records)
    return {
        did: await _experience(services, known)
        for did, known in zip(members, found, strict=True)
        if known is not None and did != asker and holds(known.grounds)
    }


async def _experience(services: Observing, known: Known) -> Experience:
    report = await assess(services, known.observer, known.person, known.grounds)
    return experience_of(report, known.grounds.signals)
