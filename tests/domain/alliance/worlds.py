"""Short ways to say what happened between the observer O and the person P."""

from collections.abc import Iterable
from itertools import count

from hypothesis import strategies as st

from domain.alliance.draw import draw
from domain.alliance.history import History
from domain.identity import Did
from domain.people.constants import DAY, HOUR
from domain.people.interaction import By, Interaction, Kind, PersonId, doers

NOW = 20_454 * DAY + 15 * HOUR
"""2026-01-01T15:00Z."""

O, P = "did:key:O", "person:P"  # noqa: E741  # as in the specification's formulas
_numbers = count()


def event(
    kind: Kind,
    at: int = NOW,
    *,
    by: By | None = None,
    context: str | None = None,
    name: str | None = None,
    severity: float | None = None,
    person: str = P,
    observer: str = O,
) -> Interaction:
    """By the person where either could have done it; with an id of its own."""
    can = doers(kind)
    return Interaction(
        id=f"e{next(_numbers)}" if name is None else name,
        observer=Did(observer),
        person=PersonId(person),
        kind=kind,
        by=by or (By.PERSON if By.PERSON in can else By.OBSERVER),
        at=at,
        context=context,
        severity=severity,
    )


def history(events: Iterable[Interaction] = (), **more: object) -> History:
    return History(observer=O, subject=P, interactions=tuple(events), **more)  # type: ignore[arg-type]  # as named


def times(number: int, kind: Kind, at: int = NOW) -> list[Interaction]:
    return [event(kind, at) for _ in range(number)]


def name_drawn(forgiven: bool, salt: str = "") -> str:
    """An event id on which a hostile act is forgiven, or is not."""
    names = (f"drawn-{number}" for number in _numbers)
    return next(name for name in names if (draw(salt, "forgive", O, P, name) % 4 == 0) is forgiven)


@st.composite
def interactions(draw_from: st.DrawFn, since: int = 120) -> Interaction:
    """Anything that may happen in the `since` days up to now."""
    kind = draw_from(st.sampled_from(list(Kind)))
    return Interaction(
        id=draw_from(st.text("abcdef0123456789", min_size=1, max_size=8)),
        observer=Did(O),
        person=PersonId(P),
        kind=kind,
        by=draw_from(st.sampled_from(sorted(doers(kind)))),
        at=NOW - draw_from(st.integers(0, since * DAY)),
        context=draw_from(st.none() | st.sampled_from(["c1", "c2", "c3"])),
        severity=draw_from(st.none() | st.floats(0.05, 0.5)) if kind is Kind.VIOLATION else None,
    )


histories = st.lists(interactions(), max_size=25).map(history)
recent_histories = st.lists(interactions(since=20), max_size=25).map(history)
