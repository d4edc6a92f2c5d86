"""Standing: which negative acts were a justified answer.

Contrite tit-for-tat (Wu and Axelrod, J. Conflict Resolution 39, 1995): whoever started has to bear one answer without
striking back, so a single error does not echo between two players who both follow the rules.
"""

from collections import deque
from collections.abc import Iterable

from domain.alliance.interaction import DAY, By, Interaction, Kind

HOSTILE: dict[By, frozenset[Kind]] = {
    By.OBSERVER: frozenset({Kind.DOWNVOTE_GIVEN, Kind.REPLY_NEGATIVE, Kind.MENTION_NEGATIVE}),
    By.PERSON: frozenset({Kind.DOWNVOTE_RECEIVED, Kind.REPLY_NEGATIVE, Kind.MENTION_NEGATIVE, Kind.NEGATIVE}),
}
"""Acts that answer, and may be answered. A violation is a breach of rules, not a move, and answers nothing."""

_OTHER = {By.OBSERVER: By.PERSON, By.PERSON: By.OBSERVER}


def justified(ordered: Iterable[Interaction], answer_days: int) -> frozenset[str]:
    """The ids of the acts that answer one of the other side, given all acts in (at, id) order.

    An act answers the oldest unanswered act of the other side that is not itself an answer and not older than
    `answer_days`; that one is then settled. An act that answers nothing opens a grievance.
    """
    grievances: dict[By, deque[int]] = {by: deque() for by in By}
    answers: set[str] = set()
    for act in ordered:
        if act.kind not in HOSTILE[act.by]:
            continue
        against = grievances[_OTHER[act.by]]
        while against and act.at - against[0] > answer_days * DAY:
            against.popleft()
        if against:
            against.popleft()
            answers.add(act.id)
        else:
            grievances[act.by].append(act.at)
    return frozenset(answers)
