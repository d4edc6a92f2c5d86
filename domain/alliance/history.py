"""Everything an answer depends on: what happened, whom the owner ignores, which identities are one person, the salt.

A history is what one observer holds about one person. Interactions may arrive late, twice and in any order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.people.interaction import Interaction


@dataclass(frozen=True, slots=True)
class IgnoreMark:
    """The owner ignores the person from `at` on, until `until` or until the mark is lifted (milliseconds)."""

    at: int
    until: int | None = None
    lifted_at: int | None = None

    def holds(self, now: int) -> bool:
        return self.at <= now and all(end is None or now < end for end in (self.until, self.lifted_at))

    @property
    def times(self) -> tuple[int, ...]:
        """The moments at which the mark begins or stops to hold."""
        return tuple(time for time in (self.at, self.until, self.lifted_at) if time is not None)


Marks = tuple[IgnoreMark, ...]


def marked(marks: Marks, now: int, until: int | None = None) -> Marks:
    """One more mark, unless the same one holds already."""
    same = any(each.holds(now) and each.until == until for each in marks)
    return marks if same else (*marks, IgnoreMark(now, until))


def lifted(marks: Marks, now: int) -> Marks:
    """Every mark that holds now is lifted; what was true before stays true of then."""
    return tuple(replace(each, lifted_at=now) if each.holds(now) else each for each in marks)


@dataclass(frozen=True, slots=True)
class Link:
    """Another identity, or a person merged into this one, whose interactions are the subject's, since `at`."""

    identity: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What `observer` holds about the person `subject`. Order of the tuples is irrelevant to every answer."""

    observer: str
    subject: str
    interactions: tuple[Interaction, ...] = ()
    marks: tuple[IgnoreMark, ...] = ()
    links: tuple[Link, ...] = ()
    salt: str = ""

    def ignored(self, now: int) -> bool:
        return any(mark.holds(now) for mark in self.marks)

    def with_interactions(self, *more: Interaction) -> "History":
        return replace(self, interactions=(*self.interactions, *more))


def gather(
    observer: str,
    subject: str,
    interactions: Iterable[Interaction],
    *,
    marks: Iterable[IgnoreMark] = (),
    links: Iterable[Link] = (),
    salt: str = "",
) -> History:
    """One history out of many interactions: the observer's own, with the person or a linked identity."""
    links = tuple(links)
    identities = {subject, *(link.identity for link in links)}
    own = (each for each in interactions if each.observer == observer and each.person in identities)
    return History(
        observer=observer, subject=subject, interactions=tuple(own), marks=tuple(marks), links=links, salt=salt
    )


def merge(kept: History, gone: History, at: int) -> History:
    """Two persons turn out to be one: the union of both; an ignore mark on either side stays."""
    return replace(
        kept,
        interactions=(*kept.interactions, *gone.interactions),
        marks=(*kept.marks, *gone.marks),
        links=(*kept.links, *gone.links, Link(gone.subject, at)),
    )


def ignore(history: History, now: int, until: int | None = None) -> History:
    """The owner marks the person."""
    return replace(history, marks=marked(history.marks, now, until))


def unignore(history: History, now: int) -> History:
    """Nothing is ignored any more."""
    return replace(history, marks=lifted(history.marks, now))
