"""Random histories of one organism, the same for the same seed."""

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

from domain.errors import DomainError
from domain.identity import KeyPair
from domain.organisms.profile import Profile
from domain.organisms.statement import ChangeKind
from domain.organisms.templates import MAJORITY
from tests.worlds import World, agents

Step = Callable[[], Awaitable[object]]


class History:
    """Whatever the rules refuse in the middle of it did not happen."""

    def __init__(self, world: World, seed: int, people: int = 6) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.people = agents(people)
        self.uri = ""
        self.urls: list[str] = []
        self.proposals: list[str] = []

    async def run(self, entries: int) -> str:
        """Goes on until the log has so many entries; answers with the organism's URI."""
        founder, *others = self.people
        self.uri = await self.world.found(founder, *others[:3])
        self.urls.append(await self.world.speak(self.uri, founder, "first"))
        while (await self.world.organism(self.uri)).size < entries:
            with suppress(DomainError):
                await self._step()()
        return self.uri

    def _step(self) -> Step:
        steps = {self._speak: 3, self._judge: 8, self._vote: 4, self._propose: 2, self._settle: 2}
        steps |= {self._join: 3, self._leave: 1, self._withdraw: 1, self._expire: 1, self._retract: 1}
        steps |= {self._propose_dna: 1, self._propose_profile: 1}
        return self.random.choices(list(steps), list(steps.values()))[0]

    def _anybody(self) -> KeyPair:
        return self.random.choice(self.people)

    async def _speak(self) -> None:
        self.urls.append(await self.world.speak(self.uri, self._anybody(), self.random.random()))

    async def _judge(self) -> None:
        url, verdict = self.random.choice(self.urls), self.random.choice(["concur", "concur", "reject"])
        await self.world.verdict(self.uri, self._anybody(), url, verdict)

    async def _propose(self) -> None:
        change = self.random.choice([ChangeKind.ADD, ChangeKind.REMOVE])
        self.proposals.append(await self.world.propose(self.uri, self._anybody(), self._anybody().did, change))

    async def _propose_dna(self) -> None:
        program = f"{MAJORITY.program}% {self.random.randrange(3)}\n"
        self.proposals.append(await self.world.propose_dna(self.uri, self._anybody(), program))

    async def _propose_profile(self) -> None:
        number = self.random.randrange(3)
        profile = Profile(f"Choir {number}", None if number else "It sings.", {"n": number} if number else None)
        self.proposals.append(await self.world.propose_profile(self.uri, self._anybody(), profile))

    async def _vote(self) -> None:
        if self.proposals:
            kind = self.random.choice(["vouch", "decline"])
            await self.world.vote(self.uri, self._anybody(), self.random.choice(self.proposals), kind)

    async def _settle(self) -> None:
        for proposal in (await self.world.gathering(self.uri)).proposals[:1]:
            if proposal.joined_at is not None or proposal.change is not ChangeKind.ADD:
                await self.world.settle(self.uri, proposal.id)

    async def _join(self) -> None:
        self.proposals.append((await self.world.join(self.uri, self._anybody())).result)

    async def _leave(self) -> None:
        if (await self.world.organism(self.uri)).member_count > 2:
            await self.world.leave(self.uri, self._anybody())

    async def _withdraw(self) -> None:
        if self.proposals:
            await self.world.withdraw(self.uri, self._anybody(), self.random.choice(self.proposals))

    async def _expire(self) -> None:
        for proposal in (await self.world.gathering(self.uri)).proposals[-1:]:
            await self.world.expire(self.uri, proposal.id)

    async def _retract(self) -> None:
        url = self.random.choice(self.urls)
        (spoken,) = await self.world.store.organisms.spoken([url])
        if spoken is not None and spoken.retracted_at is None:
            await self.world.retract(self.uri, self._anybody(), url)
