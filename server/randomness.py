"""Random bytes of the operating system, fetched many at a time.

Each fetch lets another thread have the interpreter: while a store's thread wants it, 16 bytes take 10 µs of a request.
"""

import os
from threading import Lock

FETCHED = 4_096


class RandomBytes:
    """As `os.urandom`, for ids. None is given twice; threads may share it, a process and its fork may not."""

    def __init__(self) -> None:
        self._fetched = b""
        self._given = 0
        self._lock = Lock()

    def __call__(self, size: int) -> bytes:
        with self._lock:
            start, end = self._given, self._given + size
            if end > len(self._fetched):
                self._fetched = os.urandom(max(FETCHED, size))
                start, end = 0, size
            self._given = end
            return self._fetched[start:end]
