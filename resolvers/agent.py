"""The agent section: hosted keys, sign-in, and tokens for apps."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from domain.canonical import Json, canonical, parse
from domain.capabilities import OWN_AGENT, AuthInfo, Domain, InvalidAuthInfo, auth_info_from_json, auth_info_from_text
from domain.errors import DomainError
from domain.expressions import sign_message
from domain.identity import Did, key_id, parse_did
from graphdb.store import App
from resolvers.context import Challenge, Context
from resolvers.errors import AgentLocked, InvalidArgument
from resolvers.so.automatic import catch_up
from resolvers.streams import guarded

STATUS_CHANGED = "agentStatusChanged"
APPS_CHANGED = "agentAppsChanged"
EXCEPTION = "exceptionOccurred"
MESSAGE_LENGTH = 1_000_000


class AgentExists(DomainError):
    code = "AGENT_EXISTS"

    def __init__(self, did: str) -> None:
        super().__init__(f"The main agent exists already: {did}; agentCreateHosted makes further ones", did=did)


@dataclass(frozen=True, slots=True)
class Status:
    """ad4m's agent status; `did` is None while there is no agent."""

    did: Did | None
    unlocked: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """A message's signature and the key that made it."""

    signature: str
    public_key: str


async def status(context: Context) -> Status:
    context.require(Domain.AGENT, "READ")
    return _status(context)


def _status(context: Context) -> Status:
    did = context.session.agent
    return Status(did, did is not None and context.services.keyring.open_key(did) is not None)


async def is_locked(context: Context) -> bool:
    """Unguarded, as in ad4m: a client asks before it has a token."""
    return not _status(context).unlocked


async def me(context: Context) -> Did:
    context.require(Domain.AGENT, "READ")
    return context.me


async def by_did(context: Context, did: str) -> Did | None:
    context.require(Domain.AGENT, "READ")
    known = parse_did(did)
    hosted = await context.services.keyring.hosts(known)
    member = await context.services.store.organisms.memberships(known)
    return known if hosted or member else None


async def generate(context: Context, passphrase: str) -> Status:
    """The main agent, unlocked: the first hosted one."""
    context.require(Domain.AGENT, "CREATE")
    existing = await context.services.keyring.main_agent()
    if existing is not None:
        raise AgentExists(existing)
    did = await context.services.keyring.create(None, passphrase)
    return _changed(context, Status(did, True))


async def create_hosted(context: Context, name: str, passphrase: str) -> tuple[Did, str]:
    """A further hosted agent, unlocked, and a token that acts as it."""
    context.require(Domain.AGENT, "CREATE")
    did = await context.services.keyring.create(name, passphrase)
    auth = AuthInfo(name, "Made with agentCreateHosted", capabilities=OWN_AGENT)
    return did, await context.services.authority.issue(did, auth)


async def unlock(context: Context, passphrase: str) -> Status:
    context.require(Domain.AGENT, "UNLOCK")
    await context.services.keyring.unlock(context.me, passphrase)
    context.services.spawn(catch_up(context.services, context.me))
    return _changed(context, Status(context.me, True))


async def lock(context: Context, passphrase: str) -> Status:
    context.require(Domain.AGENT, "LOCK")
    await context.services.keyring.lock(context.me, passphrase)
    return _changed(context, Status(context.me, False))


async def restore(context: Context, did: str, keystore: str, passphrase: str) -> Status:
    """Takes in a backup that `agentExport` gave."""
    context.require(Domain.AGENT, "CREATE")
    known = parse_did(did)
    await context.services.keyring.restore(known, keystore, passphrase)
    return _changed(context, Status(known, True))


async def change_passphrase(context: Context, old: str, new: str) -> bool:
    context.require(Domain.AGENT, "UNLOCK")
    await context.services.keyring.change_passphrase(context.me, old, new)
    return True


async def export(context: Context, passphrase: str) -> str:
    context.require(Domain.AGENT, "UNLOCK")
    return await context.services.keyring.export(context.me, passphrase)


async def sign(context: Context, message: str) -> Signature:
    context.require(Domain.AGENT, "SIGN")
    if len(message) > MESSAGE_LENGTH:
        raise InvalidArgument("message", f"at most {MESSAGE_LENGTH} characters", message)
    keys = context.services.keyring.open_key(context.me)
    if keys is None:
        raise AgentLocked(context.me)
    return Signature(sign_message(keys, message), key_id(keys.did))


