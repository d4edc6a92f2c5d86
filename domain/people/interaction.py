"""One recorded interaction between an observer and a person: what trust and alliance both learn from.

The history decides, not its arrival: repeats are dropped, order comes from (at, id). See spec section 10b.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple, NewType, Self

from domain.errors import shown
from domain.identity import Did
from domain.people.constants import DEFAULT_SEVERITY, FUTURE_ALLOWANCE, LEAST_SEVERITY, WORST_SEVERITY
from domain.people.errors import FutureInteraction, InvalidInteraction

PersonId = NewType("PersonId", str)

LATEST = 253_402_300_799_999
"""The last millisecond of the year 9999."""

ID_CHARACTERS = 128
CONTEXT_CHARACTERS = 500
SOURCE_CHARACTERS = 100
CODE_CHARACTERS = 64


class Kind(StrEnum):
    """What happened. Ten kinds are one side's act towards the other; the last two are what the server found."""

    MESSAGE = "message"
    NEGATIVE = "negative"
    UPVOTE_GIVEN = "upvote_given"
    UPVOTE_RECEIVED = "upvote_received"
    DOWNVOTE_GIVEN = "downvote_given"
    DOWNVOTE_RECEIVED = "downvote_received"
    REPLY_POSITIVE = "reply_positive"
    REPLY_NEUTRAL = "reply_neutral"
    REPLY_NEGATIVE = "reply_negative"
    MENTION_POSITIVE = "mention_positive"
    MENTION_NEGATIVE = "mention_negative"
    RESTRICTED_TOOL_ATTEMPT = "restricted_tool_attempt"
    VIOLATION = "violation"

    __hash__ = str.__hash__  # that of enumerations is far slower, and histories are long


class By(StrEnum):
    """Whose act it was."""

    PERSON = "person"
    OBSERVER = "observer"

    __hash__ = str.__hash__


GIVEN = frozenset({Kind.UPVOTE_GIVEN, Kind.DOWNVOTE_GIVEN})
EITHER = frozenset(
    {Kind.REPLY_POSITIVE, Kind.REPLY_NEUTRAL, Kind.REPLY_NEGATIVE, Kind.MENTION_POSITIVE, Kind.MENTION_NEGATIVE}
)


class _Fields(NamedTuple):
    id: str
    observer: Did
    person: PersonId
    kind: Kind
    by: By
    at: int
    context: str | None = None
    source: str | None = None
    weight: float = 1.0
    severity: float | None = None
    code: str | None = None
    pardoned_at: int | None = None
    sentiment: float | None = None


class Interaction(_Fields):
    """A valid interaction; making one raises `InvalidInteraction`. A tuple, as histories are long.

    `at` and `pardoned_at` are milliseconds since 1970. `weight` in (0, 1] scales a negative act, `severity` in [0, 1]
    and `code` (of an automatic finding) belong to a violation, `sentiment` in [-1, 1] to a message.
    """

    __slots__ = ()

    def __new__(
        cls,
        id: str,
        observer: Did,
        person: PersonId,
        kind: Kind,
        by: By,
        at: int,
        context: str | None = None,
        source: str | None = None,
        weight: float = 1.0,
        severity: float | None = None,
        code: str | None = None,
        pardoned_at: int | None = None,
        sentiment: float | None = None,
    ) -> Self:
        return cls._make(
            (id, observer, person, kind, by, at, context, source, weight, severity, code, pardoned_at, sentiment)
        )

    @classmethod
    def _make(cls, iterable: Iterable[Any]) -> Self:  # type: ignore[override]  # Any: a field's type is checked here
        """From the fields in their order, checked: `_replace` and every store make one of these."""
        made = super()._make(iterable)
        if not _is_ordinary(made):  # nearly all are
            _check_parties(made)
            _check_moment("$.at", made.at)
            _check_measures(made)
            _check_violation(made)
        return made

    @property
    def key(self) -> tuple[int, str]:
        """The place in the history: time, then id."""
        return self.at, self.id

    @property
    def likeness(self) -> tuple[By, Kind, str] | None:
        """What a second interaction must not repeat; None without a context."""
        return (self.by, self.kind, self.context) if self.context else None

    @property
    def clamped_severity(self) -> float:
        """The severity as it counts: 0.05 mild, 0.15 moderate (and unstated), 0.30 severe, 0.50 critical."""
        severity = DEFAULT_SEVERITY if self.severity is None else self.severity
        return min(WORST_SEVERITY, max(LEAST_SEVERITY, severity))


