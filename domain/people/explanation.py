"""A trust report in words: why the score is what it is, and what would raise it next."""

from dataclasses import dataclass

from domain.people.constants import ENE, STANDARD
from domain.people.decay import rounded
from domain.people.report import Basis, Profile, TrustReport
from domain.people.tier import Tier, next_step
from domain.timestamp import format_millis


@dataclass(frozen=True, slots=True)
class Improvement:
    """One thing that would raise the score or the tier.

    `gain` is what the base score would win if this alone were made full; 0 where it only opens a gate.
    """

    what: str
    text: str
    gain: float


def reasons(report: TrustReport) -> tuple[str, ...]:
    """Why the score and tier are what they are, the weightiest first."""
    if report.basis is Basis.OWNER:
        return ("This is the owner: always fully trusted, under any of their identities.",)
    if report.override is not None:
        return (_override(report),)
    return (*_conduct(report), *_presence(report), *_penalties(report), *_idleness(report), *_limits(report))


def next_steps(report: TrustReport) -> tuple[Improvement, ...]:
    """What would help, the greatest gain first; nothing where the score does not come from the history."""
    if report.basis is not Basis.HISTORY:
        return ()
    found = [*_more_presence(report), *_better_conduct(report), *_patience(report)]
    return tuple(sorted(found, key=lambda each: -each.gain))


def _override(report: TrustReport) -> str:
    override = report.override
    assert override is not None
    until = "" if override.until is None else f" until {format_millis(override.until)}"
    return f"Set to {override.score:.3f} by {override.author}{until}: {override.reason}"


def _conduct(report: TrustReport) -> list[str]:
    evidence, (low, high) = report.evidence, report.interval
    unit = "good dates" if report.profile is Profile.STANDARD else "good interactions"
    justified = f", {evidence.justified} of both sides justified as answers" if evidence.justified else ""
    return [
        f"Conduct {report.factors.beta:.3f}: {evidence.good} {unit}, {evidence.bad} negative acts{justified}; "
        f"90 % sure that it lies between {low:.3f} and {high:.3f}."
    ]


def _presence(report: TrustReport) -> list[str]:
    factors = report.factors
    parts = [
        (factors.tenure, f"tenure {factors.tenure:.2f} ({_tenure(report)})"),
        (factors.consistency, f"consistency {factors.consistency:.2f} ({report.evidence.presence_dates} dates)"),
        (factors.sessions, f"sessions {factors.sessions:.2f} ({report.evidence.sessions} in all)"),
        (factors.timing, f"timing {factors.timing:.2f} (spread over hours and weekdays)"),
    ]
    words = ", ".join(text for _, text in sorted(parts))
    return [f"Presence {factors.modulator:.3f}, the weakest part first: {words}."]


def _tenure(report: TrustReport) -> str:
    if report.profile is Profile.ENE:
        return f"known for {report.evidence.days_known} of {ENE.tenure_days} days"
    return f"present in {report.evidence.presence_weeks} of {STANDARD.tenure_weeks} weeks"


def _penalties(report: TrustReport) -> list[str]:
    factors, evidence, found = report.factors, report.evidence, []
    if evidence.violations:
        found.append(f"{evidence.violations} violations take {factors.violation_penalty:.2f}{_until(report)}.")
    if evidence.attempts:
        found.append(f"{evidence.attempts} attempts to use restricted tools take {factors.attempt_penalty:.2f}.")
    return found


def _until(report: TrustReport) -> str:
    if report.violations_until is None:
        return ", until they are pardoned"
    return f", until {format_millis(report.violations_until)} if none is added"


def _idleness(report: TrustReport) -> list[str]:
    if report.factors.idle == 1:
        return []
    idle = report.evidence.idle_days
    return [f"Absence leaves {report.factors.idle:.3f} of the base score {report.base:.3f}; idle for {idle} days."]


def _limits(report: TrustReport) -> list[str]:
    found = []
    if report.gate.rank < report.earned.rank:
        days = report.evidence.days_known
        found.append(f"The score is enough for {report.earned}, but {days} days known allow {report.gate} at most.")
    if report.cap is not Tier.INNER_CIRCLE:
        found.append(f"Violations allow {report.cap} at most until they are pardoned or outlived.")
    if report.score != report.rest:
        found.append(f"Sentiment moves the score by {report.score - report.rest:+.3f}, and never the tier.")
    return found


def _more_presence(report: TrustReport) -> list[Improvement]:
    """One for each of the four factors that is not full: raising one alone raises the geometric mean."""
    factors, evidence = report.factors, report.evidence
    standard = report.profile is Profile.STANDARD
    weeks, days = STANDARD.tenure_weeks - evidence.presence_weeks, ENE.tenure_days - evidence.days_known
    dates = (STANDARD if standard else ENE).consistency_days - evidence.presence_dates
    tenure = f"Be present in {weeks} more weeks." if standard else f"Be known for {days} more days."
    texts = {
        "tenure": (factors.tenure, tenure),
        "consistency": (factors.consistency, f"Be present on {dates} more dates."),
        "sessions": (factors.sessions, "Come back for more separate sessions, up to three a day."),
        "timing": (factors.timing, "Be present at more different hours and weekdays."),
    }
    return [
        Improvement(what, text, _gain(report, what, factor)) for what, (factor, text) in texts.items() if factor < 1
    ]


def _gain(report: TrustReport, what: str, factor: float) -> float:
    floor = ENE.timing_floor if report.profile is Profile.ENE and what == "timing" else STANDARD.factor_floor
    fuller = report.factors.modulator / max(floor, factor) ** 0.25
    return rounded(report.factors.beta * (fuller - report.factors.modulator))


def _better_conduct(report: TrustReport) -> list[Improvement]:
    factors = report.factors
    passing = report.profile is Profile.STANDARD  # the seed never forgets an attempt
    gains = {
        "conduct": ("Add good dates without negative acts.", (1 - factors.beta) * factors.modulator),
        "violations": (f"Violations weigh{_until(report)}.", factors.violation_penalty),
        "attempts": (
            f"Leave restricted tools alone for {STANDARD.attempt_days} days.",
            factors.attempt_penalty * passing,
        ),
        "absence": ("Be present: seven dates make an absence good.", report.base - report.rest),
    }
    return [Improvement(what, text, rounded(gain)) for what, (text, gain) in gains.items() if rounded(gain) > 0]


def _patience(report: TrustReport) -> list[Improvement]:
    step = next_step(report.gate)
    if step is None or report.earned.rank <= report.gate.rank:
        return []
    days = step.days - report.evidence.days_known
    return [Improvement("time", f"In {days} days the time gate lets {step.tier} through.", 0.0)]
