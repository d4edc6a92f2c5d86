"""What is remembered of everybody's last minutes, in this process: bounded, and losing it loses no violation."""

from collections import OrderedDict

from domain.identity import Did
from domain.people.conduct import Conduct
from domain.people.interaction import PersonId

REMEMBERED = 100_000


class Conducts:
    """The conduct of each person towards each observer; that of those who were quiet for longest is forgotten."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Did, PersonId], Conduct] = OrderedDict()

    def of(self, observer: Did, person: PersonId) -> Conduct:
        return self._kept.get((observer, person), Conduct())

    def keep(self, observer: Did, person: PersonId, conduct: Conduct) -> None:
        self._kept[observer, person] = conduct
        self._kept.move_to_end((observer, person))
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)

    def muted_until(self, observer: Did, person: PersonId, now: int) -> int | None:
        """Until when the person is muted (ms); None where they may speak."""
        conduct = self.of(observer, person)
        return conduct.muted_until if conduct.muted(now) else None
