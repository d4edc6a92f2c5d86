"""What agents are told while it happens and no log keeps, within one process.

Each follower has a queue of its own. One that does not keep up loses the oldest notices and never the newest: they
tell how things are now.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator

from domain.identity import Did
from resolvers.context import Notice, Topic

KEPT = 100


class _Follower:
    def __init__(self) -> None:
        self.notices: deque[Notice] = deque(maxlen=KEPT)
        self.arrived = asyncio.Event()

    def tell(self, notice: Notice) -> None:
        self.notices.append(notice)
        self.arrived.set()


class LocalNotices:
    """The `Notices` protocol. Followers are kept by agent, so that telling one agent costs the same among many."""

    def __init__(self) -> None:
        self._followers: defaultdict[tuple[Topic, Did | None], set[_Follower]] = defaultdict(set)

    def publish(self, topic: Topic, agent: Did | None, content: object) -> None:
        notice = Notice(agent, content)
        for key in self._told(topic, agent):
            for follower in self._followers.get(key, ()):
                follower.tell(notice)

    def _told(self, topic: Topic, agent: Did | None) -> list[tuple[Topic, Did | None]]:
        if agent is None:
            return [key for key in self._followers if key[0] == topic]
        return [(topic, agent), (topic, None)]

    async def follow(self, topic: Topic, agent: Did | None) -> AsyncIterator[Notice]:
        follower, key = _Follower(), (topic, agent)
        self._followers[key].add(follower)
        try:
            while True:
                await follower.arrived.wait()
                follower.arrived.clear()
                while follower.notices:
                    yield follower.notices.popleft()
        finally:
            self._followers[key].discard(follower)
            if not self._followers[key]:
                del self._followers[key]

    def followers(self, topic: Topic) -> int:
        """How many follow it, for whichever agent."""
        return sum(len(followers) for (followed, _), followers in self._followers.items() if followed == topic)
