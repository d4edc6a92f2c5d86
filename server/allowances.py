"""How often each agent may ask for something that costs the server work: a bucket of requests that fills up again."""

import math
from collections import OrderedDict
from collections.abc import Callable

from resolvers.errors import TooManyRequests

MINUTE = 60_000
REMEMBERED = 10_000


class Allowances:
    """At most `limit` requests of an agent at once, and as many in every minute. `clock` gives milliseconds.

    An agent that was forgotten, because REMEMBERED others asked since, has its whole allowance.
    """

    def __init__(self, limit: int, clock: Callable[[], int]) -> None:
        self._limit = limit
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __call__(self, agent: str) -> None:
        """Counts a request. Raises `TooManyRequests`."""
        now = self._clock()
        left, since = self._left.get(agent, (float(self._limit), now))
        left = min(self._limit, left + (now - since) * self._limit / MINUTE)
        if left < 1:
            raise TooManyRequests(self._limit, math.ceil((1 - left) * 60 / self._limit))
        self._left[agent] = (left - 1, now)
        self._left.move_to_end(agent)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
