"""Hosted agents and granted tokens, in Neo4j."""

from domain.identity import Did
from graphdb.neo4j.connection import Database, Transaction, record, run
from graphdb.store import App, DeadTokens, HostedAgent

_AGENT = "[h.did, h.name, h.sealed, h.createdAt]"
_APP = "[a.requestId, a.agent, a.auth, a.tokenId, a.issuedAt, a.revoked]"

# Numbered under the log's lock: the first hosted agent is the main agent, and nobody sees a later number before it
# sees all earlier ones.
_LOCK = "MATCH (l:Log {id: 1}) SET l.turn = l.turn"
_NUMBER = "RETURN COUNT { MATCH (:HostedAgent) }"
_ADD_AGENT = """
MERGE (h:HostedAgent {did: $did})
ON CREATE SET h.number = $number, h.name = $name, h.sealed = $sealed, h.createdAt = $createdAt"""
_REPLACE_KEY = "MATCH (h:HostedAgent {did: $did}) SET h.sealed = $sealed"
_FIND_AGENT = f"RETURN COLLECT {{ MATCH (h:HostedAgent {{did: $did}}) RETURN {_AGENT} }}"
_AGENTS = f"""
RETURN COLLECT {{ MATCH (h:HostedAgent) WHERE h.number >= 0 WITH h ORDER BY h.number RETURN {_AGENT} }}"""

_ADD_APP = """
MERGE (a:App {requestId: $requestId})
ON CREATE SET a.agent = $agent, a.auth = $auth, a.tokenId = $tokenId, a.issuedAt = $issuedAt, a.revoked = $revoked"""
_APPS = f"""
RETURN COLLECT {{ MATCH (a:App) WHERE a.agent = $agent AND a.issuedAt IS NOT NULL
                  WITH a ORDER BY a.issuedAt, a.requestId RETURN {_APP} }}"""
_FIND_APP = "RETURN COLLECT { MATCH (a:App {requestId: $requestId}) WHERE a.agent = $agent RETURN a.tokenId }"
_DEAD = "MERGE (t:DeadToken {id: $id}) ON CREATE SET t.number = $number"
_DEAD_COUNT = "RETURN COUNT { MATCH (:DeadToken) }"
_REVOKE = "MATCH (a:App {requestId: $requestId}) SET a.revoked = true"
_REMOVE = "MATCH (a:App {requestId: $requestId}) DELETE a"
_DEAD_TOKENS = """
RETURN COLLECT { MATCH (t:DeadToken) WHERE t.number > $after WITH t ORDER BY t.number RETURN [t.id, t.number] }"""


class Neo4jAccounts:
    """The `Accounts` protocol over Neo4j."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_agent(self, agent: HostedAgent) -> None:
        async def work(transaction: Transaction) -> None:
            await run(transaction, _LOCK)
            (number,) = await record(transaction, _NUMBER)
            values = {"did": agent.did, "name": agent.name, "sealed": agent.sealed, "createdAt": agent.created_at}
            await run(transaction, _ADD_AGENT, number=number, **values)

        await self._database.write(work)

    async def replace_key(self, did: Did, sealed: str) -> None:
        async def work(transaction: Transaction) -> None:
            await run(transaction, _REPLACE_KEY, did=did, sealed=sealed)

        await self._database.write(work)

    async def agent(self, did: Did) -> HostedAgent | None:
        (found,) = await self._database.read(_FIND_AGENT, did=did)
        return next((HostedAgent(*columns) for columns in found), None)

    async def agents(self) -> tuple[HostedAgent, ...]:
        (found,) = await self._database.read(_AGENTS)
        return tuple(HostedAgent(*columns) for columns in found)

    async def add_app(self, app: App) -> None:
        values = {"requestId": app.request_id, "tokenId": app.token_id, "issuedAt": app.issued_at}
        values |= {"agent": app.agent, "auth": app.auth, "revoked": app.revoked}

        async def work(transaction: Transaction) -> None:
            await run(transaction, _ADD_APP, **values)

        await self._database.write(work)

    async def apps(self, agent: Did) -> tuple[App, ...]:
        (found,) = await self._database.read(_APPS, agent=agent)
        return tuple(App(*columns) for columns in found)

    async def revoke_app(self, agent: Did, request_id: str) -> bool:
        return await self._kill(agent, request_id, _REVOKE)

    async def remove_app(self, agent: Did, request_id: str) -> bool:
        return await self._kill(agent, request_id, _REMOVE)

    async def _kill(self, agent: Did, request_id: str, change: str) -> bool:
        """A removed app's token is as dead as a revoked one's."""

        async def work(transaction: Transaction) -> bool:
            await run(transaction, _LOCK)
            (tokens,) = await record(transaction, _FIND_APP, agent=agent, requestId=request_id)
            (count,) = await record(transaction, _DEAD_COUNT)
            for token in tokens:
                await run(transaction, _DEAD, id=token, number=count + 1)
                await run(transaction, change, requestId=request_id)
            return bool(tokens)

        return await self._database.write(work)

    async def dead_tokens(self, after: int) -> DeadTokens:
        (found,) = await self._database.read(_DEAD_TOKENS, after=after)
        return DeadTokens(frozenset(token for token, _ in found), found[-1][1] if found else after)
