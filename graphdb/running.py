"""Signals kept up in process, so that an interaction costs what it changes and not what came before it.

They are no truth: an entry holds for one head of a history, and is forgotten when room is needed.
"""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from domain.identity import Did
from domain.people.interaction import PersonId
from domain.people.signals import Signals
from graphdb.interactions import Head

MOST_ENTRIES = 16_384
MOST_INTERACTIONS = 2_000_000
"""Counted over all entries: signals grow with what they count."""

Pair = tuple[Did, PersonId]


@dataclass(frozen=True, slots=True)
class Running:
    """Signals as of a head; `interactions` is how many they count."""

    head: Head
    signals: Signals
    interactions: int


class RunningSignals:
    """A bounded memory of signals by observer and person; the least recently used go first. Threads may share it."""

    def __init__(self, most_entries: int = MOST_ENTRIES, most_interactions: int = MOST_INTERACTIONS) -> None:
        self._entries: OrderedDict[Pair, Running] = OrderedDict()
        self._most_entries = most_entries
        self._most_interactions = most_interactions
        self._interactions = 0
        self._lock = Lock()

    def get(self, pair: Pair) -> Running | None:
        with self._lock:
            found = self._entries.get(pair)
            if found is not None:
                self._entries.move_to_end(pair)
            return found

    def put(self, pair: Pair, running: Running) -> None:
        """Keeps the newer one of two of the same pair: readers may come late."""
        with self._lock:
            before = self._entries.get(pair)
            if before is not None and _order(before.head) > _order(running.head):
                return
            self._drop(pair)
            self._entries[pair] = running
            self._interactions += running.interactions
            while len(self._entries) > self._most_entries or self._interactions > self._most_interactions:
                self._drop(next(iter(self._entries)))

    def _drop(self, pair: Pair) -> None:
        gone = self._entries.pop(pair, None)
        if gone is not None:
            self._interactions -= gone.interactions


def _order(head: Head) -> tuple[int, int]:
    return head.era, head.sequence
