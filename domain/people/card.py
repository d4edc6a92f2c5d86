"""Person cards and scenes: whom an agent is talking to, as data and as Markdown for its prompt.

Names and texts come from strangers: they are put on one line, cut by characters and cannot start Markdown of their own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.people.person import Person, PlatformId
from domain.people.report import TrustReport
from domain.people.tier import Tier

SUMMARY_CHARACTERS = 120
LINE_CHARACTERS = 200
OTHERS = 6
UNKNOWN_CHARACTERS = 8

APPROACH = {
    Tier.STRANGER: "Be polite but guarded. Share no personal details about anybody.",
    Tier.ACQUAINTANCE: "Be friendly and open to conversation. Be careful with information.",
    Tier.FAMILIAR: "Be friendly and warm. Share opinions. Remember their interests.",
    Tier.TRUSTED: "Be yourself. Share thoughts freely.",
    Tier.INNER_CIRCLE: "Be fully open: this is one of the closest people.",
}
"""How to meet somebody, by tier: one line for the prompt."""

HEADING = "## Current speaker"
SCENE_HEADING = "## Also present"


@dataclass(frozen=True, slots=True)
class Relation:
    """A connection as a card shows it."""

    name: str
    relationship: str


@dataclass(frozen=True, slots=True)
class PersonCard:
    """What a card says of one person. `percent` is the score in whole percents, rounded down."""

    name: str
    username: str | None
    tier: Tier
    percent: int
    messages: int
    active_days: int
    summary: str | None
    aliases: tuple[str, ...]
    connections: tuple[Relation, ...]
    approach: str
    unknown: PlatformId | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """Several people at once: a full card for the one who is answered, a line for each of the others."""

    speaker: PersonCard
    others: tuple[PersonCard, ...]
    left_out: int


def percent(score: float) -> int:
    """Whole percents, rounded down: 0.29 is 29, and 0.3496 set by hand is 34."""
    return int(score * 100 + 1e-9)  # 0.29 * 100 is a little less than 29


def card(
    person: Person,
    report: TrustReport,
    *,
    platform_id: PlatformId | None = None,
    summary: str | None = None,
    connections: Sequence[Relation] = (),
) -> PersonCard:
    """The card of somebody known, as one observer sees them; `platform_id` is the account they write from."""
    identity = person.identity(platform_id) if platform_id else None
    username = identity.username if identity else next((each.username for each in person.identities), None)
    return PersonCard(
        name=person.display_name,
        username=username if username and username.lower() != person.display_name.lower() else None,
        tier=report.tier,
        percent=percent(report.score),
        messages=report.evidence.messages,
        active_days=report.evidence.presence_dates,
        summary=summary or None,
        aliases=tuple(alias for alias in person.aliases if alias != person.display_name),
        connections=tuple(connections),
        approach=APPROACH[report.tier],
    )


def unknown_card(platform_id: PlatformId) -> PersonCard:
    """The card of somebody nobody has met."""
    return PersonCard(
        "Unknown", None, Tier.STRANGER, 0, 0, 0, None, (), (), APPROACH[Tier.STRANGER], unknown=platform_id
    )


def scene(speaker: tuple[PlatformId, PersonCard], others: Iterable[tuple[PlatformId, PersonCard]]) -> Scene:
    """Each account once, the speaker not among the others, at most six of them."""
    seen: dict[PlatformId, PersonCard] = {}
    for account, other in others:
        seen.setdefault(account, other)
    cards = tuple(other for account, other in seen.items() if account != speaker[0])
    return Scene(speaker[1], cards[:OTHERS], max(0, len(cards) - OTHERS))


def card_markdown(card: PersonCard) -> str:
    """The card for a prompt."""
    lines = [HEADING, _title(card), *_details(card), f"Approach: {card.approach}"]
    return "\n".join(lines)


def scene_markdown(scene: Scene) -> str:
    """The full card, then a line for each of the others."""
    if not scene.others:
        return card_markdown(scene.speaker)
    left_out = [f"- and {scene.left_out} more"] if scene.left_out else []
    return "\n".join([card_markdown(scene.speaker), "", SCENE_HEADING, *map(_line, scene.others), *left_out])


def connections_line(connections: Iterable[Relation]) -> str:
    """Everybody somebody is connected to on one line; empty without any."""
    words = ", ".join(f"{each.name} ({each.relationship})" for each in connections)
    return f"Connected to: {words}" if words else ""


def _title(card: PersonCard) -> str:
    if card.unknown is not None:
        return f"**Unknown** ({card.tier}, 0%, first contact)"
    username = f" @{inline(card.username)}" if card.username else ""
    counts = f"{card.percent}%, {_number(card.messages, 'message')}, {_number(card.active_days, 'active day')}"
    return f"**{inline(card.name)}**{username} ({card.tier}, {counts})"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _details(card: PersonCard) -> list[str]:
    if card.unknown is not None:
        return [f"New person: {inline(str(card.unknown))}. No prior interactions."]
    lines = [
        inline(card.summary or "", SUMMARY_CHARACTERS),
        inline("Also known as: " + ", ".join(card.aliases)) if card.aliases else "",
        inline(connections_line(card.connections)),
    ]
    return [line for line in lines if line]


def _line(card: PersonCard) -> str:
    if card.unknown is not None:
        return f"- {inline(card.unknown.sender[:UNKNOWN_CHARACTERS])} (unknown, {card.tier})"
    summary = f": {inline(card.summary, SUMMARY_CHARACTERS)}" if card.summary else ""
    return f"- {inline(card.name)} ({card.tier}, {card.percent}%){summary}"


_MARKDOWN = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>#|"})


def inline(text: str, longest: int = LINE_CHARACTERS) -> str:
    """Text of somebody else on one line, cut by characters, without Markdown of its own."""
    line = " ".join(text.split())
    cut = line if len(line) <= longest else line[: longest - 1] + "…"
    return cut.translate(_MARKDOWN)
