"""What a person is to an observer at a moment, with everything that the answer rests on."""

from dataclasses import dataclass

from domain.alliance import seed, standard
from domain.alliance.history import History
from domain.alliance.policy import DEFAULT, UNIT, Policy, Profile, Relationship
from domain.alliance.tally import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The relationship at `now`, under the named profile and version. All times are milliseconds, UTC."""

    profile: Profile
    version: int
    observer: str
    subject: str
    now: int
    relationship: Relationship
    tally: Tally
    valid_until: int | None
    """Without anything new, the answer stays as it is until then; None: for ever."""

    @property
    def score(self) -> float:
        """In units of weight; `tally.score` is the exact integer."""
        return self.tally.score / UNIT

    @property
    def provoked(self) -> bool | None:
        """Whether the observer pauses after an unprovoked act; None where that is not asked."""
        if self.relationship in (Relationship.IGNORE, Relationship.UNKNOWN):
            return None
        return self.tally.provoked


class Prepared:
    """A history as one policy reads it: prepared once, it is assessed at any moment for little."""

    def __init__(self, history: History, policy: Policy = DEFAULT) -> None:
        self.history = history
        self.policy = policy
        self._acts = (seed if policy.profile is Profile.SEED else standard).Acts(history, policy)

    def assess(self, now: int) -> Assessment:
        """Classify the subject of the history at `now`."""
        history, policy = self.history, self.policy
        relationship, tally, times = self._acts.classify(now)
        if history.ignored(now):
            relationship = Relationship.IGNORE
        times = (*times, *(time for mark in history.marks for time in mark.times))
        return Assessment(
            profile=policy.profile,
            version=policy.version,
            observer=history.observer,
            subject=history.subject,
            now=now,
            relationship=relationship,
            tally=tally,
            valid_until=min((time for time in times if time > now), default=None),
        )


def assess(history: History, now: int, policy: Policy = DEFAULT) -> Assessment:
    return Prepared(history, policy).assess(now)


def classify(history: History, now: int, policy: Policy = DEFAULT) -> Relationship:
    return assess(history, now, policy).relationship
