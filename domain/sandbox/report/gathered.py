"""What the page needs of a log, gathered while it is read once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.sandbox.eventlog.reading import Entry, Replay, replayed

HAPPENINGS = ("arrived", "left", "renamed", "frozen", "released", "failed audits", "exploits")
TOLD = frozenset(("arrived", "left", "renamed", "frozen", "released"))


@dataclass(slots=True)
class Tie:
    """Accepted interactions of an initiator with a counterparty."""

    count: int = 0
    quality: float = 0.0
    """The sum of their p."""


@dataclass(slots=True)
class Gathered:
    """`happened` counts by kind and epoch, `named` says who, `ties` are by initiator and counterparty."""

    replay: Replay = field(init=False)
    ties: dict[tuple[str, str], Tie] = field(default_factory=dict)
    happened: Counter[tuple[str, int]] = field(default_factory=Counter)
    named: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def notice(self, entry: Entry) -> None:
        fields = entry.fields
        if entry.event == "interaction" and fields["accepted"]:
            tie = self.ties.setdefault((fields["initiator"], fields["counterparty"]), Tie())
            tie.count += 1
            tie.quality += fields["p"]
            self.happened["exploits", fields["epoch"]] += bool(fields.get("exploiting"))
            self.happened["failed audits", fields["epoch"]] += bool(fields.get("audit_failed"))
        elif entry.event in TOLD:
            self.happened[entry.event, fields["epoch"]] += 1
            self.named.setdefault((entry.event, fields["epoch"]), []).append(fields["agent"])


def gathered(lines: Iterable[bytes]) -> Gathered:
    """Raises `DamagedLog` or `LogDiffers`."""
    found = Gathered()
    found.replay = replayed(lines, found.notice)
    return found
