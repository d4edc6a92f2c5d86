"""What an observer's history with a person comes to: where it stands, its signals, and the trust that follows. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from domain.identity import Did
from domain.people.interaction import Interaction, PersonId
from domain.people.report import Override
from domain.people.signals import Signals, count, pardon
from domain.people.signals import record as count_in
from domain.people.trust import trust
from domain.people.validity import valid_until
from graphdb.errors import DamagedRecord
from graphdb.interactions import NOTHING_RECORDED, Grounds, Head, Logged, Moment, Trusted, standing
from graphdb.running import Pair, Running, RunningSignals

SNAPSHOT_EVERY = 256
SNAPSHOT_SHARE = 32
"""After so many interactions, or that part of a long history, its signals are stored anew.

No more than these are read to catch up, and storing what grows with the history costs little for each interaction.
"""


class Added(NamedTuple):
    """A row of the history to be written. `counted`: the running signals hold it; `replaces` the row with its id.

    A tuple, as a batch has many.
    """

    interaction: Interaction
    sequence: int
    recorded_at: int
    counted: bool
    replaces: bool = False


@dataclass(slots=True)
class Ledger:
    """What an observer's history with a person comes to, as it moves through a batch.

    `signals` are None while they must be counted again from the rows; `stored` is the sequence of the stored ones;
    `place` is where a store keeps it, if it does.
    """

    observer: Did
    person: PersonId
    head: Head = NOTHING_RECORDED
    rows: int = 0
    interactions: int = 0
    signals: Signals | None = field(default_factory=Signals)
    stored: int = 0
    override: Override | None = None
    before: Trusted | None = None
    is_owner: bool = False
    place: int | None = None
    added: list[Added] = field(default_factory=list)

    @property
    def pair(self) -> Pair:
        return self.observer, self.person

    @property
    def running(self) -> Running | None:
        return None if self.signals is None else Running(self.head, self.signals, self.interactions)

    @property
    def grounds(self) -> Grounds:
        assert self.signals is not None, "signals are counted when a ledger is read"
        return Grounds(self.person, self.head, self.signals, self.override, self.before)

    @property
    def wants_snapshot(self) -> bool:
        return self.head.sequence - self.stored >= max(SNAPSHOT_EVERY, self.head.sequence // SNAPSHOT_SHARE)


def usable(known: Running | None, ledger: Ledger) -> bool:
    """Whether signals that were kept in process can be caught up to this ledger."""
    return known is not None and known.head.era == ledger.head.era and known.head.sequence <= ledger.head.sequence


def caught_up(known: Running, ledger: Ledger, later: Sequence[tuple[Logged, bool]]) -> Signals:
    """Signals with what was recorded since: every row after their sequence, and whether it counted when it came."""
    if len(later) != ledger.head.sequence - known.head.sequence:
        raise DamagedRecord(f"the history of {whose(ledger.pair)}", "rows are missing")
    signals = known.signals
    for each, counted in later:
        if counted:
            signals = count_in(signals, each.interaction)
    return signals


def recounted(ledger: Ledger, history: Sequence[Logged]) -> Signals:
    """The signals of all rows."""
    check_whole(ledger.pair, ledger.rows, len(history))
    return count(standing(history))


def check_whole(pair: Pair, rows: int, found: int) -> None:
    """Raises `DamagedRecord` where rows are missing."""
    if found != rows:
        raise DamagedRecord(f"the history of {whose(pair)}", f"{found} of {rows} rows are there")


def keep(running: RunningSignals, ledgers: Iterable[Ledger]) -> None:
    """What the ledgers came to is at hand from now on."""
    for each in ledgers:
        if each.running is not None:
            running.put(each.pair, each.running)


def whose(pair: Pair) -> str:
    """For messages: whose record it is."""
    return f"{pair[1]} with {pair[0]}"


def _renewed(ledger: Ledger) -> None:
    """An older part of the history reads differently from now on: what was stored of it holds no more."""
    ledger.head = replace(ledger.head, era=ledger.head.era + 1)
    ledger.stored = 0


def pardoned(ledger: Ledger, violation: str, at: int) -> None:
    """One of its violations weighs no more from then on."""
    assert ledger.signals is not None, "signals are counted when a ledger is read"
    ledger.signals = pardon(ledger.signals, violation, at)
    _renewed(ledger)


def retracted(ledger: Ledger) -> None:
    """One of its interactions no longer counts."""
    ledger.interactions -= 1
    upset(ledger)


def upset(ledger: Ledger) -> None:
    """Something that was counted no longer counts: only the rows can tell."""
    ledger.signals = None
    _renewed(ledger)


def projected(ledger: Ledger, moment: Moment) -> Trusted:
    """The trust that follows from a ledger whose signals are counted, not earlier than its newest interaction."""
    signals = ledger.signals
    assert signals is not None, "signals are counted before trust is told"
    at = max(moment.now, signals.latest or 0)
    report = trust(signals, at, owner=ledger.is_owner, override=ledger.override)
    return Trusted(
        observer=ledger.observer,
        person=ledger.person,
        score=report.score,
        tier=report.tier,
        at=at,
        valid_until=valid_until(signals, report),
        interactions=ledger.interactions,
        sequence=ledger.head.sequence,
    )
