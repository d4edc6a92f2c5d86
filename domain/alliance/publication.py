"""The policy told to others, as data and as text, both made from the numbers that the code uses."""

from collections.abc import Iterator

from domain.alliance.draw import DOMAIN, VERSION
from domain.alliance.engagement import ENGAGES, MANNERS, WORDS, Reason
from domain.alliance.policy import FADING_DAYS, FORGIVEN_PER_DAY, HISTORY_DAYS, UNIT, Policy
from domain.canonical import Json
from domain.people.constants import DEFAULT_SEVERITY
from domain.people.interaction import By
from domain.people.standing import BADNESS


def policy_data(policy: Policy) -> dict[str, Json]:
    """Everything that a replayer needs beside the replay data; None where the profile has no such rule."""
    return {
        "profile": str(policy.profile),
        "version": policy.version,
        "unit": UNIT,
        "weights": dict(policy.weights),
        "violationWeights": [{"below": below, "weight": weight} for below, weight in policy.violation_weights],
        "unstatedSeverity": DEFAULT_SEVERITY,
        "historyDays": HISTORY_DAYS,
        "fadingDays": FADING_DAYS,
        "forgivenPerDay": FORGIVEN_PER_DAY,
        "enter": policy.enter,
        "leave": policy.leave,
        "allyMinimum": policy.ally_minimum,
        "rivalMinimum": policy.rival_minimum,
        "ownActsCount": policy.own_acts_count,
        "repeatsCount": policy.repeats_count,
        "dailyCap": policy.daily_cap,
        "totalCap": policy.total_cap,
        "answerDays": policy.answer_days,
        "hostileKinds": {str(by): _hostile(by) for by in By},
        "pauseHours": policy.pause_hours,
        "forgiveOneIn": policy.forgive_one_in,
        "rivalRestHours": policy.rival_rest_hours,
        "engagePercent": policy.engage_percent,
        "drawDomain": DOMAIN,
        "drawVersion": VERSION,
        "reasons": {str(reason): {"engage": engage, "words": WORDS[reason]} for reason, engage in ENGAGES.items()},
        "strategies": {
            str(relationship): {"tone": tone, "priority": priority, "notes": notes}
            for relationship, (tone, priority, notes) in MANNERS.items()
        },
    }


def _hostile(side: By) -> list[Json]:
    return list[Json](sorted(kind for by, kind in BADNESS if by is side))


def policy_text(policy: Policy) -> str:
    """The whole policy for a person to read; every number in it is the code's own."""
    sections = (
        ("START COOPERATIVE", _start(policy)),
        ("COUNT", _count(policy)),
        ("FADE AND FORGIVE", _fade()),
        ("CLASSIFY", _classes(policy)),
        ("ANSWER", _answers(policy)),
        ("BE PREDICTABLE", _predict()),
    )
    lines = [f"ALLIANCE PROTOCOL, profile {policy.profile}, version {policy.version}", ""]
    for number, (title, sentences) in enumerate(sections, 1):
        lines += [f"{number}. {title}", *(f"   - {sentence}" for sentence in sentences), ""]
    return "\n".join(lines)


def rule_text(reason: Reason, policy: Policy) -> str:
    """The sentence of the policy that answers for this reason."""
    match reason:
        case Reason.IGNORE_LIST:
            return "Whom my owner ignores I never engage with, whatever else is true."
        case Reason.UNKNOWN_USER_START_COOPERATIVE:
            return "Everybody starts with a clean slate: without history I engage, warmly."
        case Reason.PROVOKED_PAUSE:
            return f"After an unprovoked negative act I pause for {policy.pause_hours} hours, then go on as before."
        case Reason.ALLY_PRIORITIZE:
            return "ALLY: I engage first of all."
        case Reason.RIVAL_RATE_LIMITED:
            return f"Even then not within {policy.rival_rest_hours} hours of what I last did towards a rival."
        case Reason.RIVAL_AVOID | Reason.RIVAL_DEFENSIVE_RESPONSE | Reason.RIVAL_HIGH_VISIBILITY:
            return "RIVAL: I engage only when spoken of negatively, or in a highly visible thread."
    return (
        "NEUTRAL: I engage when the topic is relevant, "
        f"and otherwise with {policy.engage_percent} of 100 posts, drawn on the post's id."
    )


