"""Signals: what a history says about one person, counted so that it can be kept up while interactions arrive.

`record` gives the same signals in whatever order the interactions come, and the same as `count` from the start.
Everything is UTC; dates are whole days since 1970.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby
from operator import sub
from typing import Any, NamedTuple, TypeVar

from domain.people.constants import DAY, HOUR, LATEST_SENTIMENTS, SESSION_GAP
from domain.people.interaction import By, Interaction, Kind, distinct
from domain.people.standing import Act, Grievances, negative_act, unjustified

PRESENCE = frozenset(
    {Kind.MESSAGE, Kind.UPVOTE_RECEIVED, Kind.REPLY_POSITIVE, Kind.REPLY_NEUTRAL, Kind.MENTION_POSITIVE}
)
NEGATIVES = frozenset({Kind.NEGATIVE, Kind.DOWNVOTE_RECEIVED, Kind.REPLY_NEGATIVE, Kind.MENTION_NEGATIVE})
GOOD = PRESENCE - {Kind.REPLY_NEUTRAL}
FOUND = frozenset({Kind.RESTRICTED_TOOL_ATTEMPT, Kind.VIOLATION})
"""What the server found, not something that the person did towards the observer."""

Ordered = TypeVar("Ordered", int, Act, "Violation")


class Day(NamedTuple):
    """One UTC date: the sessions (first and last ms each), whether something good was among them, and what was bad."""

    date: int
    sessions: tuple[tuple[int, int], ...] = ()
    good: bool = False
    hours: int = 0
    bad: float = 0.0

    @property
    def present(self) -> bool:
        return bool(self.sessions)


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One violation as it counts; `code` is set for those that the server found by itself."""

    at: int
    id: str
    severity: float
    code: str | None = None
    pardoned_at: int | None = None


class Signals(NamedTuple):
    """The counts behind every score. `presence` are the kinds that make a person present.

    A tuple, as every interaction makes new ones. `hour_dates[h]`: dates with presence in hour h.
    `acts`: all negative acts of both sides, by (at, id).
    `messages`: (at, id, sentiment) of the newest 30 messages.
    """

    presence: frozenset[Kind] = PRESENCE
    days: tuple[Day, ...] = ()
    hour_dates: tuple[int, ...] = (0,) * 24
    positive: int = 0
    negative: int = 0
    message_count: int = 0
    acts: tuple[Act, ...] = ()
    justified: int = 0
    grievances: Grievances = Grievances()
    violations: tuple[Violation, ...] = ()
    attempts: tuple[int, ...] = ()
    messages: tuple[tuple[int, str, float | None], ...] = ()
    latest: int | None = None

    @property
    def present_days(self) -> list[Day]:
        return [day for day in self.days if day.sessions]

    @property
    def sentiment(self) -> float | None:
        """The mean over those of the last 30 messages that have one, in [-1, 1]; None without any."""
        given = [sentiment for _, _, sentiment in self.messages if sentiment is not None]
        return sum(given) / len(given) if given else None


def count(interactions: Iterable[Interaction], presence: frozenset[Kind] = PRESENCE) -> Signals:
    """The signals of a history, in any order and with any repeats."""
    ordered = distinct(interactions)
    done = [each for each in ordered if each.by is By.PERSON and each.kind not in FOUND]
    negative = sum(each.kind in NEGATIVES for each in done)
    messages = [(each.at, each.id, each.sentiment) for each in done if each.kind is Kind.MESSAGE]
    acts = tuple(act for act in map(negative_act, ordered) if act is not None)
    blamed, grievances = unjustified(acts)
    days = _days([each for each in done if each.kind in presence], blamed)
    return Signals(
        presence,
        days,
        tuple(sum(day.hours >> hour & 1 for day in days) for hour in range(24)),
        positive=len(done) - negative,
        negative=negative,
        message_count=len(messages),
        acts=acts,
        justified=len(acts) - len(blamed),
        grievances=grievances,
        violations=tuple(_violation(each) for each in ordered if each.kind is Kind.VIOLATION),
        attempts=tuple(each.at for each in ordered if each.kind is Kind.RESTRICTED_TOOL_ATTEMPT),
        messages=tuple(messages[-LATEST_SENTIMENTS:]),
        latest=ordered[-1].at if ordered else None,
    )


