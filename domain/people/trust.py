"""Trust of one observer in one person: the one entrance to both profiles.

An owner is 1.0 and inner circle before anything is looked at; an override that holds comes second.
"""

from collections.abc import Iterable

from domain.people import ene, standard
from domain.people.interaction import Interaction, until
from domain.people.report import Override, Profile, TrustReport, overridden, owned
from domain.people.signals import PRESENCE, Signals, count

COUNTED = {Profile.STANDARD: PRESENCE, Profile.ENE: ene.ENE_PRESENCE}
"""Which kinds make a person present, by profile: signals are counted for one profile."""


def signals_at(interactions: Iterable[Interaction], now: int, profile: Profile = Profile.STANDARD) -> Signals:
    """The signals of a history as of `now` (ms), in any order and with any repeats."""
    return count(until(interactions, now), COUNTED[profile])


def trust(
    signals: Signals,
    now: int,
    *,
    profile: Profile = Profile.STANDARD,
    owner: bool = False,
    override: Override | None = None,
    modifier: float | None = None,
) -> TrustReport:
    """The report at `now` (ms). `modifier` stands for the sentiment of the messages, at most 0.03 either way."""
    if profile is Profile.ENE:
        report = ene.assess(signals, now, modifier=modifier)
    else:
        report = standard.assess(signals, now, modifier=modifier)
    return owned(report) if owner else overridden(report, override)
