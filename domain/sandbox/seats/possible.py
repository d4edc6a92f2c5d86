"""Whether a seat can do what it says it does."""

import math
from collections.abc import Callable, Mapping

from domain.sandbox.errors import ImpossibleAction
from domain.sandbox.seats.action import Action, Move, fields_of
from domain.sandbox.seats.observation import Observation

BELONGING: Mapping[Move, frozenset[str]] = {
    Move.NOTHING: frozenset(),
    Move.POST: frozenset(),
    Move.VOTE: frozenset({"post", "up"}),
    Move.PROPOSE: frozenset({"to", "offer", "exploit"}),
    Move.ANSWER: frozenset({"accept"}),
}
"""What can be said beside each move."""


def check(seen: Observation, action: Action) -> None:
    """Raises `ImpossibleAction`."""
    beyond = set(fields_of(action)) - {"move"} - BELONGING[action.move]
    if beyond:
        raise ImpossibleAction(f"{min(beyond)} does not belong to {action.move}")
    if action.move not in seen.moves:
        raise ImpossibleAction(f"{action.move} is not possible now, only {', '.join(seen.moves)}")
    CHECKS[action.move](seen, action)


def _check_vote(seen: Observation, action: Action) -> None:
    post = next((each for each in seen.front_page if each.post == action.post), None)
    if action.up is None:
        raise ImpossibleAction("a vote says whether it is up")
    if post is None:
        raise ImpossibleAction("the front page has no such post")
    if not post.open:
        raise ImpossibleAction("the post is its own, or voted on already")


def _check_proposal(seen: Observation, action: Action) -> None:
    if action.to not in {other.agent for other in seen.candidates}:
        raise ImpossibleAction("whom it proposes to is none of the candidates of this step")
    offer = action.offer
    if offer is not None and not (math.isfinite(offer) and seen.least_offer <= offer <= seen.most_offer):
        raise ImpossibleAction(f"an offer is {seen.least_offer:g} to {seen.most_offer:g} credits")


def _check_answer(seen: Observation, action: Action) -> None:
    unasked = set(action.accept) - {each.initiator.agent for each in seen.proposals}
    if unasked:
        raise ImpossibleAction("it accepts what nobody proposed")
    if len(set(action.accept)) < len(action.accept):
        raise ImpossibleAction("it accepts a proposal twice")


def _anything(seen: Observation, action: Action) -> None:
    """Nothing more is said, and nothing more can be wrong."""


CHECKS: Mapping[Move, Callable[[Observation, Action], None]] = {
    Move.NOTHING: _anything,
    Move.POST: _anything,
    Move.VOTE: _check_vote,
    Move.PROPOSE: _check_proposal,
    Move.ANSWER: _check_answer,
}
