"""How a relationship changes as time passes and as things happen."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.alliance.history import History
from domain.alliance.policy import DEFAULT, Policy, Profile, Relationship
from domain.alliance.relationship import Assessment, assess


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipChanged:
    """A person became something else to an observer, `at` milliseconds, under the named profile and version."""

    observer: str
    subject: str
    before: Relationship
    after: Relationship
    at: int
    profile: Profile
    version: int


def change(before: Assessment, after: Assessment) -> RelationshipChanged | None:
    """What to tell when `after` follows `before`; None where the relationship is the same."""
    if before.relationship is after.relationship:
        return None
    return RelationshipChanged(
        observer=after.observer,
        subject=after.subject,
        before=before.relationship,
        after=after.relationship,
        at=after.now,
        profile=after.profile,
        version=after.version,
    )


def evolution(history: History, since: int, until: int, policy: Policy = DEFAULT) -> Iterator[RelationshipChanged]:
    """Every change in (since, until], from what is in the history: a replay of the whole life of a relationship."""
    known = assess(history, since, policy)
    while known.valid_until is not None and known.valid_until <= until:
        following = assess(history, known.valid_until, policy)
        changed = change(known, following)
        if changed is not None:
            yield changed
        known = following
