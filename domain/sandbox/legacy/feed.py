"""The legacy feed: posts ranked by net votes, then newest first.

The original subtracts a little for the age on the wall clock, which only ever breaks ties, sometimes another way in the
same run (D24). Here the clock is the number of the post.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence

from domain.sandbox.legacy.observation import Post

SHOWN = 20


class Feed:
    def __init__(self) -> None:
        self.posts: list[Post] = []
        self._ranking: list[tuple[int, int]] = []
        self._votes: dict[tuple[str, int], int] = {}
        self._front: list[Post] | None = None

    @property
    def vote_count(self) -> int:
        """Distinct pairs of voter and post."""
        return len(self._votes)

    def publish(self, author_id: str) -> Post:
        index = len(self.posts)
        post = Post(str(index), author_id, index)
        self.posts.append(post)
        insort(self._ranking, _rank(post))
        self._front = None
        return post

    def vote(self, voter_id: str, post: Post, direction: int) -> None:
        """The same vote again changes nothing; the opposite one replaces it."""
        before = self._votes.get((voter_id, post.index), 0)
        if before == direction:
            return
        self._votes[voter_id, post.index] = direction
        del self._ranking[bisect_left(self._ranking, _rank(post))]
        post.net += direction - before
        insort(self._ranking, _rank(post))
        self._front = None

    def front(self) -> Sequence[Post]:
        """The best SHOWN posts, the best first."""
        if self._front is None:
            self._front = [self.posts[-newest] for _, newest in self._ranking[:SHOWN]]
        return self._front


def _rank(post: Post) -> tuple[int, int]:
    return -post.net, -post.index
