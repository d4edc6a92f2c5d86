"""The trust report in GraphQL: a score is never given alone."""

import strawberry

from domain.people.explanation import Improvement, next_steps, reasons
from domain.people.report import Basis, Evidence, Factors, Override, Profile
from domain.people.tier import Tier
from domain.timestamp import format_millis
from resolvers.people.listing import DatedScore, date_text
from resolvers.people.trust import Assessed
from schema.scalars import enum

enum(
    Tier,
    "PersonTier",
    "How close somebody is, from least to most.",
    {
        Tier.STRANGER: "Nothing is known, or not enough.",
        Tier.ACQUAINTANCE: "A score of 0.15, known for 3 days.",
        Tier.FAMILIAR: "A score of 0.35, known for 14 days: direct messages are open.",
        Tier.TRUSTED: "A score of 0.60, known for 60 days.",
        Tier.INNER_CIRCLE: "A score of 0.80, known for 180 days; or the owner.",
    },
)
enum(
    Profile,
    "PersonTrustProfile",
    "How scores are calculated.",
    {Profile.STANDARD: "The default.", Profile.ENE: "The formula of the module that it comes from, to the letter."},
)
enum(
    Basis,
    "PersonTrustBasis",
    "Where a score comes from.",
    {
        Basis.HISTORY: "From what was recorded.",
        Basis.OWNER: "This is the observer's owner, as the server is configured.",
        Basis.OVERRIDE: "The observer set it by hand.",
    },
)


@strawberry.type(
    description="What a score is made of: base = beta x modulator - penalties; rest = base x idle; "
    "score = rest + sentiment."
)
class PersonTrustFactors:
    beta: float = strawberry.field(description="Expected share of good conduct, 0 to 1 (Beta reputation).")
    tenure: float = strawberry.field(description="Over how many weeks the person was present, 0 to 1.")
    consistency: float = strawberry.field(description="On how many dates the person was present, 0 to 1.")
    sessions: float = strawberry.field(description="In how many separate sessions, 0 to 1.")
    timing: float = strawberry.field(description="How evenly over hours and weekdays, 0 to 1.")
    modulator: float = strawberry.field(description="The geometric mean of the four before, 0 to 1.")
    attempt_penalty: float = strawberry.field(description="Taken off for attempts to use restricted tools, up to 0.3.")
    violation_penalty: float = strawberry.field(description="Taken off for violations, up to 0.5.")
    idle: float = strawberry.field(description="What absence leaves of the base, 0.5 to 1.")
    sentiment: float = strawberry.field(description="Added last, at most 0.03 either way; it never moves the tier.")


@strawberry.type(description="The counts behind the factors.")
class PersonTrustEvidence:
    r: float = strawberry.field(description="Good evidence of the Beta distribution, fading.")
    s: float = strawberry.field(description="Bad evidence, fading, each bad act three times.")
    good: int = strawberry.field(description="Good dates (standard) or good interactions (ene).")
    bad: int = strawberry.field(description="Negative acts of the person.")
    justified: int = strawberry.field(description="Negative acts of both sides that answered one of the other's.")
    presence_dates: int = strawberry.field(description="Dates on which the person was present.")
    presence_weeks: int = strawberry.field(description="Weeks in which the person was present.")
    sessions: int = strawberry.field(description="Separate sessions: a pause of half an hour ends one.")
    messages: int = strawberry.field(description="Messages.")
    attempts: int = strawberry.field(description="Attempts to use restricted tools that count now.")
    violations: int = strawberry.field(description="Violations that count now.")
    severity: float = strawberry.field(description="The sum of their severities.")
    days_known: int = strawberry.field(description="Whole days since the first presence.")
    idle_days: int = strawberry.field(description="Whole days since the last presence.")


@strawberry.type(description="Between which values the share of good conduct lies, with 90 % certainty.")
class PersonTrustInterval:
    low: float = strawberry.field(description="The lower end.")
    high: float = strawberry.field(description="The upper end.")


@strawberry.type(description="One thing that would raise the score or the tier.")
class PersonTrustImprovement:
    what: str = strawberry.field(description="Which factor or limit: a word.")
    text: str = strawberry.field(description="What to do, as a sentence.")
    gain: float = strawberry.field(description="What the base would win by this alone; 0 where it only opens a gate.")


