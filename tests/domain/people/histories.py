"""Histories for tests: interactions in a few words, and people who behave in a certain way."""

import hashlib
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from domain.identity import Did
from domain.people.constants import DAY, HOUR
from domain.people.interaction import EITHER, By, Interaction, Kind, PersonId, doer
from tests.domain.agents import agent

START = 20_458 * DAY
"""Monday, 5 January 2026, 00:00 UTC."""

OBSERVER: Did = agent(1).did
PERSON = PersonId("p_1")


def interaction(at: int, kind: Kind = Kind.MESSAGE, **fields: Any) -> Interaction:  # Any: whatever the field takes
    """At `START` plus so many milliseconds; the id follows from time and kind unless given."""
    by = fields.pop("by", By.PERSON if kind in EITHER else doer(kind))
    defaults = {"id": f"{kind}-{by}-{at}", "observer": OBSERVER, "person": PERSON}
    return Interaction(**(defaults | fields), kind=kind, by=by, at=START + at)


def at(day: int, hour: float = 12) -> int:
    """Milliseconds after `START`; day 0 is the first."""
    return day * DAY + int(hour * HOUR)


def varied(days: Iterable[int], sessions: int = 3) -> list[Interaction]:
    """A message in each of so many sessions a date, at hours that move through the day."""
    return [
        interaction(at(day, (day * 5 + session * 24 / sessions) % 24)) for day in days for session in range(sessions)
    ]


def present(days: Iterable[int], hours: Iterable[float]) -> list[Interaction]:
    """A message on each of these days at each of these hours."""
    hours = tuple(hours)
    return [interaction(at(day, hour)) for day in days for hour in hours]


def violation(at: int, severity: float = 0.15, **fields: Any) -> Interaction:  # Any: whatever the field takes
    return interaction(at, Kind.VIOLATION, severity=severity, **fields)


@st.composite
def interactions(draw: st.DrawFn, days: int = 400) -> Interaction:
    """Any valid interaction within so many days, crowded enough to meet others in contexts, sessions and standing.

    The id follows from everything but the time, so that some ids come back at other times.
    """
    kind = draw(st.sampled_from(list(Kind)))
    fields: dict[str, Any] = {
        "context": draw(st.none() | st.sampled_from(["", "c1", "c2", "c3"])),
        "weight": draw(st.sampled_from([1.0, 0.5, 0.001])),
    }
    if kind in EITHER:
        fields["by"] = draw(st.sampled_from(By))
    if kind is Kind.VIOLATION:
        fields |= {"severity": draw(st.none() | st.floats(0, 1)), "code": draw(st.none() | st.just("flood"))}
    if kind is Kind.MESSAGE:
        fields["sentiment"] = draw(st.none() | st.floats(-1, 1))
    fields["id"] = hashlib.sha256(repr((kind, fields)).encode()).hexdigest()[:16]
    moment = draw(st.integers(0, days * 48)) * (HOUR // 2) + draw(st.sampled_from([0, 0, 1, -1, 900_000]))
    return interaction(max(0, moment), kind, **fields)


histories = st.lists(interactions(), max_size=40) | st.lists(interactions(days=12), max_size=40)
