"""What would change an answer: another post, time, or what the person does next.

Every prospect is found by asking the rules, so that each holds as it is told: with nothing else new, it comes true.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from domain.alliance.engagement import Context, Decision, decide
from domain.alliance.history import History
from domain.alliance.policy import DEFAULT, HISTORY_DAYS, Policy, Relationship
from domain.alliance.relationship import Assessment, Prepared, assess
from domain.alliance.standard import draw_of
from domain.identity import Did
from domain.people.constants import DAY
from domain.people.interaction import By, Interaction, Kind, PersonId
from domain.timestamp import format_millis

MOST_ACTS = 10
"""Prospects of more acts than this are not looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """One thing that would change the answer, and the relationship and answer that would follow."""

    what: str
    relationship: Relationship
    engage: bool
    context: Context | None = None
    at: int | None = None
    kind: Kind | None = None
    acts: int | None = None


def prospects(history: History, context: Context, now: int, policy: Policy = DEFAULT) -> tuple[Prospect, ...]:
    """What would change the decision on `context`, or the relationship, at `now`."""
    prepared = Prepared(history, policy)
    decision = decide(history, context, prepared.assess(now), policy)
    return (
        *_by_context(history, decision, policy),
        *_by_time(prepared, decision),
        *_by_acts(history, decision, policy),
    )


_CIRCUMSTANCES: tuple[tuple[str, dict[str, bool]], ...] = (
    ("the topic were relevant", {"is_relevant_topic": True}),
    ("the topic were not relevant", {"is_relevant_topic": False}),
    ("the post spoke of us, and negatively", {"mentions_us": True, "is_negative": True}),
    ("the post did not speak negatively of us", {"mentions_us": False, "is_negative": False}),
    ("the thread were highly visible", {"high_visibility": True}),
    ("the thread were not highly visible", {"high_visibility": False}),
)


def _by_context(history: History, decision: Decision, policy: Policy) -> Iterator[Prospect]:
    for words, circumstances in _CIRCUMSTANCES:
        context = replace(decision.context, **circumstances)  # type: ignore[arg-type]  # all of them are flags
        other = decide(history, context, decision.assessment, policy)
        if other.engage is not decision.engage:
            yield _prospect(f"if {words}", other, context=context)


def _by_time(prepared: Prepared, decision: Decision) -> Iterator[Prospect]:
    """The next change that is still there at a UTC midnight, or that ends a pause."""
    now = decision.assessment.now
    if decision.valid_until is None:
        return
    midnights = range((now // DAY + 1) * DAY, now + (HISTORY_DAYS + 2) * DAY, DAY)
    ends = {time for mark in prepared.history.marks for time in mark.times if time > now}
    for moment in sorted({*midnights, *ends}):
        if _differs(_later(prepared, decision, moment), decision):
            later = _first_change(prepared, decision, moment)
            yield _prospect(f"from {format_millis(later.assessment.now)} on", later, at=later.assessment.now)
            return


def _later(prepared: Prepared, decision: Decision, moment: int) -> Decision:
    """The same question at another moment, with nothing else new."""
    return decide(prepared.history, decision.context, prepared.assess(moment), prepared.policy)


def _first_change(prepared: Prepared, decision: Decision, by: int) -> Decision:
    """The first decision that differs, known to come at `by` or before."""
    later = _later(prepared, decision, max(decision.assessment.now, by - DAY))
    while not _differs(later, decision):
        assert later.valid_until is not None, "a change was found later"
        later = _later(prepared, decision, later.valid_until)
    return later


_NEXT_ACTS = (Kind.UPVOTE_RECEIVED, Kind.REPLY_POSITIVE, Kind.DOWNVOTE_RECEIVED, Kind.MENTION_NEGATIVE)


def _by_acts(history: History, decision: Decision, policy: Policy) -> Iterator[Prospect]:
    for kind in _NEXT_ACTS:
        imagined = history
        for acts in range(1, MOST_ACTS + 1):
            imagined = imagined.with_interactions(_imagined(imagined, kind, decision.assessment, policy))
            assessment = assess(imagined, decision.assessment.now, policy)
            following = decide(imagined, decision.context, assessment, policy)
            if _differs(following, decision):
                yield _prospect(_act_words(kind, acts, policy), following, kind=kind, acts=acts)
                break


def _imagined(history: History, kind: Kind, assessment: Assessment, policy: Policy) -> Interaction:
    """An act of the person now, with an id on which a hostile act is not forgiven."""
    one_in = policy.forgive_one_in or 0
    names = (f"imagined-{len(history.interactions)}-{number}" for number in count())
    name = next(name for name in names if not one_in or draw_of(history, "forgive", name) % one_in)
    return Interaction(
        id=name,
        observer=Did(history.observer),
        person=PersonId(history.subject),
        kind=kind,
        by=By.PERSON,
        at=assessment.now,
    )


def _act_words(kind: Kind, acts: int, policy: Policy) -> str:
    words = f"after {acts} more {kind} from them today"
    if policy.weights[kind] < 0 and policy.forgive_one_in:
        words += f" (of hostile acts, 1 in {policy.forgive_one_in} is forgiven)"
    return words


def _differs(one: Decision, other: Decision) -> bool:
    return (one.engage, one.assessment.relationship) != (other.engage, other.assessment.relationship)


def _prospect(
    what: str,
    decision: Decision,
    *,
    context: Context | None = None,
    at: int | None = None,
    kind: Kind | None = None,
    acts: int | None = None,
) -> Prospect:
    return Prospect(
        what=f"{what}: {decision.assessment.relationship}, {'engage' if decision.engage else 'do not engage'}",
        relationship=decision.assessment.relationship,
        engage=decision.engage,
        context=context,
        at=at,
        kind=kind,
        acts=acts,
    )
