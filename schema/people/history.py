"""Recorded interactions in GraphQL."""

import strawberry

from domain.people.interaction import By, Interaction, Kind
from domain.timestamp import format_millis
from schema.people.trust import when
from schema.scalars import enum

enum(
    Kind,
    "PersonInteractionKind",
    "What happened.",
    {
        Kind.MESSAGE: "The person wrote a message.",
        Kind.NEGATIVE: "The person did something bad.",
        Kind.UPVOTE_GIVEN: "The observer voted for something of the person's.",
        Kind.UPVOTE_RECEIVED: "The person voted for something of the observer's.",
        Kind.DOWNVOTE_GIVEN: "The observer voted against something of the person's.",
        Kind.DOWNVOTE_RECEIVED: "The person voted against something of the observer's.",
        Kind.REPLY_POSITIVE: "A friendly reply; `by` says whose.",
        Kind.REPLY_NEUTRAL: "A reply that is neither; `by` says whose.",
        Kind.REPLY_NEGATIVE: "A hostile reply; `by` says whose.",
        Kind.MENTION_POSITIVE: "A friendly mention; `by` says whose.",
        Kind.MENTION_NEGATIVE: "A hostile mention; `by` says whose.",
        Kind.RESTRICTED_TOOL_ATTEMPT: "The person tried to use a tool that is not for them.",
        Kind.VIOLATION: "The person broke a rule.",
    },
)
enum(
    By,
    "PersonInteractionBy",
    "Whose act it was.",
    {By.PERSON: "The person's.", By.OBSERVER: "The observer's own: standing, never evidence about the person."},
)


@strawberry.type(description="One recorded interaction between an observer and a person.")
class PersonInteraction:
    id: str = strawberry.field(description="Its id, by which it is retracted or pardoned.")
    person: str = strawberry.field(description="The person's id.")
    observer: str = strawberry.field(description="Who recorded it: a DID.")
    kind: Kind = strawberry.field(description="What happened.")
    by: By = strawberry.field(description="Whose act it was.")
    at: str = strawberry.field(description="When it happened.")
    context: str | None = strawberry.field(
        description="What it was about: a second one of the same kind and side in the same context does not count."
    )
    source: str | None = strawberry.field(description="Where it comes from.")
    weight: float = strawberry.field(description="How much a negative act counts, above 0 to 1.")
    severity: float | None = strawberry.field(description="How bad a violation is as it counts, 0.05 to 0.5.")
    code: str | None = strawberry.field(description="Which rule an automatic violation is about.")
    pardoned_at: str | None = strawberry.field(description="When a violation was pardoned.")
    sentiment: float | None = strawberry.field(description="The mood of a message, -1 to 1.")


def interaction_of(each: Interaction) -> PersonInteraction:
    return PersonInteraction(
        id=each.id,
        person=each.person,
        observer=each.observer,
        kind=each.kind,
        by=each.by,
        at=format_millis(each.at),
        context=each.context or None,
        source=each.source,
        weight=each.weight,
        severity=each.clamped_severity if each.kind is Kind.VIOLATION else None,
        code=each.code,
        pardoned_at=when(each.pardoned_at),
        sentiment=each.sentiment,
    )
