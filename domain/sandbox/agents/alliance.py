"""The alliance, followed by simulated agents: the standard policy of `domain.alliance` on the last acts of partners.

Exact but for what is forgotten: 16 partners, of each the last 32 acts; and a class is carried from one moment to the
next, where the exact rule looks back 90 days. Accepts whom the alliance engages with.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.alliance.draw import draw
from domain.alliance.policy import HISTORY_DAYS, STANDARD
from domain.alliance.score import contributions
from domain.people.interaction import Kind
from domain.sandbox.agents.policy import (
    BREACH_SEVERITY,
    HOURS,
    Act,
    Asked,
    Bools,
    Floats,
    Following,
    Ints,
    Pairs,
    Question,
)
from domain.sandbox.rule import Rule

ACTS = 32
"""How many acts of each partner are kept."""
LONG_AGO = -(10**6)
"""The hour of an act that never was."""
POLICY = STANDARD
BREACH_WEIGHT = next(w for below, w in POLICY.violation_weights if below is None or below > BREACH_SEVERITY)
WEIGHTS = {
    Act.POSITIVE: POLICY.weights[Kind.REPLY_POSITIVE],
    Act.NEUTRAL: POLICY.weights[Kind.REPLY_NEUTRAL],
    Act.NEGATIVE: POLICY.weights[Kind.REPLY_NEGATIVE],
    Act.BREACH: BREACH_WEIGHT,
}
WORTH = np.array([contributions(WEIGHTS[act]) for act in Act], np.int64)
"""By act and age in days, in 1200ths of a unit of weight."""
HOSTILE = np.array([WEIGHTS[act] < 0 for act in Act])
TRUSTED = {Rule.ALLY: 0.9, Rule.RIVAL: 0.1}
"""What a class is worth where a number is asked for; everybody else one half."""
MOST_TOTAL = POLICY.total_cap or 0
MOST_A_DAY = POLICY.daily_cap or 0
PAUSE_HOURS = POLICY.pause_hours or 0
FORGIVE_ONE_IN = POLICY.forgive_one_in or 1


@dataclass(slots=True, eq=False)
class AllianceLedger:
    """(followers, slots, ACTS), oldest first; and (followers, slots)."""

    at: NDArray[np.int32]
    act: NDArray[np.int8]
    ally: Bools
    rival: Bools
    provoked_at: NDArray[np.int32]
    """The hour of the last hostile act that was not forgiven."""

    @staticmethod
    def empty(followers: int, slots: int, following: Following) -> "AllianceLedger":
        shape = (followers, slots)
        return AllianceLedger(
            np.full((*shape, ACTS), LONG_AGO, np.int32),
            np.zeros((*shape, ACTS), np.int8),
            np.zeros(shape, np.bool_),
            np.zeros(shape, np.bool_),
            np.full(shape, LONG_AGO, np.int32),
        )

    def trust(self, pairs: Pairs, now: int) -> Floats:
        found = np.full(len(pairs.follower), 0.5)
        classes = self._classes(pairs, now)
        for rule, worth in TRUSTED.items():
            found[classes == rule] = worth
        return found

    def answer(self, pairs: Pairs, question: Asked, now: int) -> NDArray[np.int8]:
        found = self._classes(pairs, now)
        for number in np.flatnonzero(found == Rule.NEUTRAL_ENGAGED).tolist():
            if _drawn("engage", question(number)) % 100 >= POLICY.engage_percent:
                found[number] = Rule.NEUTRAL_SKIPPED
        return found

    def forget(self, follower: Ints, slot: Ints) -> None:
        self.at[follower, slot] = self.provoked_at[follower, slot] = LONG_AGO
        self.ally[follower, slot] = self.rival[follower, slot] = False

    def record(self, pairs: Pairs, acts: NDArray[np.int8], question: Asked, now: int) -> None:
        place = (pairs.follower, pairs.slot)
        for column, newest in ((self.at, now), (self.act, acts)):
            kept = column[place]
            kept[:, :-1] = kept[:, 1:]
            kept[:, -1] = newest
            column[place] = kept
        for number in np.flatnonzero(HOSTILE[acts]).tolist():
            if _drawn("forgive", question(number)) % FORGIVE_ONE_IN:
                self.provoked_at[pairs.follower[number], pairs.slot[number]] = now

    def pass_time(self, now: int, until: int) -> None:
        """Classes are looked at after every act and at every midnight."""
        if now % HOURS:
            self._look(self.at[:, :, -1] == now, now)
        else:
            self._look_at_all(now)
        for midnight in range((now // HOURS + 1) * HOURS, until, HOURS):
            self._look_at_all(midnight)

    def _look_at_all(self, now: int) -> None:
        self._look(self.at[:, :, -1] > LONG_AGO, now)

    def _look(self, which: Bools, now: int) -> None:
        score, _ = _weighed(self.at[which], self.act[which], now)
        self.ally[which] = _stands(score, self.ally[which])
        self.rival[which] = _stands(-score, self.rival[which])

    def _classes(self, pairs: Pairs, now: int) -> NDArray[np.int8]:
        """As rules: the neutral as if the draw said yes."""
        place = (pairs.follower, pairs.slot)
        score, counted = _weighed(self.at[place], self.act[place], now)
        counted = np.where(pairs.known, counted, 0)
        provoked = now < self.provoked_at[place] + PAUSE_HOURS
        ally = (counted >= POLICY.ally_minimum) & ~provoked & _stands(score, self.ally[place])
        rival = (counted >= POLICY.rival_minimum) & _stands(-score, self.rival[place])
        found = np.where(provoked, Rule.PROVOKED_PAUSE, np.where(ally, Rule.ALLY, Rule.NEUTRAL_ENGAGED))
        found = np.where(rival, Rule.RIVAL, found)
        return np.where(counted == 0, Rule.UNKNOWN_COOPERATIVE, found).astype(np.int8)


def _stands(score: Ints, stood: Bools) -> Bools:
    """Hysteresis: entered at one score, left at another."""
    found: Bools = (score >= POLICY.enter) | (stood & (score >= POLICY.leave))
    return found


def _weighed(at: NDArray[np.int32], act: NDArray[np.int8], now: int) -> tuple[Ints, Ints]:
    """(score, how many acts count) of rows of acts at an hour; what one date and all dates bring is capped."""
    ages = (now - at) // HOURS
    counts = (at <= now) & (ages <= HISTORY_DAYS)
    worth = WORTH[act, np.clip(ages, 0, HISTORY_DAYS)] * counts
    earned, negative = np.maximum(worth, 0), np.minimum(worth, 0).sum(axis=1)
    dates = at // HOURS
    total = np.zeros(len(at), np.int64)
    today = np.zeros(len(at), np.int64)
    for place in range(at.shape[1]):
        if place:
            today = np.where(dates[:, place] == dates[:, place - 1], today, 0)
        total += np.minimum(today + earned[:, place], MOST_A_DAY) - np.minimum(today, MOST_A_DAY)
        today += earned[:, place]
    return np.minimum(total, MOST_TOTAL) + negative, counts.sum(axis=1)


def _drawn(purpose: str, question: Question) -> int:
    return draw(question.salt, purpose, question.observer, question.subject, question.event)