def _start(policy: Policy) -> Iterator[str]:
    yield rule_text(Reason.UNKNOWN_USER_START_COOPERATIVE, policy)
    yield rule_text(Reason.IGNORE_LIST, policy)


def _count(policy: Policy) -> Iterator[str]:
    yield "Weights: " + ", ".join(f"{kind} {weight:+d}" for kind, weight in policy.weights.items()) + "."
    if policy.violation_weights:
        yield "A violation weighs " + ", ".join(_violations(policy)) + "; a pardoned one nothing."
    if not policy.own_acts_count:
        yield "Only what you do counts; what I do never makes you an ally or a rival."
    if not policy.repeats_count:
        yield "The same act on the same context counts once."
    if policy.daily_cap is not None and policy.total_cap is not None:
        daily, total = _units(policy.daily_cap), _units(policy.total_cap)
        yield f"Positive acts of one UTC date count for at most {daily}, of all dates for at most {total}."
    if policy.answer_days is not None:
        yield f"A negative act that answers one of mine, not older than {policy.answer_days} days, counts nothing."


def _violations(policy: Policy) -> Iterator[str]:
    for below, weight in policy.violation_weights:
        yield f"{weight:+d} otherwise" if below is None else f"{weight:+d} below severity {below:.2f}"


def _fade() -> Iterator[str]:
    yield f"An interaction fades evenly to half of its weight over {FADING_DAYS} days."
    yield f"It stays at half until it is {HISTORY_DAYS} days old, and is then forgotten overnight."
    yield (
        f"A negative weight also loses 1/{FORGIVEN_PER_DAY} of a unit every day, in a straight line: "
        f"-1 is gone after {FORGIVEN_PER_DAY} days, -3 after {3 * FORGIVEN_PER_DAY}."
    )


def _classes(policy: Policy) -> Iterator[str]:
    enter, leave = _units(policy.enter), _units(policy.leave)
    yield f"ALLY: a score of at least {enter}, from at least {policy.ally_minimum} interactions."
    yield f"RIVAL: a score of at most -{enter}, from at least {policy.rival_minimum} interactions."
    if policy.leave != policy.enter:
        yield f"A class once entered stays until the score comes within {leave} of zero."
        yield "The score is looked at now, at the time of each of your acts and at every UTC midnight."
        yield f"A class lapses {HISTORY_DAYS} days after the score last crossed into it."
    yield "NEUTRAL: everybody else with a history. UNKNOWN: nobody I have a history with. IGNORE: set by my owner."


def _answers(policy: Policy) -> Iterator[str]:
    if policy.pause_hours is not None:
        yield rule_text(Reason.PROVOKED_PAUSE, policy)
    if policy.forgive_one_in is not None:
        yield f"1 in {policy.forgive_one_in} such acts is forgiven at once, drawn on the id it gets afterwards."
    for reason in (Reason.ALLY_PRIORITIZE, Reason.NEUTRAL_RELEVANT_TOPIC, Reason.RIVAL_AVOID):
        yield rule_text(reason, policy)
    if policy.rival_rest_hours is not None:
        yield rule_text(Reason.RIVAL_RATE_LIMITED, policy)


def _predict() -> Iterator[str]:
    yield "Anybody with the history between us computes the same answers: ask me for the replay data."
    yield (
        f"A draw is the first 8 bytes, big-endian, of SHA-256 over {DOMAIN}, {VERSION}, salt, purpose, observer, "
        "subject and id, each as 4 bytes of length and UTF-8."
    )


def _units(score: int) -> str:
    return f"{score / UNIT:g}"