@strawberry.type(description="A score that an observer set by hand.")
class PersonTrustOverride:
    score: float = strawberry.field(description="The score, 0 to 1.")
    author: str = strawberry.field(description="Who set it.")
    reason: str = strawberry.field(description="Why.")
    until: str | None = strawberry.field(description="Until when; null for always.")


@strawberry.type(description="How far one observer trusts one person at one moment, and why.")
class PersonTrust:
    person: str = strawberry.field(description="The person's id.")
    observer: str = strawberry.field(description="Whose trust it is: a DID.")
    at: str = strawberry.field(description="The moment it is calculated for.")
    profile: Profile = strawberry.field(description="How it is calculated.")
    version: int = strawberry.field(description="The version of the profile's constants.")
    score: float = strawberry.field(description="The score, 0 to 1, rounded to three places.")
    base: float = strawberry.field(description="The score before absence and sentiment.")
    rest: float = strawberry.field(description="The score before sentiment: the tier follows from it.")
    tier: Tier = strawberry.field(description="The tier, after gate and cap.")
    earned: Tier = strawberry.field(description="The tier of the number alone.")
    gate: Tier = strawberry.field(description="The highest tier that the days known allow.")
    cap: Tier = strawberry.field(description="The highest tier that violations allow.")
    basis: Basis = strawberry.field(description="Where the score comes from.")
    override: PersonTrustOverride | None = strawberry.field(description="The score set by hand, where it holds.")
    factors: PersonTrustFactors = strawberry.field(description="What the score is made of.")
    evidence: PersonTrustEvidence = strawberry.field(description="The counts behind the factors.")
    uncertainty: float = strawberry.field(description="1 without evidence, towards 0 with much.")
    interval: PersonTrustInterval = strawberry.field(description="The 90 % interval of good conduct.")
    violations_until: str | None = strawberry.field(
        description="When the last violation that counts is outlived, if none is added; null without any or if never."
    )
    reasons: list[str] = strawberry.field(description="Why, in words.")
    next_steps: list[PersonTrustImprovement] = strawberry.field(description="What would help, the greatest gain first.")


@strawberry.type(description="The score of one UTC date.")
class PersonTrustSnapshot:
    date: str = strawberry.field(description="The date, `2026-01-31`.")
    score: float = strawberry.field(description="The score, 0 to 1.")
    tier: Tier = strawberry.field(description="The tier.")
    profile: Profile = strawberry.field(description="How it was calculated.")
    version: int = strawberry.field(description="The version of the profile's constants.")
    calculated: bool = strawberry.field(
        description="Whether it was calculated now; false for a snapshot that was taken on the date."
    )


def when(millis: int | None) -> str | None:
    return None if millis is None else format_millis(millis)


def trust_of(assessed: Assessed) -> PersonTrust:
    report = assessed.report
    low, high = report.interval
    return PersonTrust(
        person=assessed.person,
        observer=assessed.observer,
        at=format_millis(report.now),
        profile=report.profile,
        version=report.version,
        score=report.score,
        base=report.base,
        rest=report.rest,
        tier=report.tier,
        earned=report.earned,
        gate=report.gate,
        cap=report.cap,
        basis=report.basis,
        override=None if report.override is None else override_of(report.override),
        factors=_factors(report.factors),
        evidence=_evidence(report.evidence),
        uncertainty=report.uncertainty,
        interval=PersonTrustInterval(low=low, high=high),
        violations_until=when(report.violations_until),
        reasons=list(reasons(report)),
        next_steps=[_improvement(each) for each in next_steps(report)],
    )


def override_of(override: Override) -> PersonTrustOverride:
    return PersonTrustOverride(
        score=override.score, author=override.author, reason=override.reason, until=when(override.until)
    )


def snapshot_of(dated: DatedScore) -> PersonTrustSnapshot:
    taken = dated.snapshot
    return PersonTrustSnapshot(
        date=date_text(taken.date),
        score=taken.score,
        tier=taken.tier,
        profile=taken.profile,
        version=taken.version,
        calculated=dated.calculated,
    )


def _factors(factors: Factors) -> PersonTrustFactors:
    return PersonTrustFactors(**factors._asdict())


def _evidence(evidence: Evidence) -> PersonTrustEvidence:
    return PersonTrustEvidence(**evidence._asdict())


def _improvement(step: Improvement) -> PersonTrustImprovement:
    return PersonTrustImprovement(what=step.what, text=step.text, gain=step.gain)
