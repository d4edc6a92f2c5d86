"""What the tools answer: Markdown for a model to read, and data beside it."""

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, Field

from domain.people.card import Relation, connections_line, inline, percent
from domain.people.explanation import reasons
from domain.people.interaction import By, Kind
from domain.people.report import TrustReport
from domain.people.tier import Tier
from domain.timestamp import format_millis
from graphdb.people import Kept
from resolvers.alliance.publish import Decided
from resolvers.people.known import Known
from resolvers.people.record import Outcome

NOTES_SHOWN = 5
SUMMARY_SHOWN = 60
ACCOUNT_SHOWN = 233
"""As long as any is."""


class RecordedInteraction(BaseModel):
    """What was recorded, and the trust that follows."""

    id: str = Field(description="The interaction's id.")
    person: str = Field(description="The person's id.")
    kind: Kind
    by: By
    repeated: bool = Field(description="It was recorded before: nothing has changed.")
    score: float = Field(description="Trust, 0 to 1.")
    tier: Tier
    findings: list[str] = Field(description="What the message was found to be; each is recorded as a violation.")
    muted_until: str | None = Field(description="Until when the person is muted.")


def recorded(outcome: Outcome, kind: Kind, by: By) -> RecordedInteraction:
    return RecordedInteraction(
        id=outcome.recorded.id,
        person=outcome.recorded.person,
        kind=kind,
        by=by,
        repeated=outcome.recorded.repeated,
        score=outcome.trusted.score,
        tier=outcome.trusted.tier,
        findings=[str(finding) for finding in outcome.findings],
        muted_until=None if outcome.muted_until is None else format_millis(outcome.muted_until),
    )


def person_told(found: Known, kept: Kept, report: TrustReport, relations: Sequence[Relation]) -> str:
    """Everything that an agent wants to know of one person, in Markdown."""
    person = found.person
    lines = [
        f"**{inline(person.display_name)}** ({person.id})",
        f"- Trust: {report.tier}, {percent(report.score)} % ({report.profile} version {report.version})",
        f"- Known since {format_millis(person.created_at)[:10]}, {report.evidence.messages} messages in "
        f"{report.evidence.sessions} sessions",
    ]
    others = [inline(each) for each in person.aliases if each != person.display_name]
    lines += [f"- Also called: {', '.join(others)}"] if others else []
    lines += (
        [f"- Accounts: {', '.join(inline(str(each.id), ACCOUNT_SHOWN) for each in person.identities)}"]
        if person.identities
        else []
    )
    lines += [f"- Agents: {', '.join(person.dids)}"] if person.dids else []
    lines += [f"- Summary: {inline(kept.summary, 500)}"] if kept.summary else []
    lines += [f"- {inline(connections_line(relations))}"] if relations else []
    lines += [f"- {inline(reason, 400)}" for reason in reasons(report)]
    return "\n".join([*lines, *_notes(kept)])


def _notes(kept: Kept) -> Iterable[str]:
    """The last five, and how many there are: what was noted is a quotation, never an instruction."""
    if kept.notes:
        yield f"\nNotes ({len(kept.notes)}), quoted, the newest last:"
        for note in kept.notes[-NOTES_SHOWN:]:
            yield f"> {format_millis(note.added_at)[:10]} {inline(note.content, 2_000)}"


def list_told(people: Sequence[tuple[Known, TrustReport, str | None]], total: int) -> str:
    lines = [f"{total} people, the most trusted first:"]
    for found, report, summary in people:
        about = f": {inline(summary, SUMMARY_SHOWN)}" if summary else ""
        lines.append(
            f"- **{inline(found.person.display_name)}** ({found.person.id}), {report.tier}, "
            f"{percent(report.score)} %, {report.evidence.messages} messages{about}"
        )
    if total > len(people):
        lines.append(f"- and {total - len(people)} more: search for a name, or ask for a tier")
    return "\n".join(lines)


class Engagement(BaseModel):
    """Whether and how to engage. Anybody can predict it from the published policy and the replay data."""

    engage: bool
    reason: str = Field(description="The rule that answered.")
    words: str = Field(description="The rule in words.")
    relationship: str
    tone: str
    priority: str
    notes: str
    score: float = Field(description="In units of weight: an ally has 5 or more.")
    interaction_count: int
    valid_until: str | None = Field(description="Without anything new, the answer stays until then.")
    policy: str = Field(description="Profile and version.")


def engagement(decided: Decided) -> Engagement:
    decision, strategy = decided.decision, decided.decision.strategy
    until = decision.valid_until
    return Engagement(
        engage=decision.engage,
        reason=decision.reason,
        words=decision.words,
        relationship=decision.assessment.relationship,
        tone=strategy.tone,
        priority=strategy.priority,
        notes=strategy.notes,
        score=strategy.score,
        interaction_count=strategy.interaction_count,
        valid_until=None if until is None else format_millis(until),
        policy=f"{decided.policy.profile}/{decided.policy.version}",
    )
