"""What becomes of what observers hold about people who are merged, split or forgotten: pure, for both stores."""

from collections.abc import Iterable
from dataclasses import replace

from domain.alliance.history import IgnoreMark
from domain.identity import Did
from domain.people.interaction import By, Interaction, Kind, PersonId
from domain.people.registry import Act, kept_by_split
from domain.people.report import Override
from graphdb.interactions import Logged, standing
from graphdb.ledger import Added
from graphdb.people_columns import Columns


def lowest(overrides: Iterable[Override | None]) -> Override | None:
    """Of two scores set by hand the lower one stays."""
    return min((each for each in overrides if each is not None), key=lambda each: each.score, default=None)


def in_order(marks: Iterable[IgnoreMark]) -> list[IgnoreMark]:
    """Each of them once."""
    return sorted(set(marks), key=lambda mark: (mark.at, str(mark)))


def taken_along(history: Iterable[Logged], split_off: PersonId) -> list[Added]:
    """Everything bad, as the history of whoever is split off begins with it."""
    kept = [each for each in history if each.retracted_at is None]
    times = {each.interaction.id: each.recorded_at for each in kept}
    taken = kept_by_split([each.interaction for each in kept], split_off)
    return [Added(each, number, times[each.id], counted=True) for number, each in enumerate(taken, start=1)]


def violations(history: Iterable[Logged]) -> list[Interaction]:
    """Those that stand: they outlast forgetting."""
    return [each for each in standing(history) if each.kind is Kind.VIOLATION]


def heard_of(observer: Did | None, holders: Iterable[Did], act: Act) -> list[tuple[Did | None, Act]]:
    """In whose audit a forgetting is: the observer's; everywhere, the registry's, and that of whoever asked and of all
    who lost something by it. The reason is not for the latter."""
    if observer is not None:
        return [(observer, act)]
    others = sorted(set(holders) - {act.actor})
    return [(None, act), (Did(act.actor), act), *((each, replace(act, reason="")) for each in others)]


def kept_violation(person: PersonId, columns: Columns) -> Interaction:
    """One that comes back with whoever was forgotten."""
    observer, name, at, severity, code, pardoned_at = columns
    return Interaction(
        id=name,
        observer=Did(observer),
        person=person,
        kind=Kind.VIOLATION,
        by=By.PERSON,
        at=at,
        severity=severity,
        code=code,
        pardoned_at=pardoned_at,
    )
