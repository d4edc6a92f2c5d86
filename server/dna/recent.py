"""A cache that keeps what was used last, up to a total weight."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Thread-safe; what weighs more than the whole cache is not kept."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self.weight = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """Return what is kept under a key, which is now the one used last."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: K, value: V, weight: int) -> None:
        """Keep a value, and let go of those used longest ago."""
        with self._lock:
            self._forget(key)
            if weight > self._capacity:
                return
            self._kept[key] = (value, weight)
            self.weight += weight
            while self.weight > self._capacity:
                self._forget(next(iter(self._kept)))

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._kept.clear()
            self.weight = 0

    def _forget(self, key: K) -> None:
        known = self._kept.pop(key, None)
        if known is not None:
            self.weight -= known[1]
