"""Several clients at once, each with several requests under way, until the server dies under them."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults import documents
from tests.faults.actor import Actor, View
from tests.faults.ledger import Ledger, Sent
from tests.faults.line import STORE_UNAVAILABLE, Asks, Connect, Json, Lost, Refused, back_off

WINDOW = 4
REMEMBERED = 20
UNDECIDED = frozenset({STORE_UNAVAILABLE})
"""Codes after which nobody knows whether the request was carried out: it is sent again."""


@dataclass
class Fleet:
    """All agents of a test with what they know of its organisms; `window` requests of each are under way at once."""

    ledger: Ledger
    actors: list[Actor]
    views: dict[str, View]
    chance: random.Random
    window: int = WINDOW
    codes: dict[str, int] = field(default_factory=dict)
    answered: int = 0
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, connect: Connect) -> None:
        """Every agent acts until its connection is lost."""
        await asyncio.gather(*(self._run_one(connect, actor) for actor in self.actors))

    async def _run_one(self, connect: Connect, actor: Actor) -> None:
        try:
            async with connect(actor.token) as opened:
                await asyncio.gather(*(self._act(opened, actor) for _ in range(self.window)))
        except Lost:
            return

    async def _act(self, opened: Asks, actor: Actor) -> None:
        try:
            while True:
                sent = self.random_act(actor)
                await self.send(opened, sent)
                while sent.outcome is None:
                    await back_off()
                    await self.send(opened, sent)
        except Lost:
            return

    def random_act(self, actor: Actor) -> Sent:
        return actor.act(self._somewhere(actor), [each.did for each in self.actors])

    def _somewhere(self, actor: Actor) -> View:
        """Mostly an organism that it is a member of: elsewhere it can but ask to be let in."""
        views = list(self.views.values())
        (chosen,) = self.chance.choices(views, [5 if actor.did in view.members else 1 for view in views])
        return chosen

    async def send(self, opened: Asks, sent: Sent) -> None:
        """Notes the answer; a request whose outcome stays unknown is left pending. Raises `Lost`."""
        try:
            sent.answer = await opened.ask(sent.query, sent.variables)
            code = "accepted"
        except Refused as refused:
            code = refused.code
        self.codes[code] = self.codes.get(code, 0) + 1
        if code not in UNDECIDED:
            sent.outcome = code
        await self._learn(opened, sent)
        self.answered += 1
        self._more.set()

    async def _learn(self, opened: Asks, sent: Sent) -> None:
        view = self.views[sent.organism]
        if sent.outcome == "accepted" and sent.query == documents.SPEAK:
            view.expressions = [*view.expressions[-REMEMBERED:], sent.answer["soSpeak"]]
        elif sent.outcome == "accepted" and sent.query in {documents.ADD, documents.REMOVE}:
            ((_, proposal),) = sent.answer.items()
            view.proposals.append(proposal["id"])
        elif sent.outcome != "accepted" or sent.query in {documents.JOIN, documents.LEAVE, documents.VOTE}:
            await refresh(opened, view)

    async def answers(self, more: int, running: "asyncio.Future[None]") -> None:
        """Returns after so many further answers; raises what `running` raises if it ends before."""
        await self._until(lambda: self.answered, more, running)

    async def acceptances(self, more: int, running: "asyncio.Future[None]") -> None:
        """As `answers`, counting what was accepted."""
        await self.refusals("accepted", more, running)

    async def refusals(self, code: str, more: int, running: "asyncio.Future[None]") -> None:
        """As `answers`, counting those with this code."""
        await self._until(lambda: self.codes.get(code, 0), more, running)

    async def _until(self, count: Callable[[], int], more: int, running: "asyncio.Future[None]") -> None:
        wanted = count() + more
        while count() < wanted:
            self._more.clear()
            waiting = asyncio.ensure_future(self._more.wait())
            both: set[asyncio.Future[Any]] = {waiting, running}  # Any: one gives True, the other nothing
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if running.done():
                running.result()
                raise AssertionError("the clients ended before the server was killed")

    async def settle(self, connect: Connect) -> None:
        """Sends again what has no answer; afterwards every request is accepted or refused."""
        by_token: dict[str, list[Sent]] = {}
        tokens = {actor.name: actor.token for actor in self.actors}
        for sent in self.ledger.pending():
            by_token.setdefault(tokens[sent.actor], []).append(sent)
        for token, pending in by_token.items():
            async with connect(token) as opened:
                for sent in pending:
                    await self.send(opened, sent)
        assert not self.ledger.pending()


async def refresh(opened: Asks, view: View) -> None:
    """Looks at the organism again; while the store is away the old view stays."""
    try:
        found: Json = await opened.ask(documents.ORGANISM, {"u": view.uri})
    except Refused as refused:
        if refused.code not in UNDECIDED:
            raise
    else:
        view.update(found["so"])