_DOERS = {
    kind: frozenset(By) if kind in EITHER else frozenset({By.OBSERVER if kind in GIVEN else By.PERSON}) for kind in Kind
}


def doers(kind: Kind) -> frozenset[By]:
    """Whose act a kind can be."""
    return _DOERS[kind]


def doer(kind: Kind, by: By | None = None) -> By:
    """Whose act a kind is; a reply or mention must say. Raises `InvalidInteraction`."""
    if kind in EITHER:
        if by is None:
            raise InvalidInteraction("$.by", f"person or observer, because {kind} can be either's")
        return by
    (expected,) = doers(kind)
    if by not in (None, expected):
        raise InvalidInteraction("$.by", f"{expected} for {kind}", by)
    return expected


def accept(interaction: Interaction, now: int) -> Interaction:
    """The interaction, unless it or its pardon is dated more than 300 s after now: then `FutureInteraction`."""
    latest = interaction.at if interaction.pardoned_at is None else max(interaction.at, interaction.pardoned_at)
    if latest > now + FUTURE_ALLOWANCE:
        raise FutureInteraction(latest, now, FUTURE_ALLOWANCE)
    return interaction


_KEY = attrgetter("at", "id")


def in_order(interactions: Iterable[Interaction]) -> list[Interaction]:
    """In order of (at, id), the first per id."""
    ordered = sorted(interactions, key=_KEY)
    if len({each.id for each in ordered}) == len(ordered):
        return ordered
    first: dict[str, Interaction] = {}
    for each in sorted(ordered, key=_told):
        first.setdefault(each.id, each)
    return list(first.values())


def _told(each: Interaction) -> tuple[int | float | str, ...]:
    # All that a rule looks at: two deliveries that claim one id and one time must not depend on who came first.
    return (
        *(each.at, each.id, each.by, each.kind, each.context or "", each.weight),
        *(-1.0 if each.severity is None else each.severity, -1 if each.pardoned_at is None else each.pardoned_at),
        *(each.code or "", -2.0 if each.sentiment is None else each.sentiment),
    )


def distinct(interactions: Iterable[Interaction]) -> Sequence[Interaction]:
    """In order of (at, id), without repeats: the first per id, then the first per (by, kind, context)."""
    return without_repeats(in_order(interactions))


_LIKENESS = attrgetter("by", "kind", "context")


def without_repeats(ordered: Sequence[Interaction]) -> Sequence[Interaction]:
    """Of interactions in order, each once: the first per (by, kind, context)."""
    comparable = [each for each in ordered if each.context]
    if len(set(map(_LIKENESS, comparable))) == len(comparable):
        return ordered
    likenesses: set[tuple[By, Kind, str]] = set()
    found = []
    for each in ordered:
        likeness = each.likeness
        if likeness in likenesses:
            continue
        if likeness is not None:
            likenesses.add(likeness)
        found.append(each)
    return found


class Arrival(StrEnum):
    """What an arriving interaction does to signals that are already counted."""

    COUNTS = "counts"
    REPEATS = "repeats"
    REPLACES = "replaces"


def arrival(interaction: Interaction, alike: Interaction | None) -> Arrival:
    """`alike` is the counted interaction with the same id or likeness. An earlier one takes its place: count again."""
    if alike is None:
        return Arrival.COUNTS
    return Arrival.REPEATS if alike.key <= interaction.key else Arrival.REPLACES


def until(interactions: Iterable[Interaction], now: int) -> list[Interaction]:
    """The interactions dated up to `now`, to look at the past."""
    return [each for each in interactions if each.at <= now]


def merge_histories(
    one: Iterable[Interaction], other: Iterable[Interaction], person: PersonId
) -> Sequence[Interaction]:
    """The union under one person: nothing is lost, so the worst violations stay."""
    return distinct(each._replace(person=person) for history in (one, other) for each in history)


