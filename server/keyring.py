"""Keys of hosted agents: sealed in the store, open in memory from unlock to lock."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from domain.errors import DomainError
from domain.identity import Did, KeyPair, parse_did
from graphdb.store import Accounts, HostedAgent
from resolvers.errors import (
    AgentExists,
    AlreadyHosted,
    KeyringBusy,
    NotHosted,
    TooManyAttempts,
    WrongPassphrase,
)
from server.sealing import RECOMMENDED, Cost, seal, unseal

Made = TypeVar("Made")

NAME_LENGTH = 200
RESTORED = "restored"
WAITING = 32
"""Derivations that may wait for their turn: a few seconds of work."""
ATTEMPTS = 5
PAUSE = 30_000
MAIN_AGENT_REMEMBERED = 1_000
"""How long the answer that there is no main agent holds, in milliseconds: another process may make one."""


class InvalidName(DomainError):
    code = "INVALID_NAME"

    def __init__(self) -> None:
        super().__init__(f"An agent's name has 1 to {NAME_LENGTH} characters")


@dataclass(slots=True)
class _Failures:
    """Wrong passphrases in a row, and when the last one was given."""

    count: int
    last: int


class StoreKeyring:
    """The `Keyring` protocol. Deriving a key takes 64 MiB and a moment: off the event loop, one at a time.

    The main agent is the one without a name; further ones have one, whoever was made first.
    """

    def __init__(
        self,
        accounts: Accounts,
        clock: Callable[[], int],
        random: Callable[[int], bytes],
        cost: Cost = RECOMMENDED,
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._random = random
        self._cost = cost
        self._open: dict[Did, KeyPair] = {}
        self._hosted: set[Did] = set()
        self._main: Did | None = None
        self._main_asked = -MAIN_AGENT_REMEMBERED
        self._failures: dict[Did, _Failures] = {}
        self._making = asyncio.Lock()
        self._changing = asyncio.Lock()
        self._one_at_a_time = asyncio.Semaphore(1)
        self._waiting = 0

    # Making agents

    async def create_main(self, passphrase: str) -> Did:
        async with self._making:
            main = await self._find_main()
            if main is not None:
                raise AgentExists(main)
            return await self._keep(KeyPair.generate(self._random(32)), None, passphrase)

    async def create(self, name: str, passphrase: str) -> Did:
        if not 0 < len(name) <= NAME_LENGTH:
            raise InvalidName
        return await self._keep(KeyPair.generate(self._random(32)), name, passphrase)

    async def restore(self, did: Did, keystore: str, passphrase: str) -> None:
        """It is opened first, and sealed again with the parameters of today."""
        parse_did(did)
        async with self._making:
            if await self._accounts.agent(did) is not None:
                raise AlreadyHosted(did)
            keys = await self._derived(lambda: unseal(keystore, did, passphrase))
            name = None if await self._find_main() is None else RESTORED
            await self._keep(keys, name, passphrase)

    async def _keep(self, keys: KeyPair, name: str | None, passphrase: str) -> Did:
        sealed = await self._derived(lambda: seal(keys, passphrase, self._random, self._cost))
        await self._accounts.add_agent(HostedAgent(keys.did, name, sealed, self._clock()))
        self._open[keys.did] = keys
        if name is None:
            self._main = keys.did
        return keys.did

    # With a passphrase

    async def check(self, did: Did, passphrase: str) -> None:
        await self._unsealed(did, passphrase)

    async def unlock(self, did: Did, passphrase: str) -> None:
        self._open[did] = await self._unsealed(did, passphrase)

    async def lock(self, did: Did, passphrase: str) -> None:
        """The passphrase is asked as ad4m does, so that nobody else locks the agent."""
        await self._unsealed(did, passphrase)
        self._open.pop(did, None)

    async def change_passphrase(self, did: Did, old: str, new: str) -> None:
        async with self._changing:
            keys = await self._unsealed(did, old)
            sealed = await self._derived(lambda: seal(keys, new, self._random, self._cost))
            await self._accounts.replace_key(did, sealed)

    async def export(self, did: Did, passphrase: str) -> str:
        """The sealed key as it is stored: a backup that only the passphrase opens."""
        async with self._changing:
            await self._unsealed(did, passphrase)
            return (await self._stored(did)).sealed

    async def _unsealed(self, did: Did, passphrase: str) -> KeyPair:
        """Raises `TooManyAttempts` for a while after several wrong passphrases in a row."""
        sealed = (await self._stored(did)).sealed
        self._check_failures(did)
        try:
            keys = await self._derived(lambda: unseal(sealed, did, passphrase))
        except WrongPassphrase:
            failures = self._failures.setdefault(did, _Failures(0, 0))
            failures.count, failures.last = failures.count + 1, self._clock()
            raise
        self._failures.pop(did, None)
        return keys

    def _check_failures(self, did: Did) -> None:
        failures = self._failures.get(did)
        if failures is None or failures.count < ATTEMPTS:
            return
        left = failures.last + PAUSE - self._clock()
        if left > 0:
            raise TooManyAttempts(did, left)

    async def _derived(self, work: Callable[[], Made]) -> Made:
        if self._waiting > WAITING:
            raise KeyringBusy
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1

    # Looking

    async def main_agent(self) -> Did | None:
        """Asked by every request of the admin: that there is none is remembered for a moment."""
        if self._main is None and self._clock() >= self._main_asked + MAIN_AGENT_REMEMBERED:
            await self._find_main()
        return self._main

    async def _find_main(self) -> Did | None:
        if self._main is None:
            named = await self._accounts.agents()
            self._main = next((agent.did for agent in named if agent.name is None), None)
            self._main_asked = self._clock()
        return self._main

    async def hosts(self, did: Did) -> bool:
        if did not in self._hosted and await self._accounts.agent(did) is not None:
            self._hosted.add(did)
        return did in self._hosted

    def open_key(self, did: Did) -> KeyPair | None:
        return self._open.get(did)

    def unlocked(self) -> frozenset[Did]:
        return frozenset(self._open)

    async def _stored(self, did: Did) -> HostedAgent:
        agent = await self._accounts.agent(did)
        if agent is None:
            raise NotHosted(did)
        return agent
