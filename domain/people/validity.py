"""How long a report stays true: a score moves by itself when absence, gates, violations and overrides run on."""

from collections.abc import Iterator

from domain.people.constants import DAY, STANDARD, StandardConstants
from domain.people.report import Basis, TrustReport
from domain.people.signals import Signals
from domain.people.tier import STEPS, lower
from domain.people.violation import violations_change


def valid_until(signals: Signals, report: TrustReport, constants: StandardConstants = STANDARD) -> int | None:
    """The first moment (ms) at which score or tier of a `standard` report may differ, if nothing is recorded.

    Until then they are the same at every moment. None: for ever.
    """
    if report.basis is Basis.OWNER:
        return None
    if report.basis is Basis.OVERRIDE:
        return report.override.until if report.override else None
    return min(_changes(signals, report, constants), default=None)


def _changes(signals: Signals, report: TrustReport, constants: StandardConstants) -> Iterator[int]:
    first = next((day for day in signals.days if day.present), None)
    last = next((day for day in reversed(signals.days) if day.present), None)
    if first is not None and last is not None:
        yield from _gate_opens(first.sessions[0][0], report)
        yield from _idles(last.sessions[-1][1], report, constants)
    lasting = constants.attempt_days * DAY
    yield from (at + lasting for at in signals.attempts if at + lasting > report.now)
    expiry = violations_change(signals.violations, report.now, constants)
    if expiry is not None:
        yield expiry


def _gate_opens(first: int, report: TrustReport) -> Iterator[int]:
    """The next step of the time gate, where it is what holds the tier down."""
    wanted = lower(report.earned, report.cap)
    if not report.gate.reaches(wanted):
        yield first + STEPS[report.gate.rank + 1].days * DAY


def _idles(last: int, report: TrustReport, constants: StandardConstants) -> Iterator[int]:
    """The next day of absence that takes something off."""
    decay = constants.decay
    if report.base and report.factors.idle > decay.floor:
        yield last + (max(report.evidence.idle_days, decay.start) + 1) * DAY
