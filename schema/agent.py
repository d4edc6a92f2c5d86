"""The agent section, named as in ad4m."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, cast

import strawberry

from domain.capabilities import AuthInfo, Capability, auth_info_from_json
from domain.identity import Did
from domain.timestamp import format_millis
from graphdb.store import App
from resolvers import agent
from resolvers.context import Topic
from schema.scalars import Info
from schema.types import Perspective


@strawberry.type(description="A person or AI agent, by its DID.")
class Agent:
    did: str = strawberry.field(description="The agent's DID.")
    direct_message_language: str | None = strawberry.field(description="Where it takes messages; null if nowhere.")
    perspective: Perspective | None = strawberry.field(description="What it publishes of itself; null if nothing.")


@strawberry.type(description="Whether there is an agent behind the token, and whether its key is open.")
class AgentStatus:
    is_initialized: bool = strawberry.field(description="Whether there is an agent.")
    is_unlocked: bool = strawberry.field(
        description="Whether it can sign now; always true for an agent that keeps its own key."
    )
    did: str | None = strawberry.field(description="Its DID.")
    did_document: str | None = strawberry.field(description="Its DID document, as JSON text.")
    error: str | None = strawberry.field(description="Always null: errors are in `errors`.")


@strawberry.type(description="A message signed by an agent.")
class AgentSignature:
    signature: str = strawberry.field(description="Ed25519 over SHA-256 of the text, in hex.")
    public_key: str = strawberry.field(description="The key's id: DID, `#`, key.")


@strawberry.type(description="What a capability is about.")
class Resource:
    domain: str = strawberry.field(description="A domain, such as `social-organism`, or `*`.")
    pointers: list[str] = strawberry.field(description="Which things of it; `*` for all.")


@strawberry.type(name="Capability", description="What a token may do.")
class CapabilityType:
    with_: Resource = strawberry.field(name="with", description="To what.")
    can: list[str] = strawberry.field(description="Operations, such as READ; `*` for all.")


@strawberry.type(name="AuthInfo", description="Who was granted a token, and what for.")
class AuthInfoType:
    app_name: str = strawberry.field(description="The program's name.")
    app_desc: str = strawberry.field(description="What it does.")
    app_domain: str | None = strawberry.field(description="Its domain.")
    app_url: str | None = strawberry.field(description="Its page.")
    app_icon_path: str | None = strawberry.field(description="Its icon.")
    capabilities: list[CapabilityType] | None = strawberry.field(description="What it may do.")


@strawberry.type(description="A token that an agent granted.")
class Apps:
    request_id: str = strawberry.field(description="Its id: revoke or remove it with this.")
    auth: AuthInfoType = strawberry.field(description="Who got it, and what for.")
    revoked: bool | None = strawberry.field(description="Whether it is revoked.")


@strawberry.input(description="What a capability is about.")
class ResourceInput:
    domain: str = strawberry.field(description="A domain, such as `social-organism`, or `*`.")
    pointers: list[str] = strawberry.field(description="Which things of it; `*` for all.")


@strawberry.input(description="What a token shall be able to do.")
class CapabilityInput:
    with_: ResourceInput = strawberry.field(name="with", description="To what.")
    can: list[str] = strawberry.field(description="Operations, such as READ; `*` for all.")


@strawberry.input(description="Who asks for a token, and what for.")
class AuthInfoInput:
    app_name: str = strawberry.field(description="The program's name.")
    app_desc: str = strawberry.field(description="What it does.")
    app_domain: str | None = strawberry.field(default=None, description="Its domain.")
    app_url: str | None = strawberry.field(default=None, description="Its page.")
    app_icon_path: str | None = strawberry.field(default=None, description="Its icon.")
    capabilities: list[CapabilityInput] | None = strawberry.field(default=None, description="What it wants to do.")


@strawberry.type(description="A hosted agent just made.")
class HostedAgentCreated:
    did: str = strawberry.field(description="Its DID.")
    token: str = strawberry.field(description="A token that acts as it. It is shown once.")


@strawberry.type(description="What an agent that keeps its own key signs to get a token.")
class AgentChallenge:
    did: str = strawberry.field(description="The agent.")
    server: str = strawberry.field(description="The server's DID.")
    nonce: str = strawberry.field(description="Good for one sign-in.")
    expires_at: str = strawberry.field(description="Until when.")


def agent_of(did: Did) -> Agent:
    return Agent(did=did, direct_message_language=None, perspective=None)


def status_of(now: agent.Status) -> AgentStatus:
    return AgentStatus(
        is_initialized=now.did is not None,
        is_unlocked=now.unlocked,
        did=now.did,
        did_document=now.document,
        error=None,
    )


def apps_of(app: App) -> Apps:
    return Apps(request_id=app.request_id, auth=auth_of(agent.auth_of(app)), revoked=app.revoked)


def auth_of(auth: AuthInfo) -> AuthInfoType:
    return AuthInfoType(
        app_name=auth.app_name,
        app_desc=auth.app_desc,
        app_domain=auth.app_domain,
        app_url=auth.app_url,
        app_icon_path=auth.app_icon_path,
        capabilities=[
            CapabilityType(with_=Resource(domain=each.domain, pointers=list(each.pointers)), can=list(each.can))
            for each in auth.capabilities
        ],
    )


def _auth(given: AuthInfoInput) -> AuthInfo:
    """Checked as strictly as one that comes as JSON."""
    capabilities = tuple(
        Capability(each.with_.domain, tuple(each.with_.pointers), tuple(each.can)) for each in given.capabilities or ()
    )
    texts = (given.app_name, given.app_desc, given.app_domain, given.app_url, given.app_icon_path)
    return auth_info_from_json(AuthInfo(*texts, capabilities).as_json())


Passphrase = Annotated[str, strawberry.argument(description="The agent's passphrase.")]
DidArgument = Annotated[str, strawberry.argument(description="A DID, `did:key:z6Mk…`.")]
RequestId = Annotated[str, strawberry.argument(name="requestId", description="The id of the request.")]


@strawberry.type
class AgentQuery:
    @strawberry.field(description="The agent of the token.")
    async def agent(self, info: Info) -> Agent:
        return agent_of(await agent.me(info.context))

    @strawberry.field(name="agentByDID", description="An agent that this server knows; null for others.")
    async def agent_by_did(self, info: Info, did: DidArgument) -> Agent | None:
        found = await agent.by_did(info.context, did)
        return None if found is None else agent_of(found)

    @strawberry.field(description="Whether there is an agent behind the token, and whether its key is open.")
    async def agent_status(self, info: Info) -> AgentStatus:
        return status_of(await agent.status(info.context))

    @strawberry.field(description="Whether the server cannot sign for the agent of the token now.")
    async def agent_is_locked(self, info: Info) -> bool:
        return await agent.is_locked(info.context)

    @strawberry.field(description="The tokens that my agent granted.")
    async def agent_get_apps(self, info: Info) -> list[Apps]:
        return [apps_of(app) for app in await agent.apps(info.context)]


@strawberry.type
class AgentMutation:
    @strawberry.mutation(description="Makes the main agent; its key is kept under the passphrase.")
    async def agent_generate(self, info: Info, passphrase: Passphrase) -> AgentStatus:
        return status_of(await agent.generate(info.context, passphrase))

    @strawberry.mutation(description="Makes a further hosted agent and gives a token that acts as it.")
    async def agent_create_hosted(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="A name for people.")],
        passphrase: Passphrase,
    ) -> HostedAgentCreated:
        made = await agent.create_hosted(info.context, name, passphrase)
        return HostedAgentCreated(did=made.agent, token=made.token)

    @strawberry.mutation(description="Opens the agent's key: the server can sign for it until it is locked.")
    async def agent_unlock(
        self,
        info: Info,
        passphrase: Passphrase,
        holochain: Annotated[
            bool, strawberry.argument(description="Sent by ad4m's client; it makes no difference.")
        ] = False,
    ) -> AgentStatus:
        return status_of(await agent.unlock(info.context, passphrase))

    @strawberry.mutation(description="Closes the agent's key.")
    async def agent_lock(self, info: Info, passphrase: Passphrase) -> AgentStatus:
        return status_of(await agent.lock(info.context, passphrase))

    @strawberry.mutation(description="Takes in a backup that `agentExport` gave.")
    async def agent_import(
        self,
        info: Info,
        did: DidArgument,
        did_document: Annotated[str, strawberry.argument(description="Sent by ad4m's client; the DID says it all.")],
        keystore: Annotated[str, strawberry.argument(description="The sealed key.")],
        passphrase: Passphrase,
    ) -> AgentStatus:
        return status_of(await agent.restore(info.context, did, keystore, passphrase))

    @strawberry.mutation(description="Gives the sealed key as a backup; only the passphrase opens it.")
    async def agent_export(self, info: Info, passphrase: Passphrase) -> str:
        return await agent.export(info.context, passphrase)

    @strawberry.mutation(description="Seals the key under another passphrase.")
    async def agent_change_passphrase(
        self,
        info: Info,
        passphrase: Passphrase,
        new_passphrase: Annotated[str, strawberry.argument(description="The new one.")],
    ) -> bool:
        return await agent.change_passphrase(info.context, passphrase, new_passphrase)

    @strawberry.mutation(description="Signs a text with the agent's key.")
    async def agent_sign_message(
        self, info: Info, message: Annotated[str, strawberry.argument(description="The text.")]
    ) -> AgentSignature:
        signed = await agent.sign(info.context, message)
        return AgentSignature(signature=signed.signature, public_key=signed.public_key)

    @strawberry.mutation(description="Asks to sign in as an agent that keeps its own key.")
    def agent_challenge(self, info: Info, did: DidArgument) -> AgentChallenge:
        given = agent.challenge(info.context, did)
        return AgentChallenge(
            did=given.did, server=given.server, nonce=given.nonce, expires_at=format_millis(given.expires_at)
        )

    @strawberry.mutation(description="Gives a token for a signed challenge.")
    async def agent_sign_in(
        self,
        info: Info,
        did: DidArgument,
        nonce: Annotated[str, strawberry.argument(description="The challenge's nonce.")],
        signature: Annotated[
            str,
            strawberry.argument(
                description="Ed25519 over `chorus-sign-in/1`, a zero byte and the challenge's canonical JSON, in hex."
            ),
        ],
    ) -> str:
        return await agent.sign_in(info.context, did, nonce, signature)

    @strawberry.mutation(description="Gives a token for a hosted agent's passphrase, where the first one is lost.")
    async def agent_sign_in_hosted(self, info: Info, did: DidArgument, passphrase: Passphrase) -> str:
        return await agent.sign_in_hosted(info.context, did, passphrase)

    @strawberry.mutation(description="Asks an agent of this server for a token. Gives the request's id.")
    async def agent_request_capability(
        self, info: Info, auth_info: Annotated[AuthInfoInput, strawberry.argument(description="Who asks for what.")]
    ) -> str:
        return await agent.request_capability(info.context, _auth(auth_info))

    @strawberry.mutation(description="Grants what is asked; gives the six digits that fetch the token.")
    def agent_permit_capability(
        self, info: Info, auth: Annotated[str, strawberry.argument(description="JSON: `{requestId, auth}`.")]
    ) -> str:
        return agent.permit_capability(info.context, auth)

    @strawberry.mutation(description="Gives the token of a permitted request, once.")
    async def agent_generate_jwt(
        self,
        info: Info,
        request_id: RequestId,
        rand: Annotated[str, strawberry.argument(description="The six digits.")],
    ) -> str:
        return await agent.generate_jwt(info.context, request_id, rand)

    @strawberry.mutation(description="Ends a token at once and takes it off the list.")
    async def agent_remove_app(self, info: Info, request_id: RequestId) -> list[Apps]:
        return [apps_of(app) for app in await agent.remove_app(info.context, request_id)]

    @strawberry.mutation(description="Ends a token at once; it stays listed as revoked.")
    async def agent_revoke_token(self, info: Info, request_id: RequestId) -> list[Apps]:
        return [apps_of(app) for app in await agent.revoke_token(info.context, request_id)]


@strawberry.type
class AgentSubscription:
    @strawberry.subscription(description="My agent as others see it, when it changes.")
    async def agent_updated(self, info: Info) -> AsyncGenerator[Agent, None]:
        async with aclosing(agent.notices(info.context, Topic.AGENT_UPDATED)) as notices:
            async for did in notices:
                yield agent_of(cast("Did", did))

    @strawberry.subscription(description="My agent's key as it is opened and closed.")
    async def agent_status_changed(self, info: Info) -> AsyncGenerator[AgentStatus, None]:
        async with aclosing(agent.notices(info.context, Topic.AGENT_STATUS_CHANGED)) as notices:
            async for now in notices:
                yield status_of(cast("agent.Status", now))

    @strawberry.subscription(description="The tokens that my agent granted, as they change.")
    async def agent_apps_changed(self, info: Info) -> AsyncGenerator[list[Apps], None]:
        async with aclosing(agent.notices(info.context, Topic.AGENT_APPS_CHANGED)) as notices:
            async for now in notices:
                yield [apps_of(app) for app in cast("tuple[App, ...]", now)]
