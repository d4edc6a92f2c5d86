"""Trust over time: one snapshot per UTC date, kept for a year (P16, E19)."""

from bisect import bisect_left
from dataclasses import dataclass

from domain.people.constants import DAY
from domain.people.report import Profile, TrustReport
from domain.people.tier import Tier

KEPT = 365


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The score and tier of one UTC date (days since 1970), by one profile."""

    date: int
    score: float
    tier: Tier
    profile: Profile
    version: int


def snapshot(report: TrustReport) -> Snapshot:
    return Snapshot(report.now // DAY, report.score, report.tier, report.profile, report.version)


def remember(history: tuple[Snapshot, ...], taken: Snapshot) -> tuple[Snapshot, ...]:
    """The history with a snapshot, by date: the first of a date stays, the newest 365 are kept."""
    place = bisect_left(history, taken.date, key=lambda each: each.date)
    if place < len(history) and history[place].date == taken.date:
        return history
    return (*history[:place], taken, *history[place:])[-KEPT:]