def _days(present: Iterable[Interaction], blamed: Iterable[Act]) -> tuple[Day, ...]:
    by_date = {date: _present_day(date, list(group)) for date, group in groupby(present, lambda each: each.at // DAY)}
    for date, bad in _bad_by_date(blamed).items():
        by_date[date] = by_date.get(date, Day(date))._replace(bad=bad)
    return tuple(by_date[date] for date in sorted(by_date))


def _present_day(date: int, present: list[Interaction]) -> Day:
    sessions: tuple[tuple[int, int], ...] = ()
    hours = 0
    for each in present:
        sessions = _with_moment(sessions, each.at)
        hours |= 1 << each.at % DAY // HOUR
    return Day(date, sessions, any(each.kind in GOOD for each in present), hours)


def _bad_by_date(blamed: Iterable[Act]) -> dict[int, float]:
    bad: dict[int, float] = {}
    for act in blamed:
        if act.badness:
            bad[act.at // DAY] = bad.get(act.at // DAY, 0.0) + act.badness
    return bad


def record(signals: Signals, interaction: Interaction) -> Signals:
    """The signals with one more interaction, early or late, that repeats none (see `interaction.arrival`)."""
    latest = interaction.at if signals.latest is None else max(signals.latest, interaction.at)
    if interaction.kind is Kind.VIOLATION:
        return signals._replace(latest=latest, violations=_added(signals.violations, _violation(interaction)))
    if interaction.kind is Kind.RESTRICTED_TOOL_ATTEMPT:
        return signals._replace(latest=latest, attempts=_added(signals.attempts, interaction.at))
    counted = _counted(signals, interaction) if interaction.by is By.PERSON else {}
    signals = signals._replace(latest=latest, **counted)
    act = negative_act(interaction)
    return signals if act is None else _judged(signals, act)


def pardon(signals: Signals, violation: str, at: int) -> Signals:
    """The signals with that violation pardoned at that time (ms); an unknown id changes nothing."""
    pardoned = tuple(
        replace(each, pardoned_at=at) if each.id == violation and each.pardoned_at is None else each
        for each in signals.violations
    )
    return signals._replace(violations=pardoned)


def _violation(interaction: Interaction) -> Violation:
    return Violation(
        interaction.at, interaction.id, interaction.clamped_severity, interaction.code, interaction.pardoned_at
    )


def _counted(signals: Signals, interaction: Interaction) -> dict[str, Any]:  # Any: of the signals
    """What an act of the person changes."""
    negative = interaction.kind in NEGATIVES
    changed: dict[str, Any] = {"negative": signals.negative + 1} if negative else {"positive": signals.positive + 1}
    if interaction.kind is Kind.MESSAGE:
        changed |= {"message_count": signals.message_count + 1, "messages": _heard(signals, interaction)}
    if interaction.kind in signals.presence:
        changed |= _present(signals, interaction)
    return changed


def _heard(signals: Signals, interaction: Interaction) -> tuple[tuple[int, str, float | None], ...]:
    message = (interaction.at, interaction.id, interaction.sentiment)
    messages = (*signals.messages, message)
    if len(messages) > 1 and messages[-2][:2] > message[:2]:
        messages = tuple(sorted(messages, key=lambda each: each[:2]))
    return messages[-LATEST_SENTIMENTS:]


def _present(signals: Signals, interaction: Interaction) -> dict[str, Any]:  # Any: of the signals
    day, hour = _day(signals, interaction.at // DAY), interaction.at % DAY // HOUR
    changed: dict[str, Any] = {}
    if not day.hours >> hour & 1:
        dates = signals.hour_dates
        changed["hour_dates"] = (*dates[:hour], dates[hour] + 1, *dates[hour + 1 :])
    present = Day(
        day.date,
        _with_moment(day.sessions, interaction.at),
        day.good or interaction.kind in GOOD,
        day.hours | 1 << hour,
        day.bad,
    )
    return changed | {"days": _with_day(signals, present)}


def _with_moment(sessions: tuple[tuple[int, int], ...], at: int) -> tuple[tuple[int, int], ...]:
    """The sessions with one more moment: it extends one, joins two, or starts its own."""
    if sessions and sessions[-1][1] <= at:
        first, last = sessions[-1]
        return (*sessions[:-1], (first, at)) if at - last <= SESSION_GAP else (*sessions, (at, at))
    before = tuple(each for each in sessions if each[1] < at - SESSION_GAP)
    after = tuple(each for each in sessions if each[0] > at + SESSION_GAP)
    near = sessions[len(before) : len(sessions) - len(after)]
    first = min([at, *(each[0] for each in near)])
    last = max([at, *(each[1] for each in near)])
    return (*before, (first, last), *after)


def _judged(signals: Signals, act: Act) -> Signals:
    """With a negative act of either side. A late one can change the standing of all that follow."""
    in_order = not signals.acts or signals.acts[-1] < act
    signals = signals._replace(acts=_added(signals.acts, act))
    if not in_order:
        return _judged_again(signals)
    grievances, justified = signals.grievances.hear(act)
    signals = signals._replace(grievances=grievances, justified=signals.justified + justified)
    return signals if justified else _blamed(signals, act)


def _judged_again(signals: Signals) -> Signals:
    blamed, grievances = unjustified(signals.acts)
    bad = _bad_by_date(blamed)
    dates = {day.date: day._replace(bad=bad.get(day.date, 0.0)) for day in signals.days}
    dates |= {date: Day(date, bad=bad[date]) for date in bad if date not in dates}
    days = tuple(dates[date] for date in sorted(dates) if dates[date].sessions or dates[date].bad)
    return signals._replace(days=days, grievances=grievances, justified=len(signals.acts) - len(blamed))


def _blamed(signals: Signals, act: Act) -> Signals:
    if not act.badness:
        return signals
    day = _day(signals, act.at // DAY)
    return signals._replace(days=_with_day(signals, day._replace(bad=day.bad + act.badness)))


def _day(signals: Signals, date: int) -> Day:
    if signals.days and signals.days[-1].date == date:
        return signals.days[-1]
    place = bisect_left(signals.days, date, key=lambda day: day.date)
    found = place < len(signals.days) and signals.days[place].date == date
    return signals.days[place] if found else Day(date)


def _with_day(signals: Signals, day: Day) -> tuple[Day, ...]:
    days = signals.days
    if days and days[-1].date == day.date:
        return (*days[:-1], day)
    place = bisect_left(days, day.date, key=lambda each: each.date)
    rest = place + (place < len(days) and days[place].date == day.date)
    return (*days[:place], day, *days[rest:])


def _added(ordered: tuple[Ordered, ...], item: Ordered) -> tuple[Ordered, ...]:
    items = list(ordered)
    insort(items, item)
    return tuple(items)


def iso_weeks(present: Iterable[Day]) -> int:
    """ISO weeks: 1 January 1970 was a Thursday."""
    return len({(day.date + 3) // 7 for day in present})


def absences(present: Sequence[Day]) -> list[int]:
    """Milliseconds from the last session of each day to the first of the next one."""
    firsts = [day.sessions[0][0] for day in present]
    lasts = [day.sessions[-1][1] for day in present]
    return list(map(sub, firsts[1:], lasts))


def starts_by_day(present: Sequence[Day], absences: Sequence[int]) -> list[int]:
    """Session starts of each day. A session that goes on past midnight started the day before."""
    before = chain([SESSION_GAP + 1], absences)
    return [len(day.sessions) - (absence <= SESSION_GAP) for day, absence in zip(present, before, strict=False)]


def session_starts(present: Sequence[Day], most_a_day: int | None) -> int:
    """Session starts, of each day at most so many."""
    starts = starts_by_day(present, absences(present))
    return sum(starts if most_a_day is None else (min(most_a_day, each) for each in starts))
