"""Cards, scenes and the gate in GraphQL: whom an agent is talking to, as data and as Markdown."""

import strawberry

from domain.people.card import PersonCard as Card
from domain.people.card import Scene, card_markdown, scene_markdown
from domain.people.gate import GateReason, GateVerdict
from domain.people.report import Profile
from domain.people.tier import Tier
from schema.people.trust import when
from schema.scalars import enum

enum(
    GateReason,
    "DirectMessageGateReason",
    "Why the gate is open or closed.",
    {
        GateReason.OWNER: "It is the owner: always open.",
        GateReason.FAMILIAR: "The person is familiar or closer.",
        GateReason.OVERRIDE: "The observer set the score by hand.",
        GateReason.UNKNOWN_PERSON: "Nobody has met this account.",
        GateReason.TIME_GATE: "The score is enough, but the person is not known for long enough.",
        GateReason.VIOLATIONS: "Violations stand in the way.",
        GateReason.SCORE: "The score is too low.",
        GateReason.MUTED: "The person is muted for a while.",
    },
)


@strawberry.type(description="A connection as a card shows it.")
class PersonCardConnection:
    name: str = strawberry.field(description="Who it is to.")
    relationship: str = strawberry.field(description="What they are to the person.")


@strawberry.type(description="Whom an agent is talking to, in a few lines for its prompt.")
class PersonCard:
    name: str = strawberry.field(description="The display name; Unknown for somebody nobody has met.")
    username: str | None = strawberry.field(description="The account's user name, where it differs from the name.")
    tier: Tier = strawberry.field(description="The tier.")
    percent: int = strawberry.field(description="The score in whole percents, rounded down.")
    messages: int = strawberry.field(description="Messages.")
    active_days: int = strawberry.field(description="Dates on which the person was present.")
    summary: str | None = strawberry.field(description="What you wrote about the person.")
    aliases: list[str] = strawberry.field(description="Other names.")
    connections: list[PersonCardConnection] = strawberry.field(description="Whom the person is connected to.")
    approach: str = strawberry.field(description="How to meet them: one line.")
    unknown: str | None = strawberry.field(description="The account of somebody nobody has met; null for others.")
    markdown: str = strawberry.field(
        description="The card as Markdown. Names and texts of others are on one line, cut and escaped."
    )


@strawberry.type(description="Several people at once: a full card for the one you answer, a line for each other one.")
class PeopleScene:
    speaker: PersonCard = strawberry.field(description="The one you answer.")
    others: list[PersonCard] = strawberry.field(description="The others, at most six, each account once.")
    left_out: int = strawberry.field(description="How many more there are.")
    markdown: str = strawberry.field(description="The scene as Markdown.")


@strawberry.type(description="Whether a direct message may reach the agent's model.")
class DirectMessageGate:
    open: bool = strawberry.field(description="Whether it may.")
    reason: GateReason = strawberry.field(description="Why, or why not.")
    tier: Tier = strawberry.field(description="The sender's tier now.")
    reply: str | None = strawberry.field(
        description="What the sender of a refused message reads; null where it passes, and for the muted."
    )
    helps: list[str] = strawberry.field(description="What would help, in words.")
    until: str | None = strawberry.field(description="When the reason ends by itself; null where it does not.")
    profile: Profile = strawberry.field(description="How the tier is calculated.")
    version: int = strawberry.field(description="The version of the profile's constants.")


def card_of(card: Card) -> PersonCard:
    return PersonCard(
        name=card.name,
        username=card.username,
        tier=card.tier,
        percent=card.percent,
        messages=card.messages,
        active_days=card.active_days,
        summary=card.summary,
        aliases=list(card.aliases),
        connections=[PersonCardConnection(name=each.name, relationship=each.relationship) for each in card.connections],
        approach=card.approach,
        unknown=None if card.unknown is None else str(card.unknown),
        markdown=card_markdown(card),
    )


def scene_of(scene: Scene) -> PeopleScene:
    return PeopleScene(
        speaker=card_of(scene.speaker),
        others=[card_of(each) for each in scene.others],
        left_out=scene.left_out,
        markdown=scene_markdown(scene),
    )


def gate_of(verdict: GateVerdict) -> DirectMessageGate:
    return DirectMessageGate(
        open=verdict.open,
        reason=verdict.reason,
        tier=verdict.tier,
        reply=verdict.reply,
        helps=list(verdict.helps),
        until=when(verdict.until),
        profile=verdict.profile,
        version=verdict.version,
    )
