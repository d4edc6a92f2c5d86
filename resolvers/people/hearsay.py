"""What others say about somebody: opinions that agents share, as far as the observer trusts those agents.

Hearsay stands beside the score and never changes it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from domain.identity import Did
from domain.people.interaction import PersonId
from domain.people.opinion import Opinion, along
from domain.people.person import Person
from domain.people.report import TrustReport
from domain.people.tier import Tier
from domain.people.transitive import HOPS, Opinions, Path, eigentrust, hearsay
from graphdb.people import SharedOpinion
from resolvers.context import Context, Observing
from resolvers.people.known import Known, among_known, known, moment
from resolvers.people.trust import assess

RECOMMENDERS = 100
"""How many agents are asked at most: the most trusted ones."""

LOOKED_AT = 1_000
"""Among how many people they are looked for."""

SPEAKERS = 300
"""How many people are heard at most, the recommenders among them, when trust is passed on."""

OPINIONS = 100
"""How many opinions of each agent are looked at then."""

HEARD = (Tier.FAMILIAR, Tier.TRUSTED, Tier.INNER_CIRCLE)
"""Whom an observer listens to (people.md section 10b)."""


@dataclass(frozen=True, slots=True)
class Rumour:
    """What came by one path: the people on it from the first recommender to the subject."""

    people: Path
    opinion: Opinion


@dataclass(frozen=True, slots=True)
class Heard:
    """What an observer hears about a person, and how it came to it."""

    person: PersonId
    opinion: Opinion
    rumours: tuple[Rumour, ...]
    recommenders: tuple[Known, ...] = field(repr=False)


async def heard(context: Context, person: str) -> Heard:
    """By at most 8 edge-disjoint paths of at most 3 hops. Raises `UnknownPerson`."""
    found = await known(context, "READ", person)
    services, observer, subject = context.services, found.observer, found.person.id
    reports = await _recommenders(services, observer)
    root = PersonId(observer)
    opinions = await _opinions(services, [each for each, _ in reports], subject)
    opinions = {**opinions, root: {each.person.id: opinion_of(report) for each, report in reports}}
    told = hearsay(root, subject, opinions, [each.person.id for each, _ in reports])
    recommenders = tuple(each for each, _ in reports)
    return Heard(subject, told.opinion, tuple(_rumour(path, opinions) for path in told.paths), recommenders)


async def passed_on(services: Observing, found: Heard) -> float | None:
    """The person's part of all trust when it starts with the recommenders (EigenTrust); None without any."""
    if not found.recommenders:
        return None
    opinions = await _graph(services, [each.person for each in found.recommenders])
    satisfaction = {
        speaker: {person: opinion.r - opinion.s for person, opinion in told.items()}
        for speaker, told in opinions.items()
    }
    start = [each.person.id for each in found.recommenders]
    trust = await asyncio.to_thread(eigentrust, satisfaction, start)
    return trust.get(found.person, 0.0)


def opinion_of(report: TrustReport) -> Opinion:
    """The evidence behind a report, the bad already three times as heavy."""
    return Opinion(report.evidence.r, report.evidence.s)


def _rumour(path: Path, opinions: Opinions) -> Rumour:
    return Rumour(path[1:], along([opinions[source][target] for source, target in pairwise(path)]))


async def _recommenders(services: Observing, observer: Did) -> list[tuple[Known, TrustReport]]:
    """People with agents whom the observer holds familiar or higher, without itself."""
    await services.store.interactions.refresh(observer, moment(services, observer))
    found: list[tuple[Known, TrustReport]] = []
    after: str | None = None
    for _ in range(0, LOOKED_AT, RECOMMENDERS):
        page = await services.store.interactions.trusted(observer, RECOMMENDERS, after, tiers=HEARD)
        records = await services.store.people.persons([each.person for each in page.items])
        found += await _heard_among(services, observer, await among_known(services, observer, records))
        if not page.more or len(found) >= RECOMMENDERS:
            break
        after = page.cursors[-1]
    return found[:RECOMMENDERS]


async def _heard_among(
    services: Observing, observer: Did, people: Sequence[Known | None]
) -> list[tuple[Known, TrustReport]]:
    agents = [each for each in people if each is not None and each.person.dids and observer not in each.person.dids]
    reports = [(each, await assess(services, observer, each.person, each.grounds)) for each in agents]
    return [(each, report) for each, report in reports if report.tier in HEARD]


async def _opinions(
    services: Observing, recommenders: Sequence[Known], subject: PersonId
) -> dict[PersonId, dict[PersonId, Opinion]]:
    """What recommenders share about each other and the subject. Of several agents of one person the newest counts."""
    voices = _voices([each.person for each in recommenders])
    about = [subject, *(each.person.id for each in recommenders)]
    shared = await services.store.people.opinions_shared_by_observers(list(voices), about) if voices else ()
    return _told(voices, shared)


async def _graph(services: Observing, start: Sequence[Person]) -> Opinions:
    """Who shared which opinion about whom, as far as it is reached from these people."""
    people, opinions, fresh = services.store.people, dict[PersonId, dict[PersonId, Opinion]](), list(start)
    reached = {each.id for each in start}
    for _ in range(HOPS):
        voices = _voices(fresh)
        shared = await people.opinions_of_observers(list(voices), OPINIONS) if voices else ()
        opinions |= _told(voices, shared)
        new = sorted({each.person for each in shared} - reached)[: SPEAKERS - len(reached)]
        reached.update(new)
        fresh = [each.person for each in await people.persons(new) if each is not None] if new else []
    return opinions


def _voices(people: Sequence[Person]) -> dict[Did, PersonId]:
    return {did: each.id for each in people for did in each.dids}


def _told(voices: Mapping[Did, PersonId], shared: Sequence[SharedOpinion]) -> dict[PersonId, dict[PersonId, Opinion]]:
    opinions: dict[PersonId, dict[PersonId, Opinion]] = {}
    for each in sorted(shared, key=lambda each: (each.at, each.observer)):
        speaker = voices[each.observer]
        if speaker != each.person:  # nobody vouches for themselves
            opinions.setdefault(speaker, {})[each.person] = each.opinion
    return opinions


async def share_opinion(context: Context, person: str) -> SharedOpinion:
    """Lets others hear what the observer knows of somebody now, in place of what they heard before."""
    found = await known(context, "UPDATE", person)
    services, at = context.services, context.services.clock()
    opinion = opinion_of(await assess(services, found.observer, found.person, found.grounds))
    await services.store.people.share_opinion(found.observer, found.person.id, opinion, at)
    return SharedOpinion(found.observer, found.person.id, opinion, at)


async def take_opinion_back(context: Context, person: str) -> bool:
    """Whether there was one."""
    found = await known(context, "UPDATE", person)
    before = await opinion_shared(context.services, found)
    await context.services.store.people.share_opinion(found.observer, found.person.id, None, context.services.clock())
    return before is not None


async def shared_opinion(context: Context, person: str) -> SharedOpinion | None:
    """What the observer itself lets others hear about somebody."""
    return await opinion_shared(context.services, await known(context, "READ", person))


async def opinion_shared(services: Observing, found: Known) -> SharedOpinion | None:
    people = services.store.people
    return next(iter(await people.opinions_shared_by_observers([found.observer], [found.person.id])), None)
