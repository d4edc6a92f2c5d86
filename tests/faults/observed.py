"""Coherence as clients were told it, to be compared with the log that it was told from."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.faults.faulty import Inside
from tests.faults.line import Json
from tests.faults.recount import history


@dataclass(frozen=True)
class Observation:
    """One answered coherence, and the sizes of the log just before the request and just after the answer."""

    uri: str
    url: str
    told: Json
    before: int
    after: int


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


def unexplained(observations: Iterable[Observation], texts: list[str]) -> list[Observation]:
    """Those that no prefix of the log between their two sizes gives."""
    left = list(observations)
    for counted in history(texts):
        now = [each for each in left if each.before <= counted.size <= each.after and each.url in counted.said]
        coherence = {url: counted.coherence(url) for url in {each.url for each in now}}
        explained = {id(each) for each in now if each.told == coherence[each.url]}
        left = [each for each in left if id(each) not in explained]
    return left
