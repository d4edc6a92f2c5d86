"""What waits for an answer that may never come: kept for a while, and never more than so many."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Expiring(Generic[Value]):
    """A mapping whose entries last `lifetime` milliseconds.

    Where there are more than `limit`, the oldest go: a flood of requests then costs those of others their time and
    not, as a refusal would, every chance while it lasts.
    """

    def __init__(self, clock: Callable[[], int], lifetime: int, limit: int) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._limit = limit
        self._entries: OrderedDict[str, tuple[int, Value]] = OrderedDict()

    def put(self, key: str, value: Value) -> int:
        """Gives the time until which the entry lasts, itself excluded."""
        expires_at = self._clock() + self._lifetime
        self._entries.pop(key, None)
        self._entries[key] = (expires_at, value)
        self._drop_old()
        return expires_at

    def get(self, key: str) -> Value | None:
        self._drop_old()
        entry = self._entries.get(key)
        return None if entry is None else entry[1]

    def pop(self, key: str) -> Value | None:
        value = self.get(key)
        self._entries.pop(key, None)
        return value

    def _drop_old(self) -> None:
        now = self._clock()
        while self._entries:
            key, (expires_at, _) = next(iter(self._entries.items()))
            if expires_at > now and len(self._entries) <= self._limit:
                return
            del self._entries[key]

    def __len__(self) -> int:
        return len(self._entries)
