import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from domain.identity import Did
from resolvers.context import Notice, Topic
from server.notices import KEPT, LocalNotices
from tests.domain.agents import agent

ADA, BOB = agent(1).did, agent(2).did
TOPIC = Topic.AGENT_APPS_CHANGED


class Follower:
    """Follows in a task of its own, and takes notices when asked to."""

    def __init__(self, notices: LocalNotices, agent: Did | None) -> None:
        self.stream = cast("AsyncGenerator[Notice, None]", notices.follow(TOPIC, agent))
        self.next = asyncio.ensure_future(anext(self.stream))

    async def take(self) -> object:
        notice = await self.next
        self.next = asyncio.ensure_future(anext(self.stream))
        return notice.content

    async def close(self) -> None:
        self.next.cancel()
        await asyncio.gather(self.next, return_exceptions=True)
        await self.stream.aclose()


@asynccontextmanager
async def following(notices: LocalNotices, agent: Did | None) -> AsyncIterator[Follower]:
    before = notices.followers(TOPIC)
    follower = Follower(notices, agent)
    await asyncio.sleep(0)  # its task begins
    assert notices.followers(TOPIC) == before + 1
    yield follower
    await follower.close()


async def test_an_agent_is_told_what_concerns_it_or_everybody_in_order() -> None:
    notices = LocalNotices()
    async with following(notices, ADA) as ada:
        notices.publish(TOPIC, ADA, 1)
        notices.publish(TOPIC, BOB, "not hers")
        notices.publish(Topic.AGENT_UPDATED, ADA, "another topic")
        notices.publish(TOPIC, None, 2)
        notices.publish(TOPIC, ADA, 3)

        assert [await ada.take() for _ in range(3)] == [1, 2, 3]


async def test_who_follows_all_is_told_once_each() -> None:
    notices = LocalNotices()
    async with following(notices, None) as admin, following(notices, ADA):
        notices.publish(TOPIC, ADA, 1)
        notices.publish(TOPIC, BOB, 2)
        notices.publish(TOPIC, None, 3)

        assert [await admin.take() for _ in range(3)] == [1, 2, 3]


async def test_who_does_not_keep_up_loses_the_oldest_and_keeps_the_newest() -> None:
    notices = LocalNotices()
    async with following(notices, ADA) as slow:
        notices.publish(TOPIC, ADA, "taken")
        assert await slow.take() == "taken"

        for number in range(KEPT + 5):
            notices.publish(TOPIC, ADA, number)

        assert [await slow.take() for _ in range(KEPT)] == list(range(5, KEPT + 5))


async def test_nobody_is_kept_who_has_gone() -> None:
    notices = LocalNotices()
    async with following(notices, ADA), following(notices, ADA), following(notices, None):
        assert notices.followers(TOPIC) == 3

    assert notices.followers(TOPIC) == 0
    notices.publish(TOPIC, ADA, "nobody hears it")
