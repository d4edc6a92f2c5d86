"""The trust formula, followed by simulated agents: profile `standard` of `domain.people` on running counts of partners.

Exact but for what is forgotten with a partner, and for the last bits before rounding to three places. Accepts whoever
has reached a tier; where a number is asked for, it is the formula's expectation that the next act is good.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.people.constants import DAY, HOUR, STANDARD
from domain.people.decay import decay_factor
from domain.people.interaction import By, Kind
from domain.people.standing import BADNESS
from domain.people.tier import STEPS, Tier
from domain.sandbox.agents.policy import BREACH_SEVERITY, HOURS, Act, Asked, Floats, Following, Ints, Pairs
from domain.sandbox.rule import Rule

CONSTANTS = STANDARD
GOOD_FADING = 2 ** (-1 / CONSTANTS.good_half_life)
BAD_FADING = 2 ** (-1 / CONSTANTS.bad_half_life)
BADNESS_OF_A_REPLY = BADNESS[By.PERSON, Kind.REPLY_NEGATIVE]
VIOLATION_HOURS = next(days for below, days in CONSTANTS.severity_lives if below > BREACH_SEVERITY) * DAY // HOUR
RETURNS = CONSTANTS.return_dates
NEVER = -(10**6)
DAYS_A_WEEK = 7
THURSDAY = 3
"""The first day of the count of days is one."""
LONGEST_IDLE = 1000
LEFT_BY_IDLENESS = np.array([decay_factor(days, CONSTANTS.decay) for days in range(LONGEST_IDLE + 1)])
SCORES = np.array([step.score for step in STEPS])
KNOWN_DAYS = np.array([step.days for step in STEPS])
CAPPED_TIER = Tier.ACQUAINTANCE.rank

Whole = NDArray[np.int32]


@dataclass(slots=True, eq=False)
class TrustLedger:
    """(followers, slots), and two histograms and the latest returns with one more axis. Hours and dates of the run."""

    least_rank: int
    first_at: Whole
    last_at: Whole
    dates: Whole
    """Dates with presence."""
    weeks: Whole
    sessions: Whole
    sessions_today: Whole
    good: Whole
    """Dates with something good."""
    good_date: Whole
    bad_before: Floats
    """Faded, of the dates before `bad_date`."""
    bad_today: Floats
    bad_date: Whole
    violations: Whole
    violated_at: Whole
    hours_today: NDArray[np.uint32]
    hour_dates: Whole
    weekday_dates: Whole
    left: Floats
    """What the idleness before each of the last dates left."""

    @staticmethod
    def empty(followers: int, slots: int, following: Following) -> "TrustLedger":
        shape = (followers, slots)

        def whole(value: int, *more: int) -> Whole:
            return np.full((*shape, *more), value, np.int32)

        return TrustLedger(
            least_rank=following.least_tier.rank,
            first_at=whole(NEVER),
            last_at=whole(NEVER),
            dates=whole(0),
            weeks=whole(0),
            sessions=whole(0),
            sessions_today=whole(0),
            good=whole(0),
            good_date=whole(NEVER),
            bad_before=np.zeros(shape),
            bad_today=np.zeros(shape),
            bad_date=whole(NEVER),
            violations=whole(0),
            violated_at=whole(NEVER),
            hours_today=np.zeros(shape, np.uint32),
            hour_dates=whole(0, HOURS),
            weekday_dates=whole(0, DAYS_A_WEEK),
            left=np.ones((*shape, RETURNS)),
        )

    def trust(self, pairs: Pairs, now: int) -> Floats:
        return np.where(pairs.known, self._expectation((pairs.follower, pairs.slot)), 0.5)

    def answer(self, pairs: Pairs, question: Asked, now: int) -> NDArray[np.int8]:
        rank = np.where(pairs.known, self.rank(pairs, now), 0)
        return np.where(rank >= self.least_rank, Rule.TIER_REACHED, Rule.TIER_MISSED).astype(np.int8)

    def record(self, pairs: Pairs, acts: NDArray[np.int8], question: Asked, now: int) -> None:
        for which, note in (
            (acts <= Act.NEUTRAL, self._note_presence),
            (acts == Act.POSITIVE, self._note_good),
            (acts == Act.NEGATIVE, self._note_bad),
            (acts == Act.BREACH, self._note_violation),
        ):
            note((pairs.follower[which], pairs.slot[which]), now)

    def pass_time(self, now: int, until: int) -> None:
        """Nothing happens by itself: idleness is counted when it is asked for."""

    def rank(self, pairs: Pairs, now: int) -> Ints:
        """The tier's: the earned one under the gate of time and the cap of violations."""
        place = (pairs.follower, pairs.slot)
        known_days = np.where(self.dates[place] > 0, (now - self.first_at[place]) // HOURS, 0)
        earned = np.searchsorted(SCORES, self.score(pairs, now), side="right") - 1
        gate = np.searchsorted(KNOWN_DAYS, known_days, side="right") - 1
        capped = self._severity(place, now) >= CONSTANTS.capping_violations
        return np.minimum(np.minimum(earned, gate), np.where(capped, CAPPED_TIER, len(STEPS) - 1))

    def score(self, pairs: Pairs, now: int) -> Floats:
        """At rest, rounded as the formula rounds."""
        place = (pairs.follower, pairs.slot)
        penalty = np.minimum(CONSTANTS.violation_limit, self._severity(place, now))
        raw = np.clip(self._expectation(place) * self._modulator(place) - penalty, 0.0, 1.0)
        return _rounded(_rounded(raw) * self._idle(place, now))

    def _expectation(self, place: tuple[Ints, Ints]) -> Floats:
        r = (1 - GOOD_FADING ** self.good[place]) / (1 - GOOD_FADING)
        s = CONSTANTS.negative_weight * (self.bad_before[place] + self.bad_today[place])
        return np.asarray((r + 1) / (r + s + 2), np.float64)

    def _modulator(self, place: tuple[Ints, Ints]) -> Floats:
        factors = (
            np.minimum(1.0, self.weeks[place] / CONSTANTS.tenure_weeks),
            np.minimum(1.0, self.dates[place] / CONSTANTS.consistency_days),
            np.minimum(1.0, self.sessions[place] / CONSTANTS.sessions),
            np.minimum(
                evenness(self.hour_dates[place], CONSTANTS.hour_mass, CONSTANTS.hours),
                evenness(self.weekday_dates[place], CONSTANTS.weekday_mass, CONSTANTS.weekdays),
            ),
        )
        product = np.ones(len(place[0]))
        for factor in factors:
            product *= np.maximum(CONSTANTS.factor_floor, factor)
        return np.asarray(product ** (1 / len(factors)), np.float64)

    def _idle(self, place: tuple[Ints, Ints], now: int) -> Floats:
        """What idleness leaves now, and what earlier absences have left: made good over seven dates."""
        dates = self.dates[place]
        left = LEFT_BY_IDLENESS[np.clip((now - self.last_at[place]) // HOURS, 0, LONGEST_IDLE)]
        worst = np.ones(len(dates))
        for since in range(1, RETURNS + 1):
            then = self.left[(*place, (dates - since) % RETURNS)]
            worst = np.where(dates > since, np.minimum(worst, then + (1 - then) * min(1.0, since / RETURNS)), worst)
        return np.where(dates > 0, np.maximum(CONSTANTS.decay.floor, left * worst), 1.0)

    def _severity(self, place: tuple[Ints, Ints], now: int) -> Floats:
        """All of them until the last has been outlived."""
        weighs = now - self.violated_at[place] < VIOLATION_HOURS
        return np.where(weighs, BREACH_SEVERITY * self.violations[place], 0.0)

    def forget(self, follower: Ints, slot: Ints) -> None:
        anew = (follower, slot)
        for times in (self.first_at, self.last_at, self.good_date, self.bad_date, self.violated_at):
            times[anew] = NEVER
        for counts in (self.dates, self.weeks, self.sessions, self.sessions_today, self.good, self.violations):
            counts[anew] = 0
        for histogram in (self.hour_dates, self.weekday_dates):
            histogram[anew] = 0
        self.bad_before[anew] = self.bad_today[anew] = 0.0
        self.hours_today[anew] = 0
        self.left[anew] = 1.0

    def _note_presence(self, place: tuple[Ints, Ints], now: int) -> None:
        date, last = now // HOURS, self.last_at[place]
        fresh = last // HOURS != date
        self._note_date((place[0][fresh], place[1][fresh]), now)
        later = self.last_at[place] != now
        begun = (place[0][later], place[1][later])
        self.sessions_today[begun] += 1
        self.sessions[begun] += self.sessions_today[begun] <= CONSTANTS.sessions_a_day
        bit = np.uint32(1) << np.uint32(now % HOURS)
        unseen = self.hours_today[place] & bit == 0
        self.hour_dates[place[0][unseen], place[1][unseen], now % HOURS] += 1
        self.hours_today[place] |= bit
        self.last_at[place] = now

    def _note_date(self, place: tuple[Ints, Ints], now: int) -> None:
        """The first presence of a date."""
        date, last, before = now // HOURS, self.last_at[place], self.dates[place]
        gaps = np.clip((now - last) // HOURS, 0, LONGEST_IDLE)
        self.left[(*place, before % RETURNS)] = np.where(before > 0, LEFT_BY_IDLENESS[gaps], 1.0)
        self.first_at[place] = np.where(before > 0, self.first_at[place], now)
        self.weeks[place] += (before == 0) | (_week(last // HOURS) != _week(date))
        self.dates[place] += 1
        self.weekday_dates[(*place, (date + THURSDAY) % DAYS_A_WEEK)] += 1
        self.sessions_today[place] = 0
        self.hours_today[place] = 0

    def _note_good(self, place: tuple[Ints, Ints], now: int) -> None:
        """A good date fades what was bad on earlier ones."""
        date = now // HOURS
        self._turn_date(place, date)
        first = self.good_date[place] != date
        self.good[place] += first
        self.good_date[place] = date
        self.bad_before[place] *= np.where(first, BAD_FADING, 1.0)

    def _note_bad(self, place: tuple[Ints, Ints], now: int) -> None:
        self._turn_date(place, now // HOURS)
        self.bad_today[place] += BADNESS_OF_A_REPLY

    def _turn_date(self, place: tuple[Ints, Ints], date: int) -> None:
        past = self.bad_date[place] != date
        self.bad_before[place] += np.where(past, self.bad_today[place], 0.0)
        self.bad_today[place] = np.where(past, 0.0, self.bad_today[place])
        self.bad_date[place] = date

    def _note_violation(self, place: tuple[Ints, Ints], now: int) -> None:
        self.violations[place] += 1
        self.violated_at[place] = now


def evenness(histograms: Whole, mass: int, kinds: int) -> Floats:
    """`domain.people.standard.evenness` for rows."""
    counts = np.sort(histograms, axis=1).astype(np.float64)
    total, width = histograms.sum(axis=1), histograms.shape[1]
    level = (mass - (np.cumsum(counts, axis=1) - counts)) / (width - np.arange(width))
    cut = np.maximum.accumulate(counts >= level, axis=1)
    first = cut.argmax(axis=1)
    capped = np.where((total > mass)[:, None] & cut, level[np.arange(len(level)), first][:, None], counts)
    entropy, capped_total = np.zeros(len(counts)), np.zeros(len(counts))
    for column in capped.T:
        capped_total += column
    for column in capped.T:
        share = column / np.maximum(capped_total, 1.0)
        entropy -= share * np.log(np.where(share > 0, share, 1.0))
    return np.asarray(np.minimum(1.0, capped_total / mass * entropy / np.log(kinds)), np.float64)


def _week(date: Whole | int) -> Whole | int:
    return (date + THURSDAY) // DAYS_A_WEEK


def _rounded(values: Floats) -> Floats:
    """To three places, on the binary value, as Python does."""
    return np.array([round(value, 3) for value in values.tolist()], np.float64)
