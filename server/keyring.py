"""Keys of hosted agents: sealed in the store, open in memory from unlock to lock."""

import asyncio
from collections.abc import Callable

from domain.errors import DomainError
from domain.identity import Did, KeyPair, parse_did
from graphdb.store import Accounts, HostedAgent
from server.sealing import InvalidKeystore, seal, unseal

NAME_LENGTH = 200


class NotHosted(DomainError):
    code = "NOT_HOSTED"

    def __init__(self, did: str) -> None:
        super().__init__(f"This server keeps no key of {did}", did=did)


class AlreadyHosted(DomainError):
    code = "ALREADY_HOSTED"

    def __init__(self, did: str) -> None:
        super().__init__(f"This server keeps the key of {did} already", did=did)


class InvalidName(DomainError):
    code = "INVALID_NAME"

    def __init__(self) -> None:
        super().__init__(f"An agent's name has 1 to {NAME_LENGTH} characters")


class StoreKeyring:
    """The `Keyring` protocol. Deriving a key takes 64 MiB and a moment: off the event loop, one at a time."""

    def __init__(self, accounts: Accounts, clock: Callable[[], int], random: Callable[[int], bytes]) -> None:
        self._accounts = accounts
        self._clock = clock
        self._random = random
        self._open: dict[Did, KeyPair] = {}
        self._hosted: set[Did] = set()
        self._one_at_a_time = asyncio.Semaphore(1)

    async def create(self, name: str | None, passphrase: str) -> Did:
        """A new agent, unlocked."""
        if name is not None and not 0 < len(name) <= NAME_LENGTH:
            raise InvalidName
        keys = KeyPair.generate(self._random(32))
        await self._keep(keys, name, passphrase)
        self._open[keys.did] = keys
        return keys.did

    async def unlock(self, did: Did, passphrase: str) -> None:
        self._open[did] = await self._unsealed(did, passphrase)

    async def lock(self, did: Did, passphrase: str) -> None:
        """The passphrase is asked as ad4m does, so that nobody else locks the agent."""
        await self._unsealed(did, passphrase)
        self._open.pop(did, None)

    async def change_passphrase(self, did: Did, old: str, new: str) -> None:
        keys = await self._unsealed(did, old)
        sealed = await self._derived(lambda: seal(keys.seed, did, new, self._random))
        await self._accounts.replace_key(did, sealed)

    async def export(self, did: Did, passphrase: str) -> str:
        """The sealed key as it is stored: a backup that only the passphrase opens."""
        await self._unsealed(did, passphrase)
        return (await self._stored(did)).sealed

    async def restore(self, did: Did, keystore: str, passphrase: str) -> None:
        """Takes in a sealed key; it is opened first, and must be the DID's."""
        if await self._accounts.agent(did) is not None:
            raise AlreadyHosted(did)
        keys = await self._opened(keystore, parse_did(did), passphrase)
        await self._keep(keys, None, passphrase)
        self._open[did] = keys

    async def main_agent(self) -> Did | None:
        agents = await self._accounts.agents()
        return agents[0].did if agents else None

    async def hosts(self, did: Did) -> bool:
        if did not in self._hosted and await self._accounts.agent(did) is not None:
            self._hosted.add(did)
        return did in self._hosted

    def open_key(self, did: Did) -> KeyPair | None:
        return self._open.get(did)

    def unlocked(self) -> frozenset[Did]:
        return frozenset(self._open)

    async def _keep(self, keys: KeyPair, name: str | None, passphrase: str) -> None:
        sealed = await self._derived(lambda: seal(keys.seed, keys.did, passphrase, self._random))
        await self._accounts.add_agent(HostedAgent(keys.did, name, sealed, self._clock()))

    async def _stored(self, did: Did) -> HostedAgent:
        agent = await self._accounts.agent(did)
        if agent is None:
            raise NotHosted(did)
        return agent

    async def _unsealed(self, did: Did, passphrase: str) -> KeyPair:
        return await self._opened((await self._stored(did)).sealed, did, passphrase)

    async def _opened(self, sealed: str, did: Did, passphrase: str) -> KeyPair:
        keys = KeyPair.generate(await self._derived_bytes(lambda: unseal(sealed, did, passphrase)))
        if keys.did != did:
            raise InvalidKeystore
        return keys

    async def _derived(self, work: Callable[[], str]) -> str:
        async with self._one_at_a_time:
            return await asyncio.to_thread(work)

    async def _derived_bytes(self, work: Callable[[], bytes]) -> bytes:
        async with self._one_at_a_time:
            return await asyncio.to_thread(work)