def did_document(did: Did) -> str:
    """The DID document of a did:key, as the DID method gives it."""
    method = key_id(did)
    document: Json = {
        "@context": "https://www.w3.org/ns/did/v1",
        "id": did,
        "verificationMethod": [
            {
                "id": method,
                "type": "Ed25519VerificationKey2020",
                "controller": did,
                "publicKeyMultibase": method.split("#")[1],
            }
        ],
        "authentication": [method],
        "assertionMethod": [method],
    }
    return canonical(document)


def _changed(context: Context, now: Status) -> Status:
    context.services.notices.publish(STATUS_CHANGED, now.did, now)
    return now


# Sign-in and tokens


def challenge(context: Context, did: str) -> Challenge:
    context.require(Domain.AGENT, "AUTHENTICATE")
    return context.services.authority.challenge(parse_did(did))


async def sign_in(context: Context, did: str, nonce: str, signature: str) -> str:
    context.require(Domain.AGENT, "AUTHENTICATE")
    return await context.services.authority.sign_in(parse_did(did), nonce, signature)


@dataclass(frozen=True, slots=True)
class ExceptionNotice:
    """Something that a person has to decide on: ad4m's ExceptionInfo. `addon` is JSON."""

    title: str
    message: str
    type: str
    addon: str


def request_capability(context: Context, auth: AuthInfo) -> str:
    """Asks for a token; everybody who may permit it is told."""
    context.require(Domain.AGENT, "AUTHENTICATE")
    request_id = context.services.authority.request(auth)
    addon = canonical({"requestId": request_id, "auth": auth.as_json()})
    message = f"{auth.app_name} is asking for permission: {auth.app_desc}"
    notice = ExceptionNotice("Request to authenticate application", message, "CAPABILITY_REQUESTED", addon)
    context.services.notices.publish(EXCEPTION, None, notice)
    return request_id


def permit_capability(context: Context, text: str) -> str:
    """`text` is JSON `{requestId, auth}`; gives the six digits to fetch the token with."""
    context.require(Domain.AGENT, "PERMIT")
    value = parse(text, max_length=200_000)
    if not isinstance(value, dict) or not isinstance(value.get("requestId"), str):
        raise InvalidAuthInfo("$.requestId", "the id of the request")
    auth = auth_info_from_json(value.get("auth"), "$.auth")
    return context.services.authority.permit(context.session, str(value["requestId"]), auth)


async def generate_jwt(context: Context, request_id: str, rand: str) -> str:
    context.require(Domain.AGENT, "AUTHENTICATE")
    token = await context.services.authority.generate_jwt(request_id, rand)
    agent = (await context.services.authority.session(token)).agent
    assert agent is not None
    context.services.notices.publish(APPS_CHANGED, agent, await context.services.authority.apps(agent))
    return token


async def apps(context: Context) -> tuple[App, ...]:
    context.require(Domain.AGENT, "READ")
    return await context.services.authority.apps(context.me)


async def revoke_token(context: Context, request_id: str) -> tuple[App, ...]:
    context.require(Domain.AGENT, "UPDATE")
    return _apps_changed(context, await context.services.authority.revoke(context.me, request_id))


async def remove_app(context: Context, request_id: str) -> tuple[App, ...]:
    context.require(Domain.AGENT, "UPDATE")
    return _apps_changed(context, await context.services.authority.remove(context.me, request_id))


def _apps_changed(context: Context, now: tuple[App, ...]) -> tuple[App, ...]:
    context.services.notices.publish(APPS_CHANGED, context.me, now)
    return now


def auth_of(app: App) -> AuthInfo:
    return auth_info_from_text(app.auth)


async def notices(context: Context, topic: str) -> AsyncIterator[object]:
    """What concerns my agent under one topic."""
    domain = Domain.RUNTIME_EXCEPTION if topic == EXCEPTION else Domain.AGENT

    def check() -> None:
        context.require(domain, "SUBSCRIBE")

    check()
    follow = context.services.notices.follow(topic, context.session.agent)
    async for notice in guarded(context, follow, check):
        yield notice
