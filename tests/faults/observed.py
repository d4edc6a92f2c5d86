"""Coherence and signatures as clients were told them, to be compared with the log that they were told from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.faults.audit import by_agent
from tests.faults.faulty import Inside
from tests.faults.line import Json
from tests.faults.recount import Recount, history


@dataclass(frozen=True)
class Observation:
    """What was told of one expression, and the sizes of the log just before the request and just after the answer.

    `counted` is the same of a recount.
    """

    uri: str
    url: str
    told: Json
    before: int
    after: int
    counted: Callable[[Recount, str], object] = Recount.coherence


@dataclass(frozen=True)
class Observer:
    """Notes what is answered about one organism."""

    inside: Inside
    uri: str
    observations: list[Observation]

    async def notes(self, before: int, expressions: Iterable[Json]) -> None:
        """`expressions` are `{url, coherence}` of one answer to a request sent when the log had `before` entries."""
        after = await self.inside.size(self.uri)
        for each in expressions:
            self.observations.append(Observation(self.uri, each["url"], each["coherence"], before, after))

    async def notes_signatures(self, before: int, url: str, signatures: list[Json]) -> None:
        """All of one expression's, as `soSignatures` answers them."""
        after, told = await self.inside.size(self.uri), by_agent(signatures)
        self.observations.append(Observation(self.uri, url, told, before, after, Recount.signatures))


def unexplained(observations: Iterable[Observation], texts: list[str]) -> list[Observation]:
    """Those that no prefix of the log between their two sizes gives."""
    left = list(observations)
    for counted in history(texts):
        now = [each for each in left if each.before <= counted.size <= each.after and each.url in counted.said]
        wanted = {(each.counted, each.url) for each in now}
        known = {(count, url): count(counted, url) for count, url in wanted}
        explained = {id(each) for each in now if each.told == known[each.counted, each.url]}
        left = [each for each in left if id(each) not in explained]
    return left
