"""Whom an agent is talking to: cards, scenes, and the gate for direct messages."""

from collections.abc import Sequence

from domain.identity import Did
from domain.people.card import PersonCard, Scene, card, scene, unknown_card
from domain.people.gate import GateVerdict, direct_message_gate
from domain.people.interaction import Kind, PersonId
from domain.people.person import PlatformId, parse_platform_id
from resolvers.context import Context, Services
from resolvers.errors import InvalidArgument
from resolvers.people.known import Known, among_known, by_platform_id, known, observer_of
from resolvers.people.meeting import Subject
from resolvers.people.record import Happening, record
from resolvers.people.social_graph import card_relations
from resolvers.people.trust import assess

PRESENT = 100
"""The most accounts of a scene."""

DIRECT_MESSAGE = "direct-message"
"""The source of what is recorded at the gate."""


async def person_card(context: Context, person: str | None, platform_id: str | None) -> PersonCard:
    """Of a person, or of whoever writes from an account; an account that nobody has met has a card too."""
    if (person is None) == (platform_id is None):
        raise InvalidArgument("id", "either an id or a platformId", person)
    if person is not None:
        found = await known(context, "READ", person)
        return await _card(context.services, found, None)
    assert platform_id is not None
    (_, shown), *_ = await _cards(context, [parse_platform_id(platform_id)])
    return shown


async def people_scene(context: Context, speaker: str, others: Sequence[str]) -> Scene:
    if len(others) > PRESENT:
        raise InvalidArgument("others", f"at most {PRESENT} accounts", len(others))
    accounts = [parse_platform_id(each) for each in (speaker, *others)]
    answered, *present = await _cards(context, accounts)
    return scene(answered, present)


async def _cards(context: Context, accounts: Sequence[PlatformId]) -> list[tuple[PlatformId, PersonCard]]:
    observer, services = observer_of(context, "READ"), context.services
    records = await services.store.people.by_platform_ids(accounts)
    found = await among_known(services, observer, records)
    return [
        (account, unknown_card(account) if each is None else await _card(services, each, account))
        for account, each in zip(accounts, found, strict=True)
    ]


async def _card(services: Services, found: Known, account: PlatformId | None) -> PersonCard:
    (kept,) = await services.store.people.kept(found.observer, [found.person.id])
    report = await assess(services, found.observer, found.person, found.grounds)
    connections = await card_relations(services, found)
    return card(found.person, report, platform_id=account, summary=kept.summary, connections=connections)


async def gate(context: Context, platform_id: str) -> GateVerdict:
    """The verdict on whoever writes from the account; nothing is recorded."""
    observer_of(context, "READ")
    return await verdict(context.services, await by_platform_id(context, platform_id))


async def verdict(services: Services, found: Known | None) -> GateVerdict:
    refusal = services.people.refusal
    if found is None:
        return direct_message_gate(None, refusal=refusal)
    report = await assess(services, found.observer, found.person, found.grounds)
    muted = services.conducts.muted_until(found.observer, found.person.id, services.clock())
    present = found.grounds.signals.present_days
    since = present[0].sessions[0][0] if present else None
    return direct_message_gate(report, present_since=since, muted_until=muted, refusal=refusal)


async def knock(
    context: Context, subject: Subject, text: str | None, message: str | None, key: str | None
) -> GateVerdict:
    """A direct message has come in: the attempt is recorded, whatever the verdict.

    The verdict is on what was known before: writing does not let anybody in, but what the message is found to be can
    keep them out.
    """
    observer, services = observer_of(context, "CREATE"), context.services
    before = await verdict(services, await by_platform_id(context, subject.platform_id or ""))
    outcome = await record(
        context, Happening(subject, Kind.MESSAGE, context=message, source=DIRECT_MESSAGE, text=text, key=key)
    )
    return await verdict(services, await _again(services, observer, outcome.recorded.person)) if before.open else before


async def _again(services: Services, observer: Did, person: PersonId) -> Known | None:
    records = await services.store.people.persons([person])
    return (await among_known(services, observer, records))[0]
