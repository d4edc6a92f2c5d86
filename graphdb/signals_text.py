"""Running signals as bytes, and back. They are no truth: what is unreadable or fails its checksum is counted again."""

from hashlib import blake2b
from typing import Any

import orjson

from domain.people.interaction import By
from domain.people.signals import Day, Signals, Violation
from domain.people.standing import Act, Grievances
from graphdb.person_text import UNREADABLE

FORM = 1
"""Raised with every change of what signals are: older ones are counted again."""

_CHECKSUM = 16
Json = Any  # Any: JSON as orjson reads it


def signals_bytes(signals: Signals) -> bytes:
    """Of signals counted for profile `standard`."""
    body = orjson.dumps(
        [
            FORM,
            [[day.date, day.sessions, day.good, day.hours, day.bad] for day in signals.days],
            signals.hour_dates,
            [signals.positive, signals.negative, signals.message_count, signals.justified, signals.latest],
            [_act(each) for each in signals.acts],
            [_act(each) for each in signals.grievances.acts],
            [[each.at, each.id, each.severity, each.code, each.pardoned_at] for each in signals.violations],
            signals.attempts,
            signals.messages,
        ]
    )
    return blake2b(body, digest_size=_CHECKSUM).digest() + body


def read_signals(stored: bytes) -> Signals | None:
    """None where they must be counted again."""
    checksum, body = stored[:_CHECKSUM], stored[_CHECKSUM:]
    if blake2b(body, digest_size=_CHECKSUM).digest() != checksum:
        return None
    try:
        return _read(orjson.loads(body))
    except UNREADABLE:
        return None


def _read(row: Json) -> Signals | None:
    form, days, hour_dates, counts, acts, grievances, violations, attempts, messages = row
    if form != FORM:
        return None
    positive, negative, message_count, justified, latest = counts
    return Signals(
        days=tuple(
            Day(date, tuple((first, last) for first, last in sessions), good, hours, bad)
            for date, sessions, good, hours, bad in days
        ),
        hour_dates=tuple(hour_dates),
        positive=positive,
        negative=negative,
        message_count=message_count,
        acts=tuple(map(_read_act, acts)),
        justified=justified,
        grievances=Grievances(tuple(map(_read_act, grievances))),
        violations=tuple(Violation(*each) for each in violations),
        attempts=tuple(attempts),
        messages=tuple((at, message, sentiment) for at, message, sentiment in messages),
        latest=latest,
    )


def _act(act: Act) -> list[Json]:
    return [act.at, act.id, act.by, act.badness]


def _read_act(row: Json) -> Act:
    at, act, by, badness = row
    return Act(at, act, By(by), badness)
