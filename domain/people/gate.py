"""The gate for direct messages: code decides, before any model is asked (spec section 4 and P22)."""

from dataclasses import dataclass, replace
from enum import StrEnum

from domain.people.constants import DAY, STANDARD
from domain.people.explanation import next_steps
from domain.people.report import Basis, Profile, TrustReport
from domain.people.tier import STEPS, Tier

NEEDED = Tier.FAMILIAR
REFUSAL = "I cannot talk in direct messages with you yet. Come and say hello where the others are."
"""What a refused person reads, unless the configuration says otherwise."""

HELPS = 3
"""How many things that would help are told."""


class GateReason(StrEnum):
    """Why the gate answered as it did."""

    OWNER = "owner"
    FAMILIAR = "familiar"
    OVERRIDE = "override"
    UNKNOWN_PERSON = "unknown_person"
    TIME_GATE = "time_gate"
    VIOLATIONS = "violations"
    SCORE = "score"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """`open`: the message may reach the model. `until` (ms) is when this reason ends by itself, if it does.

    `reply` is for the sender of a refused message; None where there is nothing to say. `profile` and `version` name
    what the tier was calculated by.
    """

    open: bool
    reason: GateReason
    tier: Tier
    reply: str | None = None
    helps: tuple[str, ...] = ()
    until: int | None = None
    profile: Profile = Profile.STANDARD
    version: int = STANDARD.version


def direct_message_gate(
    report: TrustReport | None,
    *,
    present_since: int | None = None,
    muted_until: int | None = None,
    refusal: str = REFUSAL,
) -> GateVerdict:
    """The verdict on the trust of now; None is somebody unknown. The lower end of the interval plays no part.

    A mute is looked at last and meets everybody but the owner; a muted sender gets no answer. `present_since` (ms) is
    the first presence, which the time gate counts from: without it `until` is told to the day only.
    """
    if report is None:
        return GateVerdict(False, GateReason.UNKNOWN_PERSON, Tier.STRANGER, refusal, ("Say hello in public first.",))
    verdict = _verdict(report, present_since, muted_until, refusal)
    return replace(verdict, profile=report.profile, version=report.version)


def _verdict(report: TrustReport, present_since: int | None, muted_until: int | None, refusal: str) -> GateVerdict:
    if report.basis is Basis.OWNER:
        return GateVerdict(True, GateReason.OWNER, report.tier)
    if not report.tier.reaches(NEEDED):
        return _refused(report, refusal, present_since)
    if muted_until is not None and report.now < muted_until:
        return GateVerdict(False, GateReason.MUTED, report.tier, until=muted_until)
    reason = GateReason.OVERRIDE if report.basis is Basis.OVERRIDE else GateReason.FAMILIAR
    return GateVerdict(True, reason, report.tier)


def _refused(report: TrustReport, refusal: str, present_since: int | None) -> GateVerdict:
    helps = tuple(step.text for step in next_steps(report)[:HELPS])
    reason, until = _obstacle(report, present_since)
    return GateVerdict(False, reason, report.tier, refusal, helps, until)


def _obstacle(report: TrustReport, present_since: int | None) -> tuple[GateReason, int | None]:
    """What stands in the way first, and when it goes away by itself."""
    if report.basis is Basis.OVERRIDE:
        return GateReason.OVERRIDE, report.override.until if report.override else None
    if not report.earned.reaches(NEEDED):
        return GateReason.SCORE, None
    if not report.cap.reaches(NEEDED):
        return GateReason.VIOLATIONS, report.capped_until
    days = STEPS[NEEDED.rank].days
    if present_since is not None:
        return GateReason.TIME_GATE, present_since + days * DAY
    return GateReason.TIME_GATE, report.now + (days - report.evidence.days_known) * DAY


class Place(StrEnum):
    """Where a message was written."""

    DIRECT = "direct"
    SHARED = "shared"


def place(channel: str, *, guild_id: str | None = None, is_group: bool = False) -> Place:
    """Direct is a Discord message without a guild and a Telegram message outside groups; other channels never are."""
    if channel == "discord":
        return Place.SHARED if guild_id else Place.DIRECT
    if channel == "telegram":
        return Place.SHARED if is_group else Place.DIRECT
    return Place.SHARED
