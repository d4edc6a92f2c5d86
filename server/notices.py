"""What agents are told while it happens and no log keeps: a bounded queue for each follower, the oldest dropped."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from domain.identity import Did

KEPT = 100


class _Follower:
    def __init__(self, agent: Did | None) -> None:
        self.agent = agent
        self.notices: deque[object] = deque(maxlen=KEPT)
        self.arrived = asyncio.Event()


class LocalNotices:
    """The `Notices` protocol within one process. A notice without an agent is for everybody."""

    def __init__(self) -> None:
        self._followers: dict[str, set[_Follower]] = {}

    def publish(self, topic: str, agent: Did | None, notice: object) -> None:
        for follower in self._followers.get(topic, ()):
            if agent is None or follower.agent == agent:
                follower.notices.append(notice)
                follower.arrived.set()

    async def follow(self, topic: str, agent: Did | None) -> AsyncIterator[object]:
        follower = _Follower(agent)
        self._followers.setdefault(topic, set()).add(follower)
        try:
            while True:
                await follower.arrived.wait()
                follower.arrived.clear()
                while follower.notices:
                    yield follower.notices.popleft()
        finally:
            self._followers[topic].discard(follower)