_is_word = re.compile(f"[!-~]{{1,{ID_CHARACTERS}}}").fullmatch
_is_name = lru_cache(maxsize=4_096)(_is_word)
"""The same few parties come again and again."""


def _is_ordinary(each: Interaction) -> bool:
    """Whether nothing can be wrong with it: its texts are plain words, and it has none of the rarer measures."""
    name, observer, person, kind, by, at, context, source, weight, severity, code, pardoned_at, sentiment = each
    try:
        return bool(
            type(kind) is Kind
            and type(by) is By
            and by in _DOERS[kind]
            and type(at) is int
            and 0 <= at <= LATEST
            and type(weight) is float
            and weight == 1
            and severity is None
            and code is None
            and pardoned_at is None
            and sentiment is None
            and source is None
            and _is_word(name)
            and _is_name(observer)
            and _is_name(person)
            and (not context or _is_word(context))
        )
    except TypeError:  # of a text that is none
        return False


def _check_parties(interaction: Interaction) -> None:
    _check_text("$.id", interaction.id, ID_CHARACTERS, spaces=False)
    _check_text("$.observer", interaction.observer, ID_CHARACTERS, spaces=False)
    _check_text("$.person", interaction.person, ID_CHARACTERS, spaces=False)
    if not isinstance(interaction.kind, Kind):
        raise InvalidInteraction("$.kind", "a kind of interaction", interaction.kind)
    if not isinstance(interaction.by, By):
        raise InvalidInteraction("$.by", "person or observer", interaction.by)
    if interaction.by not in _DOERS[interaction.kind]:
        doer(interaction.kind, interaction.by)
    if interaction.context:
        _check_text("$.context", interaction.context, CONTEXT_CHARACTERS)
    if interaction.source is not None:
        _check_text("$.source", interaction.source, SOURCE_CHARACTERS)


def _check_text(path: str, value: object, longest: int, *, spaces: bool = True) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise InvalidInteraction(path, f"1 to {longest} characters", shown(value))
    if value.isascii() and value.isprintable() and (spaces or " " not in value):
        return
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise InvalidInteraction(path, "no control characters", value)
    if not spaces and any(map(str.isspace, value)):
        raise InvalidInteraction(path, "no spaces", value)


def _check_moment(path: str, value: object) -> None:
    if type(value) is not int or not 0 <= value <= LATEST:
        raise InvalidInteraction(path, "milliseconds since 1970, up to the year 9999", value)


def _check_measures(interaction: Interaction) -> None:
    if not finite(interaction.weight) or not 0 < interaction.weight <= 1:
        raise InvalidInteraction("$.weight", "a number above 0, at most 1", interaction.weight)
    if interaction.sentiment is None:
        return
    if interaction.kind is not Kind.MESSAGE:
        raise InvalidInteraction("$.sentiment", "none but for a message", interaction.sentiment)
    if not finite(interaction.sentiment) or not -1 <= interaction.sentiment <= 1:
        raise InvalidInteraction("$.sentiment", "a number from -1 to 1", interaction.sentiment)


def _check_violation(interaction: Interaction) -> None:
    if interaction.kind is not Kind.VIOLATION:
        _check_harmless(interaction)
        return
    severity = interaction.severity
    if severity is not None and not (finite(severity) and 0 <= severity <= 1):
        raise InvalidInteraction("$.severity", "a number from 0 to 1", severity)
    if interaction.code is not None:
        _check_text("$.code", interaction.code, CODE_CHARACTERS, spaces=False)
    if interaction.pardoned_at is not None:
        _check_moment("$.pardonedAt", interaction.pardoned_at)


def _check_harmless(interaction: Interaction) -> None:
    if interaction.severity is not None:
        raise InvalidInteraction("$.severity", "none but for a violation", interaction.severity)
    if interaction.code is not None:
        raise InvalidInteraction("$.code", "none but for a violation", interaction.code)
    if interaction.pardoned_at is not None:
        raise InvalidInteraction("$.pardonedAt", "none but for a violation", interaction.pardoned_at)


def finite(value: object) -> bool:
    """Whether it is a number that can be counted with; a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
