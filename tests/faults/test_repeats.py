"""A mutation whose answer was lost is answered when it is sent again, and done once, whoever keeps the key."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from resolvers.so.automatic import catch_up_owed
from resolvers.so.membership import settle_everything
from tests.faults import documents
from tests.faults.actor import Actor, View
from tests.faults.audit import audit
from tests.faults.faulty import Inside, inside
from tests.faults.fleet import refresh
from tests.faults.ledger import Sent
from tests.faults.line import STORE_UNAVAILABLE, Refused
from tests.faults.world import World, found
from tests.worlds import agent


@dataclass
class Stage:
    """A world inside this process, and one organism of it whose members vote on members."""

    here: Inside
    world: World
    view: View

    async def once(self, sent: Sent, *, written: bool) -> None:
        """Sent while the store fails, before or after it wrote, and then again."""
        actor = next(each for each in self.world.fleet.actors if each.name == sent.actor)
        async with self.here.connect(actor.token) as direct:
            with self.here.faults.next_fails(written=written):
                await self.world.fleet.send(direct, sent)
                await self.here.quiet()
            assert (sent.outcome, self.world.fleet.codes[STORE_UNAVAILABLE]) == (None, 1)
            await self.world.fleet.send(direct, sent)
        self.world.fleet.codes.clear()
        assert sent.outcome == "accepted"
        await self.look()

    async def look(self) -> None:
        async with self.here.connect() as direct:
            await refresh(direct, self.view)

    async def audited(self) -> None:
        """Nothing lost, nothing twice, and what the server does by itself is done."""
        await settle_everything(self.here.services)
        await catch_up_owed(self.here.services)
        await self.here.quiet()
        async with self.here.connect() as direct:
            await audit(direct, self.view.uri, self.world.fleet.ledger)


@pytest.fixture
async def stage(tmp_path: Path, on_store: dict[str, Any]) -> AsyncIterator[Stage]:  # Any: arguments of Settings
    async with inside(tmp_path, on_store) as here:
        world = await found(here.connect, seed=5)
        await here.quiet()
        yield Stage(here, world, list(world.fleet.views.values())[2])


def hosted(world: World) -> Actor:
    return world.hosted[0]


def own(world: World) -> Actor:
    """The last one: the first has founded the organisms, and cannot leave here."""
    return world.fleet.actors[-1]


KEEPERS = pytest.mark.parametrize("who", [hosted, own])
WRITTEN = pytest.mark.parametrize("written", [True, False], ids=["written", "not written"])


@KEEPERS
@WRITTEN
async def test_whatever_an_agent_does(stage: Stage, who: Callable[[World], Actor], written: bool) -> None:
    actor, view, newcomer = who(stage.world), stage.view, agent("newcomer").did

    await stage.once(actor.speak(view), written=written)
    await stage.once(actor.verdict(view), written=written)
    await stage.once(actor.retract(view), written=written)
    await stage.once(actor.propose(view, [newcomer]), written=written)
    await stage.once(actor.decline(view, newcomer), written=written)
    await stage.once(actor.vouch(view, newcomer), written=written)
    await stage.once(actor.vote(view), written=written)
    await stage.once(actor.withdraw(view), written=written)
    await stage.once(actor.leave(view), written=written)
    assert actor.did not in view.members
    await stage.once(actor.join(view), written=written)

    await stage.audited()


@WRITTEN
async def test_founding(stage: Stage, written: bool) -> None:
    given, here = {"o": {"name": "Once"}, "k": "founded once"}, stage.here
    document = documents.CREATE.replace("$s: SignedStatement", "$k: String").replace("signed: $s", "idempotencyKey: $k")
    async with here.connect(hosted(stage.world).token) as direct:
        before = (await direct.ask("{ soAll { totalCount } }"))["soAll"]["totalCount"]
        with here.faults.next_fails(written=written), pytest.raises(Refused, match=STORE_UNAVAILABLE):
            await direct.ask(document, given)

        uris = {(await direct.ask(document, given))["soCreate"] for _ in range(2)}

        assert len(uris) == 1
        assert (await direct.ask("{ soAll { totalCount } }"))["soAll"]["totalCount"] == before + 1
