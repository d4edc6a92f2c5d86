"""The agents and organisms that the fault tests act with."""

import hashlib
import random
from dataclasses import dataclass

from domain.canonical import canonical
from domain.identity import KeyPair
from domain.sign_in import SIGN_IN_DOMAIN
from tests.faults import documents
from tests.faults.actor import Actor, View
from tests.faults.fleet import Fleet, refresh
from tests.faults.ledger import Ledger
from tests.faults.line import Asks, Connect

HOSTED = ("Ada", "Bob")
OWN = ("Cleo", "Dan", "Eve", "Fay")


@dataclass(frozen=True)
class World:
    """A fleet in three organisms: a calm one, an open one that agents join and leave, one that votes on members."""

    fleet: Fleet

    @property
    def organisms(self) -> list[str]:
        return list(self.fleet.views)

    @property
    def hosted(self) -> list[Actor]:
        return [actor for actor in self.fleet.actors if actor.keys is None]

    async def unlock(self, connect: Connect) -> None:
        """Hosted keys are locked after a start; whoever has the passphrase opens them."""
        for actor in self.hosted:
            async with connect(actor.token) as opened:
                await opened.ask(documents.UNLOCK, {"p": actor.name})


async def found(connect: Connect, seed: int) -> World:
    """On an empty server."""
    chance, ledger = random.Random(seed), Ledger()
    async with connect("") as opened:
        actors = [await _hosted(opened, name, ledger, chance) for name in HOSTED]
        ledger.hosted = frozenset(actor.did for actor in actors)
        actors += [await _own(opened, name, ledger, chance) for name in OWN]
    fleet = Fleet(ledger, actors, {}, chance)
    await _organism(connect, fleet, "majority", calm=True)
    await _organism(connect, fleet, "open", calm=False)
    await _organism(connect, fleet, "majority", calm=False)
    return World(fleet)


async def _organism(connect: Connect, fleet: Fleet, template: str, *, calm: bool) -> None:
    """Founded by the first agent with a key of its own; where members vote on members, everybody joins first."""
    founder = next(actor for actor in fleet.actors if actor.keys is not None)
    invited = [actor for actor in fleet.actors if actor is not founder and template != "open"]
    given = {"name": f"Organism {len(fleet.views)}", "template": template, "members": [each.did for each in invited]}
    async with connect(founder.token) as opened:
        uri = str((await opened.ask(documents.CREATE, founder.founding(given)))["soCreate"])
        view = fleet.views[uri] = View(uri, founder.did, calm)
        await refresh(opened, view)
    for actor in invited:
        async with connect(actor.token) as opened:
            await fleet.send(opened, actor.join(view))


async def _hosted(opened: Asks, name: str, ledger: Ledger, chance: random.Random) -> Actor:
    made = (await opened.ask(documents.HOST, {"n": name}))["agentCreateHosted"]
    return Actor(name, made["did"], made["token"], None, ledger, chance)


async def _own(opened: Asks, name: str, ledger: Ledger, chance: random.Random) -> Actor:
    keys = KeyPair.generate(hashlib.sha256(name.encode()).digest())
    challenge = (await opened.ask(documents.CHALLENGE, {"d": keys.did}))["agentChallenge"]
    signature = keys.sign(SIGN_IN_DOMAIN + canonical(challenge).encode())
    given = {"d": keys.did, "n": challenge["nonce"], "s": signature}
    token = str((await opened.ask(documents.SIGN_IN, given))["agentSignIn"])
    return Actor(name, keys.did, token, keys, ledger, chance)
